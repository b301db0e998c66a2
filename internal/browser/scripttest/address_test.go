package scripttest_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/internal/browser"
)

// bar is the address as it is shown, from its path on.
func bar(tab *browser.Tab) string {
	return browser.Eval[string](tab, `location.href.slice(location.origin.length)`)
}

// Whoever copies the address after the page has loaded copies no click and no
// code. What is not ours stays as it is, byte for byte.
func TestTheAddressBarKeepsNothingOfOurs(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	tab := shared.Tab(t)
	for _, test := range []struct{ address, want string }{
		{"/?cref={click}", "/"},
		{"/p?cref={click}#top", "/p#top"},
		{"/p?a=%2F;b&cref={click}&c&d=%20+x&=y#/r?cref=1&aff=alex", "/p?a=%2F;b&c&d=%20+x&=y#/r?cref=1&aff=alex"},
		{"/p?cref={click}&plan=pro", "/p?plan=pro"},
		{"/p?aff=alex&plan=pro&utm_source=x", "/p?plan=pro&utm_source=x"},
		{"/p?plan=pro&via=blair", "/p?plan=pro"},
		{"/p?ref=alex", "/p"},
		{"/p?ref=producthunt&x=1", "/p?ref=producthunt&x=1"},
		{"/p?ref=main&cref={click}", "/p?ref=main"},
		{"/p?xcref=1&cref=gone&crefx=2", "/p?xcref=1&crefx=2"},
		{"/p?aff=alex&affx=alex&x=aff=alex", "/p?affx=alex&x=aff=alex"},
		{"/p?plan=pro", "/p?plan=pro"},
	} {
		tab.Go(s.at(www, s.clicked(test.address)))
		ready(tab)
		assert.Equal(t, test.want, bar(tab), test.address)
	}
}

// An application keeps its own state of the history, and may have changed the
// address before the server answers.
func TestTheHistoryStaysThePages(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	s.pages["/"] = "<!doctype html><title>x</title><script>history.replaceState({step: 7}, \"\", \"/app?step=7&\" + location.search.slice(1))</script>" +
		"<script src=/affiliate.js></script><script>steps = history.length</script>"
	tab := shared.Tab(t)
	tab.Go(s.at(www, s.clicked("/?cref={click}")))
	assert.Equal(t, "alex", ready(tab).Referral)
	assert.Equal(t, "/app?step=7", bar(tab))
	assert.Equal(t, 7, browser.Eval[int](tab, `history.state.step`))
	assert.True(t, browser.Eval[bool](tab, `history.length === steps`), "going back leads where it did")

	s.pages["/"] = "<!doctype html><title>x</title><base href=https://other.example/><script>history.replaceState = () => { throw new Error(\"no\") }</script>" +
		"<script src=" + s.at(www, "/affiliate.js") + "></script>"
	tab.Go(s.at(www, "/?aff=blair"))
	assert.Equal(t, "blair", ready(tab).Referral, "where the address cannot be changed all else goes on")
	assert.Equal(t, "/?aff=blair", bar(tab))
}

// The click id leaves the address also if the call does not arrive: the script
// keeps it, and delivers it on the next page.
func TestTheAddressIsCleanedOfWhatWaitsToBeDelivered(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	s.answer("POST /v1/track/click", status(http.StatusServiceUnavailable, "{}"))
	tab := shared.Tab(t)
	tab.AllowNetwork("/v1/track/")
	tab.Go(s.at(www, s.clicked("/?cref={click}&x=1")))
	assert.Empty(t, ready(tab).Referral)
	assert.Equal(t, "/?x=1", bar(tab))
	s.answer("POST /v1/track/click", nil)
	tab.Do(chromedp.Reload())
	assert.Equal(t, "alex", ready(tab).Referral)
}

// Before the visitor consents the page is left alone.
func TestTheAddressStaysUntilThereIsConsent(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{Consent: scriptOnly})
	tab := shared.Tab(t)
	address := s.clicked("/?cref={click}")
	tab.Go(s.at(www, address))
	ready(tab)
	assert.Equal(t, address, bar(tab))
	require.Equal(t, "alex", browser.Eval[string](tab, `Affiliate.consent(true).then(a => a.referral)`))
	assert.Equal(t, "/", bar(tab))
}

// A second browser that opens the copied address has no part in the first one's
// visits, nor the first in its.
func TestACopiedAddressIsAnotherVisitor(t *testing.T) {
	s := newSite(t, affiliatehttp.Config{})
	first, second := shared.Tab(t), shared.Tab(t)
	address := s.at(www, s.clicked("/?cref={click}"))
	first.Go(address)
	one := ready(first)
	second.Go(address)
	two := ready(second)
	assert.NotEqual(t, one.VisitorID, two.VisitorID)
	second.Go(s.at(www, "/?aff=blair"))
	assert.Equal(t, "blair", ready(second).Referral)
	assert.True(t, browser.Eval[bool](first, `Affiliate.signup("cus_1", "ada@example.com", "made up")`))
	lead := s.received(http.MethodPost, "lead")[0].Body
	assert.Equal(t, []any{"cus_1", "ada@example.com", "made up"}, []any{lead["customer_key"], lead["email"], lead["token"]})
	assert.True(t, browser.Eval[bool](second, `Affiliate.signup("cus_2")`))
	assert.Equal(t, []string{"alex"}, s.sale("cus_1"))
	assert.Equal(t, []string{"blair"}, s.sale("cus_2"))
}
