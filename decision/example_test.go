package decision_test

import (
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
)

// What would this offer pay for this history? 20 % of each invoice for two
// months, and 10.00 for the first.
func ExampleDecide() {
	home := "https://shop.example/"
	offer := []commission.Rule{
		{ID: "share", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20", Recurring: true, Months: 2},
		{ID: "bonus", Trigger: commission.First, EventType: attribution.InvoicePaid, Type: commission.Fixed, Value: "1000"},
	}
	configuration, err := program.Empty().Apply(
		program.Change{Kind: program.CreateProgram, Program: "main", Settings: &program.SettingsChange{DestinationURL: &home, Rules: offer}},
		program.Change{Kind: program.CreatePartner, Partner: "ada", Profile: &program.Profile{}},
		program.Change{Kind: program.Approve, Partner: "ada", Program: "main"},
	)
	if err != nil {
		panic(err)
	}

	start := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	history := decision.Customer{Clicks: []attribution.Click{{ID: "c1", Partner: "ada", Program: "main", At: start.AddDate(0, 0, -3)}}}
	for month := range 3 {
		history.Sales = append(history.Sales, commission.Sale{Conversion: attribution.Conversion{
			ID: fmt.Sprint("in_", month+1), Type: attribution.InvoicePaid, Amount: 4900, Currency: "usd", At: start.AddDate(0, 0, 28*month),
		}})
	}
	outcomes, _, err := decision.Decide(configuration, history)
	if err != nil {
		panic(err)
	}
	for _, o := range outcomes {
		for _, c := range o.Lines {
			fmt.Println(o.Conversion, c.Rule, money.Amount{Minor: c.Accrued, Currency: c.Currency})
		}
	}
	// Output:
	// in_1 share 9.80 USD
	// in_1 bonus 10.00 USD
	// in_2 share 9.80 USD
	// in_3 share 9.80 USD
}
