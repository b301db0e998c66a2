package payout_test

import (
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/payout"
)

func ExampleCompile() {
	calendar, err := payout.Compile(payout.Schedule{Cadence: payout.Monthly, Day: 31, TimeZone: "America/New_York"})
	if err != nil {
		fmt.Println(err)
		return
	}
	start, end := calendar.PeriodOf(time.Date(2025, time.March, 10, 0, 0, 0, 0, time.UTC))
	fmt.Println(start.Format(time.RFC3339), end.Format(time.RFC3339))
	// Output: 2025-02-28T05:00:00Z 2025-03-31T04:00:00Z
}

func ExampleSchedule_Validate() {
	fmt.Println(payout.Schedule{Cadence: payout.Cron, Cron: "0 0 30 2 *", Hour: 24}.Validate())
	// Output: invalid schedule: hour: 24 is not from 0 to 23; cron: "0 0 30 2 *" never comes due
}

func ExampleTransition() {
	fmt.Println(payout.Transition(payout.Issued, payout.Paid))
	fmt.Println(payout.Transition(payout.Paid, payout.Issued))
	// Output:
	// <nil>
	// invalid transition: from "paid" to "issued"
}

// A host accrues what partners earn and pays it out: the ledger is kept by anything
// that is an Accruals.
func ExampleAccruals() {
	ada := payout.Ledger{Partner: "ada", Currency: "usd"}
	may := func(day int) time.Time { return time.Date(2026, time.May, day, 0, 0, 0, 0, time.UTC) }
	var ledgers payout.Memory
	ledgers.Post(ada,
		payout.Line{EntryID: "en_1", Kind: "accrual", Amount: 667, MaturesAt: may(1)},
		payout.Line{EntryID: "en_2", Kind: "accrual", Amount: 980, MaturesAt: may(2)},
	)
	p, due, err := payout.Plan(&ledgers, ada, payout.Cutoff{At: may(1), Minimum: 500})
	if err != nil || !due {
		panic("nothing to pay out")
	}
	if p, err = payout.Issue(&ledgers, p, "po_1", may(1)); err != nil {
		panic(err)
	}
	statement, err := payout.StatementOf(&ledgers, p)
	fmt.Println(p.Amount, len(statement.Lines), "closing", statement.Closing, err)

	if p, err = payout.Advance(&ledgers, p, payout.Move{Status: payout.Failed, At: may(3)}); err != nil {
		panic(err)
	}
	balance, err := payout.BalanceOf(&ledgers, ada, may(3))
	fmt.Println(p.Status, "payable", balance.Payable, err)
	// Output:
	// 667 1 closing 980 <nil>
	// failed payable 1647 <nil>
}
