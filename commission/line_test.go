package commission_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// after returns the line as the facts of its conversion leave it.
func after(l commission.Commission, facts ...commission.Fact) commission.Commission {
	commission.SortFacts(facts)
	l.Review(commission.LadderOf(l.Amount, facts), facts)
	return l
}

func net(t require.TestingT, l commission.Commission, tier int64) int64 {
	n, err := l.Net(tier)
	require.NoError(t, err)
	return n
}

func TestReversals(t *testing.T) {
	whole := part(1, 1)
	percent := accrued(t, percentLine("ada", "20", 10_000, whole)) // 20.00
	fixed := accrued(t, fixedLine("ada", "5000", whole))
	odd := accrued(t, percentLine("ada", "5", 100, whole)) // 0.05
	nothing := accrued(t, fixedLine("ada", "500", whole))
	nothing.Amount = 0
	open, won, lost := commission.DisputeOpen, commission.DisputeWon, commission.DisputeLost
	for _, c := range []struct {
		name  string
		line  commission.Commission
		tier  int64
		facts []commission.Fact
		want  int64
	}{
		{"nothing happened", percent, 0, nil, 2000},
		{"half", percent, 0, []commission.Fact{refund("r", 2, 5000)}, 1000},
		{"all", percent, 0, []commission.Fact{refund("r", 2, 10_000)}, 0},
		{"a cent", percent, 0, []commission.Fact{refund("r", 2, 1)}, 2000},
		{"three cents: 0.6 of one", percent, 0, []commission.Fact{refund("r", 2, 3)}, 1999},
		{"half a unit goes up", odd, 0, []commission.Fact{refund("r", 2, 50)}, 2},
		{"in total, not step by step", percent, 0, []commission.Fact{refund("a", 2, 2), refund("b", 3, 2), refund("c", 4, 2)}, 1999},
		{"after tiers", percent, 500, []commission.Fact{refund("r", 2, 5000)}, 1250},
		{"after tiers that take", percent, -500, []commission.Fact{refund("r", 2, 5000)}, 750},
		{"given back when it fails", percent, 0, []commission.Fact{refund("r", 2, 5000), failed("r", 3)}, 2000},
		{"an open dispute", percent, 0, []commission.Fact{dispute("d", open, 2, 5000)}, 1000},
		{"a lost dispute", percent, 0, []commission.Fact{dispute("d", open, 2, 5000), dispute("d", lost, 3, 5000)}, 1000},
		{"a won dispute", percent, 0, []commission.Fact{dispute("d", open, 2, 5000), dispute("d", won, 3, 5000)}, 2000},
		{"fixed: nothing for a part", fixed, 0, []commission.Fact{refund("r", 2, 9_999)}, 5000},
		{"fixed: all for all", fixed, 0, []commission.Fact{refund("r", 2, 9_999), refund("s", 3, 1)}, 0},
		{"fixed: a dispute of all", fixed, 0, []commission.Fact{dispute("d", open, 2, 10_000)}, 0},
		{"fixed, without an amount: at least one refund", nothing, 0, []commission.Fact{refundAll("r", 2)}, 0},
		{"fixed, without an amount: none", nothing, 0, []commission.Fact{refundAll("r", 2), failed("r", 3)}, 500},
		{"rejected", percent, 500, []commission.Fact{review(commission.Reject, "ada", 2)}, 0},
		{"rejected, fixed", fixed, 0, []commission.Fact{review(commission.Reject, "ada", 2)}, 0},
		{"another's rejection", percent, 0, []commission.Fact{review(commission.Reject, "bob", 2)}, 2000},
		{"rejected after a refund", percent, 0, []commission.Fact{refund("r", 2, 5000), review(commission.Reject, "ada", 3)}, 0},
		{"refunded after a rejection", percent, 0, []commission.Fact{review(commission.Reject, "ada", 3), refund("r", 4, 5000), failed("r", 5)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			line := after(c.line, c.facts...)
			require.Equal(t, c.want, net(t, line, c.tier))
			require.Equal(t, c.want, targeted(t, line, c.tier), "what is posted adds up to what it stands at")
		})
	}
}

// targeted is what all components of a line should add up to.
func targeted(t require.TestingT, l commission.Commission, tier int64) int64 {
	own, err := l.Targets()
	require.NoError(t, err)
	tiers, err := l.TierTargets(tier)
	require.NoError(t, err)
	sum := int64(0)
	for _, target := range append(own, tiers...) {
		sum += target.Amount
	}
	return sum
}

func TestTargets(t *testing.T) {
	line := after(accrued(t, percentLine("ada", "20", 10_000, part(1, 1))), refund("r", 2, 5000), refundAll("s", 4), failed("s", 6))
	own, err := line.Targets()
	require.NoError(t, err)
	require.Equal(t, []commission.Target{
		{Component: commission.Accrual, Amount: 2000, At: day(1)},
		{Component: commission.Reversal, Cause: "refund:r", Amount: -1000, At: day(2)},
		{Component: commission.Reversal, Cause: "refund:s", Amount: -1000, At: day(4)},
		{Component: commission.Reversal, Cause: "refund_failed:s", Amount: 1000, At: day(6)},
	}, own, "a reversal names the step that caused it")
	tiers, err := line.TierTargets(500)
	require.NoError(t, err)
	require.Equal(t, []commission.Target{
		{Component: commission.TierAdjustment, Amount: 500, At: day(1)},
		{Component: commission.TierReversal, Cause: "refund:r", Amount: -250, At: day(2)},
		{Component: commission.TierReversal, Cause: "refund:s", Amount: -250, At: day(4)},
		{Component: commission.TierReversal, Cause: "refund_failed:s", Amount: 250, At: day(6)},
	}, tiers)
	_, err = line.TierTargets(math.MaxInt64)
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = line.Net(math.MaxInt64)
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestReview(t *testing.T) {
	line := accrued(t, percentLine("ada", "20", 10_000, part(1, 1)))
	require.Equal(t, day(31), line.Maturity())
	require.False(t, line.Rejected())
	for _, c := range []struct {
		name     string
		facts    []commission.Fact
		held     bool
		rejected bool
	}{
		{"held", []commission.Fact{review(commission.Hold, "ada", 2)}, true, false},
		{"released", []commission.Fact{review(commission.Hold, "ada", 2), review(commission.Release, "ada", 3)}, false, false},
		{"held again", []commission.Fact{review(commission.Hold, "ada", 4), review(commission.Hold, "ada", 2), review(commission.Release, "ada", 3)}, true, false},
		{"another's", []commission.Fact{review(commission.Hold, "bob", 2)}, false, false},
		{"rejected while held", []commission.Fact{review(commission.Hold, "ada", 2), review(commission.Reject, "ada", 3)}, false, true},
		{"held when rejected", []commission.Fact{review(commission.Reject, "ada", 2), review(commission.Hold, "ada", 3)}, false, true},
		{"rejected twice", []commission.Fact{review(commission.Reject, "ada", 2), review(commission.Reject, "ada", 3)}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := after(line, c.facts...)
			require.Equal(t, c.held, got.Held)
			require.Equal(t, c.rejected, got.Rejected())
			if c.held {
				require.Equal(t, commission.Never, got.Maturity(), "not payable until released")
				return
			}
			require.Equal(t, day(31), got.Maturity())
		})
	}
	other := review(commission.Reject, "ada", 2)
	other.Rule = "other"
	require.False(t, after(line, other).Rejected())
	again := after(line, review(commission.Reject, "ada", 2))
	require.False(t, after(again).Rejected(), "a review starts from nothing")
}

func TestLineKey(t *testing.T) {
	require.Equal(t, "in_1:ada:main:rev", percentLine("ada", "20", 1, part(1, 1)).Key())
}

// Whatever happens, what a commission stands at is between nothing and what it
// earned, and is the sum of its components.
func TestNetProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate, _ := drawRate(t)
		line := percentLine("ada", rate, rapid.Int64Range(0, 10_000).Draw(t, "amount"), drawShares(t)[0])
		if rapid.Bool().Draw(t, "fixed") {
			line.Type, line.Value = commission.Fixed, "777"
		}
		line = accrued(t, line)
		tier := rapid.Int64Range(-line.Accrued, 1000).Draw(t, "tier")
		facts := drawFacts(t)
		if rapid.Bool().Draw(t, "reviewed") {
			facts = append(facts, review(rapid.SampledFrom([]commission.FactKind{commission.Reject, commission.Hold}).Draw(t, "as"), "ada", 30))
		}
		line = after(line, facts...)
		n := net(t, line, tier)
		require.True(t, n >= 0 && n <= line.Accrued+tier, "%d of %d", n, line.Accrued+tier)
		require.Equal(t, n, targeted(t, line, tier))
	})
}
