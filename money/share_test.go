package money_test

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/money"
)

func TestNewShare(t *testing.T) {
	got, err := money.NewShare(2, 6)
	require.NoError(t, err)
	require.Equal(t, money.Share{Num: 1, Den: 3}, got)
	zero, err := money.NewShare(0, 9)
	require.NoError(t, err)
	require.Equal(t, money.Share{Num: 0, Den: 1}, zero)
	whole, err := money.NewShare(7, 7)
	require.NoError(t, err)
	require.Equal(t, money.WholeShare(), whole)
	for _, bad := range [][2]int64{{1, 0}, {0, 0}, {-1, 2}, {1, -2}, {3, 2}, {math.MinInt64, math.MinInt64}} {
		_, err := money.NewShare(bad[0], bad[1])
		require.ErrorIs(t, err, money.ErrShare, bad)
	}
}

func TestShareText(t *testing.T) {
	for text, want := range map[string]money.Share{
		"1/3": {Num: 1, Den: 3}, "1": {Num: 1, Den: 1}, "0": {Num: 0, Den: 1}, "2/4": {Num: 1, Den: 2},
	} {
		got, err := money.ParseShare(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, bad := range []string{"", "1/", "/2", "1/2/3", "-1/2", "3/2", "0.5", "1/0", "a/b", "2"} {
		_, err := money.ParseShare(bad)
		require.ErrorIs(t, err, money.ErrShare, bad)
	}
	require.Equal(t, "0", money.Share{}.String(), "the zero value is zero")
	require.True(t, money.Share{}.IsZero())

	data, err := json.Marshal(map[string]money.Share{"s": {Num: 2, Den: 5}})
	require.NoError(t, err)
	require.JSONEq(t, `{"s":"2/5"}`, string(data))
	var back map[string]money.Share
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, money.Share{Num: 2, Den: 5}, back["s"])
	require.Error(t, json.Unmarshal([]byte(`{"s":"9/5"}`), &back))
}

func TestShareAddErrors(t *testing.T) {
	half := money.Share{Num: 1, Den: 2}
	_, err := money.WholeShare().Add(half)
	require.ErrorIs(t, err, money.ErrShare)
	a, b := money.Share{Num: 1, Den: math.MaxInt64}, money.Share{Num: 1, Den: math.MaxInt64 - 1}
	_, err = a.Add(b)
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = money.WholeShare().Add(a)
	require.ErrorIs(t, err, money.ErrShare)
	_, err = money.Share{Num: math.MaxInt64 - 2, Den: math.MaxInt64 - 1}.Add(half)
	require.ErrorIs(t, err, money.ErrShare)
	_, err = money.Share{Num: math.MaxInt64 - 1, Den: math.MaxInt64}.Add(money.Share{Num: 1, Den: math.MaxInt64 - 2})
	require.ErrorIs(t, err, money.ErrShare)
	zero, err := money.Share{}.Add(half)
	require.NoError(t, err)
	require.Equal(t, half, zero)
}

func TestShareAgreesWithBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := share(t, "a"), share(t, "b")
		ra, rb := big.NewRat(a.Num, a.Den), big.NewRat(b.Num, b.Den)
		require.Equal(t, ra.Cmp(rb), a.Cmp(b))
		want := new(big.Rat).Add(ra, rb)
		got, err := a.Add(b)
		switch {
		case want.Cmp(big.NewRat(1, 1)) > 0:
			require.ErrorIs(t, err, money.ErrShare)
		case !want.Denom().IsInt64():
			require.ErrorIs(t, err, money.ErrOverflow)
		default:
			require.NoError(t, err)
			require.Zero(t, want.Cmp(big.NewRat(got.Num, got.Den)))
			again, err := money.NewShare(got.Num, got.Den)
			require.NoError(t, err)
			require.Equal(t, again, got, "lowest terms")
		}
		back, err := money.ParseShare(a.String())
		require.NoError(t, err)
		require.Equal(t, a, back)
	})
}

// The models of semantics 3.3 hand out exactly one credit.
func TestSharesOfAModelAddUpToOne(t *testing.T) {
	for n := int64(1); n <= 200; n++ {
		var linear money.Share
		for range n {
			part, err := money.NewShare(1, n)
			require.NoError(t, err)
			linear, err = linear.Add(part)
			require.NoError(t, err)
		}
		require.Equal(t, money.WholeShare(), linear)
	}
}
