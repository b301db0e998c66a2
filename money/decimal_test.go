package money_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/money"
)

func ExampleFromDecimal() {
	amount, err := money.FromDecimal(decimal.RequireFromString("12.34"), "usd")
	fmt.Println(amount.Minor, amount.Decimal(), err)
	// Output: 1234 12.34 <nil>
}

func TestFromDecimal(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency money.Currency
		minor    int64
		err      error
	}{
		{"12.34", "usd", 1234, nil},
		{"-0.01", "usd", -1, nil},
		{"12.30", "usd", 1230, nil},
		{"1.234", "kwd", 1234, nil},
		{"500", "jpy", 500, nil},
		{"0.5", "jpy", 0, money.ErrNotWhole},
		{"0.001", "usd", 0, money.ErrNotWhole},
		{"92233720368547758.07", "usd", math.MaxInt64, nil},
		{"92233720368547758.08", "usd", 0, money.ErrOverflow},
		{"1", "xxx", 0, money.ErrUnknownCurrency},
		{"1e9999", "usd", 0, money.ErrOverflow},
		{"1e-9999", "usd", 0, money.ErrNotWhole},
	} {
		got, err := money.FromDecimal(decimal.RequireFromString(c.text), c.currency)
		require.ErrorIs(t, err, c.err, c.text)
		require.Equal(t, c.minor, got.Minor, c.text)
	}
}

func TestRateFromDecimal(t *testing.T) {
	for text, want := range map[string]error{
		"0": nil, "20": nil, "33.333333": nil, "100.000000": nil, "12.50000000": nil,
		"-1": money.ErrNegative, "100.000001": money.ErrTooLarge, "0.0000001": money.ErrTooManyPlaces,
		"1e-9999": money.ErrTooManyPlaces, "1e9999": money.ErrTooManyPlaces,
	} {
		rate, err := money.RateFromDecimal(decimal.RequireFromString(text))
		require.ErrorIs(t, err, want, text)
		if want == nil {
			require.True(t, rate.Decimal().Equal(decimal.RequireFromString(text)), text)
		}
	}
}

func TestDecimalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := money.Amount{
			Minor: rapid.Int64().Draw(t, "minor"), Currency: rapid.SampledFrom([]money.Currency{"usd", "jpy", "kwd", "clf"}).Draw(t, "currency"),
		}
		back, err := money.FromDecimal(amount.Decimal(), amount.Currency)
		require.NoError(t, err)
		require.Equal(t, amount, back)
	})
}
