package scripttest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/script"
	"github.com/goaffiliate/affiliate/internal/browser"
)

// payments are links and buttons, and what becomes of them for a visitor of
// alex.
var payments = []struct{ name, html, want string }{
	{"payment link", `<a href="https://buy.stripe.com/test_1">x</a>`, "https://buy.stripe.com/test_1?client_reference_id=alex"},
	{"with a query", `<a href="https://buy.stripe.com/1?prefilled_email=a%40b.c&locale=en+GB">x</a>`, "https://buy.stripe.com/1?prefilled_email=a%40b.c&locale=en+GB&client_reference_id=alex"},
	{"with a fragment", `<a href="https://buy.stripe.com/1?a=;b#top?x=y">x</a>`, "https://buy.stripe.com/1?a=;b&client_reference_id=alex#top?x=y"},
	{"with an empty query", `<a href="https://buy.stripe.com/1?">x</a>`, "https://buy.stripe.com/1?client_reference_id=alex"},
	{"with a similar parameter", `<a href="https://buy.stripe.com/1?my_client_reference_id=7">x</a>`, "https://buy.stripe.com/1?my_client_reference_id=7&client_reference_id=alex"},
	{"own reference", `<a href="https://buy.stripe.com/1?client_reference_id=order-7">x</a>`, "https://buy.stripe.com/1?client_reference_id=order-7"},
	{"own empty reference", `<a href="https://buy.stripe.com/1?client_reference_id=">x</a>`, "https://buy.stripe.com/1?client_reference_id="},
	{"own encoded reference", `<a href="https://buy.stripe.com/1?client%5Freference%5Fid=7">x</a>`, "https://buy.stripe.com/1?client%5Freference%5Fid=7"},
	{"donation", `<a href="https://donate.stripe.com/1">x</a>`, "https://donate.stripe.com/1?client_reference_id=alex"},
	{"booking", `<a href="//BOOK.stripe.com/1">x</a>`, "http://book.stripe.com/1?client_reference_id=alex"},
	{"own domain", `<a href="https://pay.example.net/1">x</a>`, "https://pay.example.net/1?client_reference_id=alex"},
	{"image map", `<map><area href="https://buy.stripe.com/1"></map>`, "https://buy.stripe.com/1?client_reference_id=alex"},
	{"sub-domain of an own domain", `<a href="https://x.pay.example.net/1">x</a>`, "https://x.pay.example.net/1"},
	{"look-alike host", `<a href="https://buy.stripe.com.evil.example/1">x</a>`, "https://buy.stripe.com.evil.example/1"},
	{"host as user", `<a href="https://buy.stripe.com@evil.example/1">x</a>`, "https://buy.stripe.com@evil.example/1"},
	{"another host", `<a href="https://dashboard.stripe.com/1">x</a>`, "https://dashboard.stripe.com/1"},
	{"own page", `<a href="/pricing?a=b">x</a>`, "/pricing?a=b"},
	{"no address", `<a href="https://[">x</a>`, "https://["},
	{"mail", `<a href="mailto:buy.stripe.com">x</a>`, "mailto:buy.stripe.com"},
	{"drawing", `<svg><a href="https://buy.stripe.com/1"></a></svg>`, "https://buy.stripe.com/1"},
	{"buy button", `<stripe-buy-button buy-button-id=b></stripe-buy-button>`, "alex"},
	{"buy button with a reference", `<stripe-buy-button client-reference-id=order-7></stripe-buy-button>`, "order-7"},
	{"pricing table", `<stripe-pricing-table pricing-table-id=p></stripe-pricing-table>`, "alex"},
	{"pricing table with a reference", `<stripe-pricing-table client-reference-id=7></stripe-pricing-table>`, "7"},
}

func TestPaymentsAreMarked(t *testing.T) {
	var html string
	var want []string
	for _, p := range payments {
		html += "<p>" + p.html + "</p>\n"
		want = append(want, p.want)
	}
	s := newSite(t, affiliatehttp.Config{})
	s.pages["/there"] = page(html)
	s.pages["/streamed"] = page("") // what comes is added by the test
	tab := shared.Tab(t)

	tab.Go(s.at(www, "/there?aff=alex"))
	ready(tab)
	compare(t, want, marks(tab), "there when the answer comes")
	tab.Go(s.at(www, "/there"))
	compare(t, want, marks(tab), "there when the page is read")

	tab.Go(s.at(www, "/streamed"))
	browser.Eval[bool](tab, fmt.Sprintf(`(document.body.appendChild(document.createElement("main")).innerHTML = %q, true)`, html))
	compare(t, want, marks(tab), "added later, deep in a tree")
}

func compare(t *testing.T, want, got []string, when string) {
	t.Helper()
	if !assert.Len(t, got, len(want)) {
		return
	}
	for i, p := range payments {
		assert.Equal(t, want[i], got[i], p.name+", "+when)
	}
}

func TestVisitorOfNobodyIsLeftAlone(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	s.pages["/"] = page(payments[0].html + payments[20].html)
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/?ref=producthunt"))
	ready(tab)
	assert.Equal(t, []string{"https://buy.stripe.com/test_1", ""}, marks(tab))
}

// An application that never loads another page changes its address and its links.
func TestApplicationOfOnePage(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	s.pages["/"] = page("")
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/?aff=alex"))
	landed := ready(tab)
	for _, path := range []string{"/pricing", "/checkout?ref=producthunt"} {
		browser.Eval[bool](tab, fmt.Sprintf(`(history.pushState(null, "", %q), document.body.innerHTML = %q, true)`, path, payments[0].html+payments[20].html))
		assert.Equal(t, []string{payments[0].want, payments[20].want}, marks(tab), path)
	}
	browser.Eval[bool](tab, `new Promise(done => { addEventListener("popstate", () => done(true), { once: true }); history.back() })`)
	assert.Equal(t, landed, ready(tab))
	assert.Len(t, s.received(http.MethodPost, "click"), 1)
}

// Frameworks write addresses again, and components hide their links.
func TestLinksThatChange(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	s.pages["/"] = page(`<a id=link href=/pricing>x</a>`)
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/?aff=alex"))
	ready(tab)
	for _, step := range []struct{ set, want string }{
		{"https://buy.stripe.com/1", "https://buy.stripe.com/1?client_reference_id=alex"},
		{"https://buy.stripe.com/1", "https://buy.stripe.com/1?client_reference_id=alex"}, // rendered again
		{"https://buy.stripe.com/2?a=b", "https://buy.stripe.com/2?a=b&client_reference_id=alex"},
		{"https://buy.stripe.com/2?client_reference_id=order-7", "https://buy.stripe.com/2?client_reference_id=order-7"},
		{"/pricing", "/pricing"},
	} {
		browser.Eval[bool](tab, fmt.Sprintf(`(link.setAttribute("href", %q), true)`, step.set))
		assert.Equal(t, []string{step.want}, marks(tab))
	}
	n := browser.Eval[int](tab, `new Promise(done => {
		let n = 0;
		new MutationObserver(() => n++).observe(document, {subtree: true, attributes: true});
		link.href = "https://buy.stripe.com/3";
		setTimeout(() => done(n), 200);
	})`)
	assert.LessOrEqual(t, n, 2, "the script does not answer itself")
}

func TestLinkInAShadowTreeIsMarkedWhenUsed(t *testing.T) {
	for _, use := range []struct{ name, js string }{
		{"mouse", ""},
		{"keyboard", `shadow.activeElement || link.focus()`},
	} {
		t.Run(use.name, func(t *testing.T) {
			s := newSite(t, affiliatehttp.Config{})
			s.pages["/"] = page(`<div id=host style="position:fixed;left:0;top:0;width:200px;height:200px"></div>`)
			tab := shared.Tab(t)
			tab.Go(s.at(www, "/?aff=alex"))
			ready(tab)
			browser.Eval[bool](tab, fmt.Sprintf(`(() => {
				shadow = host.attachShadow({mode: "open"});
				shadow.innerHTML = "<a style='display:block;width:200px;height:200px'>x</a>";
				link = shadow.firstChild;
				link.href = %q;
				return true;
			})()`, s.at(pay, "/plan")))
			if use.js == "" {
				tab.Do(chromedp.MouseClickXY(100, 100))
			} else {
				browser.Eval[bool](tab, use.js+`, true`)
				tab.Do(chromedp.KeyEvent("\r"))
			}
			assert.Equal(t, "?client_reference_id=alex", arrival(tab))
		})
	}
}

// The script is a guest: it takes one name, and leaves taken ones alone.
func TestGlobalsOfThePage(t *testing.T) {
	for _, test := range []struct {
		name, before, check string
		cfg                 script.Config
	}{
		{"own name and aliases", "", `Shop.referral === "alex" && Afficone === Shop && typeof Affiliate === "undefined"`, script.Config{Global: "Shop", Aliases: []string{"Afficone"}}},
		{"taken alias", `Rewardful = "theirs"`, `Rewardful === "theirs" && Afficone.referral === "alex"`, script.Config{Global: "Afficone", Aliases: []string{"Rewardful"}}},
		{"element of that name", `document.documentElement.id = "Affiliate"`, `Affiliate.referral === "alex"`, script.Config{}},
		{"name that nobody can write", `Object.defineProperty(window, "Affiliate", {value: 1})`, `Affiliate === 1`, script.Config{}},
		{"nothing but the name", `names = new Set(Object.getOwnPropertyNames(window))`, `Object.getOwnPropertyNames(window).filter(n => !names.has(n)).join() === "names,Affiliate,works"`, script.Config{}},
		{"no observer", `delete window.MutationObserver`, `typeof Affiliate === "undefined"`, script.Config{}},
		{"no requests", `delete window.fetch`, `Affiliate.referral === null`, script.Config{}},
		{"no randomness", `delete Crypto.prototype.getRandomValues`, `Affiliate.referral === null`, script.Config{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, affiliatehttp.Config{Script: test.cfg})
			s.pages["/"] = `<!doctype html><title>x</title><script>` + test.before + `</script><script src=/affiliate.js></script><script>works = 1</script>`
			tab := shared.Tab(t)
			tab.Go(s.at(www, "/?aff=alex"))
			name := test.cfg.Global
			if name == "" {
				name = "Affiliate"
			}
			assert.True(t, browser.Eval[bool](tab, `new Promise(done => window.`+name+`?.ready ? `+name+`.ready(done) : done()).then(() => works === 1 && (`+test.check+`))`))
		})
	}
}

func TestLoadedTwiceCountsOnce(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	s.pages["/"] = page(`<script src=/affiliate.js></script><script>first = Affiliate</script><script src="/affiliate.js?v=2" async></script>`)
	tab := shared.Tab(t)
	tab.Go(s.at(www, "/?aff=alex"))
	ready(tab)
	assert.True(t, browser.Eval[bool](tab, `first === Affiliate`))
	assert.Len(t, s.received(http.MethodPost, "click"), 1)
}
