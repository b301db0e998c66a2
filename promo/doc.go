// Package promo holds promo codes: how they are spelled, whose each of them is,
// when it resolves, how many a partner may have, and the reward that a customer
// gets for using one (semantics 6).
//
// A Book is all of it in one place:
//
//	var book promo.Book
//	err := book.Apply(promo.Change{Code: "ada10", Partner: "ada", Program: "main", At: now})
//	code, reason := book.Resolve("ADA10", soldAt, "main")
//
// Which partner may add codes to which program at what moment is decided with the
// configuration in package program; a reward is carried out by an adapter to a
// payment provider. The package is pure: no I/O, no clock, no random numbers.
package promo
