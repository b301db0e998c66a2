package decision_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/program"
)

// benchSetup is one program with a recurring rule and one partner.
func benchSetup(b *testing.B) *program.Configuration {
	b.Helper()
	rules := []commission.Rule{{
		ID: "rev", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20",
	}}
	setup, err := program.Empty().With(
		program.Change{Seq: 1, Kind: program.CreateProgram, Program: "main", Settings: &program.SettingsChange{Rules: rules}},
		program.Change{Seq: 2, Kind: program.CreatePartner, Partner: "ada", Profile: &program.Profile{}},
		program.Change{Seq: 3, Kind: program.Approve, Partner: "ada", Program: "main"},
	)
	require.NoError(b, err)
	return setup
}

// benchCustomer has one click and n invoices, a day apart.
func benchCustomer(n int) decision.Customer {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := decision.Customer{Clicks: []attribution.Click{{ID: "c1", At: start, Partner: "ada", Program: "main"}}}
	for i := range n {
		c.Sales = append(c.Sales, commission.Sale{Conversion: attribution.Conversion{
			ID: fmt.Sprintf("in_%06d", i), Type: attribution.InvoicePaid, Customer: "cus", Currency: "usd", Amount: 4900,
			At: start.AddDate(0, 0, i+1),
		}})
	}
	return c
}

// BenchmarkDecision is the pure decision on one more conversion of a customer
// with n facts. In order it is flat; a late one folds the customer again.
func BenchmarkDecision(b *testing.B) {
	setup := benchSetup(b)
	for _, n := range []int{1, 10, 100, 10_000} {
		c := benchCustomer(n)
		next := benchCustomer(n + 1).Sales[n]
		_, state, err := decision.Decide(setup, c)
		require.NoError(b, err)
		b.Run(fmt.Sprintf("in order/%d", n), func(b *testing.B) {
			for b.Loop() {
				_, err := state.Step(setup, decision.Customer{}, next)
				require.NoError(b, err)
			}
		})
		b.Run(fmt.Sprintf("late/%d", n), func(b *testing.B) {
			for b.Loop() {
				_, _, err := decision.Decide(setup, c)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/fact")
		})
	}
}
