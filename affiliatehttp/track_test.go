package affiliatehttp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp"
)

type tracked struct{ ClickID, Referral, VisitorID, Token string }

// track calls a route as the script does.
func (f *fixture) track(t *testing.T, body string, headers ...string) (tracked, *httptest.ResponseRecorder) {
	t.Helper()
	w := f.do(http.MethodPost, "/v1/track/click", body, append([]string{"Authorization", "", "User-Agent", firefox}, headers...)...)
	var a tracked
	if w.Code == http.StatusOK {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a))
	}
	return a, w
}

func TestTrackRecordsTheClickOfAPage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a, w := f.track(t, `{"aff":"alex","url":"https://acme.example/?utm_source=x&sub1=a&sub2=z","referrer":"https://News.example/me?q=secret",`+
		`"campaignId":"spring","sub":{"sub2":"b"}}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	c := f.clicks(t)[0]
	require.Equal(t, tracked{c.ID, "alex", c.Visitor, a.Token}, a)
	require.Equal(t, []string{"alex", "spring", "a", "b", "x", "news.example"},
		[]string{c.Partner, c.CampaignID, c.Sub["sub1"], c.Sub["sub2"], c.Metadata["utm_source"], c.Metadata["referrer"]})
	require.Equal(t, "aff_visitor="+a.Token, cookie(w))
	require.Regexp(t, `^[\w.~-]{1,256}$`, a.Token)

	again, w2 := f.track(t, `{"url":"https://acme.example/other"}`, "Cookie", cookie(w))
	require.Equal(t, []string{a.ClickID, a.Referral, a.VisitorID}, []string{again.ClickID, again.Referral, again.VisitorID})
	require.Empty(t, w2.Result().Cookies())
	require.Len(t, f.clicks(t), 1)
	b, _ := f.track(t, `{"url":"https://acme.example/?via=blair"}`, "Cookie", cookie(w))
	require.Equal(t, "blair", b.Referral)
	require.Equal(t, c.Visitor, f.clicks(t)[1].Visitor)
}

func TestTrackIgnoresWhatIsUnknown(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.dump(t)
	for _, body := range []string{
		`{}`, `{"aff":"producthunt"}`, `{"url":"https://acme.example/?ref=producthunt"}`, `{"url":"https://acme.example/?cref=made-up"}`,
		`{"url":"::::%zz"}`, `{"aff":"alex'--"}`, `{"aff":"<script>"}`,
	} {
		a, w := f.track(t, body)
		require.Equal(t, http.StatusOK, w.Code, body)
		require.Empty(t, a, body)
		require.Empty(t, w.Result().Cookies())
	}
	a, _ := f.track(t, `{"aff":"alex"}`, "User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
	require.Empty(t, a)
	for body, status := range map[string]int{
		`{"aff":1}`: 422, `{"amount":1}`: 422, `{"sub":{"sub31":"x"}}`: 422, `{"visitorId":"short"}`: 422, `{"visitorId":"0123456789abcde:"}`: 422,
		`{`: 400, `[]`: 400,
	} {
		_, w := f.track(t, body)
		require.Equal(t, status, w.Code, body)
		decoded(t, w)
	}
	_, w := f.track(t, `{}`, "Content-Type", "text/plain")
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	require.Equal(t, before, f.dump(t))
}

// A script without cookies keeps an id of its own.
func TestTrackWithoutCookies(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.Consent = func(*http.Request) bool { return false } })
	body := `{"aff":"alex","visitorId":"0123456789abcdef"}`
	a, w := f.track(t, body)
	require.Empty(t, w.Result().Cookies())
	require.Equal(t, "0123456789abcdef", a.VisitorID)
	again, _ := f.track(t, body)
	require.Equal(t, a.ClickID, again.ClickID)
	require.Len(t, f.clicks(t), 1)
	f.wait(time.Hour)
	later, _ := f.track(t, body)
	require.NotEqual(t, a.ClickID, later.ClickID)
	require.Equal(t, "0123456789abcdef", f.clicks(t)[1].Visitor)
}

func TestTrackTiesTheClickOfARedirect(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.visit("/r/alex")
	c := f.clicks(t)[0]
	a, w := f.track(t, `{"url":"https://acme.example/?cref=`+c.ID+`"}`)
	require.Equal(t, []string{c.ID, "alex"}, []string{a.ClickID, a.Referral})
	require.Equal(t, affiliatehttp.Visit{Visitor: a.VisitorID, Click: c.ID, Referral: "alex", At: today}, f.handler.Visit(asked("/", cookie(w))))
	require.Len(t, f.clicks(t), 1)
}

func TestOnlyPagesOfTheHostCall(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.Origins = []string{"https://www.acme.example"} })
	for _, route := range []string{"/v1/track/click", "/v1/track/lead", "/v1/track/event"} {
		for origin, allowed := range map[string]bool{
			"https://www.acme.example": true, "https://example.com": true, // the second is the recorder's own host
			"https://evil.example": false, "http://www.acme.example": false, "https://www.acme.example.evil.example": false,
			"https://WWW.acme.example": false, "null": false, "https://www.acme.example:444": false,
		} {
			preflight := f.do(http.MethodOptions, route, "", "Authorization", "", "Origin", origin, "Access-Control-Request-Method", "POST")
			call := f.do(http.MethodPost, route, `{"customer_key":"c"}`, "Authorization", "", "Origin", origin)
			if !allowed {
				require.Equal(t, []int{403, 403}, []int{preflight.Code, call.Code}, origin)
				require.Empty(t, call.Header().Get("Access-Control-Allow-Origin"))
				continue
			}
			require.Equal(t, http.StatusNoContent, preflight.Code, origin)
			require.NotEqual(t, http.StatusForbidden, call.Code)
			require.Equal(t, "Origin", call.Header().Get("Vary"))
			if origin == "https://www.acme.example" {
				for _, w := range []*httptest.ResponseRecorder{preflight, call} {
					require.Equal(t, origin, w.Header().Get("Access-Control-Allow-Origin"))
					require.Equal(t, "true", w.Header().Get("Access-Control-Allow-Credentials"))
				}
				require.Equal(t, "Content-Type", preflight.Header().Get("Access-Control-Allow-Headers"))
			}
		}
		require.Equal(t, http.StatusMethodNotAllowed, f.do(http.MethodGet, route, "", "Authorization", "").Code)
	}
	for _, route := range []string{"/v1/conversions", "/v1/identify", "/v1/refunds", "/v1/track/sale"} {
		w := f.do(http.MethodOptions, route, "", "Origin", "https://www.acme.example")
		require.Equal(t, http.StatusMethodNotAllowed, w.Code)
		require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))
	}
}

func TestBrowsersAreLimitedByNetwork(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) {
		c.BrowserLimit = affiliatehttp.Limit{PerMinute: 6, Burst: 3}
		c.ClientIP = affiliatehttp.Forwarded(loopback())
	})
	call := func(ip string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/v1/track/click", body(`{}`))
		r.RemoteAddr = "127.0.0.1:5"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", ip)
		w := httptest.NewRecorder()
		f.routes.ServeHTTP(w, r)
		return w
	}
	for i := range 3 {
		require.Equal(t, http.StatusOK, call(fmt.Sprintf("203.0.113.%d", i)).Code)
	}
	w := call("203.0.113.200")
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.Equal(t, "10", w.Header().Get("Retry-After"))
	require.Equal(t, "too_many_requests", decoded(t, w).Code)
	require.Equal(t, http.StatusOK, call("203.0.114.1").Code)
	f.wait(10 * time.Second)
	require.Equal(t, http.StatusOK, call("203.0.113.1").Code)
	require.Equal(t, http.StatusTooManyRequests, call("203.0.113.1").Code)
}

func TestConsentIsTakenBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.ScriptCookie, c.CookieDomain = "aff", "acme.example" })
	had := cookie(f.visit("/r/alex"))
	w := f.do(http.MethodDelete, "/v1/track/click", "", "Authorization", "", "Cookie", had)
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Len(t, w.Result().Cookies(), 2)
	for _, c := range w.Result().Cookies() {
		require.Equal(t, -1, c.MaxAge)
		require.Equal(t, []string{"", "acme.example", "/"}, []string{c.Value, c.Domain, c.Path})
	}
	w = f.do(http.MethodDelete, "/v1/track/click", "", "Authorization", "", "Origin", "https://evil.example")
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Empty(t, w.Result().Cookies())
}

func TestEventsOfAPage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.Events = []string{"demo_watched"} })
	had := cookie(f.visit("/r/alex"))
	click := f.clicks(t)[0].ID
	event := func(body string, headers ...string) *httptest.ResponseRecorder {
		return f.do(http.MethodPost, "/v1/track/event", body, append([]string{"Authorization", "", "User-Agent", firefox}, headers...)...)
	}
	require.JSONEq(t, `{"recorded":true}`, event(`{"name":"demo_watched","click_id":"`+click+`","visitor_id":"x"}`, "Cookie", had).Body.String())
	result, err := f.eng.Conversion(t.Context(), "event:demo_watched:"+click)
	require.NoError(t, err)
	require.Equal(t, "alex", result.Credits[0].Partner)
	require.Equal(t, today, f.clicks(t)[0].At)

	before := f.dump(t)
	require.JSONEq(t, `{"recorded":false}`, event(`{"name":"demo_watched"}`, "Cookie", had).Body.String(), "once")
	require.JSONEq(t, `{"recorded":false}`, event(`{"name":"demo_watched"}`).Body.String(), "nobody's")
	require.JSONEq(t, `{"recorded":false}`, event(`{"name":"demo_watched","click_id":"`+click+`"}`).Body.String(), "not proven")
	for _, body := range []string{`{"name":"invoice_paid"}`, `{}`, `{"name":"demo_watched","amount":5}`} {
		require.Equal(t, http.StatusUnprocessableEntity, event(body, "Cookie", had).Code, body)
	}
	require.Equal(t, before, f.dump(t))
	// The click still belongs to who signs up with it.
	f.post(t, "/v1/identify", `{"externalCustomerId":"c","visitorId":"`+f.clicks(t)[0].Visitor+`"}`)
	_, a := f.post(t, "/v1/conversions", `{"externalConversionId":"i","externalCustomerId":"c","amountCents":1000}`)
	require.True(t, a.Attributed)
}

func TestMountedHandlers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) {
		c.Mount = map[string]http.Handler{"POST /stripe/webhook": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
		})}
	})
	require.Equal(t, http.StatusTeapot, f.do(http.MethodPost, "/stripe/webhook", "").Code)
}
