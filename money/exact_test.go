package money_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/money"
)

func TestRoundHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct{ num, den, want int64 }{
		{1, 2, 1},
		{-1, 2, -1},
		{3, 2, 2},
		{-3, 2, -2},
		{1, 3, 0},
		{-1, 3, 0},
		{2, 3, 1},
		{-2, 3, -1},
		{0, 7, 0},
		{math.MaxInt64, 1, math.MaxInt64},
		{math.MinInt64, 1, math.MinInt64},
		{math.MaxInt64, 2, 1 << 62},
		{math.MinInt64, math.MaxInt64, -1},
	} {
		e, err := money.Ratio(1, c.num, c.den)
		require.NoError(t, err)
		got, err := e.Round()
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%d/%d", c.num, c.den)
	}
}

func TestRatioErrors(t *testing.T) {
	for _, den := range []int64{0, -1, math.MinInt64} {
		_, err := money.Ratio(1, 1, den)
		require.ErrorIs(t, err, money.ErrDenominator)
	}
	huge, err := money.Ratio(math.MaxInt64, math.MaxInt64, 1)
	require.NoError(t, err)
	_, err = huge.Round()
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = huge.Floor()
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestExactString(t *testing.T) {
	third := money.Share{Num: 1, Den: 3}
	require.Equal(t, "2000/3", money.Percent(10_000, 20_000_000, third).String())
	require.Equal(t, "-2000/3", money.Percent(-10_000, 20_000_000, third).String())
	require.Equal(t, "666.5", money.Fixed(1333, money.Share{Num: 1, Den: 2}).String())
	require.Equal(t, "0.000001", money.Fixed(1, money.Share{Num: 1, Den: 1_000_000}).String())
	require.Equal(t, "1/100000000", money.Percent(1, 1, money.WholeShare()).String())
	require.Equal(t, "1200", money.Fixed(1200, money.WholeShare()).String())
	require.Equal(t, "0", money.Exact{}.String())
	require.Equal(t, "0", money.Fixed(5, money.Share{}).String())
}

func TestExactZeroValue(t *testing.T) {
	var zero money.Exact
	require.True(t, zero.IsZero())
	n, err := zero.Round()
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = zero.Floor()
	require.NoError(t, err)
	require.Zero(t, n)
	require.Zero(t, zero.Cmp(money.Fixed(0, money.WholeShare())))
	require.Equal(t, "7", zero.Add(money.Fixed(7, money.WholeShare())).String())
}

func TestExactAgreesWithBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, want := exact(t, "e")
		f, wantF := exact(t, "f")
		require.Equal(t, want.Cmp(wantF), e.Cmp(f))
		require.Equal(t, -want.Cmp(wantF), f.Cmp(e))
		require.Equal(t, want.Sign() == 0, e.IsZero())
		require.Equal(t, want.Sign(), e.Sign())
		round, err := e.Round()
		requireBig(t, bigRound(want), round, err)
		floor, err := e.Floor()
		requireBig(t, new(big.Int).Div(want.Num(), want.Denom()), floor, err)

		sum := e.Add(f)
		wantSum := new(big.Rat).Add(want, wantF)
		round, err = sum.Round()
		requireBig(t, bigRound(wantSum), round, err)
		require.Zero(t, sum.Cmp(f.Add(e)))
		read, ok := new(big.Rat).SetString(sum.String())
		require.True(t, ok)
		require.Zero(t, wantSum.Cmp(read), "String is exact")
	})
}

func TestSplitExamples(t *testing.T) {
	third := money.Share{Num: 1, Den: 3}
	for name, c := range map[string]struct {
		parts []money.Exact
		want  []int64
	}{
		"100.00 three ways at 20 % (semantics 1.3)": {
			parts: []money.Exact{
				money.Percent(10_000, 20_000_000, third), money.Percent(10_000, 20_000_000, third),
				money.Percent(10_000, 20_000_000, third),
			},
			want: []int64{667, 667, 666},
		},
		"nothing": {parts: nil, want: []int64{}},
		"zero never receives": {
			parts: []money.Exact{{}, money.Fixed(1, money.Share{Num: 1, Den: 2}), {}},
			want:  []int64{0, 1, 0},
		},
		"the largest remainder wins over the order": {
			parts: []money.Exact{money.Fixed(1, third), money.Fixed(2, third)},
			want:  []int64{0, 1},
		},
		"halves sum to one": {
			parts: []money.Exact{
				money.Fixed(1, money.Share{Num: 1, Den: 2}), money.Fixed(1, money.Share{Num: 1, Den: 2}),
			},
			want: []int64{1, 0},
		},
	} {
		got, err := money.Split(c.parts)
		require.NoError(t, err, name)
		require.Equal(t, c.want, got, name)
	}
}

func TestSplitErrors(t *testing.T) {
	whole := money.WholeShare()
	_, err := money.Split([]money.Exact{money.Fixed(5, whole), money.Fixed(-1, whole)})
	require.ErrorIs(t, err, money.ErrNegative)
	_, err = money.Split([]money.Exact{money.Fixed(math.MaxInt64, whole), money.Fixed(1, whole)})
	require.ErrorIs(t, err, money.ErrOverflow)
	got, err := money.Split([]money.Exact{money.Fixed(math.MaxInt64-1, whole), money.Fixed(1, whole)})
	require.NoError(t, err)
	require.Equal(t, []int64{math.MaxInt64 - 1, 1}, got)
}

func TestSplitConserves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, math.MaxInt64).Draw(t, "amount")
		rate := money.Rate(rapid.Int64Range(0, 100_000_000).Draw(t, "rate"))
		n := rapid.IntRange(1, 12).Draw(t, "n")
		parts := make([]money.Exact, n)
		for i := range parts {
			den := rapid.Int64Range(int64(n), 1_000_000).Draw(t, "den")
			s, err := money.NewShare(rapid.Int64Range(0, den/int64(n)).Draw(t, "num"), den)
			require.NoError(t, err)
			parts[i] = money.Percent(amount, rate, s)
		}
		requireSplit(t, parts)
	})
}

// requireSplit holds Split to all it promises.
func requireSplit(t require.TestingT, parts []money.Exact) {
	out, err := money.Split(parts)
	var sum money.Exact
	for _, p := range parts {
		sum = sum.Add(p)
	}
	want, overflow := sum.Round()
	if overflow != nil {
		require.ErrorIs(t, err, money.ErrOverflow)
		return
	}
	require.NoError(t, err)
	require.Len(t, out, len(parts))
	var total int64
	for i, p := range parts {
		total, err = money.Add(total, out[i])
		require.NoError(t, err)
		off := p.Add(fixed(-out[i]))
		require.Negative(t, off.Cmp(fixed(1)))
		require.Positive(t, off.Cmp(fixed(-1)))
		if p.IsZero() {
			require.Zero(t, out[i])
		}
		for j := range i {
			if p.Cmp(parts[j]) == 0 {
				require.GreaterOrEqual(t, out[j], out[i], "ties go to the lower index")
			}
		}
	}
	require.Equal(t, want, total)
}
