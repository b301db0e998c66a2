package portaltest_test

import (
	"strings"
	"testing"

	"github.com/goaffiliate/affiliate/internal/browser"
)

// pages are all pages of the portal, and the states that they can be in. A link
// to follow comes after the path.
var pages = []struct{ name, partner, path, heading string }{
	{"dashboard", "ada", "/portal", "Hello, Ada"},
	{"dashboard of a year", "ada", "/portal?days=365", "Hello, Ada"},
	{"dashboard between cut-off and run", "bob", "/portal", "Hello, Bob"},
	{"payouts between cut-off and run", "bob", "/portal/payouts", "Payouts"},
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
	var states []browser.State
	for _, p := range pages {
		path, link, follow := strings.Cut(p.path, " ")
		s := browser.State{Name: p.name, Address: w.at(p.partner, path), Heading: p.heading}
		if follow {
			s.Steps = []string{browser.Click(link)}
		}
		if p.path == "/portal/nope" || p.partner == "nobody" {
			s.Fails = s.Address
		}
		states = append(states, s)
	}
	shared.CheckPages(t, "portal", states)
}
