package stripeadapter

import (
	"fmt"
	"math"

	"github.com/goaffiliate/affiliate/money"
)

// stripeMinor turns ISO 4217 minor units into Stripe's.
func stripeMinor(a money.Amount) (int64, error) {
	minor, digits := a.Minor, stripeDigits(a.Currency)
	for range digits - a.Currency.Exponent() {
		if minor > math.MaxInt64/10 {
			return 0, fmt.Errorf("%w: %s is too much", ErrUnsupportedReward, a)
		}
		minor *= 10
	}
	for range a.Currency.Exponent() - digits {
		if minor%10 != 0 {
			return 0, fmt.Errorf("%w: %s is not a whole number of what Stripe counts", ErrUnsupportedReward, a)
		}
		minor /= 10
	}
	if digits == 3 && minor%10 != 0 {
		return 0, fmt.Errorf("%w: %s must end in 0, for Stripe has two digits of it", ErrUnsupportedReward, a)
	}
	return minor, nil
}

// stripeDigits is how many decimal digits Stripe's minor unit of a currency has.
// It differs from ISO 4217 for isk and ugx, which Stripe writes with two digits that
// are zero, for mga, and for what ISO gives more than two digits but Stripe does not.
func stripeDigits(c money.Currency) int {
	switch c {
	case "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf":
		return 0
	case "bhd", "jod", "kwd", "omr", "tnd":
		return 3
	default:
		return 2
	}
}

// ledgerMinor turns Stripe's minor units into those of ISO 4217, rounded half away
// from zero where Stripe's are smaller: what is left of an amount in isk without its
// tax may not be a whole number. What no int64 holds is nothing.
func ledgerMinor(currency string, minor int64) int64 {
	c := money.Currency(currency)
	if !c.Valid() {
		return minor
	}
	digits, exponent := stripeDigits(c), c.Exponent()
	for ; digits < exponent; digits++ {
		if minor > math.MaxInt64/10 || minor < math.MinInt64/10 {
			return 0
		}
		minor *= 10
	}
	unit := int64(1)
	for ; digits > exponent; digits-- {
		unit *= 10
	}
	if unit == 1 {
		return minor
	}
	whole, rest := minor/unit, minor%unit
	switch {
	case rest*2 >= unit:
		whole++
	case rest*2 <= -unit:
		whole--
	}
	return whole
}
