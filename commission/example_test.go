package commission_test

import (
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// offer is 20 % of every invoice for three months, and 10.00 for the first.
func offer() commission.Offer {
	return commission.Offer{Program: "main", Currency: "usd", Snapshot: commission.Snapshot{
		Source: commission.FromApproval,
		Terms: commission.Terms{Rules: []commission.Rule{
			{ID: "bonus", Trigger: commission.First, Type: commission.Fixed, Value: "1000"},
			{ID: "share", Trigger: commission.Every, Type: commission.Percent, Value: "20", Recurring: true, Months: 3},
		}},
	}}
}

func invoice(id string, at time.Time, amount int64, facts ...commission.Fact) commission.Sale {
	return commission.Sale{Facts: facts, Conversion: attribution.Conversion{
		ID: id, Type: attribution.InvoicePaid, At: at, Amount: amount, Currency: "usd",
	}}
}

// The history knows the first invoice, so the bonus is paid once and the share
// ends after three months of the calendar.
func ExampleHistory_Earn() {
	ada := []attribution.Credit{{Partner: "ada", Program: "main", Share: money.WholeShare()}}
	first := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	var history commission.History
	for _, at := range []time.Time{first, first.AddDate(0, 0, 28), first.AddDate(0, 0, 88), first.AddDate(0, 0, 89)} {
		earned, notes, err := history.Earn(invoice("in_"+at.Format("0102"), at, 4900), ada, offer())
		if err != nil {
			panic(err)
		}
		fmt.Print(at.Format("2 Jan"), ":")
		for _, c := range earned {
			fmt.Print(" ", c.Rule, " ", c.Accrued)
		}
		for _, n := range notes {
			if !n.Fired {
				fmt.Print(" (", n.Rule, ": ", n.Why, ")")
			}
		}
		fmt.Println()
	}
	// Output:
	// 31 Jan: bonus 1000 share 980
	// 28 Feb: share 980 (bonus: not_first)
	// 29 Apr: share 980 (bonus: not_first)
	// 30 Apr: (bonus: not_first) (share: cap_reached)
}

// Three partners share one conversion. The cent that is left over goes to one of
// them: together they get exactly what one would.
func ExampleHistory_Earn_split() {
	day := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	credits, err := attribution.Attribute([]attribution.Click{
		{ID: "c1", Partner: "ada", Program: "main", At: day.AddDate(0, 0, -3)},
		{ID: "c2", Partner: "bob", Program: "main", At: day.AddDate(0, 0, -2)},
		{ID: "c3", Partner: "cleo", Program: "main", At: day.AddDate(0, 0, -1)},
	}, day, attribution.Linear, attribution.NoWindow)
	if err != nil {
		panic(err)
	}
	terms := offer()
	terms.Rules = terms.Rules[:1] // the bonus of 10.00
	var history commission.History
	earned, _, err := history.Earn(invoice("in_1", day, 4900), credits, terms)
	if err != nil {
		panic(err)
	}
	for _, c := range earned {
		fmt.Println(c.Partner, c.Exact, c.Accrued)
	}
	// Output:
	// ada 1000/3 334
	// bob 1000/3 333
	// cleo 1000/3 333
}

// A quarter of the money goes back, and a quarter of the commission with it.
func ExampleReview() {
	day := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	ada := []attribution.Credit{{Partner: "ada", Program: "main", Share: money.WholeShare()}}
	sale := invoice("in_1", day, 10_000)
	var history commission.History
	earned, _, err := history.Earn(sale, ada, offer())
	if err != nil {
		panic(err)
	}
	sale.Facts = append(sale.Facts, commission.Fact{
		Kind: commission.Refund, ID: "re_1", Conversion: "in_1", Amount: 2500, At: day.AddDate(0, 0, 1),
	})
	commission.Review(earned, sale)
	for _, c := range earned {
		net, err := c.Net(0)
		if err != nil {
			panic(err)
		}
		fmt.Println(c.Rule, c.Accrued, "stands at", net)
	}
	// Output:
	// bonus 1000 stands at 1000
	// share 2000 stands at 1500
}

// From the third sale of a month on the rate is 30 % in place of 20 %: for all of
// the month, or for what comes after.
func ExampleTiered() {
	day := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	ada := []attribution.Credit{{Partner: "ada", Program: "main", Share: money.WholeShare()}}
	for _, retroactive := range []bool{true, false} {
		terms := offer()
		terms.Rules = terms.Rules[1:]
		terms.Rules[0].Tiers = &commission.Tiers{
			Metric: commission.Conversions, Period: commission.PerMonth, Retroactive: &retroactive,
			Thresholds: []commission.Threshold{{At: 3, Value: "30"}},
		}
		var history commission.History
		var all []commission.Commission
		for i := range 3 {
			earned, _, err := history.Earn(invoice(fmt.Sprint("in_", i), day.AddDate(0, 0, i), 10_000), ada, terms)
			if err != nil {
				panic(err)
			}
			all = append(all, earned...)
		}
		tiers, err := commission.Tiered(all, commission.TierContext{Currency: "usd", Start: func(p commission.Period, t time.Time) time.Time {
			start, _, _ := p.Bounds(t, time.UTC)
			return start
		}})
		if err != nil {
			panic(err)
		}
		for i, c := range all {
			fmt.Print(c.Accrued+tiers[i].Adjustment, " ")
		}
		fmt.Println("retroactive:", retroactive)
	}
	// Output:
	// 3000 3000 3000 retroactive: true
	// 2000 2000 3000 retroactive: false
}
