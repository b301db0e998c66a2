// Package affiliate is affiliate attribution that a Go SaaS embeds: clicks and
// promo codes become attributions, attributions become commissions, commissions
// become payouts.
//
// It runs inside the host's process and on the host's database. An Engine over a
// store does everything:
//
//	eng, err := affiliate.New(store, affiliate.Config{})
//	_, err = eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: &home, Rules: rules}, affiliate.Always())
//	_, err = eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always())
//	_, err = eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always())
//	click, err := eng.RecordClick(ctx, affiliate.Click{Partner: "ada", Program: "main"})
//	_, err = eng.Identify(ctx, affiliate.Identify{Customer: "cus_1", Click: click.ClickID})
//	res, err := eng.RecordConversion(ctx, affiliate.Conversion{ID: "in_1", Customer: "cus_1", Amount: 4900})
//
// Facts (clicks, identifies, conversions, refunds, configuration changes) are
// append-only and dated; they may come in any order and more than once. Each
// operation reads what it needs, decides by the pure code of package decision,
// and writes facts, decision, ledger entries and outbox in one conditional
// commit. What crosses customers (tiers, late identifies, edits) is left as a
// durable note in the same commit and done by Settle, which payout runs and all
// reads of balances call by themselves.
//
// Amounts are int64 minor units with an ISO 4217 currency. Times are UTC with
// microseconds. docs/semantics.md is the law that the code follows.
package affiliate
