package money

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// Decimals are for the edge, where a host has amounts and rates as decimal.Decimal. Nothing in here computes with them.

// Decimal returns the amount in major units: 1234 US cents are 12.34.
func (a Amount) Decimal() decimal.Decimal {
	return decimal.New(a.Minor, -int32(a.Currency.Exponent()))
}

// FromDecimal returns the amount that a decimal of major units is. It does not round: the error is ErrNotWhole if the
// currency has no unit that small, ErrUnknownCurrency or ErrOverflow.
func FromDecimal(major decimal.Decimal, c Currency) (Amount, error) {
	if !c.Valid() {
		return Amount{}, fmt.Errorf("%w: %q", ErrUnknownCurrency, string(c))
	}
	switch {
	case !sane(major) && major.Exponent() > 0:
		return Amount{}, fmt.Errorf("%w: %s", ErrOverflow, c)
	case !sane(major):
		return Amount{}, fmt.Errorf("%w: %s", ErrNotWhole, c)
	}
	minor := major.Shift(int32(c.Exponent()))
	switch {
	case !minor.IsInteger():
		return Amount{}, fmt.Errorf("%w: %s %s", ErrNotWhole, major, c)
	case !minor.BigInt().IsInt64():
		return Amount{}, fmt.Errorf("%w: %s %s", ErrOverflow, major, c)
	}
	return Amount{Minor: minor.IntPart(), Currency: c}, nil
}

// Decimal returns the rate in percent: 20 % is 20.
func (r Rate) Decimal() decimal.Decimal { return decimal.New(int64(r), -ratePlaces) }

// RateFromDecimal returns the rate that a decimal of percent is. The error is ErrNegative, ErrTooManyPlaces or ErrTooLarge.
func RateFromDecimal(percent decimal.Decimal) (Rate, error) {
	if !sane(percent) {
		return 0, ErrTooManyPlaces
	}
	millionths := percent.Shift(ratePlaces)
	switch {
	case percent.IsNegative():
		return 0, fmt.Errorf("%w: %s", ErrNegative, percent)
	case percent.GreaterThan(decimal.New(100, 0)):
		return 0, fmt.Errorf("%w: %s", ErrTooLarge, percent)
	case !millionths.IsInteger():
		return 0, fmt.Errorf("%w: %s", ErrTooManyPlaces, percent)
	}
	return Rate(millionths.IntPart()), nil
}

// sane keeps out decimals like 1e9999999, which take the memory of the machine to compute with.
func sane(d decimal.Decimal) bool { return -maxScale < d.Exponent() && d.Exponent() < maxScale }

const maxScale = 64
