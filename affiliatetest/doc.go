// Package affiliatetest is for tests: a host's of its own offers, and ours.
//
// A Scenario is a program configuration, dated facts, and what must come out. It is read
// from the JSON of docs/scenarios.md (Parse) or built in Go (NewScenario), and
// run through a real Engine on any store (Run). Clock is a clock that stands
// still until it is told otherwise, and Verify checks the invariants of the
// ledger that hold at any moment.
package affiliatetest
