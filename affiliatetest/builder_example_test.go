package affiliatetest_test

import (
	"context"
	"fmt"

	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// A test of an offer ends its story with Run(t). Without a test at hand, Build
// gives the scenario to the function Run.
func ExampleNewScenario() {
	offer := affiliatetest.NewScenario("20 % recurring").
		Program("main", commission.Rule{
			ID: "revenue", Trigger: commission.Every, EventType: "invoice_paid", Type: commission.Percent, Value: "20", Recurring: true, Months: 12,
		}).
		Partner("ada").
		At("2026-05-01").Click("c1", "ada").Customer("cus_1").
		At("2026-05-02").Sale("in_1", "cus_1", 4900).
		At("2026-06-02").Sale("in_2", "cus_1", 4900).
		At("2026-06-09").Refund("re_1", "in_2", 2450).
		ExpectCommission("in_1", "ada", "revenue", 980).
		ExpectCommission("in_2", "ada", "revenue", 490).
		ExpectBalance(affiliatetest.ExpectedBalance{Partner: "ada", Payable: 1470}).
		At("2027-05-02").Sale("in_13", "cus_1", 4900).
		ExpectBalance(affiliatetest.ExpectedBalance{Partner: "ada", Payable: 1470}) // the 12 months are over

	scenario, err := offer.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := affiliatetest.Run(context.Background(), memory.New(), scenario)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.OK())
	fmt.Print(result.Describe("in_2"))

	// Output:
	// true
	// in_2: invoice_paid of 49.00 USD by cus_1 at 2026-06-02T00:00:00Z
	//   touch        c1 at 2026-05-01T00:00:00Z, ada on main
	//   method       click
	//   binding      set by in_1 at 2026-05-02T00:00:00Z
	//   credit       ada on main, share 1, first touch c1
	//   revenue pays ada on main: 4.90 USD, payable
	//     terms      approval in force since ever
	//     value      20 % of 49.00 USD, share 1
	//     rounding   980 -> 980 minor units: 9.80 USD accrued
	//     ladder     refund:re_1 at 2026-06-09T00:00:00Z: 24.50 USD of 49.00 USD back: -4.90 USD
	//     posted     +9.80 USD accrual, matures 2026-06-02T00:00:00Z
	//     posted     -4.90 USD reversal for refund:re_1, matures 2026-06-02T00:00:00Z
}
