package scripttest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/internal/browser"
)

// TestJourney follows a visitor from a partner's link over two sub-domains to the
// payment, once in a plain site and once under the strictest policy.
func TestJourney(t *testing.T) {
	for _, test := range []struct {
		name    string
		headers func(s *site) map[string]string
	}{
		{"plain", func(*site) map[string]string { return nil }},
		{"strict policy", func(s *site) map[string]string {
			return map[string]string{
				"Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; script-src " + s.at(www, "/affiliate.js") +
					"; connect-src " + s.at(www, "/v1/track/") + "; require-trusted-types-for 'script'; trusted-types 'none'",
				"Cross-Origin-Embedder-Policy": "require-corp", "Referrer-Policy": "no-referrer",
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, affiliatehttp.Config{Events: []string{"trial_started"}})
			for name, value := range test.headers(s) {
				s.headers[name] = value
			}
			s.pages["/landing"] = page(`<a href="https://buy.stripe.com/a">Buy</a>`)
			s.pages["/billing"] = `<!doctype html><title>Billing</title><script src="` + s.at(www, "/affiliate.js") + `" crossorigin integrity="` + s.script.Integrity() + `"></script>
				<a id=pay href="` + s.at(pay, "/plan?locale=en") + `">Pay</a><stripe-buy-button buy-button-id=1></stripe-buy-button>`
			journey(t, s)
		})
	}
}

func journey(t *testing.T, s *site) {
	t.Helper()
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/r/alex"))
	landed := ready(tab)
	require.Equal(t, "alex", landed.Referral)
	assert.Equal(t, "/landing?plan=pro#top", browser.Eval[string](tab, `location.pathname + location.search + location.hash`))
	clicks := s.received(http.MethodPost, "click")
	require.Len(t, clicks, 1)
	assert.Equal(t, s.at(www, "/landing?cref="+landed.ClickID), clicks[0].Body["url"], "the rest of the query stays here")
	assert.Contains(t, clicks[0].Cookie, "aff_visitor=", "the redirect's own")
	assert.Equal(t, []string{"https://buy.stripe.com/a?client_reference_id=alex"}, marks(tab))
	assert.Equal(t, []string{"aff_ref"}, cookies(tab))

	signUp(t, s, tab, landed)
	pays(t, s, tab)
	clicked, err := s.eng.Click(t.Context(), landed.ClickID)
	require.NoError(t, err)
	assert.Equal(t, landed.VisitorID, clicked.Visitor)
}

// signUp goes on at the other sub-domain, where the visitor becomes a customer.
func signUp(t *testing.T, s *site, tab *browser.Tab, landed visitor) {
	t.Helper()
	tab.Go(s.at(app, "/billing"))
	assert.Equal(t, "alex", browser.Eval[string](tab, `Affiliate.referral`), "known at once")
	assert.Equal(t, landed, ready(tab))
	assert.Len(t, s.received(http.MethodPost, "click"), 1, "no second click")
	assert.True(t, browser.Eval[bool](tab, `Affiliate.signup("cus_1", "ada@example.com")`))
	assert.True(t, browser.Eval[bool](tab, `Affiliate.track("trial_started")`))
	assert.False(t, browser.Eval[bool](tab, `Affiliate.track("invoice_paid")`), "not one of the allowed")
	leads := s.received(http.MethodPost, "lead")
	require.Len(t, leads, 1)
	assert.Equal(t, map[string]any{"customer_key": "cus_1", "email": "ada@example.com", "click_id": leads[0].Body["click_id"], "visitor_id": landed.VisitorID}, leads[0].Body)
	assert.NotEqual(t, landed.ClickID, leads[0].Body["click_id"], "what proves the click, not the click")
	assert.Contains(t, leads[0].Cookie, "aff_visitor=", "the server's cookie goes along to the other sub-domain")
	events := s.received(http.MethodPost, "event")
	require.Len(t, events, 1)
	assert.Equal(t, map[string]any{"name": "trial_started", "click_id": leads[0].Body["click_id"], "visitor_id": landed.VisitorID}, events[0].Body)
	event, err := s.eng.Conversion(t.Context(), "event:trial_started:"+landed.ClickID)
	require.NoError(t, err)
	require.Len(t, event.Credits, 1)
	assert.Equal(t, "alex", event.Credits[0].Partner)
}

// pays follows a payment link to a sale that the partner earns by.
func pays(t *testing.T, s *site, tab *browser.Tab) {
	t.Helper()
	browser.Eval[bool](tab, `(() => {
		const add = name => document.body.appendChild(document.createElement(name));
		add("a").href = "https://donate.stripe.com/later";
		add("stripe-pricing-table");
		return true;
	})()`)
	assert.Equal(t, []string{
		s.at(pay, "/plan?locale=en&client_reference_id=alex"), "alex", "https://donate.stripe.com/later?client_reference_id=alex", "alex",
	}, marks(tab))
	tab.Do(chromedp.Click("#pay"))
	arrived := arrival(tab)
	assert.Equal(t, "?locale=en&client_reference_id=alex", arrived)
	assert.Equal(t, []string{"alex"}, s.sale("cus_1"), "by the sign-up")
	reference, err := url.ParseQuery(strings.TrimPrefix(arrived, "?"))
	require.NoError(t, err)
	result, err := s.eng.RecordConversion(t.Context(), affiliate.Conversion{
		ID: "in_1", Type: "invoice_paid", Customer: "cus_of_stripe", Referral: reference.Get("client_reference_id"), Amount: 4900,
	})
	require.NoError(t, err)
	require.Len(t, result.Commissions, 1)
	assert.Equal(t, "alex", result.Commissions[0].Partner, "by the payment link")
}

// arrival waits for the page that takes the payment, and returns what it is told.
func arrival(tab *browser.Tab) string {
	tab.Await(`location.hostname === "` + pay + `"`)
	return browser.Eval[string](tab, `location.search`)
}

// hostile is text that breaks out of whatever is careless with it.
const hostile = `"'><img src=x onerror=pwned=1>{{7*7}}${pwned=1}</script>`

// parameters are what an address may say of a visit.
type parameters struct {
	name, query string
	want        map[string]any // the click without visitorId and referrer; nil for none
	referral    string
}

func addresses() []parameters {
	return []parameters{
		{"none", "?utm_source=x&token=secret", nil, ""},
		{"aff", "?aff=alex", map[string]any{"aff": "alex", "url": "/p?"}, "alex"},
		{"via", "?via=blair", map[string]any{"aff": "blair", "url": "/p?"}, "blair"},
		{"ref", "?ref=alex#aff=blair", map[string]any{"aff": "alex", "url": "/p?"}, "alex"},
		{"the first that can be one", "?ref=alex&via=blair&aff=", map[string]any{"aff": "blair", "url": "/p?"}, "blair"},
		{"unknown to the server", "?ref=producthunt", map[string]any{"aff": "producthunt", "url": "/p?"}, ""},
		{"campaign and subs", "?campaignId=spring&sub1=a%20b&sub30=z&sub31=no&sub0=no", map[string]any{
			"campaignId": "spring", "sub": map[string]any{"sub1": "a b", "sub30": "z"}, "url": "/p?",
		}, ""},
		{"only the sources of the query", "?aff=alex&utm_source=news%20letter&email=ada@example.com&utm_x=1&xutm_y=2", map[string]any{
			"aff": "alex", "url": "/p?utm_source=news%20letter&utm_x=1",
		}, "alex"},
		{"a click of the redirect makes no other", "?cref={click}&aff=blair&sub1=x", map[string]any{
			"aff": "blair", "sub": map[string]any{"sub1": "x"}, "url": "/p?cref={click}",
		}, "alex"},
		{"unless it cannot be tied", "?cref=gone&aff=blair", map[string]any{"aff": "blair", "url": "/p?cref=gone"}, "blair"},
		{"an unknown click", "?cref=gone", map[string]any{"url": "/p?cref=gone"}, ""},
		{"hostile code", "?aff=" + url.QueryEscape(hostile), nil, ""},
		{"hostile click", "?cref=" + url.QueryEscape(hostile), nil, ""},
		{"hostile everything", "?aff=alex&via=" + url.QueryEscape(hostile) + "&sub1=" + url.QueryEscape(hostile) + "&campaignId=a%00b&sub2=%0d%0aSet-Cookie:x&__proto__=1&constructor=2&toString", map[string]any{
			"aff": "alex", "sub": map[string]any{"sub1": hostile}, "url": "/p?",
		}, "alex"},
		{"broken encoding", "?aff=alex&sub1=%ff%fe&sub2=%&utm_a=%", map[string]any{
			"aff": "alex", "sub": map[string]any{"sub1": "\ufffd\ufffd", "sub2": "%"}, "url": "/p?utm_a=%",
		}, "alex"},
		{"too long", "?aff=" + stringOf('a', 65) + "&campaignId=" + stringOf('c', 256) + "&sub1=" + stringOf('s', 256), nil, ""},
		{"as long as it may be", "?aff=" + stringOf('a', 64) + "&campaignId=" + stringOf('c', 255), map[string]any{
			"aff": stringOf('a', 64), "campaignId": stringOf('c', 255), "url": "/p?",
		}, ""},
	}
}

func TestParameters(t *testing.T) {
	for _, test := range addresses() {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, affiliatehttp.Config{})
			elsewhere := strings.NewReplacer("{click}", s.newClick("alex"))
			s.pages["/p"] = page(`<a href="https://buy.stripe.com/a">Buy</a>`)
			tab := shared.Tab(t)
			tab.Go(s.at(www, "/p"+elsewhere.Replace(test.query)))
			assert.Equal(t, test.referral, ready(tab).Referral)
			assert.Equal(t, "undefined", browser.Eval[string](tab, `typeof pwned`))
			clicks := s.received(http.MethodPost, "click")
			if test.want == nil {
				assert.Empty(t, clicks)
				assert.Empty(t, cookies(tab), "nothing to keep")
				return
			}
			require.Len(t, clicks, 1)
			body := clicks[0].Body
			assert.Regexp(t, `^[A-Za-z0-9_-]{20,64}$`, body["visitorId"])
			assert.Equal(t, "", body["referrer"])
			delete(body, "visitorId")
			delete(body, "referrer")
			test.want["url"] = s.at(www, elsewhere.Replace(test.want["url"].(string)))
			assert.Equal(t, test.want, body)
		})
	}
}

func stringOf(c byte, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = c
	}
	return string(b)
}

// A later click of another partner counts as the server says, and one of nobody
// changes nothing.
func TestLaterClicks(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	s.pages["/"] = page(`<a href="https://buy.stripe.com/a">Buy</a>`)
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/?aff=alex"))
	first := ready(tab)
	browser.Eval[bool](tab, `(setTimeout(() => location.href = "/?ref=producthunt"), true)`)
	from := s.awaits(http.MethodPost, "click", 2)[1].Body["referrer"]
	assert.Equal(t, s.at(www, "/"), from, "the referrer's query is nobody's business")
	assert.Equal(t, first, ready(tab))
	tab.Go(s.at(www, "/?via=blair"))
	last := ready(tab)
	assert.Equal(t, "blair", last.Referral)
	assert.Equal(t, first.VisitorID, last.VisitorID)
	assert.Equal(t, []string{"https://buy.stripe.com/a?client_reference_id=blair"}, marks(tab), "marked again after the answer")
	assert.Len(t, s.received(http.MethodPost, "click"), 3)
	assert.True(t, browser.Eval[bool](tab, `Affiliate.signup("cus_1")`))
	assert.Equal(t, []string{"blair"}, s.sale("cus_1"))
}

// Going back shows the page as it was or loads it again; either way it is the
// same click, and so it is when the page is loaded again by hand.
func TestComingBackIsNoOtherClick(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	s.pages["/"] = page(payments[0].html)
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/?aff=alex"))
	landed := ready(tab)
	tab.Go(s.at(app, "/billing"))
	browser.Eval[bool](tab, `(setTimeout(() => history.back()), true)`)
	tab.Await(`location.pathname === "/" && document.readyState === "complete"`)
	assert.Equal(t, landed, ready(tab))
	assert.Equal(t, []string{payments[0].want}, marks(tab))
	tab.Do(chromedp.Reload())
	assert.Equal(t, landed, ready(tab))
	count := int64(0)
	counts, err := s.eng.ClickCounts(t.Context(), "alex")
	require.NoError(t, err)
	for _, c := range counts {
		count += c.Clicks
	}
	assert.Equal(t, int64(1), count)
}

// What the server knows better, it says: its own visitor, and the partner who
// counts where the first touch does.
func TestServerHasTheLastWord(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	s.answer("POST /v1/track/click", status(200, `{"clickId":"c-9","referral":"first","visitorId":"visitor-of-server"}`))
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/?aff=alex"))
	assert.Equal(t, visitor{"first", "c-9", "visitor-of-server"}, ready(tab))
}
