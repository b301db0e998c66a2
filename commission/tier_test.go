package commission_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// inUTC is a program in dollars, whose periods are those of UTC.
func inUTC() commission.TierContext {
	return commission.TierContext{Currency: "usd", Start: func(p commission.Period, t time.Time) time.Time {
		start, _, _ := p.Bounds(t, time.UTC)
		return start
	}}
}

// monthly are tiers of 15 % from 2 and 20 % from 4 on; revenue counts in
// hundreds of dollars.
func monthly(metric commission.Metric, progressive bool) *commission.Tiers {
	unit := int64(1)
	if metric == commission.Revenue {
		unit = 10_000
	}
	return &commission.Tiers{Metric: metric, Period: commission.PerMonth, Retroactive: retroactive(!progressive), Thresholds: []commission.Threshold{
		{At: 2 * unit, Value: "15"}, {At: 4 * unit, Value: "20"},
	}}
}

// sale is a tiered commission of 10 % of 100.00 on a day.
func sale(t require.TestingT, d int, tiers *commission.Tiers, facts ...commission.Fact) commission.Commission {
	l := percentLine("ada", "10", 10_000, part(1, 1))
	l.Conversion, l.At, l.MaturesAt, l.Tiers = fmt.Sprintf("in_%02d", d), day(d), day(d+30), tiers
	return after(accrued(t, l), facts...)
}

func adjustments(t require.TestingT, list []commission.Commission, in commission.TierContext) []int64 {
	tiers, err := commission.Tiered(list, in)
	require.NoError(t, err)
	require.Len(t, tiers, len(list))
	out := make([]int64, len(list))
	for i, tier := range tiers {
		out[i] = tier.Adjustment
	}
	return out
}

func TestTiered(t *testing.T) {
	count, revenue := commission.Conversions, commission.Revenue
	rejected := review(commission.Reject, "ada", 9)
	for _, c := range []struct {
		name        string
		metric      commission.Metric
		progressive bool
		days        []int
		facts       map[int][]commission.Fact // by the day of the sale
		want        []int64                   // what tiers add, in order of the days
	}{
		{"below", count, false, []int{1}, nil, []int64{0}},
		{"reached: applies to all of the period", count, false, []int{1, 2}, nil, []int64{500, 500}},
		{"the second threshold", count, false, []int{1, 2, 3, 4, 5}, nil, []int64{1000, 1000, 1000, 1000, 1000}},
		{"in any order", count, false, []int{4, 1, 3, 2}, nil, []int64{1000, 1000, 1000, 1000}},
		{"each period on its own", count, false, []int{1, 31, 32}, nil, []int64{500, 500, 0}},
		{"a partial refund still counts", count, false, []int{1, 2}, facts(2, refund("r", 9, 9_999)), []int64{500, 500}},
		{"a full one does not", count, false, []int{1, 2}, facts(2, refundAll("r", 9)), []int64{0, 0}},
		{"a refund after the period takes it back", count, false, []int{1, 2}, facts(2, refundAll("r", 99)), []int64{0, 0}},
		{"a failed refund counts again", count, false, []int{1, 2}, facts(2, refundAll("r", 9), failed("r", 10)), []int64{500, 500}},
		{"a rejected one does not count", count, false, []int{1, 2, 3}, facts(2, rejected), []int64{500, 0, 500}},
		{"revenue", revenue, false, []int{1, 2, 3}, nil, []int64{500, 500, 500}},
		{"revenue less refunds", revenue, false, []int{1, 2, 3}, facts(1, refund("r", 9, 5000)), []int64{500, 500, 500}},
		{"revenue that falls below", revenue, false, []int{1, 2}, facts(1, refund("r", 9, 1)), []int64{0, 0}},
		{"revenue of a rejected one", revenue, false, []int{1, 2, 3, 4}, facts(1, rejected), []int64{0, 500, 500, 500}},

		{"progressive: from the threshold on", count, true, []int{1, 2, 3, 4, 5}, nil, []int64{0, 500, 500, 1000, 1000}},
		{"progressive, in any order", count, true, []int{3, 1, 5, 2, 4}, nil, []int64{500, 0, 1000, 500, 1000}},
		{"progressive: a refund before the next sale", count, true, []int{1, 3, 4}, facts(1, refundAll("r", 2)), []int64{0, 0, 500}},
		{"progressive: at the sale's instant", count, true, []int{1, 3}, facts(1, refundAll("r", 3)), []int64{0, 0}},
		{"progressive: later refunds re-rate nothing", count, true, []int{1, 2, 4}, facts(1, refundAll("r", 3)), []int64{0, 500, 500}},
		{"progressive: once reached, it stays", count, true, []int{1, 2, 5}, map[int][]commission.Fact{
			1: {refundAll("r", 3)}, 2: {refundAll("s", 4)},
		}, []int64{0, 500, 500}},
		{"progressive: for the rest of the period only", count, true, []int{1, 2, 32}, nil, []int64{0, 500, 0}},
		{"progressive: a threshold is reached by a conversion", count, true, []int{1, 2, 8}, map[int][]commission.Fact{
			2: {refundAll("r", 2), failed("r", 7)},
		}, []int64{0, 0, 500}},
		{"progressive: refunded before it was sold", count, true, []int{5, 6}, facts(5, refundAll("r", 1)), []int64{0, 0}},
		{"progressive revenue", revenue, true, []int{1, 2, 3, 4}, facts(1, refund("r", 3, 5000)), []int64{0, 500, 500, 500}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var list []commission.Commission
			for _, d := range c.days {
				list = append(list, sale(t, d, monthly(c.metric, c.progressive), c.facts[d]...))
			}
			require.Equal(t, c.want, adjustments(t, list, inUTC()))
		})
	}
}

func facts(d int, list ...commission.Fact) map[int][]commission.Fact {
	return map[int][]commission.Fact{d: list}
}

// Ties in time go by the id of the conversion.
func TestTieredTies(t *testing.T) {
	tiers := monthly(commission.Conversions, true)
	b, a := sale(t, 1, tiers), sale(t, 1, tiers)
	b.Conversion, a.Conversion = "in_b", "in_a"
	require.Equal(t, []int64{500, 0}, adjustments(t, []commission.Commission{b, a}, inUTC()))
}

// A conversion counts once whatever the share; its revenue is rounded on its
// own.
func TestTieredShares(t *testing.T) {
	shared := func(metric commission.Metric, thresholds ...commission.Threshold) []int64 {
		var list []commission.Commission
		for d := 1; d <= 3; d++ {
			l := percentLine("ada", "0", 1, part(1, 2)) // half a cent of revenue: 1
			l.Conversion, l.At = fmt.Sprint("in_", d), day(d)
			l.Tiers = &commission.Tiers{Metric: metric, Period: commission.PerLifetime, Thresholds: thresholds}
			list = append(list, accrued(t, l))
		}
		return adjustments(t, list, inUTC())
	}
	all, none := []int64{1, 1, 1}, []int64{0, 0, 0}
	require.Equal(t, all, shared(commission.Conversions, commission.Threshold{At: 3, Value: "100"}))
	require.Equal(t, all, shared(commission.Revenue, commission.Threshold{At: 3, Value: "100"}))
	require.Equal(t, none, shared(commission.Revenue, commission.Threshold{At: 4, Value: "100"}))
}

// Revenue counts in the program's currency only; the value reached applies to
// all currencies.
func TestTieredCurrencies(t *testing.T) {
	list := []commission.Commission{
		sale(t, 1, monthly(commission.Revenue, false)), sale(t, 2, monthly(commission.Revenue, false)), sale(t, 3, monthly(commission.Revenue, false)),
	}
	list[2].Paid, list[2].Currency = "eur", "eur"
	require.Equal(t, []int64{500, 500, 500}, adjustments(t, list, inUTC()))
	list[1].Paid, list[1].Currency = "eur", "eur"
	require.Equal(t, []int64{0, 0, 0}, adjustments(t, list, inUTC()))
	for i := range list {
		list[i].Tiers = monthly(commission.Conversions, false)
	}
	require.Equal(t, []int64{500, 500, 500}, adjustments(t, list, inUTC()), "conversions of any currency count")
}

// Each conversion is rated by the tiers of its own terms, and counts for the
// others.
func TestTieredByOwnTerms(t *testing.T) {
	plain, tiered := sale(t, 1, nil), sale(t, 2, monthly(commission.Conversions, false))
	yearly := sale(t, 40, &commission.Tiers{
		Metric: commission.Conversions, Period: commission.PerYear, Thresholds: []commission.Threshold{{At: 3, Value: "30"}},
	})
	tiers, err := commission.Tiered([]commission.Commission{plain, tiered, yearly}, inUTC())
	require.NoError(t, err)
	require.Equal(t, []commission.Tier{
		{Value: "10"}, {Value: "15", Reached: 2, Adjustment: 500}, {Value: "30", Reached: 3, Adjustment: 2000},
	}, tiers)
}

// A tier may take, never more than what accrued; each amount is rounded on its
// own.
func TestTieredRounding(t *testing.T) {
	tier := func(change func(l *commission.Commission), value string) int64 {
		l := percentLine("ada", "10", 10_000, part(1, 1))
		change(&l)
		l = accrued(t, l)
		l.Tiers = &commission.Tiers{Metric: commission.Conversions, Period: commission.PerLifetime, Thresholds: []commission.Threshold{{At: 1, Value: value}}}
		return adjustments(t, []commission.Commission{l}, inUTC())[0]
	}
	require.EqualValues(t, -500, tier(func(*commission.Commission) {}, "5"))
	require.EqualValues(t, -1000, tier(func(*commission.Commission) {}, "0"))
	require.EqualValues(t, 1, tier(func(l *commission.Commission) { l.Amount = 4 }, "12.5"), "0.5 − 0.4")
	require.EqualValues(t, 250, tier(func(l *commission.Commission) { l.Type, l.Value, l.Share = commission.Fixed, "500", part(1, 2) }, "1000"))

	// The partner got 3 of 10 units by largest remainder although 4 would round up.
	l := percentLine("ada", "100", 7, part(1, 2))
	l.Accrued = 3
	l.Tiers = &commission.Tiers{Metric: commission.Conversions, Period: commission.PerLifetime, Thresholds: []commission.Threshold{{At: 1, Value: "0"}}}
	require.EqualValues(t, -3, adjustments(t, []commission.Commission{l}, inUTC())[0], "the sum is never below 0")
}

// A conversion for an amount of zero counts where the rule fired.
func TestTieredCountsZero(t *testing.T) {
	free := fixedLine("ada", "0", part(1, 1))
	free.Conversion, free.Amount, free.At = "signup", 0, day(1)
	paid := fixedLine("ada", "100", part(1, 1))
	paid.At = day(2)
	list := []commission.Commission{accrued(t, free), accrued(t, paid)}
	for i := range list {
		list[i].Tiers = &commission.Tiers{Metric: commission.Conversions, Period: commission.PerWeek, Thresholds: []commission.Threshold{{At: 2, Value: "150"}}}
	}
	require.Equal(t, []int64{150, 50}, adjustments(t, list, inUTC()))
	list[0] = after(list[0], refundAll("r", 3))
	require.Equal(t, []int64{0, 0}, adjustments(t, list, inUTC()), "refunded in full: R = a and at least one refund")
}

func TestTieredOverflow(t *testing.T) {
	a, b := sale(t, 1, monthly(commission.Revenue, false)), sale(t, 2, monthly(commission.Revenue, false))
	a.Amount, b.Amount = math.MaxInt64, math.MaxInt64
	tiers, err := commission.Tiered([]commission.Commission{a, b}, inUTC())
	require.NoError(t, err, "revenue is only compared with thresholds")
	require.EqualValues(t, math.MaxInt64, tiers[0].Reached)
	c := sale(t, 1, &commission.Tiers{Metric: commission.Conversions, Period: commission.PerLifetime, Thresholds: []commission.Threshold{{At: 1, Value: "x"}}})
	_, err = commission.Tiered([]commission.Commission{c}, inUTC())
	require.ErrorIs(t, err, money.ErrNotDecimal)
	c.Tiers.Thresholds[0].Value, c.Value = "1", "x"
	_, err = commission.Tiered([]commission.Commission{c}, inUTC())
	require.ErrorIs(t, err, money.ErrNotDecimal)
}

// world is a group that tiers count together, as facts arrive for it.
type world struct {
	lines  map[string]commission.Commission
	facts  map[string][]commission.Fact
	ledger map[string]*ledger
}

// learn adds one fact, rates the group and posts what is missing.
func (w *world) learn(t *rapid.T, l commission.Commission, f *commission.Fact) {
	if f == nil {
		w.lines[l.Conversion] = l
	} else {
		w.facts[l.Conversion] = append(w.facts[l.Conversion], *f)
	}
	var known []commission.Commission
	for id, line := range w.lines {
		known = append(known, after(line, w.facts[id]...))
	}
	tiers, err := commission.Tiered(known, inUTC())
	require.NoError(t, err)
	for i, line := range known {
		targets, err := line.TierTargets(tiers[i].Adjustment)
		require.NoError(t, err)
		if w.ledger[line.Conversion] == nil {
			w.ledger[line.Conversion] = &ledger{}
		}
		w.ledger[line.Conversion].reach(t, targets, line.Maturity(), false)
	}
}

// Whatever the order in which sales and refunds become known, what was posted
// step by step is what a computation from scratch says in the end.
func TestTierIncrementsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type arrival struct {
			line commission.Commission
			fact *commission.Fact
		}
		tiers := monthly(rapid.SampledFrom([]commission.Metric{commission.Conversions, commission.Revenue}).Draw(t, "metric"), rapid.Bool().Draw(t, "progressive"))
		var arrivals []arrival
		for i := range rapid.IntRange(1, 6).Draw(t, "sales") {
			l := sale(t, rapid.IntRange(1, 40).Draw(t, "day"), tiers)
			l.Conversion = fmt.Sprint("in_", i)
			arrivals = append(arrivals, arrival{line: l})
			if rapid.Bool().Draw(t, "refunded") {
				for _, f := range drawFacts(t) {
					arrivals = append(arrivals, arrival{l, &f})
				}
			}
		}
		standing := func(list []arrival) map[string]int64 {
			w := &world{map[string]commission.Commission{}, map[string][]commission.Fact{}, map[string]*ledger{}}
			for _, a := range list {
				w.learn(t, a.line, a.fact)
			}
			sums := map[string]int64{}
			for id, l := range w.ledger {
				for _, p := range l.posted {
					sums[id] += p.Amount
				}
			}
			return sums
		}
		inOrder := standing(arrivals)
		require.Equal(t, inOrder, standing(rapid.Permutation(arrivals).Draw(t, "order")))
	})
}

func retroactive(yes bool) *bool { return &yes }
