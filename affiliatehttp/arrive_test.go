package affiliatehttp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
)

func TestTheSameClickWithinTheWindow(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	w := f.visit("/r/alex")
	had, where := cookie(w), w.Header().Get("Location")
	for range 5 {
		f.wait(10 * time.Minute)
		w := f.visit("/r/alex", "Cookie", had)
		require.Equal(t, where, w.Header().Get("Location"))
		require.Empty(t, w.Result().Cookies())
	}
	require.Len(t, f.clicks(t), 1)
	f.wait(10 * time.Minute)
	had = cookie(f.visit("/r/alex", "Cookie", had))
	require.Len(t, f.clicks(t), 2)
	had = cookie(f.visit("/r/blair", "Cookie", had))
	f.visit("/r/alex", "Cookie", had) // the last click wins: it is alex's again
	require.Len(t, f.clicks(t), 4)

	f = newFixture(t, func(c *affiliatehttp.Config) { c.ClickWindow = -1 })
	had = cookie(f.visit("/r/alex"))
	f.visit("/r/alex", "Cookie", had)
	require.Len(t, f.clicks(t), 2)
}

func TestImplausiblyManyClicksAreSuspect(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) {
		c.VelocityLimit = affiliatehttp.Limit{PerMinute: 6, Burst: 2}
		c.ClientIP = affiliatehttp.Forwarded(loopback())
	})
	from := func(ip, link string) string {
		t.Helper()
		r := asked("/r/"+link, "")
		r.RemoteAddr = "127.0.0.1:1"
		r.Header.Set("X-Forwarded-For", ip)
		w := httptest.NewRecorder()
		f.routes.ServeHTTP(w, r)
		require.Equal(t, http.StatusFound, w.Code)
		clicks := f.clicks(t)
		require.Empty(t, clicks[len(clicks)-1].Flag)
		return clicks[len(clicks)-1].Suspect
	}
	require.Empty(t, from("203.0.113.1", "alex")+from("203.0.113.2", "alex"))
	require.Equal(t, "velocity", from("203.0.113.3", "alex"))
	require.Empty(t, from("203.0.113.3", "blair")+from("203.0.114.3", "alex"))
	f.wait(10 * time.Second)
	require.Empty(t, from("203.0.113.3", "alex"))
	require.Equal(t, "velocity", from("203.0.113.3", "alex"))

	f.post(t, "/v1/identify", `{"externalCustomerId":"c","clickId":"`+f.clicks(t)[2].ID+`"}`)
	_, a := f.post(t, "/v1/conversions", `{"externalConversionId":"i","externalCustomerId":"c","amountCents":1000}`)
	require.True(t, a.Attributed, "it earns")
	require.Equal(t, []string{"under_review", "suspect_click"}, []string{a.Commissions[0].Status, a.Commissions[0].Reason})
}

// A click that nobody made takes no other one's place.
func TestEmbeddedLinksEarnNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	had := cookie(f.visit("/r/alex", "Sec-Fetch-Dest", "document"))
	for _, dest := range []string{"image", "iframe", "empty", "script", "embed"} {
		w := f.visit("/r/blair", "Cookie", had, "Sec-Fetch-Dest", dest)
		require.Equal(t, http.StatusFound, w.Code)
		require.Empty(t, w.Result().Cookies(), dest)
		clicks := f.clicks(t)
		require.Equal(t, "embedded", clicks[len(clicks)-1].Flag)
	}
	require.Equal(t, "alex", f.handler.Visit(asked("/", had)).Referral)
}

// Hosts with many organizations: nothing of one is seen by another.
func TestOrganizationsAreResolved(t *testing.T) {
	t.Parallel()
	one := newFixture(t)
	two, err := affiliate.New(one.store, affiliate.Config{Organization: "other", Now: one.now})
	require.NoError(t, err)
	h, err := affiliatehttp.New(nil, affiliatehttp.Config{
		Authenticate: authenticate,
		Resolve: func(r *http.Request) (*affiliate.Engine, error) {
			switch r.Host {
			case "one.example":
				return one.eng, nil
			case "two.example":
				return two, nil
			case "down.example":
				return nil, errDown
			}
			return nil, affiliate.ErrNotFound
		},
	})
	require.NoError(t, err)
	one.routes = h.Routes()
	call := func(method, host, path, credential string) int {
		r := httptest.NewRequest(method, "https://"+host+path, strings.NewReader(`{"externalCustomerId":"c"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", credential)
		w := httptest.NewRecorder()
		one.routes.ServeHTTP(w, r)
		return w.Code
	}
	require.Equal(t, 302, call(http.MethodGet, "one.example", "/r/alex", ""))
	require.Equal(t, 404, call(http.MethodGet, "two.example", "/r/alex", ""))
	require.Equal(t, 404, call(http.MethodGet, "three.example", "/r/alex", ""))
	require.Equal(t, 503, call(http.MethodGet, "down.example", "/r/alex", ""))
	require.Equal(t, 200, call(http.MethodPost, "one.example", "/v1/identify", key))
	require.Equal(t, 403, call(http.MethodPost, "two.example", "/v1/identify", key))
	require.Equal(t, 200, call(http.MethodPost, "two.example", "/v1/identify", "Bearer other"))
	require.Equal(t, 403, call(http.MethodPost, "one.example", "/v1/identify", "Bearer other"))
	require.Equal(t, 404, call(http.MethodPost, "three.example", "/v1/identify", key))
	require.Equal(t, 503, call(http.MethodPost, "down.example", "/v1/track/click", ""))
}

func TestPagesOfLists(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]affiliatehttp.Page{
		"": {Limit: 50}, "limit=1": {Limit: 1}, "limit=200&after=x%2Fy": {Limit: 200, After: "x/y"},
	} {
		w := httptest.NewRecorder()
		p, ok := affiliatehttp.ReadPage(w, httptest.NewRequest(http.MethodGet, "/?"+query, nil))
		require.True(t, ok)
		require.Equal(t, want, p)
	}
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=201": "limit", "limit=x": "limit", "limit=-1": "limit", "limit=1e1": "limit",
		"after=%00": "after", "after=%ff": "after", "after=" + strings.Repeat("x", 5000): "after",
	} {
		w := httptest.NewRecorder()
		_, ok := affiliatehttp.ReadPage(w, httptest.NewRequest(http.MethodGet, "/?"+query, nil))
		require.False(t, ok, query)
		require.Equal(t, []string{field}, decoded(t, w).fields(), query)
	}
	w := httptest.NewRecorder()
	affiliatehttp.WriteList[string](w, nil, "")
	require.JSONEq(t, `{"items":[]}`, w.Body.String())
	w = httptest.NewRecorder()
	affiliatehttp.WriteList(w, []string{"a"}, "a")
	require.JSONEq(t, `{"items":["a"],"nextAfter":"a"}`, w.Body.String())
}
