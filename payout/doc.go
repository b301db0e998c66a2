// Package payout decides when a partner is paid, how much, and what the payout's
// statement says (semantics 7.4 to 7.7).
//
// A host that only wants to accrue and pay needs no more than this package:
//
//	var ledgers payout.Memory // or an Accruals over your own tables
//	ledgers.Post(ada, payout.Line{Amount: 2000, MaturesAt: maturity})
//	p, due, err := payout.Plan(&ledgers, ada, payout.Cutoff{At: cutoff, Minimum: 500})
//	p, err = payout.Issue(&ledgers, p, id, now)
//	statement, err := payout.StatementOf(&ledgers, p)
//
// What lives here: the schedule of a partner and its cut-offs, the states of a
// payout, which ledger lines a payout covers, balances and statements. What may
// not: clocks, databases, how a line came about (package commission), how money
// reaches a partner.
//
// # Ranges
//
// A partner has one ledger per currency. Each line has a position, given in the
// order in which lines are committed, and a time at which it matures. A payout
// covers the lines with Position ≤ Through and MaturesAt ≤ Cutoff, less those that
// the payout before it covers by the same two bounds. Both bounds only grow from
// one payout to the next, so each line is in at most one payout, failed ones
// included, and no list of entries has to be stored.
//
// A payout's own debit is the line at position Through, maturing at Cutoff, with
// the amount negated; so an issued range adds up to zero. A payout that fails or is
// canceled keeps its range, and its amount comes back as one new line at a later
// position, which matured at its cut-off (semantics 7.5).
//
// All amounts are minor units of the ledger's one currency. All times that come out
// of this package are in UTC.
package payout
