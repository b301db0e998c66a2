package portaltest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/browser"
)

// pages are all pages of the portal, and the states that they can be in.
var pages = []struct{ name, partner, path, heading string }{
	{"dashboard", "ada", "/portal", "Hello, Ada"},
	{"dashboard of a year", "ada", "/portal?days=365", "Hello, Ada"},
	{"links", "ada", "/portal/links", "Links"},
	{"link made", "ada", "/portal/links?link=ada-blog&to=https://acme.example/x", "Links"},
	{"link refused", "ada", "/portal/links?link=ada-blog&to=https://evil.example/", "Links"},
	{"codes", "ada", "/portal/codes", "Promo codes"},
	{"retire a code", "ada", "/portal/codes/ADA10/retire", "Retire ADA10?"},
	{"clicks", "ada", "/portal/clicks", "Clicks"},
	{"commissions", "ada", "/portal/commissions", "Earnings"},
	{"pending commissions", "ada", "/portal/commissions?state=pending", "Earnings"},
	{"conversion", "ada", "/portal/commissions a[href*='/conversions/']", ""},
	{"payouts", "ada", "/portal/payouts", "Payouts"},
	{"payout", "ada", "/portal/payouts a[href*='/payouts/']", ""},
	{"programs", "ada", "/portal/programs", "Programs"},
	{"settings", "ada", "/portal/settings", "Settings"},
	{"missing page", "ada", "/portal/nope", ""},
	{"first dashboard", "eve", "/portal", "Hello, Eve"},
	{"no links", "eve", "/portal/links", "Links"},
	{"no codes", "eve", "/portal/codes", "Promo codes"},
	{"no commissions", "eve", "/portal/commissions", "Earnings"},
	{"no payouts", "eve", "/portal/payouts", "Payouts"},
	{"signed out", "nobody", "/portal", ""},
}

// TestPages opens every page on a phone and on a desk, in light and in dark.
func TestPages(t *testing.T) {
	w := newWorld(t)
	for _, device := range []struct {
		name          string
		width, height int64
		mobile, dark  bool
	}{
		{"phone-light", 390, 844, true, false},
		{"phone-dark", 390, 844, true, true},
		{"desk-light", 1280, 900, false, false},
		{"desk-dark", 1280, 900, false, true},
	} {
		tab := shared.Tab(t)
		tab.AllowNetwork(w.at("ada", "/portal/nope"))
		tab.AllowNetwork(w.at("nobody", "/portal"))
		tab.Viewport(device.width, device.height, device.mobile)
		tab.Dark(device.dark)
		for _, p := range pages {
			t.Run(device.name+"/"+p.name, func(t *testing.T) {
				path, link, follow := strings.Cut(p.path, " ")
				tab.Go(w.at(p.partner, path))
				if follow {
					tab.Go(browser.Eval[string](tab, fmt.Sprintf(`document.querySelector(%q).href`, link)))
				}
				headings := browser.Eval[[]string](tab, `[...document.querySelectorAll("h1")].map(h => h.textContent)`)
				require.Len(t, headings, 1)
				assert.Contains(t, headings[0], p.heading)
				dark := browser.Eval[bool](tab, `(() => { const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number); return r + g + b < 384 })()`)
				assert.Equal(t, device.dark, dark)
				assert.LessOrEqual(t, browser.Eval[int64](tab, `document.documentElement.scrollWidth`), device.width, "nothing is wider than the window")
				for _, f := range tab.Barriers() {
					if f.Impact == "serious" || f.Impact == "critical" {
						t.Error(f)
					} else {
						t.Log(f)
					}
				}
				if os.Getenv("AFFILIATE_ARTIFACTS") != "" {
					tab.Screenshot("portal-" + strings.ReplaceAll(p.name, " ", "-") + "-" + device.name)
				}
			})
		}
	}
}
