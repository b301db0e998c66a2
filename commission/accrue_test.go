package commission_test

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

func TestAccrueConserves(t *testing.T) {
	third := part(1, 3)
	// The digit is the day of the partner's first credited touch.
	for _, c := range []struct {
		name  string
		lines []commission.Commission
		days  []int
		want  []int64
		exact string // of the first line
	}{
		{"one partner", lines("20", 10_000, part(1, 1)), []int{1}, []int64{2000}, "2000"},
		{"half a unit goes up", lines("0.5", 100, part(1, 1)), []int{1}, []int64{1}, "0.5"},
		{"less than half goes down", lines("0.499999", 100, part(1, 1)), []int{1}, []int64{0}, "0.499999"},
		{"three ways", lines("20", 10_000, third, third, third), []int{1, 2, 3}, []int64{667, 667, 666}, "2000/3"},
		{"three ways, the last touched first", lines("20", 10_000, third, third, third), []int{2, 3, 1}, []int64{667, 666, 667}, "2000/3"},
		{"the sum is rounded, not the parts", lines("10", 5, part(1, 2), part(1, 2)), []int{1, 2}, []int64{1, 0}, "0.25"},
		{"the largest remainder first", lines("10", 10, part(1, 4), part(3, 4)), []int{1, 2}, []int64{0, 1}, "0.25"},
		{"40/20/40", lines("20", 333, part(2, 5), part(1, 5), part(2, 5)), []int{1, 2, 3}, []int64{27, 13, 27}, "26.64"},
		{"an amount of nothing", lines("20", 0, third, third, third), []int{1, 2, 3}, []int64{0, 0, 0}, "0"},
		{"a rate of nothing", lines("0", 10_000, third, third), []int{1, 2}, []int64{0, 0}, "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i, d := range c.days {
				c.lines[i].TouchAt = day(d)
			}
			require.NoError(t, commission.Accrue(c.lines))
			require.Equal(t, c.want, amounts(c.lines))
			require.Equal(t, c.exact, c.lines[0].Exact)
		})
	}
}

// lines are commissions of one percent rule, one for each share.
func lines(rate string, amount int64, list ...money.Share) []commission.Commission {
	out := make([]commission.Commission, len(list))
	for i, s := range list {
		out[i] = percentLine(fmt.Sprint("p", i), rate, amount, s)
	}
	return out
}

func amounts(list []commission.Commission) []int64 {
	out := make([]int64, len(list))
	for i, l := range list {
		out[i] = l.Accrued
	}
	return out
}

func TestAccrueTiesByTouchID(t *testing.T) {
	list := lines("50", 1, part(1, 2), part(1, 2))
	list[0].TouchID, list[1].TouchID = "b", "B"
	require.NoError(t, commission.Accrue(list))
	require.Equal(t, []int64{0, 1}, amounts(list))
}

// One rule means one rule id on one program in one currency, whichever
// snapshot or rate it comes from.
func TestAccrueGroups(t *testing.T) {
	half := part(1, 2)
	pair := func(change func(l *commission.Commission)) []int64 {
		list := lines("10", 5, half, half) // 0.25 each: together 1, apart 0
		change(&list[1])
		require.NoError(t, commission.Accrue(list))
		return amounts(list)
	}
	require.Equal(t, []int64{1, 0}, pair(func(*commission.Commission) {}))
	require.Equal(t, []int64{0, 0}, pair(func(l *commission.Commission) { l.Rule = "other" }))
	require.Equal(t, []int64{0, 0}, pair(func(l *commission.Commission) { l.Program = "other" }))
	require.Equal(t, []int64{0, 0}, pair(func(l *commission.Commission) { l.Currency = "eur" }))
	require.Equal(t, []int64{0, 1}, pair(func(l *commission.Commission) { l.Source, l.Value = "override", "11" }), "another rate, still one rule")
	require.Equal(t, []int64{0, 1}, pair(func(l *commission.Commission) { l.Type, l.Value = commission.Fixed, "1" }), "another type, still one rule")
}

func TestAccrueFixed(t *testing.T) {
	list := []commission.Commission{fixedLine("a", "5000", part(1, 3)), fixedLine("b", "5000", part(1, 3)), fixedLine("c", "5000", part(1, 3))}
	require.NoError(t, commission.Accrue(list))
	require.Equal(t, []int64{1667, 1667, 1666}, amounts(list), "whatever the conversion's amount")
}

func TestAccrueErrors(t *testing.T) {
	bad := lines("twenty", 100, part(1, 1))
	require.ErrorIs(t, commission.Accrue(bad), money.ErrNotDecimal)
	bad[0].Type, bad[0].Value = commission.Fixed, "1.5"
	require.ErrorIs(t, commission.Accrue(bad), money.ErrNotWhole)
	huge := []commission.Commission{fixedLine("a", strconv.Itoa(math.MaxInt64), part(1, 1)), fixedLine("b", "1", part(1, 1))}
	require.ErrorIs(t, commission.Accrue(huge), money.ErrOverflow, "an error, never a wrap")
	require.NoError(t, commission.Accrue(nil))
}

// For any weights, rates and amounts the lines of one rule add up to the
// rounded sum of the exact amounts, each within one minor unit of its own.
func TestAccrueConservation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Yen have no minor unit, Kuwaiti dinars three digits: the rule is the same.
		currency := rapid.SampledFrom([]money.Currency{"usd", "jpy", "kwd"}).Draw(t, "currency")
		amount := rapid.OneOf(rapid.Int64Range(1, 100), rapid.Int64Range(1, 1_000_000_000_000)).Draw(t, "amount")
		shared := drawShares(t)
		list := lines("0", amount, shared...)
		sum, exact := new(big.Rat), make([]*big.Rat, len(list))
		for i := range list {
			rate, factor := drawRate(t)
			list[i].Value, list[i].Paid, list[i].Currency = rate, currency, currency
			list[i].TouchAt = day(rapid.IntRange(1, 5).Draw(t, "touch"))
			exact[i] = new(big.Rat).Mul(factor, big.NewRat(shared[i].Num, shared[i].Den))
			exact[i].Mul(exact[i], new(big.Rat).SetInt64(amount))
			sum.Add(sum, exact[i])
		}
		order := rapid.Permutation(list).Draw(t, "order")
		require.NoError(t, commission.Accrue(list))
		require.NoError(t, commission.Accrue(order))

		total, byPartner := int64(0), map[string]int64{}
		for i, l := range list {
			total += l.Accrued
			byPartner[l.Partner] = l.Accrued
			off := new(big.Rat).Sub(exact[i], new(big.Rat).SetInt64(l.Accrued))
			require.Negative(t, off.Abs(off).Cmp(big.NewRat(1, 1)), "%v for %v", l.Accrued, exact[i])
			want, ok := new(big.Rat).SetString(l.Exact)
			require.True(t, ok)
			require.Zero(t, want.Cmp(exact[i]), "%s, not %v", l.Exact, exact[i])
		}
		require.Equal(t, roundRat(sum), total)
		for _, l := range order {
			require.Equal(t, byPartner[l.Partner], l.Accrued, "whatever the order")
		}
	})
}
