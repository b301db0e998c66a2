// Package attribution answers one question: which partners brought this
// customer?
//
// Attribute shares one conversion among the clicks before it, by one of four
// models and within a window of time:
//
//	credits, err := attribution.Attribute(clicks, soldAt, attribution.Linear, 60*24*time.Hour)
//
// FirstMatch finds the partner whose conditions claim tagged traffic, and
// Stitching whose click is whose. Shares are exact fractions that add up to one.
//
// The facts (clicks, identifies, conversions) and the words of the answer
// (credits, bindings, reasons) are here, too. What a credit earns is the business
// of package commission, which program is active when that of package program.
// The package is pure: no I/O, no clock, no ids made here.
package attribution
