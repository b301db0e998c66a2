// Package promo holds promo codes: how they are spelled, when they resolve, how
// many a partner may have, and the customer reward that a payment provider
// attaches to them (semantics 6).
//
// It is pure. Who may add a code to which program at what moment is decided
// with the configuration in package program; provisioning at a payment provider is an
// adapter's work.
package promo
