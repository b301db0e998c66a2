package money_test

import (
	"fmt"

	"github.com/goaffiliate/affiliate/money"
)

func ExampleParseRate() {
	rate, err := money.ParseRate("12.5")
	fmt.Println(int64(rate), rate, err)
	// Output: 12500000 12.5 <nil>
}

func ExamplePercent() {
	rate, _ := money.ParseRate("20")
	third, _ := money.NewShare(1, 3)
	exact := money.Percent(10_000, rate, third)
	rounded, _ := exact.Round()
	fmt.Println(exact, rounded)
	// Output: 2000/3 667
}

// 100.00 split three ways at 20 %: nothing leaks.
func ExampleSplit() {
	rate, _ := money.ParseRate("20")
	third, _ := money.NewShare(1, 3)
	part := money.Percent(10_000, rate, third)
	parts, _ := money.Split([]money.Exact{part, part, part})
	fmt.Println(parts)
	// Output: [667 667 666]
}

func ExampleAmount_String() {
	fmt.Println(money.Amount{Minor: 1234, Currency: "usd"})
	fmt.Println(money.Amount{Minor: -1234, Currency: "jpy"})
	fmt.Println(money.Amount{Minor: 1234, Currency: "kwd"})
	// Output:
	// 12.34 USD
	// -1234 JPY
	// 1.234 KWD
}
