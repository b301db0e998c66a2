package affiliate_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

func ExampleEngine_Deliver() {
	d := newDemo()
	d.drop() // what setting up the demo published
	d.sell("in_1")
	n, err := d.Deliver(d, 100, func(_ context.Context, events []affiliate.Event) error {
		for _, e := range events {
			said, err := e.Payload()
			if err != nil {
				return err
			}
			if decided, ok := said.(affiliate.ConversionDecided); ok {
				fmt.Println(decided.Conversion, decided.Commissions[0].Partner, decided.Commissions[0].Amount)
			}
		}
		return nil
	})
	fmt.Println(n, err)
	// Output:
	// in_1 ada 2000
	// 1 <nil>
}

// drop deletes all events.
func (d demo) drop() {
	for {
		n, err := d.Deliver(d, 0, nil)
		must(err)
		if n == 0 {
			return
		}
	}
}

// Every event that the Engine publishes has a payload of a type of its own.
func TestEveryEventHasAPayload(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	_, err := d.PostAdjustment(d, bonus("a", 700))
	require.NoError(t, err)
	_, err = d.EraseCustomer(d, "cus_in_1")
	require.NoError(t, err)
	end := d.Now().AddDate(0, 2, 0)
	require.NoError(t, errOf(d.EditProgram(d, "main", program.SettingsChange{EndsAt: &end}, time.Time{})))
	d.clock.Set(end.Add(-time.Hour))
	_, err = d.NotifyEnding(d)
	require.NoError(t, err)
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{})
	require.NoError(t, err)
	_, err = d.MovePayout(d, issued[0].ID, payout.Failed, time.Time{})
	require.NoError(t, err)

	types := map[affiliate.EventType]bool{}
	_, err = d.Deliver(d, 0, func(_ context.Context, events []affiliate.Event) error {
		for _, e := range events {
			said, err := e.Payload()
			require.NoError(t, err)
			require.NotNil(t, said, e.Type)
			require.NotContains(t, string(e.Data), "cus_in_1")
			types[e.Type] = true
			if moved, ok := said.(affiliate.PayoutChanged); ok {
				require.Equal(t, int64(2700), moved.Amount)
			}
		}
		return nil
	})
	require.NoError(t, err)
	for _, want := range []affiliate.EventType{
		affiliate.EventConversionDecided, affiliate.EventAdjustmentPosted, affiliate.EventCustomerErased, affiliate.EventProgramEndingSoon,
		affiliate.EventPayoutIssued, affiliate.EventPayoutFailed, "setup.create_partner", "setup.approve",
	} {
		require.True(t, types[want], want)
	}
	unknown, err := affiliate.Event{Type: "of.tomorrow"}.Payload()
	require.NoError(t, err)
	require.Nil(t, unknown)
	_, err = affiliate.Event{Type: affiliate.EventConversionDecided, Data: []byte("{")}.Payload()
	require.Error(t, err)
}

// What fails comes again, with the same ids; what was taken is gone.
func TestDeliverAtLeastOnce(t *testing.T) {
	d := newDemo()
	d.drop()
	d.sell("in_1")
	d.sell("in_2")
	var seen [][]string
	take := func(fail error) func(context.Context, []affiliate.Event) error {
		return func(_ context.Context, events []affiliate.Event) error {
			var ids []string
			for _, e := range events {
				ids = append(ids, e.ID)
			}
			seen = append(seen, ids)
			return fail
		}
	}
	failure := errors.New("no connection")
	n, err := d.Deliver(d, 1, take(failure))
	require.ErrorIs(t, err, failure)
	require.Zero(t, n)
	for range 3 {
		n, err = d.Deliver(d, 1, take(nil))
		require.NoError(t, err)
	}
	require.Zero(t, n)
	require.Len(t, seen, 3)
	require.Equal(t, seen[0], seen[1])
	require.NotEqual(t, seen[1], seen[2])
}

// One delivers at a time. Who takes longer than a minute may be overtaken, and is told.
func TestDeliverOneAtATime(t *testing.T) {
	d := newDemo()
	d.drop()
	d.sell("in_1")
	_, err := d.Deliver(d, 0, func(ctx context.Context, _ []affiliate.Event) error {
		n, err := d.Deliver(ctx, 0, func(context.Context, []affiliate.Event) error { return errors.New("not its turn") })
		require.NoError(t, err)
		require.Zero(t, n)
		d.clock.Advance(time.Minute)
		n, err = d.Deliver(ctx, 0, func(context.Context, []affiliate.Event) error { return nil })
		require.NoError(t, err)
		require.Equal(t, 1, n, "somebody else's turn now")
		return nil
	})
	require.ErrorContains(t, err, "may be delivered again")

	for i := range 40 {
		d.sell(fmt.Sprint("out_", i))
	}
	var delivered atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				_, err := d.Deliver(d, 3, func(_ context.Context, events []affiliate.Event) error {
					delivered.Add(int32(len(events)))
					return nil
				})
				require.NoError(t, err)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 40, delivered.Load(), "each once where nothing fails")
}
