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
// microseconds. The rules are those of [semantics.md], which comments cite as
// "semantics 7.2".
//
// # Glossary
//
// The field's words mean what they mean elsewhere. These are our own:
//
//   - Fact: something that happened, dated and never changed: a click, a sale, a refund.
//   - Decision: what a customer's facts come to under the terms in force: credits and
//     commissions.
//   - Credit: the share of a conversion that one partner gets on one program.
//   - Binding: the credits that a customer keeps for later conversions.
//   - Scope: the program that a conversion names, or none; bindings are kept for each.
//   - Snapshot: a program's terms as they were when a partner was approved.
//   - Claim: a sign-up that only a browser told of, and that earns once it is confirmed.
//   - Holdback: the days for which a commission is pending.
//   - Cut-off: the moment that ends a payout period; what matured by then is paid out.
//   - Anchor: a versioned row at which facts that belong together meet.
//   - Gate: the condition that an anchor still has the version that was read.
//   - Note: a durable reminder of work that a commit leaves to settlement.
//   - Settlement: the bounded work that crosses customers: tiers, late facts, edits.
//   - Configuration: programs, partners, partnerships, links and codes, at any time.
//
// [semantics.md]: https://github.com/goaffiliate/affiliate/blob/main/docs/semantics.md
package affiliate
