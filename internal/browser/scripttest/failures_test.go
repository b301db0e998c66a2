package scripttest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/internal/browser"
)

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = fmt.Fprint(w, body)
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// TestFailures lets the server fail in every way: the page goes on, ready is
// called, and a click that may still count is sent again on the next page.
func TestFailures(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		again  bool
	}{
		{"broken", status(500, "oops"), true},
		{"unavailable", status(503, `{"code":"unavailable"}`), true},
		{"too many", status(429, ""), true},
		{"hung up", hangUp, true},
		{"a page instead of an answer", status(200, "<!doctype html><title>404</title>"), true},
		{"half an answer", status(200, `{"clickId":"c`), true},
		{"no content", status(204, ""), true},
		{"refused", status(403, "{}"), false},
		{"malformed", status(400, "{}"), false},
		{"not mounted", status(404, "not found"), false},
		{"invalid", status(422, "{}"), false},
		{"null", status(200, "null"), true},
		{"list", status(200, "[]"), false},
		{"wrong types", status(200, `{"clickId":{"a":1},"referral":7,"visitorId":[]}`), false},
		{"hostile click", status(200, `{"clickId":"<script>"}`), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, affiliatehttp.Config{})
			s.pages["/"] = page(payments[0].html)
			s.answer("POST /v1/track/click", test.answer)
			s.answer("POST /v1/track/lead", test.answer)
			tab := shared.Tab(t)
			tab.AllowNetwork("/v1/track/")
			tab.Go(s.at(www, "/?aff=alex"))
			v := ready(tab)
			assert.Empty(t, v.Referral)
			assert.Equal(t, []string{"https://buy.stripe.com/test_1"}, marks(tab))
			browser.Eval[bool](tab, `Affiliate.signup("cus_1", "ada@example.com").then(taken => typeof taken === "boolean")`)

			before := len(s.received(http.MethodPost, "click")) // the browser itself repeats what was hung up
			s.answer("POST /v1/track/click", nil)
			tab.Go(s.at(app, "/"))
			again := ready(tab)
			clicks := s.received(http.MethodPost, "click")
			if !test.again {
				assert.Len(t, clicks, before)
				assert.Empty(t, again)
				return
			}
			require.Len(t, clicks, before+1)
			assert.Equal(t, clicks[0].Body, clicks[before].Body)
			assert.Equal(t, "alex", again.Referral)
			tab.Go(s.at(www, "/"))
			assert.Equal(t, again, ready(tab))
			assert.Len(t, s.received(http.MethodPost, "click"), before+1, "and then no more")
		})
	}
}

func TestPartOfAnAnswerIsChecked(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	s.pages["/"] = page(payments[0].html)
	s.answer("POST /v1/track/click", status(200, `{"clickId":"c","referral":"x&y=<b>","visitorId":"short","token":"a b","more":1}`))
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/?aff=alex"))
	v := ready(tab)
	assert.Equal(t, "c", v.ClickID)
	assert.Empty(t, v.Referral, "the server knows a click, but not this code")
	assert.Equal(t, []string{"https://buy.stripe.com/test_1"}, marks(tab))
	assert.Regexp(t, `^[0-9-]{16,64}$`, v.VisitorID)
	assert.True(t, browser.Eval[bool](tab, `Affiliate.signup("cus_1")`))
	assert.Equal(t, "c", s.received(http.MethodPost, "lead")[0].Body["click_id"], "without a token the click")
}

func TestOffline(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	tab := shared.Tab(t)
	tab.AllowNetwork("/v1/track/")
	offline := func(offline bool) {
		browser.Call(tab, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{URLPattern: s.at(www, "/v1/*"), DownloadThroughput: -1, UploadThroughput: -1, Offline: offline}},
		})
	}
	offline(true)
	tab.Go(s.at(www, "/?aff=alex"))
	assert.Empty(t, ready(tab).Referral)
	assert.False(t, browser.Eval[bool](tab, `Affiliate.signup("cus_1")`))
	assert.Empty(t, s.received(http.MethodPost, "click"))
	offline(false)
	tab.Go(s.at(www, "/"))
	assert.Equal(t, "alex", ready(tab).Referral)
}

// A server that never answers keeps ready waiting for seconds, not for ever.
func TestServerThatHangs(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	proceed := make(chan bool)
	defer close(proceed)
	s.answer("POST /v1/track/click", func(http.ResponseWriter, *http.Request) { <-proceed })
	tab := shared.Tab(t)
	tab.Allow(func(p browser.Problem) bool { return p.Source == "network" })
	start := time.Now()
	tab.Go(s.at(www, "/?aff=alex"))
	assert.Empty(t, ready(tab).Referral)
	assert.Greater(t, time.Since(start), 4*time.Second)
	assert.Less(t, time.Since(start), 20*time.Second)
}

// A page that goes on without waiting loses nothing.
func TestRequestOutlivesItsPage(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/?aff=alex"))
	ready(tab)
	browser.Eval[bool](tab, `(() => { Affiliate.signup("cus_1"); queueMicrotask(() => setTimeout(() => location.replace("/thanks"))); return true })()`)
	assert.Equal(t, "cus_1", s.awaits(http.MethodPost, "lead", 1)[0].Body["customer_key"])
}

// TestScriptThatNeverArrives shows what the documentation recommends: pages that
// allow for it.
func TestScriptThatNeverArrives(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{"blocked": hangUp, "missing": status(404, ""), "empty": status(200, "")} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, affiliatehttp.Config{})
			s.answer("GET /affiliate.js", answer)
			s.pages["/"] = page(payments[0].html + `<script>window.Affiliate?.ready(() => {}); window.Affiliate?.signup("cus_1"); works = 1</script>`)
			tab := shared.Tab(t)
			tab.AllowNetwork("/affiliate.js")
			tab.Go(s.at(www, "/?aff=alex"))
			assert.Equal(t, 1, browser.Eval[int](tab, `works`))
			assert.Equal(t, []string{"https://buy.stripe.com/test_1"}, marks(tab))
		})
	}
}

// Nothing that a page passes makes a method throw.
func TestMethodsTakeAnything(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{Events: []string{"trial_started"}})
	tab := shared.Tab(t)
	tab.AllowNetwork("/v1/track/lead") // the server refuses some of it
	tab.Go(s.at(www, "/?aff=alex"))
	ready(tab)
	thrown := browser.Eval[[]string](tab, `(async () => {
		const bad = { toString() { throw new Error("no") }, toJSON() { throw new Error("no") } };
		const values = [new Date(), undefined, null, 0, "", NaN, 7n, Symbol("x"), [], {}, bad, () => {}, "x".repeat(1e6), document, window];
		const thrown = [];
		for (const f of [
			v => Affiliate.signup(v), v => Affiliate.signup("cus_2", v), v => Affiliate.track(v), v => typeof v === "function" || Affiliate.ready(v),
		])
			for (const v of values)
				try { await f(v) } catch (e) { thrown.push(f + " " + typeof v + " " + e) }
		return thrown;
	})()`)
	assert.Empty(t, thrown)
	assert.Empty(t, s.received(http.MethodPost, "event"), "none of these is an event")
	for _, lead := range s.received(http.MethodPost, "lead") {
		assert.IsType(t, "", lead.Body["customer_key"])
		assert.NotEmpty(t, lead.Body["customer_key"])
		assert.NotContains(t, lead.Body["customer_key"], "[object")
	}
	assert.True(t, browser.Eval[bool](tab, `Affiliate.signup(42)`), "a number is a key, too")
}

// What a page does wrong in its own callback is reported as the page's.
func TestCallbackThatThrows(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	tab := shared.Tab(t)
	tab.Allow(func(p browser.Problem) bool { return strings.Contains(p.Text, "the page's own") })
	tab.Go(s.at(www, "/?aff=alex"))
	browser.Eval[bool](tab, `(Affiliate.ready(() => { throw new Error("the page's own") }), true)`)
	assert.Equal(t, "alex", ready(tab).Referral)
}

// Nobody has clicked on a page in a frame, or on one that is loaded in advance.
func TestPagesThatNobodyOpened(t *testing.T) {
	t.Run("frame", func(t *testing.T) {
		s := newSite(t, affiliatehttp.Config{})
		s.pages["/"] = `<!doctype html><title>x</title><iframe id=f src="` + s.at(www, "/in?aff=alex") + `"></iframe>`
		s.pages["/in"] = page(payments[0].html + `<script>Affiliate.ready(() => parent.postMessage("done", "*"))</script>`)
		tab := shared.Tab(t)
		tab.Go(s.at(www, "/"))
		require.Eventually(t, func() bool { return browser.Eval[bool](tab, `!!f.contentWindow.Affiliate`) }, 10*time.Second, 20*time.Millisecond)
		assert.True(t, browser.Eval[bool](tab, `new Promise(done => f.contentWindow.Affiliate.ready(() => done(true)))`))
		assert.Empty(t, s.received(http.MethodPost, "click"))
		assert.Empty(t, cookies(tab))
	})
	t.Run("prerendered", func(t *testing.T) { // as the browser would: it loads nothing in advance while it is watched
		s := newSite(t, affiliatehttp.Config{})
		s.pages["/"] = `<!doctype html><title>x</title><script>
			let ahead = true;
			Object.defineProperty(document, "prerendering", { get: () => ahead });
			const show = () => { ahead = false; document.dispatchEvent(new Event("prerenderingchange")) };
			called = 0;
			</script><script src=/affiliate.js></script><script>Affiliate.ready(() => called++)</script>`
		tab := shared.Tab(t)
		tab.Go(s.at(www, "/?aff=alex"))
		assert.True(t, browser.Eval[bool](tab, `Affiliate.referral === null`))
		browser.Eval[int](tab, `new Promise(done => setTimeout(done, 200, 0))`)
		assert.Empty(t, s.received(http.MethodPost, "click"), "not yet")
		assert.Equal(t, 0, browser.Eval[int](tab, `called`))
		browser.Eval[bool](tab, `(show(), true)`)
		assert.Equal(t, "alex", ready(tab).Referral)
		assert.Equal(t, 1, browser.Eval[int](tab, `called`))
		assert.Len(t, s.received(http.MethodPost, "click"), 1)
	})
}
