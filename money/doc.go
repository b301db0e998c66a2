// Package money holds amounts, rates, shares and the two ways in which an exact amount becomes minor units: rounding and
// splitting by largest remainder (semantics 1).
//
// What lives here: the ISO 4217 table, checked int64 arithmetic, decimal rates, rational shares, exact rational amounts.
// What may not: binary floating point, clocks, anything that knows what a commission or a partner is. Every operation that
// can leave int64 returns an error that is ErrOverflow; nothing wraps (semantics 1.5).
//
// All values are immutable and safe for concurrent use.
package money
