package payout_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

var epoch = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

func day(n int) time.Time { return epoch.AddDate(0, 0, n) }

func line(position, amount int64, matures int) payout.Line {
	return payout.Line{
		Position: position, EntryID: fmt.Sprintf("e%d", position), Kind: "accrual", Conversion: "in_1", Program: "main",
		Rule: "default", Amount: amount, MaturesAt: day(matures), At: day(matures - 30),
	}
}

var ada = payout.Ledger{Partner: "ada", Currency: "usd"}

func posted(lines ...payout.Line) *payout.Memory {
	m := &payout.Memory{}
	m.Post(ada, lines...)
	return m
}

// pay issues what is due at a cut-off.
func pay(t require.TestingT, m *payout.Memory, cutoff int, minimum int64) (payout.Payout, bool) {
	p, due, err := payout.Plan(m, ada, payout.Cutoff{At: day(cutoff), Minimum: minimum})
	require.NoError(t, err)
	if !due {
		return p, false
	}
	payouts, _ := m.Payouts(ada)
	p, err = payout.Issue(m, p, fmt.Sprint("p", len(payouts)+1), day(cutoff).Add(time.Hour))
	require.NoError(t, err)
	return p, true
}

func TestAPayoutTakesWhatMaturedByItsCutoffAndIsInNoOther(t *testing.T) {
	t.Parallel()
	m := posted(line(1, 100, 10), line(2, 200, 20), line(3, 300, 40))
	first, due := pay(t, m, 20, 0)
	require.True(t, due, "matured at the cut-off is in")
	require.Equal(t, payout.Payout{
		ID: "p1", Partner: "ada", Currency: "usd", Cutoff: day(20), Through: 4, Amount: 300, Status: payout.Issued, IssuedAt: day(20).Add(time.Hour),
	}, first)

	m.Post(ada, line(0, -50, 15)) // it came later, but had matured before the first cut-off
	_, due = pay(t, m, 39, 0)
	require.False(t, due, "nothing is paid out below zero")
	_, due = pay(t, m, 20, 0)
	require.False(t, due, "a cut-off is paid out once")
	_, due = pay(t, m, 19, 0)
	require.False(t, due)
	_, due = pay(t, m, 40, 251)
	require.False(t, due, "below the minimum")
	second, due := pay(t, m, 40, 250)
	require.True(t, due)
	require.Equal(t, int64(250), second.Amount)

	_, _, err := payout.Plan(posted(line(1, math.MaxInt64, 1), line(2, 1, 1)), ada, payout.Cutoff{At: day(1)})
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestTheAmountOfAFailedPayoutIsInTheNextOne(t *testing.T) {
	t.Parallel()
	m := posted(line(1, 100, 10))
	p, _ := pay(t, m, 20, 0)
	failed, err := payout.Advance(m, p, payout.Move{Status: payout.Failed, At: day(22)})
	require.NoError(t, err)
	require.Equal(t, int64(3), failed.Returned)
	require.Equal(t, []payout.Move{{Status: payout.Failed, At: day(22)}}, failed.Moves)
	b, err := payout.BalanceOf(m, ada, day(20))
	require.NoError(t, err)
	require.Equal(t, payout.Balance{Payable: 100}, b)
	next, due := pay(t, m, 30, 0)
	require.True(t, due)
	require.Equal(t, int64(100), next.Amount)
	again, err := payout.Advance(m, failed, payout.Move{Status: payout.Failed, At: day(22)})
	require.NoError(t, err)
	require.Equal(t, failed, again, "told twice, it fails once")
	_, err = payout.Advance(m, next, payout.Move{Status: payout.Paid, At: next.IssuedAt.Add(-time.Second)})
	require.ErrorIs(t, err, payout.ErrBeforeIssue)
	_, err = payout.Advance(m, failed, payout.Move{Status: payout.Paid, At: day(40)})
	require.ErrorIs(t, err, payout.ErrInvalidTransition)
}

func TestIssuable(t *testing.T) {
	t.Parallel()
	require.True(t, payout.Issuable(1, 0))
	require.True(t, payout.Issuable(50, 50))
	require.False(t, payout.Issuable(49, 50))
	require.False(t, payout.Issuable(0, 0))
	require.False(t, payout.Issuable(-1, 0))
}

func TestBalanceTellsHowFarTheMoneyHasCome(t *testing.T) {
	t.Parallel()
	m := posted(line(1, 100, 5))
	first, _ := pay(t, m, 10, 0)
	_, err := payout.Advance(m, first, payout.Move{Status: payout.Paid, At: day(11)})
	require.NoError(t, err)
	m.Post(ada, line(0, 70, 15))
	_, _ = pay(t, m, 20, 0)
	m.Post(ada, line(0, 9, 25), line(0, 4, 50))
	b, err := payout.BalanceOf(m, ada, day(25))
	require.NoError(t, err)
	require.Equal(t, payout.Balance{Pending: 4, Payable: 9, InPayout: 70, Paid: 100}, b)
	u, err := payout.UpcomingOf(m, ada, payout.Cutoff{At: day(30)}, payout.Cutoff{At: day(60), Minimum: 5})
	require.NoError(t, err)
	require.Equal(t, payout.Upcoming{Cutoff: day(30), Due: 9, NextCutoff: day(60), Next: 4, Minimum: 5}, u)

	_, err = payout.BalanceOf(posted(line(1, math.MaxInt64, 9), line(2, 1, 9)), ada, day(1))
	require.ErrorIs(t, err, money.ErrOverflow)
	full := posted()
	for _, id := range []string{"p1", "p2"} {
		_, err = full.Record(payout.Payout{ID: id, Partner: "ada", Currency: "usd", Amount: math.MaxInt64, Status: payout.Issued}, nil)
		require.NoError(t, err)
	}
	_, err = payout.BalanceOf(full, ada, day(1))
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestALineIsInTheFirstPayoutThatHoldsIt(t *testing.T) {
	t.Parallel()
	payouts := []payout.Payout{{ID: "p2", Cutoff: day(20), Through: 9}, {ID: "p1", Cutoff: day(10), Through: 4}}
	require.Equal(t, &payouts[1], payout.Covering(payouts, line(3, 1, 10)))
	require.Equal(t, &payouts[0], payout.Covering(payouts, line(3, 1, 11)))
	require.Equal(t, &payouts[0], payout.Covering(payouts, line(5, 1, 2)))
	require.Nil(t, payout.Covering(payouts, line(10, 1, 2)))
	require.Nil(t, payout.Covering(payouts, line(1, 1, 21)))
}

func TestACommissionIsInThePayoutThatItsAmountWentTo(t *testing.T) {
	t.Parallel()
	failed := payout.Payout{ID: "p1", Cutoff: day(10), Through: 2, Amount: 100, Status: payout.Failed, Returned: 3}
	again := payout.Payout{ID: "p2", Cutoff: day(20), Through: 4, Amount: 100, Status: payout.Paid}
	place := []payout.Place{{Position: 1, MaturesAt: day(5), Amount: 100}}
	require.Nil(t, payout.CoveredBy(nil, place))
	require.Nil(t, payout.CoveredBy([]payout.Payout{failed}, place), "a failed payout holds nothing")
	require.True(t, payout.EverCovered([]payout.Payout{failed}, place), "but it did")
	lost := failed
	lost.Returned = 0
	require.Nil(t, payout.CoveredBy([]payout.Payout{lost}, place), "nothing was posted back, and nothing is followed for ever")
	require.Equal(t, "p2", payout.CoveredBy([]payout.Payout{failed, again}, place).ID, "its amount went on to the next one")
	both := append(place, payout.Place{Position: 1, MaturesAt: day(5), Amount: -100})
	require.Nil(t, payout.CoveredBy([]payout.Payout{again}, both), "earned and taken back inside one payout")
	require.False(t, payout.EverCovered([]payout.Payout{failed}, both))
	require.False(t, payout.EverCovered([]payout.Payout{failed}, []payout.Place{{Position: 1, MaturesAt: day(11), Amount: 1}}))
}

// ledger is a history that a property test makes up: lines, payouts and returns in random order.
type ledger struct {
	payout.Memory
	covered map[string][]payout.Line // what each payout covered when it was issued
}

func (l *ledger) lines() []payout.Line {
	lines, _ := l.Lines(ada, math.MaxInt64)
	return lines
}

func (l *ledger) payouts() []payout.Payout {
	payouts, _ := l.Payouts(ada)
	return payouts
}

func drawLedger(t *rapid.T) *ledger {
	l, cutoff := &ledger{covered: map[string][]payout.Line{}}, 0
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		switch step := rapid.IntRange(0, 4).Draw(t, "step"); {
		case step <= 2:
			amount := rapid.Int64Range(-100, 300).Draw(t, "amount")
			l.Post(ada, line(0, amount, rapid.IntRange(0, 60).Draw(t, "matures")))
		case step == 3:
			cutoff += rapid.IntRange(0, 10).Draw(t, "days")
			if p, due := pay(t, &l.Memory, cutoff, 0); due {
				s, err := payout.StatementOf(l, p)
				require.NoError(t, err)
				l.covered[p.ID] = s.Lines
			}
		case len(l.payouts()) > 0:
			to := rapid.SampledFrom([]payout.Status{
				payout.Processing, payout.Paid, payout.Failed, payout.Canceled,
			}).Draw(t, "to")
			p := rapid.SampledFrom(l.payouts()).Draw(t, "which")
			_, err := payout.Advance(l, p, payout.Move{Status: to, At: p.IssuedAt.Add(time.Hour)})
			if move := (payout.Move{Status: to, At: p.IssuedAt.Add(time.Hour)}); slices.Contains(p.Moves, move) {
				require.NoError(t, err, "told again")
			} else {
				require.Equal(t, payout.Transition(p.Status, to), err)
			}
		}
	}
	return l
}

// Semantics 7.4 and 7.5: every line is in at most one payout, and a payout's amount is the sum of its lines for ever.
func TestRangesPartitionTheLedger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLedger(t)
		sums, counts, total := map[string]int64{}, map[string]int{}, int64(0)
		for _, line := range l.lines() {
			total += line.Amount
			if p := payout.Covering(l.payouts(), line); p != nil {
				sums[p.ID] += line.Amount
				counts[p.ID]++
			}
		}
		for _, p := range l.payouts() {
			require.Zero(t, sums[p.ID], "with its debit, a range adds up to zero")
			require.Equal(t, len(l.covered[p.ID])+1, counts[p.ID], "nothing joins or leaves a range later")
			for _, line := range l.covered[p.ID] {
				require.Equal(t, p.ID, payout.Covering(l.payouts(), line).ID)
			}
		}
		b, err := payout.BalanceOf(l, ada, day(rapid.IntRange(0, 70).Draw(t, "at")))
		require.NoError(t, err)
		require.Equal(t, total, b.Pending+b.Payable, "balance = sum of entries (semantics 8.3)")
		var earned int64
		for _, line := range l.lines() {
			if line.Kind == "accrual" {
				earned += line.Amount
			}
		}
		require.Equal(t, earned, b.Pending+b.Payable+b.InPayout+b.Paid, "the four add up to the net commissions")
	})
}
