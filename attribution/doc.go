// Package attribution answers one question: which partners brought this
// customer?
//
// It holds the facts that answer it (clicks, identifies, conversions), the
// rules that say whose click is whose (semantics 3.1), the four models
// (semantics 3.3), the conditions that match tagged traffic (semantics 3.9) and
// the vocabulary of the answer: credits, bindings and reasons.
//
// It is pure: no I/O, no clock, no ids made here. What a credit is worth is
// package commission's business, and which program is active when is package
// program's.
package attribution
