package scripttest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/script"
	"github.com/goaffiliate/affiliate/internal/browser"
)

// TestWidestDomain looks from other hosts for what was kept on one.
func TestWidestDomain(t *testing.T) {
	for _, test := range []struct {
		name, host, shares, hides string
		cfg                       script.Config
	}{
		{"below a suffix of two labels", "www.shop.co.uk", "a.b.shop.co.uk", "other.co.uk", script.Config{}},
		{"apex", "example.com", "app.example.com", "example.org", script.Config{}},
		{"hosts of a platform", "me.github.io", "me.github.io", "you.github.io", script.Config{}},
		{"own machine", "shop.localhost", "app.shop.localhost", "other.localhost", script.Config{}},
		{"one label", "localhost", "localhost", "shop.localhost", script.Config{}},
		{"address", "127.0.0.1", "127.0.0.1", "localhost", script.Config{}},
		{"as configured", "a.eu.example.com", "b.eu.example.com", "us.example.com", script.Config{CookieDomain: ".eu.example.com"}},
		{"configured for another site", "www.example.com", "app.example.com", "example.org", script.Config{CookieDomain: "example.org"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, affiliatehttp.Config{Script: test.cfg})
			tab := shared.Tab(t)
			tab.Go(s.at(test.host, "/?aff=alex"))
			require.Equal(t, "alex", ready(tab).Referral)
			assert.Equal(t, []string{"aff_ref"}, cookies(tab), "and the probe is gone")
			assert.Equal(t, 0, browser.Eval[int](tab, `localStorage.length`))
			tab.Go(s.at(test.shares, "/"))
			assert.Equal(t, "alex", ready(tab).Referral)
			tab.Go(s.at(test.hides, "/"))
			assert.Empty(t, ready(tab).Referral)
			assert.Len(t, s.received(http.MethodPost, "click"), 1)
		})
	}
}

func TestCookieIsAsConfigured(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{Script: script.Config{CookieName: "k", CookieMaxAge: 2 * time.Hour}})
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/?aff=alex"))
	require.Equal(t, "alex", ready(tab).Referral)
	now := browser.Eval[int64](tab, `Math.round(Date.now() / 1000)`)
	for _, c := range browser.Call(tab, network.GetCookies, network.GetCookiesParams{}).Cookies {
		if c.Name != "k" {
			continue
		}
		assert.Equal(t, ".example.co.uk", c.Domain)
		assert.Equal(t, "/", c.Path)
		assert.Equal(t, "Lax", string(c.SameSite))
		assert.InDelta(t, now+7200, float64(c.Expires), 60)
		return
	}
	t.Error("no cookie")
}

// Without cookies a visit lives in local storage, and without that, too, as long
// as its page. A sandboxed page is not let at either.
func TestStorageBlocked(t *testing.T) {
	t.Run("cookies", func(t *testing.T) {
		s := newSite(t, affiliatehttp.Config{})
		s.pages["/"] = page(payments[0].html)
		s.forgetful = true
		tab := shared.Tab(t)
		browser.Call(tab, emulation.SetDocumentCookieDisabled, emulation.SetDocumentCookieDisabledParams{Disabled: true})
		tab.Go(s.at(www, "/?aff=alex"))
		landed := ready(tab)
		require.Equal(t, "alex", landed.Referral)
		tab.Go(s.at(www, "/"))
		assert.Empty(t, cookies(tab))
		assert.Equal(t, landed, ready(tab))
		assert.Equal(t, []string{payments[0].want}, marks(tab))
		assert.True(t, browser.Eval[bool](tab, `Affiliate.signup("cus_1")`))
		assert.Equal(t, []string{"alex"}, s.sale("cus_1"))
		browser.Eval[bool](tab, `Affiliate.consent(false).then(() => true)`)
		assert.Equal(t, 0, browser.Eval[int](tab, `localStorage.length`))
	})
	t.Run("everything", func(t *testing.T) {
		s := newSite(t, affiliatehttp.Config{})
		s.headers["Content-Security-Policy"] = "sandbox allow-scripts"
		s.pages["/"] = page(payments[0].html)
		tab := shared.Tab(t)
		tab.AllowNetwork("/v1/track/") // the preflight of an origin that has no name is refused
		tab.Allow(func(p browser.Problem) bool { return p.Source == "javascript" && p.URL == s.at(www, "/?aff=alex") })
		tab.Go(s.at(www, "/?aff=alex"))
		assert.Empty(t, ready(tab).Referral, "the server cannot be asked")
		assert.Equal(t, "SecurityError SecurityError", browser.Eval[string](tab, `[() => document.cookie, () => localStorage].map(f => { try { f(); return "" } catch (e) { return e.name } }).join(" ")`))
		assert.False(t, browser.Eval[bool](tab, `Affiliate.signup("cus_1")`))
	})
	t.Run("everything but the server", func(t *testing.T) {
		s := newSite(t, affiliatehttp.Config{})
		s.forgetful = true
		s.pages["/"] = `<!doctype html><title>x</title><script>
			for (const [of, name] of [[Document.prototype, "cookie"], [window, "localStorage"]])
				Object.defineProperty(of, name, { get() { throw new DOMException("no", "SecurityError") }, set() { throw new DOMException("no", "SecurityError") } });
			</script><script src=/affiliate.js></script>` + payments[0].html
		tab := shared.Tab(t)
		tab.Go(s.at(www, "/?aff=alex"))
		landed := ready(tab)
		assert.Equal(t, "alex", landed.Referral)
		assert.Equal(t, []string{payments[0].want}, marks(tab))
		assert.True(t, browser.Eval[bool](tab, `Affiliate.signup("cus_1")`))
		assert.Equal(t, landed.VisitorID, s.awaits(http.MethodPost, "lead", 1)[0].Body["visitor_id"])
		assert.Equal(t, []string{"alex"}, s.sale("cus_1"))
		browser.Eval[bool](tab, `Affiliate.consent(false).then(() => true)`)
		assert.Empty(t, ready(tab))
	})
	t.Run("full", func(t *testing.T) {
		s := newSite(t, affiliatehttp.Config{})
		s.pages["/"] = `<!doctype html><title>x</title><script>Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError") }</script><script src=/affiliate.js></script>`
		tab := shared.Tab(t)
		browser.Call(tab, emulation.SetDocumentCookieDisabled, emulation.SetDocumentCookieDisabledParams{Disabled: true})
		tab.Go(s.at(www, "/?aff=alex"))
		assert.Equal(t, "alex", ready(tab).Referral)
	})
}

// TestLastingCookie drops what the script has stored, as Safari does after seven
// days: the cookie that the server has set is still there.
func TestLastingCookie(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{ScriptCookie: lasting, Consent: scriptOnly})
	s.pages["/"] = page(payments[0].html)
	tab := shared.Tab(t)
	drop := func(name string) {
		t.Helper()
		browser.Call(tab, network.DeleteCookies, network.DeleteCookiesParams{Name: name, Domain: ".example.co.uk", Path: "/"})
	}
	tab.Go(s.at(www, "/?aff=alex"))
	landed := browser.Eval[string](tab, `Affiliate.consent(true).then(a => a.clickId)`)
	require.NotEmpty(t, landed)
	require.Equal(t, []string{lasting, "aff_ref"}, cookies(tab))

	drop("aff_ref")
	tab.Go(s.at(app, "/"))
	assert.Equal(t, "alex", browser.Eval[string](tab, `Affiliate.referral`), "known at once, which proves the consent, too")
	assert.Equal(t, landed, ready(tab).ClickID)
	assert.Equal(t, []string{payments[0].want}, marks(tab))
	assert.True(t, browser.Eval[bool](tab, `Affiliate.signup("cus_1")`))
	assert.Equal(t, []string{"alex"}, s.sale("cus_1"))
	assert.Len(t, s.received(http.MethodPost, "click"), 1)

	browser.Eval[string](tab, `document.cookie = "`+lasting+`=referral=<b>&click=%00&visitor=x;domain=example.co.uk"`)
	tab.Go(s.at(app, "/"))
	assert.Empty(t, ready(tab), "it may be tampered with")
	drop(lasting)
	tab.Go(s.at(www, "/?aff=blair"))
	assert.Empty(t, ready(tab), "no consent any more")
	assert.Equal(t, "blair", browser.Eval[string](tab, `Affiliate.consent(true).then(a => a.referral)`))
	browser.Eval[bool](tab, `Affiliate.consent(false).then(() => true)`)
	tab.Await(`document.cookie === ""`)
}

// What was kept may have been tampered with by whoever can set cookies.
func TestTamperedCookies(t *testing.T) {
	day := int64(24 * time.Hour / time.Millisecond)
	for _, test := range []struct {
		name, value string
		want        visitor
		clicks      int
	}{
		{"sound", `{"r":"alex","c":"c","v":"visitor-0123456789"}`, visitor{"alex", "c", "visitor-0123456789"}, 0},
		{"empty", ``, visitor{}, 0},
		{"no JSON", `{"r`, visitor{}, 0},
		{"null", `null`, visitor{}, 0},
		{"number", `7`, visitor{}, 0},
		{"list", `[1,2]`, visitor{}, 0},
		{"wrong types", `{"r":{"a":1},"c":{"b":2},"k":true,"v":3}`, visitor{}, 0},
		{"hostile code", `{"r":"a&b=c#","c":"c","v":"visitor-0123456789"}`, visitor{"", "c", "visitor-0123456789"}, 0},
		{"hostile text", `{"r":"<img src=x onerror=pwned=1>","c":"\u0000","v":"v v"}`, visitor{}, 0},
		{"guessable visitor", `{"r":"alex","c":"c","v":"v"}`, visitor{"alex", "c", ""}, 0},
		{"prototype", `{"__proto__":{"r":"alex"},"constructor":1}`, visitor{}, 0},
		{"pending click of just now", fmt.Sprintf(`{"v":"visitor-0123456789","p":{"aff":"alex","url":"https://example.co.uk/"},"t":%d}`, time.Now().UnixMilli()-1000), visitor{}, 1},
		{"pending click of the day before yesterday", fmt.Sprintf(`{"v":"visitor-0123456789","p":{"aff":"alex"},"t":%d}`, time.Now().UnixMilli()-2*day), visitor{"", "", "visitor-0123456789"}, 0},
		{"pending nonsense", `{"v":"visitor-0123456789","p":"x","t":"y"}`, visitor{"", "", "visitor-0123456789"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, affiliatehttp.Config{})
			tab := shared.Tab(t)
			tab.Go(s.at(www, "/"))
			browser.Eval[string](tab, fmt.Sprintf(`document.cookie = "xaff_ref=other;domain=example.co.uk", document.cookie = "aff_ref=%s;domain=example.co.uk"`, url.PathEscape(test.value)))
			tab.Go(s.at(www, "/"))
			v := ready(tab)
			assert.Len(t, s.received(http.MethodPost, "click"), test.clicks)
			if test.clicks > 0 {
				assert.Equal(t, "alex", v.Referral)
				return
			}
			assert.Equal(t, test.want, v)
			tab.Go(s.at(www, "/?aff=blair"))
			assert.Equal(t, "blair", ready(tab).Referral, "a real click mends it")
		})
	}
	t.Run("broken encoding", func(t *testing.T) {
		s := newSite(t, affiliatehttp.Config{})
		tab := shared.Tab(t)
		tab.Go(s.at(www, "/"))
		browser.Eval[string](tab, `document.cookie = "aff_ref=%E0%A4%A;domain=example.co.uk"`)
		tab.Go(s.at(www, "/"))
		assert.Empty(t, ready(tab))
	})
}

func TestConsent(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{Consent: scriptOnly})
	s.pages["/"] = page(payments[0].html)
	tab := shared.Tab(t)
	nothing := func(when string) {
		t.Helper()
		assert.Empty(t, ready(tab), when)
		assert.Empty(t, cookies(tab), when)
		assert.Equal(t, 0, browser.Eval[int](tab, `localStorage.length + sessionStorage.length`), when)
		assert.Equal(t, []string{"https://buy.stripe.com/test_1"}, marks(tab), when)
	}
	tab.Go(s.at(www, "/?aff=alex"))
	assert.False(t, browser.Eval[bool](tab, `Affiliate.signup("cus_1", "ada@example.com")`))
	for _, refusal := range []string{`false`, `undefined`, `"denied"`, `"true"`, `1`, `{}`} {
		browser.Eval[bool](tab, `Affiliate.consent(`+refusal+`).then(() => true)`)
		nothing("after " + refusal)
	}
	assert.Empty(t, s.received(http.MethodPost, "click"))
	assert.Empty(t, s.received(http.MethodPost, "lead"))
	assert.Empty(t, s.received(http.MethodDelete, "click"), "there is nothing to delete")

	browser.Eval[bool](tab, `history.replaceState(null, "", "/spa?other=1"), true`)
	assert.Equal(t, "alex", browser.Eval[string](tab, `Affiliate.consent(true).then(a => a.referral)`), "what the address said at first")
	assert.Equal(t, []string{payments[0].want}, marks(tab))
	assert.Equal(t, []string{"aff_ref"}, cookies(tab))
	browser.Eval[bool](tab, `Affiliate.consent(true).then(() => true)`)
	assert.Len(t, s.received(http.MethodPost, "click"), 1, "said twice, counted once")

	tab.Go(s.at(app, "/"))
	assert.Equal(t, "alex", ready(tab).Referral, "what is kept proves the consent")
	browser.Eval[bool](tab, `Affiliate.consent(false).then(() => true)`)
	nothing("withdrawn")
	s.awaits(http.MethodDelete, "click", 1)
	require.Eventually(t, func() bool {
		return len(browser.Call(tab, network.GetCookies, network.GetCookiesParams{}).Cookies) == 0
	}, 10*time.Second, 20*time.Millisecond, "the server's cookie goes, too")
	assert.False(t, browser.Eval[bool](tab, `Affiliate.signup("cus_1")`))
	browser.Eval[bool](tab, `(document.body.insertAdjacentHTML("beforeend", "<stripe-buy-button>"), true)`)
	assert.Equal(t, []string{"https://buy.stripe.com/test_1", ""}, marks(tab), "nothing is marked any more")
	tab.Go(s.at(www, "/"))
	nothing("on the next page")
	assert.Len(t, s.received(http.MethodPost, "click"), 1)
}

// A consent withdrawn while the click is on its way leaves nothing behind.
func TestConsentWithdrawnMeanwhile(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	arrived, proceed := make(chan bool), make(chan bool)
	s.answer("POST /v1/track/click", func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-proceed
		s.routes.ServeHTTP(w, r)
	})
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/?aff=alex"))
	<-arrived
	browser.Eval[bool](tab, `(Affiliate.consent(false), true)`)
	close(proceed)
	assert.Empty(t, ready(tab))
	assert.Empty(t, cookies(tab))
	s.awaits(http.MethodDelete, "click", 1)
}
