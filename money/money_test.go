package money_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/money"
)

func TestParseCurrency(t *testing.T) {
	for in, want := range map[string]money.Currency{"usd": "usd", "USD": "usd", "Jpy": "jpy", "KWD": "kwd"} {
		got, err := money.ParseCurrency(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got)
	}
	for _, in := range []string{"", "us", "usdx", " usd", "usd ", "xau", "xxx", "xts", "\u212aW", "abc", "€"} {
		_, err := money.ParseCurrency(in)
		require.ErrorIs(t, err, money.ErrUnknownCurrency, in)
	}
	require.False(t, money.Currency("USD").Valid(), "only lower case is a Currency")
}

func TestExponent(t *testing.T) {
	for digits, codes := range map[int][]money.Currency{
		0: {"jpy", "krw", "isk", "ugx", "clp", "vnd", "xaf", "uyi", "pyg", "xpf"},
		2: {"usd", "eur", "huf", "twd", "idr", "irr", "lbp", "mga", "mru", "xcg", "zwg", "sle", "ved"},
		3: {"kwd", "bhd", "iqd", "jod", "lyd", "omr", "tnd"},
		4: {"clf", "uyw"},
	} {
		for _, c := range codes {
			require.True(t, c.Valid(), c)
			require.Equal(t, digits, c.Exponent(), c)
		}
	}
	require.Zero(t, money.Currency("nope").Exponent())
}

func TestAmountString(t *testing.T) {
	for want, a := range map[string]money.Amount{
		"12.34 USD":                 {Minor: 1234, Currency: "usd"},
		"0.00 USD":                  {Minor: 0, Currency: "usd"},
		"-0.05 USD":                 {Minor: -5, Currency: "usd"},
		"0.05 USD":                  {Minor: 5, Currency: "usd"},
		"1200 JPY":                  {Minor: 1200, Currency: "jpy"},
		"-1.234 KWD":                {Minor: -1234, Currency: "kwd"},
		"0.0001 CLF":                {Minor: 1, Currency: "clf"},
		"-92233720368547758.08 USD": {Minor: math.MinInt64, Currency: "usd"},
		"-9223372036854775808 JPY":  {Minor: math.MinInt64, Currency: "jpy"},
		"7":                         {Minor: 7},
		"9223372036854775.807 KWD":  {Minor: math.MaxInt64, Currency: "kwd"},
	} {
		require.Equal(t, want, a.String())
	}
}

func TestAmountArithmetic(t *testing.T) {
	usd := func(n int64) money.Amount { return money.Amount{Minor: n, Currency: "usd"} }
	sum, err := usd(2).Add(usd(3))
	require.NoError(t, err)
	require.Equal(t, usd(5), sum)
	diff, err := usd(2).Sub(usd(3))
	require.NoError(t, err)
	require.Equal(t, usd(-1), diff)
	neg, err := usd(2).Neg()
	require.NoError(t, err)
	require.Equal(t, usd(-2), neg)

	_, err = usd(1).Add(money.Amount{Minor: 1, Currency: "eur"})
	require.ErrorIs(t, err, money.ErrCurrencyMismatch)
	_, err = usd(1).Sub(money.Amount{Minor: 1})
	require.ErrorIs(t, err, money.ErrCurrencyMismatch)
	_, err = usd(math.MaxInt64).Add(usd(1))
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = usd(math.MinInt64).Sub(usd(1))
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = usd(math.MinInt64).Neg()
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestCheckedArithmeticAgreesWithBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := extreme(t, "a"), extreme(t, "b")
		sum, err := money.Add(a, b)
		requireBig(t, bigAdd(a, b), sum, err)
		diff, err := money.Sub(a, b)
		requireBig(t, bigSub(a, b), diff, err)
		neg, err := money.Neg(a)
		requireBig(t, bigSub(0, a), neg, err)
	})
}

func TestParseRate(t *testing.T) {
	for in, want := range map[string]money.Rate{
		"0": 0, "20": 20_000_000, "12.5": 12_500_000, "0.000001": 1, "100": 100_000_000, "100.000000": 100_000_000,
		"007": 7_000_000, "33.333333": 33_333_333,
	} {
		got, err := money.ParseRate(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
	for in, want := range map[string]error{
		"": money.ErrNotDecimal, "abc": money.ErrNotDecimal, "+5": money.ErrNotDecimal, "1e1": money.ErrNotDecimal,
		" 5": money.ErrNotDecimal, "5 ": money.ErrNotDecimal, "5.": money.ErrNotDecimal, ".5": money.ErrNotDecimal,
		"1.2.3": money.ErrNotDecimal, "1,5": money.ErrNotDecimal, "-": money.ErrNotDecimal, "--5": money.ErrNotDecimal,
		"٣": money.ErrNotDecimal, "NaN": money.ErrNotDecimal, "0x1": money.ErrNotDecimal, "1_0": money.ErrNotDecimal,
		"-5": money.ErrNegative, "-0": money.ErrNegative, "5.0000000": money.ErrTooManyPlaces,
		"0.0000001": money.ErrTooManyPlaces, "100.000001": money.ErrTooLarge, "101": money.ErrTooLarge,
		"99999999999999999999999999": money.ErrTooLarge,
	} {
		_, err := money.ParseRate(in)
		require.ErrorIs(t, err, want, in)
	}
}

func TestRateString(t *testing.T) {
	for want, r := range map[string]money.Rate{
		"0": 0, "20": 20_000_000, "12.5": 12_500_000, "0.000001": 1, "100": 100_000_000, "-0.5": -500_000, "-2": -2_000_000,
	} {
		require.Equal(t, want, r.String())
	}
}

func TestParseWhole(t *testing.T) {
	for in, want := range map[string]int64{"0": 0, "5000": 5000, "9223372036854775807": math.MaxInt64, "0012": 12} {
		got, err := money.ParseWhole(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got)
	}
	for in, want := range map[string]error{
		"5000.0": money.ErrNotWhole, "5.5": money.ErrNotWhole, "-1": money.ErrNegative, "": money.ErrNotDecimal,
		"5.": money.ErrNotDecimal, "1e3": money.ErrNotDecimal, "9223372036854775808": money.ErrOverflow,
	} {
		_, err := money.ParseWhole(in)
		require.ErrorIs(t, err, want, in)
	}
}
