// Package commission turns a credit into money: the rules and their terms, the
// amounts they accrue with conservation across partners, how refunds and
// disputes take them back, what tiers add, and the ledger entries that record
// it all (semantics 1.3, 4, 5, 7.1–7.3).
//
// Everything here states targets ("this commission stands at 9.80") and the
// difference to what the ledger already holds (Diff); nothing is ever edited.
// The package is pure. Who is credited is decided in package attribution, which
// terms are in force in package program.
package commission
