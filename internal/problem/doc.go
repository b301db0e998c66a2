// Package problem collects everything that is wrong with an input, field by field, so that a caller hears of it all at once.
//
// What lives here: the list and the error made of it, and what every id and every text must be. What may not: rules about any particular input.
package problem
