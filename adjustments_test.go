package affiliate_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

func ExampleEngine_PostAdjustment() {
	d := newDemo()
	_, err := d.PostAdjustment(d, affiliate.NewAdjustment{
		ID: "adj_1", Partner: "ada", Currency: "usd", Amount: -500, Reason: "agreed by phone",
	})
	must(err)
	balances, err := d.Balances(d, "ada", d.Now())
	must(err)
	fmt.Println(balances[0].Payable)
	// Output: -500
}

func ExampleEngine_Adjustments() {
	d := newDemo()
	for i, amount := range []int64{2500, -500} {
		_, err := d.PostAdjustment(d, affiliate.NewAdjustment{
			ID: fmt.Sprint("adj_", i+1), Partner: "ada", Currency: "usd", Amount: amount, Reason: "bonus",
		})
		must(err)
	}
	for page := (affiliate.AdjustmentPage{Partner: "ada", Limit: 1}); ; {
		list, next, err := d.Adjustments(d, page)
		must(err)
		fmt.Println(list[0].ID, list[0].Amount)
		if page.After = next; next == (storage.Mark{}) {
			break
		}
	}
	// Output:
	// adj_2 -500
	// adj_1 2500
}

func bonus(id string, amount int64) affiliate.NewAdjustment {
	return affiliate.NewAdjustment{ID: id, Partner: "ada", Currency: "usd", Amount: amount, Reason: "bonus"}
}

func TestAdjustmentIsPostedOnce(t *testing.T) {
	d := newDemo()
	d.Context = affiliate.WithActor(d.Context, "owner_1")
	first, err := d.PostAdjustment(d, bonus("a", 700))
	require.NoError(t, err)
	require.Equal(t, "owner_1", first.Adjustment.By)
	require.False(t, first.Duplicate)

	d.clock.Set(march(2))
	d.Context = context.Background()
	again, err := d.PostAdjustment(d, bonus("a", 700))
	require.NoError(t, err)
	require.Equal(t, affiliate.AdjustmentResult{Adjustment: first.Adjustment, Duplicate: true}, again)

	for name, other := range map[string]affiliate.NewAdjustment{
		"amount":   bonus("a", 701),
		"currency": {ID: "a", Partner: "ada", Currency: "eur", Amount: 700, Reason: "bonus"},
		"reason":   {ID: "a", Partner: "ada", Currency: "usd", Amount: 700, Reason: "Bonus"},
		"time":     {ID: "a", Partner: "ada", Currency: "usd", Amount: 700, Reason: "bonus", At: march(2)},
	} {
		_, err = d.PostAdjustment(d, other)
		require.ErrorIs(t, err, affiliate.ErrConflict, name)
	}
	nobody := bonus("b", 1)
	nobody.Partner = "nobody"
	_, err = d.PostAdjustment(d, nobody)
	require.ErrorIs(t, err, affiliate.ErrNotFound)
	require.Equal(t, int64(700), d.payable(t))
	d.verify(t)
}

func (d demo) payable(t *testing.T) (sum int64) {
	t.Helper()
	balances, err := d.Balances(d, "ada", d.Now())
	require.NoError(t, err)
	for _, b := range balances {
		sum += b.Payable
	}
	return sum
}

func (d demo) verify(t *testing.T) {
	t.Helper()
	require.NoError(t, affiliatetest.Settle(d, d.Engine))
	problems, err := affiliatetest.Verify(d, d.store, d.Organization())
	require.NoError(t, err)
	require.Empty(t, problems)
}

// A statement says what was adjusted and why, whatever comes later.
func TestAdjustmentIsOnTheStatement(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	_, err := d.PostAdjustment(d, bonus("a", 700))
	require.NoError(t, err)
	d.clock.Set(march(32))
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{})
	require.NoError(t, err)
	require.Len(t, issued, 1)
	require.Equal(t, int64(2700), issued[0].Amount)
	s, err := d.Statement(d, issued[0].ID)
	require.NoError(t, err)
	require.Len(t, s.Lines, 2)
	for _, line := range s.Lines {
		if line.Kind == payout.KindAdjustment {
			require.Equal(t, "a", line.Adjustment)
			require.Equal(t, "bonus", line.Reason)
		}
	}
	csv, err := s.CSV()
	require.NoError(t, err)
	require.Contains(t, string(csv), ",adjustment,,,,a,bonus,2026-03-01T09:00:00Z,")
	d.verify(t)
}

// Whatever is posted, settled and paid at the same time, each ends up in exactly one
// payout.
func TestAdjustmentsMeetPayouts(t *testing.T) {
	d := newDemo()
	d.clock.Set(march(32))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			_, err := d.PostAdjustment(d, bonus(fmt.Sprint("a", i%4), int64(100+i%4)))
			require.NoError(t, err)
			_, err = d.RunPayouts(d, affiliate.PayoutRun{})
			require.NoError(t, err)
		})
	}
	all.Wait()
	d.verify(t)
	balances, err := d.Balances(d, "ada", d.Now())
	require.NoError(t, err)
	require.Equal(t, int64(100+101+102+103), balances[0].Payable+balances[0].Pending+balances[0].InPayout)
}

// A run that names somebody whom nobody knows pays nobody.
func TestRunPayoutsForSome(t *testing.T) {
	d := newDemo()
	_, err := d.PostAdjustment(d, bonus("a", 700))
	require.NoError(t, err)
	d.clock.Set(march(32))
	for _, run := range []affiliate.PayoutRun{{Partners: []string{"ada", "adaa"}}, {Exclude: []string{"adaa"}}} {
		_, err = d.RunPayouts(d, run)
		require.ErrorIs(t, err, affiliate.ErrNotFound)
	}
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{Exclude: []string{"ada"}})
	require.NoError(t, err)
	require.Empty(t, issued)
	issued, err = d.RunPayouts(d, affiliate.PayoutRun{Partners: []string{"ada"}})
	require.NoError(t, err)
	require.Len(t, issued, 1)
}
