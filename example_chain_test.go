package affiliate_test

import (
	"context"
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// From a click to a paid payout.
func Example() {
	ctx := context.Background()
	clock := affiliatetest.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	eng, err := affiliate.New(memory.New(), affiliate.Config{Now: clock.Now})
	must(err)

	// The offer: 20 % of every invoice for a year, held back for 30 days.
	rules := []commission.Rule{{
		ID: "rev", Trigger: commission.Every, EventType: "invoice_paid", Type: commission.Percent, Value: "20", Recurring: true, Months: 12,
	}}
	must(eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: home(), Rules: rules}, affiliate.Always()))
	must(eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always()))
	must(eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always()))

	// A visitor follows ada's link, signs up and pays.
	click, err := eng.RecordClick(ctx, affiliate.Click{Partner: "ada", Program: "main", Visitor: "v1"})
	must(err)
	_, err = eng.Identify(ctx, affiliate.Identify{Customer: "cus_1", Click: click.ClickID})
	must(err)
	clock.Advance(48 * time.Hour)
	res, err := eng.RecordConversion(ctx, affiliate.Conversion{ID: "in_1", Customer: "cus_1", Amount: 4900})
	must(err)
	fmt.Println("commission:", minor(res.Commissions[0].Amount), res.Commissions[0].Status)

	// Half of it is refunded.
	_, err = eng.RecordRefund(ctx, affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 2450})
	must(err)
	balances, err := eng.Balances(ctx, "ada", time.Time{})
	must(err)
	fmt.Println("pending:", minor(balances[0].Pending))

	// On the first of the month after next it has matured and is paid out.
	clock.Set(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
	issued, err := eng.RunPayouts(ctx, affiliate.PayoutRun{})
	must(err)
	paid, err := eng.MovePayout(ctx, issued[0].ID, payout.Paid, time.Time{})
	must(err)
	fmt.Println("payout:", minor(paid.Amount), paid.Status)
	// Output:
	// commission: 9.80 USD pending
	// pending: 4.90 USD
	// payout: 4.90 USD paid
}

// minor writes dollars.
func minor(amount int64) string { return money.Amount{Minor: amount, Currency: "usd"}.String() }

// must panics if the last of the results of a call is an error.
func must(results ...any) {
	if err, _ := results[len(results)-1].(error); err != nil {
		panic(err)
	}
}

// demo is an Engine with program main (20 % of every conversion with an amount,
// nothing held back) and partner ada approved on it, on 1 March 2026.
type demo struct {
	*affiliate.Engine
	context.Context
	clock *affiliatetest.Clock
	store *memory.Store
}

func newEmptyDemo() demo {
	clock, store := affiliatetest.NewClock(march(1)), memory.New()
	eng, err := affiliate.New(store, affiliate.Config{Now: clock.Now})
	must(err)
	return demo{eng, context.Background(), clock, store}
}

func newDemo() demo {
	d := newEmptyDemo()
	must(d.CreateProgram(d, "main", program.SettingsChange{DestinationURL: home(), Rules: percentRule("20"), HoldbackDays: new(int)}, affiliate.Always()))
	must(d.CreatePartner(d, "ada", program.Profile{}, affiliate.Always()))
	must(d.ApprovePartnership(d, "ada", "main", affiliate.Always()))
	return d
}

// march is nine in the morning of a day of March 2026.
func march(day int) time.Time { return time.Date(2026, 3, day, 9, 0, 0, 0, time.UTC) }

func percentRule(value string) []commission.Rule {
	return []commission.Rule{{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: value}}
}

func pointer[T any](v T) *T { return &v }

// sell records 100.00 that ada is credited with, and returns what it says.
func (d demo) sell(id string) affiliate.ConversionResult {
	res, err := d.RecordConversion(d, affiliate.Conversion{ID: id, Customer: "cus_" + id, Partner: "ada", Amount: 10_000})
	must(err)
	return res
}

// standing is what ada's commission for a conversion stands at.
func (d demo) standing(id string) affiliate.Commission {
	res, err := d.Conversion(d, id)
	must(err)
	return res.Commissions[0]
}

func adasCommission(conversion string) affiliate.CommissionRef {
	return affiliate.CommissionRef{Conversion: conversion, Partner: "ada", Program: "main", Rule: "rev"}
}

// home is where the links of programs lead.
func home() *string { return pointer("https://acme.example/") }
