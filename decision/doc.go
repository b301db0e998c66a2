// Package decision is the pure whole: one customer's facts and the configuration in,
// credits, commissions and an explanation out. The Engine that pays, the
// simulator that asks "what if" and the explanation that is shown run this code
// and no other.
//
// Conversions are folded in order of (occurredAt, external id). State is all
// that one conversion leaves for the next: bindings per scope and firsts per
// (program, partner). So a conversion that comes in order costs the same however
// long the history is (Step), and a fact that comes late is decided by folding
// the customer again (Decide); both give the same.
package decision

// Version is the version of these rules. Each stored decision carries the
// version that made it; a new one re-rates nothing by itself (semantics 8.6).
const Version = 1
