// Command rulesim answers "what would this offer have paid?" before the offer
// goes live. It tells one story, the invoices of a year and of the months
// before it, to five offers, each in an Engine of its own, and prints what they
// pay by month.
//
//	go run ./examples/rulesim        prints the table
//	go run ./examples/rulesim -demo  does the same
//
// It ends with an error if a total is not the one that was worked out by hand.
//
// offers.go holds the offers, as a host writes its own, year.go the story, and
// rulesim_test.go the unit tests of the offers: the part to copy first.
package main
