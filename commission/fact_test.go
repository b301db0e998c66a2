package commission_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/commission"
)

func TestFactKeys(t *testing.T) {
	keys := map[string]bool{}
	for _, f := range []commission.Fact{
		refund("1", 1, 5), failed("1", 1), dispute("1", commission.DisputeOpen, 1, 5), dispute("1", commission.DisputeWon, 1, 5),
		dispute("1", commission.DisputeLost, 1, 5), amendment(1, 5), amendment(2, 5),
		review(commission.Reject, "ada", 1), review(commission.Hold, "ada", 1), review(commission.Release, "ada", 1),
		review(commission.Reject, "bob", 1), review(commission.Reject, "ada", 2),
	} {
		require.False(t, keys[f.Key()], f.Key())
		keys[f.Key()] = true
	}
	require.Equal(t, refund("1", 1, 5).Key(), refundAll("1", 9).Key(), "a refund is known by its id")
	require.Equal(t, amendment(1, 5).Key(), amendment(1, 6).Key(), "an amendment by its time")
	zoned := amendment(1, 5)
	zoned.At = zoned.At.In(time.FixedZone("", 3600))
	require.Equal(t, amendment(1, 5).Key(), zoned.Key())
}

func TestSortFacts(t *testing.T) {
	facts := []commission.Fact{failed("b", 2), refund("b", 2, 1), refund("c", 1, 1), refund("a", 2, 1)}
	commission.SortFacts(facts)
	require.Equal(t, []commission.Fact{refund("c", 1, 1), refund("a", 2, 1), refund("b", 2, 1), failed("b", 2)}, facts)
}

func TestAmountOf(t *testing.T) {
	require.EqualValues(t, 100, commission.AmountOf(100, nil))
	require.EqualValues(t, 100, commission.AmountOf(100, []commission.Fact{refund("r", 1, 50)}))
	require.EqualValues(t, 70, commission.AmountOf(100, []commission.Fact{amendment(3, 70), amendment(2, 90)}), "the latest by time")
	require.EqualValues(t, 0, commission.AmountOf(100, []commission.Fact{amendment(3, 0)}))
}

func TestDisputeStatus(t *testing.T) {
	for _, s := range []commission.DisputeStatus{commission.DisputeOpen, commission.DisputeWon, commission.DisputeLost} {
		require.True(t, s.Valid(), s)
	}
	require.False(t, commission.DisputeStatus("").Valid())
	require.False(t, commission.DisputeStatus("closed").Valid())
}

func TestLadder(t *testing.T) {
	const a = 10_000
	open, won, lost := commission.DisputeOpen, commission.DisputeWon, commission.DisputeLost
	for _, c := range []struct {
		name  string
		facts []commission.Fact
		want  []string // day: R, and whether all of it is refunded
	}{
		{"nothing happened", nil, nil},
		{"amendments and reviews are no steps", []commission.Fact{amendment(2, 5), review(commission.Reject, "ada", 3)}, nil},
		{"in part", []commission.Fact{refund("r1", 2, 2500)}, []string{"2: 2500"}},
		{"in parts, in time order", []commission.Fact{refund("r2", 5, 1000), refund("r1", 2, 2500)}, []string{"2: 2500", "5: 3500"}},
		{"in full", []commission.Fact{refund("r1", 2, a)}, []string{"2: 10000 full"}},
		{"up to all of it", []commission.Fact{refund("r1", 2, 4000), refund("r2", 3, 6000)}, []string{"2: 4000", "3: 10000 full"}},
		{"R is capped", []commission.Fact{refund("r1", 2, 9000), refund("r2", 3, 9000)}, []string{"2: 9000", "3: 10000 full"}},
		{"all that is left", []commission.Fact{refund("r1", 2, 2500), refundAll("r2", 3)}, []string{"2: 2500", "3: 10000 full"}},
		{"nothing is left after that", []commission.Fact{refundAll("r1", 2), refund("r2", 3, 1)}, []string{"2: 10000 full", "3: 10000 full"}},
		{"from its time on, not before", []commission.Fact{refundAll("r2", 3), refund("r1", 2, 1)}, []string{"2: 1", "3: 10000 full"}},
		{"a failed refund no longer counts", []commission.Fact{refund("r1", 2, 2500), failed("r1", 4)}, []string{"2: 2500", "4: 0"}},
		{"its failure came first", []commission.Fact{failed("r1", 1), refund("r1", 2, 2500)}, []string{"1: 0", "2: 0"}},
		{"at the same time", []commission.Fact{failed("r1", 2), refund("r1", 2, 2500)}, []string{"2: 0", "2: 0"}},
		{"all that is left fails", []commission.Fact{refund("r1", 2, 2500), refundAll("r2", 3), failed("r2", 4)}, []string{"2: 2500", "3: 10000 full", "4: 2500"}},
		{"an open dispute", []commission.Fact{dispute("d", open, 2, 3000)}, []string{"2: 3000"}},
		{"a lost one", []commission.Fact{dispute("d", open, 2, 3000), dispute("d", lost, 9, 3000)}, []string{"2: 3000", "9: 3000"}},
		{"a won one", []commission.Fact{dispute("d", open, 2, 3000), dispute("d", won, 9, 3000)}, []string{"2: 3000", "9: 0"}},
		{"won without having been open", []commission.Fact{dispute("d", won, 9, 3000)}, []string{"9: 0"}},
		{"lost for another amount", []commission.Fact{dispute("d", open, 2, 3000), dispute("d", lost, 9, 1000)}, []string{"2: 3000", "9: 1000"}},
		{"reopened", []commission.Fact{dispute("d", won, 3, 3000), dispute("d", open, 9, 3000)}, []string{"3: 0", "9: 3000"}},
		{"two disputes", []commission.Fact{dispute("d", open, 2, 3000), dispute("e", open, 3, 4000)}, []string{"2: 3000", "3: 7000"}},
		{"a dispute of the whole", []commission.Fact{{Kind: commission.Dispute, ID: "d", Status: open, At: day(2), All: true}}, []string{"2: 10000 full"}},
		{"refund and dispute together", []commission.Fact{refund("r", 2, 8000), dispute("d", open, 3, 8000), dispute("d", won, 4, 8000)}, []string{"2: 8000", "3: 10000 full", "4: 8000"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, l := range commission.LadderOf(a, c.facts) {
				got = append(got, fmt.Sprintf("%d: %d%s", l.At.YearDay(), l.Refunded, full(l)))
			}
			require.Equal(t, c.want, got)
		})
	}
}

func full(l commission.Level) string {
	if l.Full {
		return " full"
	}
	return ""
}

// At least one refund, failed ones and won disputes not counted, makes all of
// nothing refunded.
func TestLadderOfNothing(t *testing.T) {
	last := func(facts ...commission.Fact) bool {
		ladder := commission.LadderOf(0, facts)
		return ladder[len(ladder)-1].Full
	}
	require.True(t, last(refund("r", 1, 0)))
	require.True(t, last(refundAll("r", 1)))
	require.True(t, last(dispute("d", commission.DisputeOpen, 1, 0)))
	require.False(t, last(refundAll("r", 1), failed("r", 2)))
	require.False(t, last(dispute("d", commission.DisputeOpen, 1, 0), dispute("d", commission.DisputeWon, 2, 0)))
}

func TestLadderNeverOverflows(t *testing.T) {
	ladder := commission.LadderOf(math.MaxInt64, []commission.Fact{refund("a", 1, math.MaxInt64), refund("b", 2, math.MaxInt64)})
	require.EqualValues(t, math.MaxInt64, ladder[1].Refunded)
}

func TestLadderProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, 10_000).Draw(t, "a")
		facts := drawFacts(t)
		ladder := commission.LadderOf(amount, facts)
		require.Len(t, ladder, len(facts), "each is a step")
		causes := map[string]bool{}
		for i, l := range ladder {
			require.True(t, l.Refunded >= 0 && l.Refunded <= amount)
			require.False(t, l.Full && l.Refunded != amount)
			require.False(t, i > 0 && l.At.Before(ladder[i-1].At))
			require.False(t, causes[l.Cause])
			causes[l.Cause] = true
		}
		require.Equal(t, ladder, commission.LadderOf(amount, rapid.Permutation(facts).Draw(t, "order")), "whatever the order of arrival")
	})
}

func TestOverrefunds(t *testing.T) {
	open := commission.DisputeOpen
	for _, c := range []struct {
		name   string
		stored []commission.Fact
		next   commission.Fact
		want   bool
	}{
		{"all of it", nil, refund("r", 2, 100), false},
		{"more than all", nil, refund("r", 2, 101), true},
		{"together all", []commission.Fact{refund("a", 1, 60)}, refund("r", 2, 40), false},
		{"together more", []commission.Fact{refund("a", 1, 60)}, refund("r", 2, 41), true},
		{"whatever their order", []commission.Fact{refund("a", 9, 60)}, refund("r", 2, 41), true},
		{"failed ones do not count", []commission.Fact{refund("a", 1, 60), failed("a", 2)}, refund("r", 3, 100), false},
		{"all that is left, always", []commission.Fact{refund("a", 1, 100)}, refundAll("r", 2), false},
		{"after all that was left", []commission.Fact{refundAll("a", 1)}, refund("r", 2, 1), true},
		{"at its instant", []commission.Fact{refundAll("a", 2)}, refund("r", 2, 1), true},
		{"before it", []commission.Fact{refundAll("a", 3)}, refund("r", 2, 100), false},
		{"all that was left failed", []commission.Fact{refundAll("a", 1), failed("a", 2)}, refund("r", 3, 100), false},
		{"disputes do not add up with refunds", []commission.Fact{dispute("d", open, 1, 100)}, refund("r", 2, 100), false},
		{"a dispute of all", []commission.Fact{refund("a", 1, 100)}, dispute("d", open, 2, 100), false},
		{"a dispute of more", nil, dispute("d", open, 2, 101), true},
		{"each dispute on its own", []commission.Fact{dispute("d", open, 1, 100)}, dispute("e", open, 2, 100), false},
		{"a dispute of the whole", nil, commission.Fact{Kind: commission.Dispute, ID: "d", All: true}, false},
		{"an amendment is no refund", nil, amendment(2, 500), false},
		{"beyond int64", []commission.Fact{refund("a", 1, math.MaxInt64)}, refund("r", 2, math.MaxInt64), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, commission.Overrefunds(100, c.stored, c.next))
		})
	}
}
