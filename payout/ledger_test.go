package payout_test

import (
	"fmt"
	"math"
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

func TestDue(t *testing.T) {
	lines := []payout.Line{line(3, 300, 40), line(1, 100, 10), line(2, 200, 20)}
	amount, covered, err := payout.Due(lines, nil, day(20))
	require.NoError(t, err)
	require.Equal(t, int64(300), amount)
	require.Equal(t, []payout.Line{lines[1], lines[2]}, covered, "in position order; matured at the cut-off is in")

	p := payout.Payout{ID: "p1", Cutoff: day(20), Through: 4, Amount: 300, Status: payout.Paid}
	// The line at 5 came later, but had matured before the first cut-off.
	lines = append(lines, p.Debit("d1"), line(5, -50, 15))
	amount, covered, err = payout.Due(lines, &p, day(39))
	require.NoError(t, err)
	require.Equal(t, int64(-50), amount)
	require.Len(t, covered, 1)
	require.False(t, payout.Issuable(amount, 0))
	amount, _, err = payout.Due(lines, &p, day(40))
	require.NoError(t, err)
	require.Equal(t, int64(250), amount)

	for _, cutoff := range []int{19, 20} {
		_, _, err = payout.Due(lines, &p, day(cutoff))
		require.ErrorIs(t, err, payout.ErrCutoffPassed)
	}
	_, _, err = payout.Due([]payout.Line{line(1, math.MaxInt64, 1), line(2, 1, 1)}, nil, day(1))
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestFailedPayoutComesBack(t *testing.T) {
	lines := []payout.Line{line(1, 100, 10)}
	failed := payout.Payout{ID: "p1", Cutoff: day(20), Through: 2, Amount: 100, Status: payout.Failed}
	lines = append(lines, failed.Debit("d1"), failed.Return("r1", 3, day(22)))
	amount, covered, err := payout.Due(lines, &failed, day(30))
	require.NoError(t, err)
	require.Equal(t, int64(100), amount)
	require.Equal(t, []payout.Line{lines[2]}, covered)
	b, err := payout.BalanceAt(lines, []payout.Payout{failed}, day(20))
	require.NoError(t, err)
	require.Equal(t, payout.Balance{Payable: 100}, b)
}

func TestIssuable(t *testing.T) {
	require.True(t, payout.Issuable(1, 0))
	require.True(t, payout.Issuable(50, 50))
	require.False(t, payout.Issuable(49, 50))
	require.False(t, payout.Issuable(0, 0))
	require.False(t, payout.Issuable(-1, 0))
}

func TestBalance(t *testing.T) {
	payouts := []payout.Payout{
		{ID: "p1", Cutoff: day(10), Through: 2, Amount: 100, Status: payout.Paid},
		{ID: "p2", Cutoff: day(20), Through: 4, Amount: 70, Status: payout.Processing},
	}
	lines := []payout.Line{
		line(1, 100, 5), payouts[0].Debit("d1"), line(3, 70, 15), payouts[1].Debit("d2"), line(5, 9, 25), line(6, 4, 50),
	}
	b, err := payout.BalanceAt(lines, payouts, day(25))
	require.NoError(t, err)
	require.Equal(t, payout.Balance{Pending: 4, Payable: 9, InPayout: 70, Paid: 100}, b)

	_, err = payout.BalanceAt([]payout.Line{line(1, math.MaxInt64, 9), line(2, 1, 9)}, nil, day(1))
	require.ErrorIs(t, err, money.ErrOverflow)
	full := payout.Payout{Cutoff: day(1), Amount: math.MaxInt64, Status: payout.Issued}
	_, err = payout.BalanceAt(nil, []payout.Payout{full, full}, day(1))
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestCoveringTakesTheFirst(t *testing.T) {
	payouts := []payout.Payout{{ID: "p2", Cutoff: day(20), Through: 9}, {ID: "p1", Cutoff: day(10), Through: 4}}
	require.Equal(t, &payouts[1], payout.Covering(payouts, 3, day(10)))
	require.Equal(t, &payouts[0], payout.Covering(payouts, 3, day(11)))
	require.Equal(t, &payouts[0], payout.Covering(payouts, 5, day(2)))
	require.Nil(t, payout.Covering(payouts, 10, day(2)))
	require.Nil(t, payout.Covering(payouts, 1, day(21)))
}

// ledger is a history that a property test makes up: lines, payouts and returns in random order.
type ledger struct {
	lines   []payout.Line
	payouts []payout.Payout
	// covered is what Due said at issue, by payout.
	covered [][]payout.Line
}

func (l *ledger) next() int64 { return int64(len(l.lines)) + 1 }

func (l *ledger) last() *payout.Payout {
	if len(l.payouts) == 0 {
		return nil
	}
	return &l.payouts[len(l.payouts)-1]
}

func (l *ledger) issue(t require.TestingT, cutoff time.Time) {
	amount, covered, err := payout.Due(l.lines, l.last(), cutoff)
	if err != nil {
		require.ErrorIs(t, err, payout.ErrCutoffPassed)
		return
	}
	if !payout.Issuable(amount, 0) {
		return
	}
	p := payout.Payout{
		ID: fmt.Sprintf("p%d", len(l.payouts)+1), Partner: "ada", Currency: "usd", Cutoff: cutoff, Through: l.next(),
		Amount: amount, Status: payout.Issued, IssuedAt: cutoff.Add(time.Hour),
	}
	l.lines = append(l.lines, p.Debit("d"+p.ID))
	l.payouts, l.covered = append(l.payouts, p), append(l.covered, covered)
}

func (l *ledger) move(i int, to payout.Status) {
	p := &l.payouts[i]
	if payout.Move(p.Status, to) != nil {
		return
	}
	if p.Status = to; to.Returned() {
		l.lines = append(l.lines, p.Return("r"+p.ID, l.next(), p.IssuedAt.Add(time.Hour)))
	}
}

func drawLedger(t *rapid.T) *ledger {
	l, cutoff := &ledger{}, 0
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		switch step := rapid.IntRange(0, 4).Draw(t, "step"); {
		case step <= 2:
			amount := rapid.Int64Range(-100, 300).Draw(t, "amount")
			l.lines = append(l.lines, line(l.next(), amount, rapid.IntRange(0, 60).Draw(t, "matures")))
		case step == 3:
			cutoff += rapid.IntRange(0, 10).Draw(t, "days")
			l.issue(t, day(cutoff))
		case len(l.payouts) > 0:
			to := rapid.SampledFrom([]payout.Status{
				payout.Processing, payout.Paid, payout.Failed, payout.Canceled,
			}).Draw(t, "to")
			l.move(rapid.IntRange(0, len(l.payouts)-1).Draw(t, "which"), to)
		}
	}
	return l
}

// Semantics 7.4 and 7.5: every line is in at most one payout, and a payout's amount is the sum of its lines for ever.
func TestRangesPartitionTheLedger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLedger(t)
		sums, counts, total := map[string]int64{}, map[string]int{}, int64(0)
		for _, line := range l.lines {
			total += line.Amount
			if p := payout.Covering(l.payouts, line.Position, line.MaturesAt); p != nil {
				sums[p.ID] += line.Amount
				counts[p.ID]++
			}
		}
		for i, p := range l.payouts {
			require.Zero(t, sums[p.ID], "with its debit, a range adds up to zero")
			require.Equal(t, len(l.covered[i])+1, counts[p.ID], "nothing joins or leaves a range later")
			for _, line := range l.covered[i] {
				require.Equal(t, p.ID, payout.Covering(l.payouts, line.Position, line.MaturesAt).ID)
			}
		}
		b, err := payout.BalanceAt(l.lines, l.payouts, day(rapid.IntRange(0, 70).Draw(t, "at")))
		require.NoError(t, err)
		require.Equal(t, total, b.Pending+b.Payable, "balance = sum of entries (semantics 8.3)")
		var earned int64
		for _, line := range l.lines {
			if line.Kind == "accrual" {
				earned += line.Amount
			}
		}
		require.Equal(t, earned, b.Pending+b.Payable+b.InPayout+b.Paid, "the four add up to the net commissions")
	})
}
