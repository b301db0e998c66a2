package affiliatehttp_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/storage"
)

// outage has a visitor come through alex's link while the store is down, and
// returns the cookie. Two days later the store is back.
func (f *fixture) outage(t *testing.T) string {
	t.Helper()
	f.visit("/r/blair") // the configuration was read
	f.store.down.Store(true)
	w := f.visit("/r/alex?sub1=lost")
	require.Equal(t, http.StatusFound, w.Code)
	require.Equal(t, home, w.Header().Get("Location"))
	require.NotEmpty(t, cookie(w))
	f.store.down.Store(false)
	f.wait(48 * time.Hour)
	return cookie(w)
}

func valueOf(cookie string) string {
	_, value, _ := strings.Cut(cookie, "=")
	return value
}

// purchases are the ways in which a purchase in_1 of 10.00 may come with a cookie.
func purchases() map[string]func(t *testing.T, f *fixture, had string) {
	const sale = `"externalConversionId":"in_1","amountCents":1000`
	return map[string]func(t *testing.T, f *fixture, had string){
		"by the conversion": func(t *testing.T, f *fixture, had string) {
			t.Helper()
			f.post(t, "/v1/conversions", `{"clickId":"`+valueOf(had)+`",`+sale+`}`)
		},
		"by the sale": func(t *testing.T, f *fixture, had string) {
			t.Helper()
			f.post(t, "/v1/track/sale", `{"click_id":"`+valueOf(had)+`","transaction_id":"in_1","amount_cents":1000}`)
		},
		"by the postback": func(t *testing.T, f *fixture, had string) {
			t.Helper()
			f.do(http.MethodGet, "/v1/postback?txid=in_1&payout=10&click_id="+valueOf(had), "")
		},
		"by the identify": func(t *testing.T, f *fixture, had string) {
			t.Helper()
			f.post(t, "/v1/identify", `{"externalCustomerId":"c","clickId":"`+valueOf(had)+`"}`)
			f.post(t, "/v1/conversions", `{"externalCustomerId":"c",`+sale+`}`)
		},
		"by the server's lead": func(t *testing.T, f *fixture, had string) {
			t.Helper()
			f.post(t, "/v1/track/lead", `{"customer_key":"c","click_id":"`+valueOf(had)+`"}`)
			f.post(t, "/v1/conversions", `{"externalCustomerId":"c",`+sale+`}`)
		},
		"by the browser's lead": func(t *testing.T, f *fixture, had string) {
			t.Helper()
			w := f.do(http.MethodPost, "/v1/track/lead", `{"customer_key":"c","email":"c@example.com"}`, "Authorization", "", "User-Agent", firefox, "Cookie", had)
			require.Equal(t, http.StatusOK, w.Code)
			f.post(t, "/v1/identify", `{"externalCustomerId":"c","email":"c@example.com"}`)
			f.post(t, "/v1/conversions", `{"externalCustomerId":"c",`+sale+`}`)
		},
		"by a page": func(t *testing.T, f *fixture, had string) {
			t.Helper()
			p := newPage(f.handler)
			w := p.open(t, asked("/checkout", had))
			require.Equal(t, "alex", p.told.Referral)
			require.Equal(t, p.told, f.handler.Visit(asked("/", cookie(w))), "the cookie is of a stored click by now")
			_, err := f.eng.RecordConversion(t.Context(), affiliate.Conversion{ID: "in_1", Click: p.told.Click, Amount: 1000})
			require.NoError(t, err)
		},
		"by the script": func(t *testing.T, f *fixture, had string) {
			t.Helper()
			a, w := f.track(t, `{"url":"https://acme.example/checkout"}`, "Cookie", had)
			require.Equal(t, "alex", a.Referral)
			require.NotEmpty(t, cookie(w))
			f.post(t, "/v1/conversions", `{"clickId":"`+a.ClickID+`",`+sale+`}`)
		},
		"by the visitor, known before": func(t *testing.T, f *fixture, had string) {
			t.Helper()
			f.post(t, "/v1/identify", `{"externalCustomerId":"c","visitorId":"`+f.handler.Visit(asked("/", had)).Visitor+`"}`)
			_, a := f.post(t, "/v1/conversions", `{"externalCustomerId":"c",`+sale+`}`)
			require.False(t, a.Attributed)
			require.Equal(t, http.StatusFound, f.visit("/r/alex", "Cookie", had).Code)
			_, err := f.eng.Settle(t.Context(), 0)
			require.NoError(t, err)
		},
	}
}

// A click made while the database is down is credited wherever its cookie turns up
// afterwards, as of when it was made.
func TestClickOfAnOutageIsCredited(t *testing.T) {
	t.Parallel()
	for name, buy := range purchases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			had := f.outage(t)
			for range 2 { // the same cookie again is the same click
				buy(t, f, had)
				result, err := f.eng.Conversion(t.Context(), "in_1")
				require.NoError(t, err)
				require.True(t, result.Attributed)
				require.Equal(t, "alex", result.Credits[0].Partner)
				require.EqualValues(t, 200, result.Commissions[0].Amount)
				if name == "by the visitor, known before" {
					break
				}
			}
			var found int
			for _, c := range f.clicks(t) {
				if c.Partner == "alex" && c.At.Equal(today) {
					found++
				}
			}
			require.Equal(t, 1, found, "stored once, as it was made")
		})
	}
}

// The attribution window begins with the click, not with the day the store was back.
func TestClickOfAnOutageIsNoYoungerThanItIs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	had := f.outage(t)
	f.wait(59 * 24 * time.Hour)
	_, a := f.post(t, "/v1/conversions", `{"externalConversionId":"i","clickId":"`+valueOf(had)+`","amountCents":1000}`)
	require.Equal(t, "outside_window", a.Reason)
}

// The script's click of an outage is told to the page as the signed value, which
// stands for a click id.
func TestScriptClickOfAnOutageIsCredited(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.visit("/r/blair")
	f.store.down.Store(true)
	a, w := f.track(t, `{"aff":"alex","visitorId":"0123456789abcdef"}`)
	require.Equal(t, []string{"alex", "0123456789abcdef", a.Token}, []string{a.Referral, a.VisitorID, a.ClickID})
	require.Regexp(t, `^[\w.~-]{1,256}$`, a.ClickID)
	require.Equal(t, "aff_visitor="+a.Token, cookie(w))
	status, _ := f.post(t, "/v1/conversions", `{"externalConversionId":"i","clickId":"`+a.ClickID+`","amountCents":1000}`)
	require.Equal(t, http.StatusServiceUnavailable, status)
	lead := f.do(http.MethodPost, "/v1/track/lead", `{"customer_key":"c","click_id":"`+a.ClickID+`"}`, "Authorization", "", "User-Agent", firefox)
	require.Equal(t, http.StatusServiceUnavailable, lead.Code, "a sign-up is not lost quietly")

	f.store.down.Store(false)
	_, sold := f.post(t, "/v1/conversions", `{"externalConversionId":"i","clickId":"`+a.ClickID+`","amountCents":1000}`)
	require.True(t, sold.Attributed)
	require.Equal(t, "alex", sold.Credits[0].PartnerID)
	require.Equal(t, "0123456789abcdef", f.clicks(t)[1].Visitor)
}

// A host that records a sale itself has the referral code even while the store is
// down: it sends both.
func TestPageIsToldTheCodeDuringAnOutage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.visit("/r/blair")
	f.store.down.Store(true)
	p := newPage(f.handler)
	w := p.open(t, asked("/?aff=alex", ""))
	require.Equal(t, []string{"", "alex"}, []string{p.told.Click, p.told.Referral})
	require.Equal(t, p.told, f.handler.Visit(asked("/", cookie(w))))
	token := f.handler.IssueToken(f.eng, p.told)
	f.store.down.Store(false)
	result, err := f.eng.RecordConversion(t.Context(), affiliate.Conversion{ID: "i", Click: p.told.Click, Referral: p.told.Referral, Amount: 1000})
	require.NoError(t, err)
	require.Equal(t, "alex", result.Credits[0].Partner)
	_, a := f.post(t, "/v1/conversions", `{"externalConversionId":"j","clickId":"`+token+`","amountCents":1000}`)
	require.Equal(t, "alex", a.Credits[0].PartnerID)
}

// A process that starts during the outage knows of no link. It keeps the key all the
// same, and what turns out to be no link is nobody's.
func TestClickBeforeAnythingIsKnownIsCredited(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.store.down.Store(true)
	kept := map[string]string{}
	for _, key := range []string{"alex", "nobody"} {
		w := f.visit("/r/" + key)
		require.Equal(t, http.StatusServiceUnavailable, w.Code, "nobody knows where to")
		kept["/r/"+key] = cookie(w)
		kept["?aff="+key] = cookie(newPage(f.handler).open(t, asked("/?aff="+key, "")))
		_, w = f.track(t, `{"aff":"`+key+`"}`)
		kept["script "+key] = cookie(w)
	}
	for _, path := range []string{"/r/a.b", "/r/%2e%2e", "/r/<script>"} {
		require.Empty(t, f.visit(path).Result().Cookies(), path)
	}
	require.Empty(t, f.visit("/r/alex", "Sec-Fetch-Dest", "image").Result().Cookies(), "nobody clicked")
	f.store.down.Store(false)
	for where, had := range kept {
		require.NotEmpty(t, had, where)
		status, a := f.post(t, "/v1/conversions", `{"externalConversionId":"`+where+`","clickId":"`+valueOf(had)+`","amountCents":1000}`)
		require.Equal(t, http.StatusCreated, status)
		require.Equal(t, strings.HasSuffix(where, "alex"), a.Attributed, where)
		p := newPage(f.handler)
		p.open(t, asked("/", had))
		require.Equal(t, strings.HasSuffix(where, "alex"), p.told.Click != "" && p.told.Referral == "alex", where)
	}
}

// While the store is down pages wait for it only now and then.
func TestPagesDoNotWaitForTheStoreEachTime(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	had := f.outage(t)
	f.store.down.Store(true)
	p := newPage(f.handler)
	tried := f.store.loads.Load()
	for range 5 {
		p.open(t, asked("/", had))
		require.Equal(t, "alex", p.told.Referral)
	}
	require.Equal(t, tried+1, f.store.loads.Load())
	f.wait(10 * time.Second)
	f.store.down.Store(false)
	p.open(t, asked("/", had))
	require.NotEmpty(t, p.told.Click)
}

// late is a store whose commits are done but reported as failed.
type late struct {
	storage.Store
	on atomic.Bool
}

func (s *late) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	outcomes, err := s.Store.Commit(ctx, org, changes)
	if err == nil && s.on.Load() {
		return nil, errDown
	}
	return outcomes, err
}

// A click that was stored although the answer got lost is not stored again.
func TestClickThatWasStoredAfterAllIsOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	store := &late{Store: f.store.Store}
	f.store.Store = store
	store.on.Store(true)
	w := f.visit("/r/alex?sub1=kept")
	require.Len(t, f.clicks(t), 1)
	store.on.Store(false)
	f.wait(time.Hour)
	_, a := f.post(t, "/v1/conversions", `{"externalConversionId":"i","clickId":"`+valueOf(cookie(w))+`","amountCents":1000}`)
	require.True(t, a.Attributed)
	require.Len(t, f.clicks(t), 1)
	require.Equal(t, "kept", f.clicks(t)[0].Sub["sub1"])
}

// What was suspect about a click still is when it is stored.
func TestSuspectClickOfAnOutageStaysSuspect(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.VelocityLimit = affiliatehttp.Limit{PerMinute: 1, Burst: 1} })
	f.visit("/r/blair")
	f.store.down.Store(true)
	var states []string
	for _, had := range []string{cookie(f.visit("/r/alex")), cookie(f.visit("/r/alex"))} {
		f.store.down.Store(false)
		_, a := f.post(t, "/v1/conversions", `{"externalConversionId":"`+had+`","clickId":"`+valueOf(had)+`","amountCents":1000}`)
		states = append(states, a.Commissions[0].Status)
	}
	require.Equal(t, []string{"pending", "under_review"}, states)
}

// The cookie that scripts read says it as the script does.
func TestScriptCookieOfAnOutage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.ScriptCookie = "aff" })
	f.visit("/r/blair")
	f.store.down.Store(true)
	cookies := f.visit("/r/alex").Result().Cookies()
	require.Len(t, cookies, 2)
	require.Contains(t, cookies[1].Value, "referral=alex&click="+cookies[0].Value+"&visitor=")
}

// What the visitor did before the outage is not forgotten for an address that may
// name no link.
func TestOutageForgetsNoEarlierClick(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	had := cookie(f.visit("/r/blair"))
	p := newPage(f.handler)
	f.store.down.Store(true)
	p.open(t, asked("/?ref=producthunt", had))
	require.Equal(t, "blair", p.told.Referral)
}

// Nobody can make a visit up that was never signed.
func TestMadeUpClicksOfAnOutageAreNobodys(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	had := f.outage(t)
	before := len(f.clicks(t))
	forged := strings.Replace(valueOf(had), ".alex.", ".blair.", 1)
	_, a := f.post(t, "/v1/conversions", `{"externalConversionId":"i","clickId":"`+forged+`","amountCents":1000}`)
	require.False(t, a.Attributed)
	require.Len(t, f.clicks(t), before)
	text, err := json.Marshal(f.handler.Visit(asked("/", had)))
	require.NoError(t, err)
	require.NotContains(t, string(text), "nstored", "the id is nobody's to send before it exists")
}
