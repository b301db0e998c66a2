package main

import (
	"time"

	"github.com/goaffiliate/affiliate/affiliatetest"
)

// The plans, in cents a month.
const (
	basic = 49_00
	plus  = 99_00
)

// year is the story that every offer is told: one partner and four customers.
type year struct {
	*affiliatetest.Builder
	revenue int64 // cents, less refunds
}

// tell builds the story for an offer.
func tell(o offer) *year {
	y := &year{Builder: affiliatetest.NewScenario(o.name)}
	y.Program("main", o.rules...)
	y.Partner("ada")

	// acorn came in the summer of 2025 and moves up to the larger plan in June.
	y.joins("acorn", date(2025, 8, 15))
	y.pays("acorn", date(2025, 8, 15), date(2026, 5, 15), basic)
	y.pays("acorn", date(2026, 6, 15), date(2026, 12, 15), plus)

	// birch joins in February and leaves after four invoices.
	y.joins("birch", date(2026, 2, 10))
	y.pays("birch", date(2026, 2, 10), date(2026, 5, 10), basic)

	// cedar joins in March and gets half of April's invoice back.
	y.joins("cedar", date(2026, 3, 20))
	y.pays("cedar", date(2026, 3, 20), date(2026, 12, 20), basic)
	y.At("2026-04-28").Refund("re_cedar", "cedar-2026-04", basic/2)
	y.revenue -= basic / 2

	// dune signs up in September and never pays.
	y.At("2026-09-01").Click("click-dune", "ada").Customer("dune").
		At("2026-09-02").Conversion("signup-dune", "signup", "dune")
	return y
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 10, 0, 0, 0, time.UTC)
}

// joins is a customer who clicks, signs up the day after, and subscribes.
func (y *year) joins(customer string, at time.Time) {
	y.AtTime(at.AddDate(0, 0, -2)).Click("click-"+customer, "ada").Customer(customer)
	y.AtTime(at.AddDate(0, 0, -1)).Conversion("signup-"+customer, "signup", customer)
	y.AtTime(at).Conversion("subscription-"+customer, "subscription_created", customer)
}

// pays is an invoice a month, from the first to the last.
func (y *year) pays(customer string, first, last time.Time, cents int64) {
	for at := first; !at.After(last); at = at.AddDate(0, 1, 0) {
		y.AtTime(at).Sale(customer+at.Format("-2006-01"), customer, cents)
		y.revenue += cents
	}
}
