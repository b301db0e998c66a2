// Package book keeps what Stripe has told of one payment, from however many events
// in whatever order, and derives the one sale that it is.
//
// A payment may be told of by four objects: its invoice, its checkout session, its
// payment intent and its charge. The one that knows most about the money is the
// source of the sale, in this order, and gives it id, time and amount; the others
// add references. Refunds, disputes and credit notes are kept by their ids, so that
// a payment is the same whatever came first or twice: merging is commutative,
// associative and idempotent.
//
// The package is pure: no context, no clock, no storage, no Stripe client.
package book
