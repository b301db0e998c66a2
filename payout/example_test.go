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

func ExampleMove() {
	fmt.Println(payout.Move(payout.Issued, payout.Paid))
	fmt.Println(payout.Move(payout.Paid, payout.Issued))
	// Output:
	// <nil>
	// invalid transition: from "paid" to "issued"
}

func ExampleDue() {
	cutoff := time.Date(2025, time.May, 1, 0, 0, 0, 0, time.UTC)
	lines := []payout.Line{
		{Position: 1, Amount: 667, MaturesAt: cutoff},
		{Position: 2, Amount: 980, MaturesAt: cutoff.Add(time.Hour)},
	}
	amount, covered, err := payout.Due(lines, nil, cutoff)
	fmt.Println(amount, len(covered), err, payout.Issuable(amount, 500))
	// Output: 667 1 <nil> true
}

func ExampleBuildStatement() {
	cutoff := time.Date(2025, time.May, 1, 0, 0, 0, 0, time.UTC)
	p := payout.Payout{
		ID: "po_1", Partner: "ada", Currency: "usd", Cutoff: cutoff, Through: 2, Amount: 667, IssuedAt: cutoff,
	}
	lines := []payout.Line{
		{Position: 1, EntryID: "en_1", Kind: "accrual", Amount: 667, MaturesAt: cutoff, At: cutoff.AddDate(0, 0, -30)},
		p.Debit("en_2"),
	}
	statement, err := payout.BuildStatement(p, nil, lines)
	fmt.Println(statement.Opening, statement.Posted, statement.Amount, statement.Closing, err)
	// Output: 0 667 667 0 <nil>
}
