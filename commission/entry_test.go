package commission_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/commission"
)

// missing is a difference as text: component, cause, amount and maturity.
func missing(list []commission.Difference) []string {
	var out []string
	for _, d := range list {
		out = append(out, fmt.Sprintf("%s%s %+d at %d", d.Component, d.Cause, d.Amount, d.MaturesAt.YearDay()))
	}
	return out
}

func earned(amount int64, matures int) commission.Posted {
	return commission.Posted{Component: commission.Accrual, Amount: amount, MaturesAt: day(matures)}
}

func reversed(amount int64, matures int) commission.Posted {
	return commission.Posted{Component: commission.Reversal, Cause: "r", Amount: amount, MaturesAt: day(matures)}
}

func TestDiff(t *testing.T) {
	accrual := commission.Target{Component: commission.Accrual, Amount: 2000, At: day(1)}
	reversal := commission.Target{Component: commission.Reversal, Cause: "r", Amount: -500, At: day(7)}
	both := []commission.Target{accrual, reversal}
	for _, c := range []struct {
		name     string
		posted   []commission.Posted
		targets  []commission.Target
		matures  int
		inPayout bool
		want     []string
	}{
		{"nothing is posted", nil, both, 31, false, []string{"accrual +2000 at 31", "reversalr -500 at 31"}},
		{"all is posted", []commission.Posted{earned(2000, 31), reversed(-500, 31)}, both, 31, false, nil},
		{"nothing is due and nothing posted", nil, nil, 31, false, nil},
		{"a target of nothing is not posted", nil, []commission.Target{{Component: commission.Accrual}}, 31, false, nil},
		{"the amount grew", []commission.Posted{earned(1500, 31)}, both[:1], 31, false, []string{"accrual +500 at 31"}},
		{"the amount shrank", []commission.Posted{earned(2500, 31)}, both[:1], 31, false, []string{"accrual -500 at 31"}},
		{"the maturity moved", []commission.Posted{earned(2000, 31)}, both[:1], 61, false, []string{"accrual -2000 at 31", "accrual +2000 at 61"}},
		{"both moved", []commission.Posted{earned(1500, 31)}, both[:1], 61, false, []string{"accrual -1500 at 31", "accrual +2000 at 61"}},
		{"the reversal moves along", []commission.Posted{earned(2000, 31), reversed(-500, 31)}, both, 61, false, []string{
			"accrual -2000 at 31", "accrual +2000 at 61", "reversalr +500 at 31", "reversalr -500 at 61",
		}},
		{"no longer due", []commission.Posted{earned(2000, 31), reversed(-500, 31)}, nil, 61, false, []string{
			"accrual -2000 at 31", "reversalr +500 at 31",
		}},
		{"a step is gone", []commission.Posted{earned(2000, 31), reversed(-500, 31)}, both[:1], 31, false, []string{"reversalr +500 at 31"}},
		{"a correction in a payout, at its own time", []commission.Posted{earned(2000, 31), reversed(-400, 31)}, both, 31, true, []string{"reversalr -100 at 7"}},
		{"an accrual in a payout, with its commission", []commission.Posted{earned(1500, 31)}, both[:1], 31, true, []string{"accrual +500 at 31"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, missing(diffOf(c.posted, c.targets, day(c.matures), c.inPayout)))
		})
	}
}

// A reversal that was posted at its own time stays there, also when the
// commission is in no payout any more or moves.
func TestDiffKeepsReversalsWhereTheyAre(t *testing.T) {
	targets := []commission.Target{
		{Component: commission.Accrual, Amount: 2000, At: day(1)},
		{Component: commission.Reversal, Cause: "r", Amount: -500, At: day(40), InPayout: true},
	}
	posted := commission.Post([]commission.Posted{earned(2000, 31)}, diffOf([]commission.Posted{earned(2000, 31)}, targets, day(31), true))
	require.Equal(t, []string{"reversalr -500 at 40"}, missing(diffOf([]commission.Posted{earned(2000, 31)}, targets, day(31), true)))
	require.Empty(t, diffOf(posted, targets, day(31), true))
	require.Empty(t, diffOf(posted, targets, day(31), false))
	require.Equal(t, []string{"accrual -2000 at 31", "accrual +2000 at 61"}, missing(diffOf(posted, targets, day(61), false)))
	require.Equal(t, []string{"accrual -2000 at 31", "reversalr +500 at 40"}, missing(diffOf(posted, nil, day(31), false)))
}

func TestPost(t *testing.T) {
	posted := []commission.Posted{earned(2000, 31)}
	added := commission.Post(posted, []commission.Difference{
		{Target: commission.Target{Component: commission.Accrual, Amount: -500}, MaturesAt: day(31)},
		{Target: commission.Target{Component: commission.Accrual, Amount: 500}, MaturesAt: day(61)},
		{Target: commission.Target{Component: commission.Reversal, Cause: "r", Amount: -5}, MaturesAt: day(31)},
	})
	require.Equal(t, []commission.Posted{earned(1500, 31), earned(500, 61), reversed(-5, 31)}, added)
	require.Equal(t, []commission.Posted{earned(2000, 31)}, posted, "the input is left alone")
	require.Empty(t, commission.Post(posted, []commission.Difference{
		{Target: commission.Target{Component: commission.Accrual, Amount: -2000}, MaturesAt: day(31)},
	}), "what nets to zero is dropped")
}

// ledger is a commission's side of the ledger over any history of targets.
type ledger struct{ posted []commission.Posted }

// reach posts what is missing and checks that nothing is missing then.
func (l *ledger) reach(t *rapid.T, targets []commission.Target, matures time.Time, inPayout bool) {
	differences := diffOf(l.posted, targets, matures, inPayout)
	for _, d := range differences {
		require.NotZero(t, d.Amount)
	}
	l.posted = commission.Post(l.posted, differences)
	for _, again := range []bool{inPayout, !inPayout} {
		require.Empty(t, diffOf(l.posted, targets, matures, again), "posting the differences leaves nothing to post")
	}
	type key struct {
		c     commission.Component
		cause string
	}
	want, got := map[key]int64{}, map[key]int64{}
	for _, target := range targets {
		if target.Amount != 0 {
			want[key{target.Component, target.Cause}] += target.Amount
		}
	}
	for _, p := range l.posted {
		k := key{p.Component, p.Cause}
		got[k] += p.Amount
		if got[k] == 0 {
			delete(got, k)
		}
		if p.Component == commission.Accrual || p.Component == commission.TierAdjustment {
			require.True(t, p.MaturesAt.Equal(matures), "what was earned stands at the commission's maturity")
		}
	}
	require.Equal(t, want, got)
}

// From any state that earlier decisions left, whatever moved, posting the
// differences reaches the targets at once.
func TestDiffConverges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var own, tiers ledger
		rate, _ := drawRate(t)
		line := percentLine("ada", rate, 0, part(1, 1))
		for range rapid.IntRange(1, 6).Draw(t, "decisions") {
			inPayout := rapid.Bool().Draw(t, "in payout")
			if rapid.IntRange(0, 9).Draw(t, "due") == 0 {
				own.reach(t, nil, line.Maturity(), inPayout)
				tiers.reach(t, nil, line.Maturity(), inPayout)
				continue
			}
			line.Amount = rapid.Int64Range(0, 10_000).Draw(t, "amount")
			line = accrued(t, line)
			line.MaturesAt = day(rapid.IntRange(1, 60).Draw(t, "matures"))
			facts := drawFacts(t)
			if rapid.IntRange(0, 3).Draw(t, "held") == 0 {
				facts = append(facts, review(commission.Hold, "ada", 30))
			}
			line = after(line, facts...)
			for i := range line.Ladder {
				line.Ladder[i].InPayout = rapid.Bool().Draw(t, "step in payout")
			}
			targets, err := line.Targets()
			require.NoError(t, err)
			own.reach(t, targets, line.Maturity(), inPayout)
			targets, err = line.TierTargets(rapid.Int64Range(-line.Accrued, 5000).Draw(t, "tier"))
			require.NoError(t, err)
			tiers.reach(t, targets, line.Maturity(), inPayout)
		}
	})
}

// diffOf is Diff for a commission that is in a payout, or not.
func diffOf(posted []commission.Posted, targets []commission.Target, maturesAt time.Time, inPayout bool) []commission.Difference {
	list, err := commission.Diff(posted, targets, maturesAt, func() (bool, error) { return inPayout, nil })
	if err != nil {
		panic(err) // inPayout gives none
	}
	return list
}

// A tier that changes after the payout changes what an earlier refund took back of
// the commission: that matures at the refund's own time (semantics 7.2).
func TestTheTierPartOfAReversalMaturesByWhenItIsPosted(t *testing.T) {
	t.Parallel()
	tier := commission.Target{Component: commission.TierReversal, Cause: "r", Amount: 200, At: day(40)}
	inside := diffOf(nil, []commission.Target{tier}, day(31), true)
	require.Equal(t, day(40), inside[0].MaturesAt)
	require.True(t, inside[0].Own)
	outside := diffOf(nil, []commission.Target{tier}, day(31), false)
	require.Equal(t, day(31), outside[0].MaturesAt)
}

func TestWhetherACommissionIsInAPayoutIsAskedForCorrectionsOnly(t *testing.T) {
	t.Parallel()
	failure := errors.New("no connection")
	ask := func() (bool, error) { return false, failure }
	accrual := commission.Target{Component: commission.Accrual, Amount: 2000, At: day(1)}
	reversal := commission.Target{Component: commission.Reversal, Cause: "r", Amount: -500, At: day(40)}
	_, err := commission.Diff(nil, []commission.Target{accrual, reversal}, day(31), ask)
	require.NoError(t, err, "a new step says so itself")
	posted := []commission.Posted{{Component: commission.Reversal, Cause: "r", MaturesAt: day(31), Amount: -400}}
	_, err = commission.Diff(posted, []commission.Target{accrual, reversal}, day(31), ask)
	require.ErrorIs(t, err, failure)
	tier := commission.Target{Component: commission.TierReversal, Cause: "r", Amount: 200, At: day(40)}
	_, err = commission.Diff(nil, []commission.Target{tier}, day(31), ask)
	require.ErrorIs(t, err, failure, "what a tier changes of a reversal may come long after the refund")
	_, err = commission.Diff(posted, nil, day(31), ask)
	require.NoError(t, err, "what is no longer due is taken back where it stands")
}
