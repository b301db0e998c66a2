package main

import "strings"

// stop is a page of the preview that is worth a look.
type stop struct {
	N                 int
	Path, Title, Text string
}

// tour is the way through the preview: first what a partner sees, then the owner.
func tour() []stop {
	list := []stop{
		{0, "/portal", "Ada’s overview", "What Ada has earned, what is still held back, and when the next payout is."},
		{0, "/portal/links", "Links", "One link per program. Ada can make more, also to single pages."},
		{0, "/portal/codes", "Promo codes", "Codes credit Ada where no link was clicked, and may take something off for the customer."},
		{0, "/portal/commissions", "Earnings", "Every commission says why it is what it is. Open one: the click, the window, the rule, the arithmetic. Customers stay anonymous."},
		{0, "/portal/payouts", "Payouts", "One payout per currency and month, each with a statement that adds up to the cent."},
		{0, "/portal/programs", "Programs and tiers", "The terms that Ada was promised, and how far the next tier is."},
		{0, "/admin", "The owner’s overview", "The other side: what the programs bring and what they cost."},
		{0, "/admin/programs", "Programs", "A share of a year of invoices, tiers that count each month, a fixed bounty in another currency."},
		{0, "/admin/partners", "Partners", "Custom commissions, a suspension, payouts twice a month or from a minimum on."},
		{0, "/admin/conversions", "Conversions", "Why was this paid, or not? Each one has its explanation, refunds and disputes included."},
		{0, "/admin/payouts/run", "A payout run", "A look at what would be paid today. However often it runs, nobody is paid twice."},
	}
	for i := range list {
		list[i].N = i + 1
	}
	return list
}

// place is where a visitor is on the tour.
type place struct {
	Here, Next stop
	Last       int
	On         bool // the tour comes by here
}

// at returns the stop whose pages a path belongs to, and the one after it.
func (p *preview) at(path string) place {
	found := place{Last: len(p.tour), Next: p.tour[0]}
	for i, s := range p.tour {
		exact := strings.TrimSuffix(path, "/") == s.Path
		below := strings.HasPrefix(path, s.Path+"/") && strings.Count(s.Path, "/") > 1
		if !exact && !below {
			continue
		}
		found.Here, found.On, found.Next = s, true, stop{}
		if i+1 < len(p.tour) {
			found.Next = p.tour[i+1]
		}
	}
	return found
}
