package promo_test

import (
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/promo"
)

// A code resolves in any spelling while it is valid, and stays with its partner
// when it is retired.
func ExampleBook() {
	march := func(day int) time.Time { return time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC) }
	var book promo.Book
	for _, c := range []promo.Change{
		{Code: promo.Generate("Ada Lovelace", "5F2A"), Partner: "ada", Program: "main", At: march(1), Generated: true},
		{Code: "ada-10", Partner: "ada", Program: "main", At: march(5), ByPartner: true},
		{Code: "ADA-10", At: march(20), Retired: true},
		{Code: "Ada-10", Partner: "bob", Program: "main", At: march(25)},
		{Code: "BOB", At: march(25), Retired: true},
	} {
		fmt.Println(c.Code, book.Apply(c))
	}
	for _, sold := range []struct {
		code    string
		day     int
		program string
	}{{" Ada-10", 10, ""}, {"ADA-10", 4, ""}, {"ADA-10", 21, "main"}, {"ADA-10", 10, "shop"}, {"BOB", 10, ""}} {
		_, reason := book.Resolve(sold.code, march(sold.day), sold.program)
		fmt.Printf("%q on %d March: %q\n", sold.code, sold.day, reason)
	}
	for _, c := range book.CodesOf("ada") {
		fmt.Println(c.Code, c.ActiveAt(march(21)))
	}
	// Output:
	// ADALOVELACE5F2A <nil>
	// ada-10 <nil>
	// ADA-10 <nil>
	// Ada-10 the code is taken
	// BOB unknown code
	// " Ada-10" on 10 March: ""
	// "ADA-10" on 4 March: "code_unknown"
	// "ADA-10" on 21 March: "code_retired"
	// "ADA-10" on 10 March: "code_other_program"
	// "BOB" on 10 March: "code_unknown"
	// ADA-10 false
	// ADALOVELACE5F2A true
}

// Rewards are checked when a code is added.
func ExampleReward() {
	var book promo.Book
	half := &promo.Reward{Kind: promo.PercentOff, Percent: 50, Span: promo.FirstMonths, Months: 3}
	fmt.Println(book.Apply(promo.Change{Code: "HALF", Partner: "ada", Program: "main", Reward: half}))
	fmt.Println(book.Apply(promo.Change{Code: "NONE", Partner: "ada", Program: "main", Reward: &promo.Reward{Kind: promo.FreeMonths}}))
	// Output:
	// <nil>
	// invalid reward: months: must be at least 1
}

// The caller draws the suffix, so that codes cannot be guessed.
func ExampleGenerate() {
	fmt.Println(promo.Generate("Ada Lovelace", "5F2A"))
	fmt.Println(promo.Generate("", "77QX"))
	// Output:
	// ADALOVELACE5F2A
	// PARTNER77QX
}
