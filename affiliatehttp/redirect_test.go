package affiliatehttp_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/program"
)

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

func (f *fixture) visit(path string, headers ...string) *httptest.ResponseRecorder {
	return f.do(http.MethodGet, path, "", append([]string{"User-Agent", firefox}, headers...)...)
}

func TestRedirectRecordsTheClick(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	w := f.visit("/r/alex?campaignId=spring&sub1=a&sub30=b&sub31=c&sub1=second&utm_source=x")
	require.Equal(t, http.StatusFound, w.Code)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	clicks := f.clicks(t)
	require.Len(t, clicks, 1)
	c := clicks[0]
	require.Equal(t, "https://acme.example/?plan=pro&a=%2F;b&cref="+c.ID+"#top", w.Header().Get("Location"))
	require.Equal(t, []string{"alex", launch, "alex", "spring"}, []string{c.Partner, c.Program, c.Link, c.CampaignID})
	require.Equal(t, map[string]string{"sub1": "a", "sub30": "b"}, c.Sub)
	require.Equal(t, "x", c.Metadata["utm_source"])
	require.Regexp(t, "^[0-9a-f]{16}$", c.Metadata["network"])
	require.Len(t, c.Metadata, 2)
	require.Equal(t, today, c.At)

	cookies := w.Result().Cookies()
	require.Len(t, cookies, 1)
	cookie := cookies[0]
	require.Equal(t, "aff_visitor", cookie.Name)
	require.NotContains(t, cookie.Value, "{")
	require.Len(t, c.Visitor, 36)
	require.Equal(t, 365*24*3600, cookie.MaxAge)
	require.Equal(t, "/", cookie.Path)
	require.True(t, cookie.HttpOnly && cookie.Secure && cookie.SameSite == http.SameSiteLaxMode, cookie)

	f.visit("/r/blair", "Cookie", "aff_visitor="+cookie.Value)
	require.Equal(t, c.Visitor, f.clicks(t)[1].Visitor)
}

func TestRedirectAsConfigured(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) {
		c.CookieName, c.CookieDomain, c.CookieMaxAge, c.ClickParam = "v", "acme.example", time.Hour, "a"
		c.Insecure, c.NewVisitorID = true, func() string { return "first" }
	})
	w := f.visit("/r/alex")
	set := w.Result().Cookies()[0]
	require.True(t, strings.HasPrefix(set.Value, "v1.first."), set.Value)
	require.Equal(t, "v="+set.Value+"; Path=/; Domain=acme.example; Max-Age=3600; HttpOnly; SameSite=Lax", w.Header().Get("Set-Cookie"))
	// The destination has a parameter of that name: it is replaced, nothing else moves.
	click := f.clicks(t)[0].ID
	require.Equal(t, "https://acme.example/?plan=pro&a="+click+"#top", w.Header().Get("Location"))

	r := httptest.NewRequest(http.MethodGet, "https://acme.example/welcome?a=click-1&cref=2", nil)
	require.Empty(t, f.handler.Visit(r))
	r.Header.Set("Cookie", "v="+set.Value)
	require.Equal(t, affiliatehttp.Visit{Visitor: "first", Click: click, Referral: "alex", At: today}, f.handler.Visit(r))
}

// Bad tags cost neither the visit nor the click.
func TestRedirectDropsBadTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	w := f.visit("/r/alex?campaignId=%00&sub1=%ff&sub2=" + strings.Repeat("x", 256) + "&sub3=ok&sub4=%0d%0a&sub99=x&%zz=1")
	require.Equal(t, http.StatusFound, w.Code)
	require.Equal(t, map[string]string{"sub3": "ok"}, f.clicks(t)[0].Sub)
	require.Empty(t, f.clicks(t)[0].CampaignID)
}

func TestRedirectWithoutAClick(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.dump(t)
	requests := [][]string{
		{http.MethodHead},
		{http.MethodGet, "Sec-Purpose", "prefetch"},
		{http.MethodGet, "Sec-Purpose", "prefetch;prerender"},
		{http.MethodGet, "Purpose", "Prefetch"},
		{http.MethodGet, "X-Moz", "prefetch"},
		{http.MethodGet, "X-Purpose", "preview"},
	}
	for _, agent := range []string{
		"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Twitterbot/1.0", "WhatsApp/2.23.20.0 A",
		"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "TelegramBot (like TwitterBot)",
		"Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Mozilla/5.0 SkypeUriPreview Preview/0.5",
	} {
		requests = append(requests, []string{http.MethodGet, "User-Agent", agent})
	}
	for _, r := range requests {
		w := f.do(r[0], "/r/alex?to=https://acme.example/docs", "", r[1:]...)
		require.Equal(t, http.StatusFound, w.Code, r)
		require.Equal(t, "https://acme.example/docs", w.Header().Get("Location"), r)
		require.Empty(t, w.Header().Get("Set-Cookie"), r)
	}
	require.Equal(t, before, f.dump(t))
	for _, agent := range []string{
		firefox, "", "Go-http-client/1.1", "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile [Pinterest/iOS]",
		"Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/400.0]",
	} {
		require.Contains(t, f.visit("/r/alex", "User-Agent", agent).Header().Get("Location"), "cref=", agent)
	}
}

func TestUnknownLink(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.dump(t)
	for _, path := range []string{
		"/r/nobody?to=https://acme.example/", "/r/Alex", "/r/alex).", "/r/alex%2f", "/r/%00", "/r/https:%2f%2fevil.example", "/r/<script>",
	} {
		w := f.visit(path)
		require.Equal(t, http.StatusNotFound, w.Code, path)
		require.Empty(t, w.Header().Get("Location"))
		require.Empty(t, w.Header().Get("Set-Cookie"))
		require.NotContains(t, w.Body.String(), "script")
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		w := f.do(method, "/r/alex", "")
		require.Equal(t, http.StatusMethodNotAllowed, w.Code)
		require.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
	}
	require.Equal(t, before, f.dump(t))
}

// Whatever ?to= says, the redirect goes to a listed host or to the program's
// own destination.
func TestRedirectNeverLeavesTheHosts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.VelocityLimit.PerMinute = -1 })
	for _, to := range append(hostile(), "https://acme.com/", "https://acme.example.evil.example/") {
		w := f.visit("/r/alex?to=" + url.QueryEscape(to))
		require.Equal(t, http.StatusFound, w.Code, "%q", to)
		require.True(t, strings.HasPrefix(w.Header().Get("Location"), "https://acme.example/?plan=pro&a=%2F;b&cref="), "%q", to)
	}
	require.GreaterOrEqual(t, len(hostile()), 200)
	w := f.visit("/r/alex?to=" + url.QueryEscape("https://ACME.example/docs?cref=old&x=1#y"))
	require.Regexp(t, `^https://acme\.example/docs\?x=1&cref=[0-9a-f-]{36}#y$`, w.Header().Get("Location"))
}

// A link's own destination is checked at every visit, not when it was made.
func TestRedirectChecksTheLinksOwnDestination(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ctx := t.Context()
	require.NoError(t, errOf(f.eng.AddLink(ctx, affiliate.Link{Key: "docs", Partner: "alex", Program: launch, URL: "https://acme.example/docs"})))
	require.NoError(t, errOf(f.eng.AddLink(ctx, affiliate.Link{Key: "evil", Partner: "alex", Program: launch, URL: "https://evil.example/"})))
	goes := func(path, where string) {
		t.Helper()
		require.Contains(t, f.visit(path).Header().Get("Location"), where)
	}
	goes("/r/docs", "https://acme.example/docs?cref=")
	goes("/r/docs?to=https://acme.example/pricing", "https://acme.example/pricing?cref=")
	goes("/r/evil", "https://acme.example/?plan=pro")

	hosts := []string{"evil.example"}
	require.NoError(t, errOf(f.eng.EditProgram(ctx, launch, program.SettingsChange{DeepLinkDomains: &hosts}, today)))
	goes("/r/docs", "https://acme.example/?plan=pro")
	goes("/r/evil", "https://evil.example/?cref=")
	hosts = []string{}
	require.NoError(t, errOf(f.eng.EditProgram(ctx, launch, program.SettingsChange{DeepLinkDomains: &hosts}, today)))
	goes("/r/evil", "https://acme.example/?plan=pro")

	later, elsewhere := today.AddDate(0, 1, 0), "https://acme.example/next"
	require.NoError(t, errOf(f.eng.EditProgram(ctx, launch, program.SettingsChange{DestinationURL: &elsewhere}, later)))
	goes("/r/alex", "https://acme.example/?plan=pro")
	for _, bad := range []string{"javascript:alert(1)", "//evil.example", "/pricing", "https://user@evil.example/", ""} {
		_, err := f.eng.EditProgram(ctx, launch, program.SettingsChange{DestinationURL: &bad}, today)
		require.ErrorIs(t, err, affiliate.ErrInvalidTerms, bad)
	}
}

// A store that fails costs the click, not the visit.
func TestRedirectSurvivesTheStore(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.store.down.Store(true)
	w := f.visit("/r/alex")
	require.Equal(t, http.StatusServiceUnavailable, w.Code, "nothing is known yet")
	require.NotEmpty(t, w.Header().Get("Retry-After"))

	f.store.down.Store(false)
	f.visit("/r/blair")
	before := f.dump(t)
	f.store.down.Store(true)
	for n := range int64(3) {
		w := f.visit("/r/alex")
		require.Equal(t, http.StatusFound, w.Code)
		require.Equal(t, home, w.Header().Get("Location"))
		require.Equal(t, n+1, f.handler.LostClicks())
	}
	f.store.down.Store(false)
	require.Equal(t, before, f.dump(t))
	f.visit("/r/alex")
	assert.Len(t, f.clicks(t), 2)
	assert.Equal(t, int64(3), f.handler.LostClicks())
}
