package money_test

import (
	"math"
	"math/big"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/money"
)

// extreme draws any int64, often one near an end of the range.
func extreme(t *rapid.T, label string) int64 {
	return rapid.OneOf(
		rapid.Int64(), rapid.Int64Range(-1000, 1000),
		rapid.Int64Range(math.MaxInt64-9, math.MaxInt64), rapid.Int64Range(math.MinInt64, math.MinInt64+9),
	).Draw(t, label)
}

func share(t *rapid.T, label string) money.Share {
	den := rapid.OneOf(rapid.Int64Range(1, 100), rapid.Int64Range(1, math.MaxInt64)).Draw(t, label+" den")
	s, err := money.NewShare(rapid.Int64Range(0, den).Draw(t, label+" num"), den)
	require.NoError(t, err)
	return s
}

// exact draws an exact amount in one of the ways to make one, with the same number computed by math/big.
func exact(t *rapid.T, label string) (money.Exact, *big.Rat) {
	amount, s := extreme(t, label+" amount"), share(t, label)
	ofShare := big.NewRat(s.Num, s.Den)
	want := new(big.Rat).SetInt64(amount)
	switch rapid.IntRange(0, 2).Draw(t, label+" kind") {
	case 0:
		rate := rapid.Int64Range(0, 100_000_000).Draw(t, label+" rate")
		want.Mul(want, big.NewRat(rate, 100_000_000)).Mul(want, ofShare)
		return money.Percent(amount, money.Rate(rate), s), want
	case 1:
		return money.Fixed(amount, s), want.Mul(want, ofShare)
	default:
		num, den := extreme(t, label+" num"), rapid.Int64Range(1, math.MaxInt64).Draw(t, label+" over")
		e, err := money.Ratio(amount, num, den)
		require.NoError(t, err)
		return e, want.Mul(want, new(big.Rat).SetFrac64(num, den))
	}
}

func fixed(n int64) money.Exact { return money.Fixed(n, money.WholeShare()) }

func bigAdd(a, b int64) *big.Int { return new(big.Int).Add(big.NewInt(a), big.NewInt(b)) }

func bigSub(a, b int64) *big.Int { return new(big.Int).Sub(big.NewInt(a), big.NewInt(b)) }

// bigRound rounds half away from zero by way of decimals, which is another way than the package's.
func bigRound(r *big.Rat) *big.Int {
	n, _ := new(big.Int).SetString(r.FloatString(0), 10)
	return n
}

func requireBig(t require.TestingT, want *big.Int, got int64, err error) {
	if !want.IsInt64() {
		require.ErrorIs(t, err, money.ErrOverflow)
		return
	}
	require.NoError(t, err)
	require.Equal(t, want.Int64(), got)
}
