package consoletest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/browser"
)

// page is a page of the console in one of its states.
type page struct {
	name, path, heading string
	steps               []string
}

// first are the pages of an owner who has just begun.
func first() []page {
	return []page{
		{"first overview", "", "Overview", nil},
		{"no programs", "/programs", "Programs", nil},
		{"no partners", "/partners", "Partners", nil},
		{"no codes", "/codes", "Promo codes", nil},
		{"no conversions", "/conversions", "Conversions", nil},
		{"no payouts", "/payouts", "Payouts", nil},
		{"first setup", "/setup", "Setup", nil},
		{"first program", "/programs/new", "New program", nil},
	}
}

// programs are pages about programs.
func programs() []page {
	return []page{
		{"programs", "/programs", "Programs", nil},
		{"new program", "/programs/new", "New program", nil},
		{"new program refused", "/programs/new", "New program", []string{browser.Post("#f-id", "cloud", "#f-currency", "dollars", "#f-rules-0-value", "a lot")}},
		{"program", "/programs/cloud", "Acme Cloud", nil},
		{"program that ended", "/programs/launch", "Launch week 2025", nil},
		{"terms", "/programs/cloud/terms", "Schedule and terms", nil},
		{"terms refused", "/programs/cloud/terms", "Schedule and terms", []string{browser.Post("#f-rules-0-value", "20,5", "#f-holdbackDays", "soon")}},
		{"tier step asked about", "/programs/cloud/terms", "Schedule and terms", []string{browser.Post("#f-rules-0-thresholds", "25 = 10")}},
		{"terms changed meanwhile", "/programs/cloud/terms", "Schedule and terms", []string{browser.Post("input[name=was]", "another")}},
		{"settings", "/programs/cloud/settings", "Settings", nil},
		{"settings preview", "/programs/cloud/settings", "Review changes", []string{
			browser.Post("#f-destinationUrl", "https://acme.example/new", "#f-deepLinkDomains", "acme.example", "#f-attributionWindowDays", "90"),
		}},
		{"end a program", "/programs/cloud/end", "End Acme Cloud now?", nil},
		{"add everyone to a program", "/programs/cloud/everyone", "Add all existing partners?", nil},
	}
}

// partners are pages about partners and codes.
func partners() []page {
	return []page{
		{"partners", "/partners", "Partners", nil},
		{"partners found", "/partners?q=ada&program=cloud", "Partners", nil},
		{"partners not found", "/partners?q=xyz", "Partners", nil},
		{"new partner", "/partners/new", "New partner", nil},
		{"new partner refused", "/partners/new", "New partner", []string{browser.Post("#f-id", "ada", "#f-name", "Ada")}},
		{"partner", "/partners/ada", "Ada", nil},
		{"new partner page", "/partners/eve", "Eve", nil},
		{"suspended partner", "/partners/zoe", "Zoe", nil},
		{"edit a partner", "/partners/ada/edit", "Edit Ada", nil},
		{"suspend a partner", "/partners/ada/suspend", "Suspend Ada?", nil},
		{"approve a partner", "/partners/eve/approve", "Add Eve to a program", nil},
		{"terms of a partner", "/partners/ada/programs/cloud", "Terms of Ada", nil},
		{"own terms of a partner", "/partners/bob/programs/cloud", "Terms of Bob", nil},
		{"give own terms", "/partners/ada/programs/cloud/override", "Custom commission", nil},
		{"revoke a partnership", "/partners/ada/programs/cloud/revoke", "Revoke this partnership?", nil},
		{"adjustments", "/partners/ada/adjustments", "Adjustments", nil},
		{"adjustment refused", "/partners/ada/adjustments", "Adjustments", []string{browser.Post("#f-amount", "a lot", "#f-reason", "bonus")}},
		{"adjustment posted", "/partners/ada/adjustments", "Adjustments", []string{browser.Post("#f-amount", "-12.50", "#f-reason", "agreed by phone")}},
		{"clear own terms", "/partners/bob/programs/cloud/clear", "Use the program", nil},
		{"codes", "/codes", "Promo codes", nil},
		{"add a code", "/partners/ada/codes", "New code", nil},
		{"add a taken code", "/partners/ada/codes", "New code", []string{browser.Post("#f-code", "ADA10")}},
		{"add a link", "/partners/ada/links", "New link", nil},
		{"retire a code", "/codes/ADA10/retire", "Retire ADA10?", nil},
		{"activate a code", "/codes/OLD-ADA/reactivate", "Reactivate OLD-ADA?", nil},
	}
}

// moneyPages are pages about conversions and payouts.
func moneyPages() []page {
	const pay = "/payouts"
	first := browser.Click("a.id")
	act := func(do string) string { return browser.Click("a[href*='/review?do=" + do + "&']") }
	return []page{
		{"overview", "", "Overview", nil},
		{"overview of a year", "?days=365", "Overview", nil},
		{"conversions", "/conversions", "Conversions", nil},
		{"conversions of a partner", "/conversions?partner=bob&state=paid", "Conversions", nil},
		{"unattributed conversions", "/conversions?state=unattributed", "Conversions", nil},
		{"conversion not found", "/conversions?q=in_nope", "Conversions", nil},
		{"conversion", "/conversions?state=pending", "$", []string{first}},
		{"conversion refunded", "/conversions?state=reversed", "$0.00", []string{first}},
		{"conversion of a code", "/conversions/in_code", "$", nil},
		{"erase a customer", "/conversions/in_code/erase", "Erase customer", nil},
		{"conversion of nobody", "/conversions/in_nobody", "Nobody is paid", nil},
		{"conversion under review", "/conversions?state=under_review", "$", []string{first}},
		{"conversion rejected", "/conversions?state=rejected", "$0.00", []string{first}},
		{"hold", "/conversions?state=pending", "Put", []string{first, act("hold")}},
		{"reject", "/conversions?state=pending", "Reject", []string{first, act("reject")}},
		{"reject without a reason", "/conversions?state=pending", "Reject", []string{first, act("reject"), browser.Post()}},
		{"release", "/conversions?state=under_review", "Release", []string{first, act("release")}},
		{"payouts", pay, "Payouts", nil},
		{"payouts to settle", pay + "?state=open", "Payouts", nil},
		{"payouts of a partner", pay + "?partner=bob", "Payouts of Bob", nil},
		{"dry run", pay + "/run", "is due", nil},
		{"settle payouts", pay + "?state=open", "Mark as paid?", []string{
			"document.querySelectorAll('input[name=id]').forEach(box => { box.checked = true }); " + browser.Click("button[value=paid]"),
		}},
		{"statement", pay + "?state=paid", "to", []string{browser.Click("tbody a[href*='/payouts/']")}},
		{"open payout", pay + "?state=open", "to", []string{browser.Click("tbody a[href*='/payouts/']")}},
		{"stripe", "/stripe", "Stripe", nil},
		{"setup", "/setup", "Setup", nil},
		{"setup heard", "/setup?test=console-test-1", "Setup", nil},
	}
}

// failures are pages that say that something did not work. A payout that failed
// cannot be paid any more.
func (w world) failures(t *testing.T) []browser.State {
	t.Helper()
	list, err := w.Engine.Payouts(t.Context(), "bob")
	require.NoError(t, err)
	failed := ""
	for _, p := range list {
		if p.Status == "failed" {
			failed = p.ID
		}
	}
	require.NotEmpty(t, failed)
	return []browser.State{
		{Name: "forbidden", Address: w.at("ada", "/admin"), Heading: "That did not work", Fails: w.at("ada", "/admin")},
		{Name: "forged form", Address: w.at("owner", "/admin/partners/ada/suspend"), Steps: []string{browser.Post("main input[name=csrf]", "forged")}, Heading: "That did not work", Fails: "/suspend"},
		{Name: "missing page", Address: w.at("owner", "/admin/nope"), Heading: "Page not found", Fails: "/nope"},
		{Name: "conflict", Address: w.at("owner", "/admin/payouts/move?to=paid&id="+failed), Steps: []string{browser.Post()}, Heading: "This has changed in the meantime", Fails: "/move"},
		{Name: "signed out", Address: w.at("nobody", "/admin"), Heading: "Please sign in", Fails: w.at("nobody", "/admin")},
	}
}

// states turns pages into what the owner opens. Forms that were posted may be
// answered as refused.
func (w world) states(lists ...[]page) []browser.State {
	var states []browser.State
	for _, list := range lists {
		for _, p := range list {
			s := browser.State{Name: p.name, Address: w.at("owner", "/admin"+p.path), Steps: p.steps, Heading: p.heading}
			if len(p.steps) > 0 {
				s.Fails = w.at("owner", "/admin/")
			}
			states = append(states, s)
		}
	}
	return states
}

// TestPages opens every page on a phone and on a desk, in light and in dark.
func TestPages(t *testing.T) {
	w := newWorld(t, browser.BusyAcme(t))
	w.test("console-test-1")
	shared.CheckPages(t, "console", append(w.states(moneyPages(), programs(), partners()), w.failures(t)...))
}

// TestFirstPages does the same before there is anything.
func TestFirstPages(t *testing.T) {
	w := newWorld(t, browser.NewAcme(t))
	shared.CheckPages(t, "console", w.states(first()))
}
