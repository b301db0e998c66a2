// Package program holds the configuration of an organization: programs and their
// lifecycle, partners, partnerships with their snapshots and overrides, links
// and codes, all effective-dated (semantics 2).
//
// A Setup is an immutable value folded from an append-only list of Changes.
// Every question takes a time ("what were the terms of this partnership at t?"),
// so a change that arrives late is simply another answer for the times it
// covers. Whether a change may be made is Setup.Check.
//
// It is pure, and knows nothing of customers or conversions.
package program
