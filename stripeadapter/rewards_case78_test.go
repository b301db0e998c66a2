package stripeadapter_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// TestCase78 is acceptance case 78: provisioning is idempotent, finds what it left
// behind, and refuses what Stripe cannot carry out before it asks.
func TestCase78(t *testing.T) {
	t.Run("requested twice", func(t *testing.T) {
		b := newBench(t)
		require.Equal(t, 1, b.sync(wanted("ALEX10", percentOff(10))).Active)
		b.proxy.seen()
		require.Equal(t, 1, b.sync(wanted("ALEX10", percentOff(10))).Active)
		require.Empty(t, b.proxy.seen(), "what is known to be there is not asked for")
		require.Len(t, b.active("ALEX10"), 1)
		require.Regexp(t, "^aff_[0-9a-f]{24}$", b.one().ID)
	})
	t.Run("requested twice, and the state was lost", func(t *testing.T) {
		b := newBench(t)
		b.sync(wanted("ALEX10", percentOff(10)))
		before := b.reward("ALEX10")
		b.states.docs = map[string][]byte{}
		b.sync(wanted("ALEX10", percentOff(10)))
		require.Equal(t, before, b.reward("ALEX10"))
		require.Len(t, b.active("ALEX10"), 1)
		b.one()
	})
	t.Run("requested concurrently", case78Concurrent)
	t.Run("promotion code fails after the coupon", func(t *testing.T) {
		b := newBench(t)
		b.fake.breaks = []bool{false}
		require.ErrorIs(t, b.failure(wanted("ALEX10", percentOff(10))), stripeadapter.ErrUnavailable)
		coupon := b.one().ID
		b.clock.Advance(minute)
		b.sync(wanted("ALEX10", percentOff(10)))
		require.Equal(t, coupon, b.one().ID)
		require.Equal(t, coupon, b.active("ALEX10")[0].Coupon.ID)
	})
	t.Run("code taken by a foreign coupon", func(t *testing.T) {
		b := newBench(t)
		b.fake.add("ALEX10", &fakeCoupon{ID: "SUMMER"}, nil)
		require.ErrorIs(t, b.failure(wanted("ALEX10", percentOff(10))), stripeadapter.ErrCodeTaken)
		require.Equal(t, "code_taken", b.reward("ALEX10").Problem)
		require.Len(t, b.active("ALEX10"), 1)
	})
	t.Run("amount off for ever", func(t *testing.T) {
		b := newBench(t)
		r := promo.Reward{Kind: promo.AmountOff, Amount: 500, Currency: "usd", Span: promo.EveryInvoice}
		require.ErrorIs(t, b.failure(wanted("ALEX10", r)), stripeadapter.ErrUnsupportedReward)
		require.Empty(t, b.proxy.seen())
		require.Equal(t, stripeadapter.RewardFailed, b.reward("ALEX10").Status)
	})
	t.Run("jpy", func(t *testing.T) {
		b := newBench(t)
		b.sync(wanted("ALEX10", promo.Reward{Kind: promo.AmountOff, Amount: 500, Currency: "jpy", Span: promo.FirstInvoice}))
		require.Equal(t, int64(500), b.one().AmountOff)
		require.Equal(t, "jpy", b.one().Currency)
	})
	t.Run("name of 40 characters", func(t *testing.T) {
		b := newBench(t)
		b.cfg.Label = strings.Repeat("ü", 45)
		b.sync(wanted("ALEX10", percentOff(10)))
		require.Equal(t, strings.Repeat("ü", 40), b.one().Name)
	})
}

// case78Concurrent lets many runs bring the same codes to Stripe at once, with the
// same state and, as two installations would, with states of their own.
func case78Concurrent(t *testing.T) {
	for _, shared := range []bool{true, false} {
		t.Run(fmt.Sprintf("shared state %t", shared), func(t *testing.T) {
			b := newBench(t)
			codes := []stripeadapter.Wanted{wanted("ALEX10", percentOff(10)), wanted("ADA10", percentOff(10))}
			var runs sync.WaitGroup
			for range 16 {
				cfg := b.cfg
				if !shared {
					cfg.States = newMemoryStates()
				}
				runs.Go(func() {
					p, err := stripeadapter.NewProvisioner(cfg)
					if err == nil {
						_, err = p.Sync(context.Background(), codes)
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			runs.Wait()
			b.one()
			require.Len(t, b.active("ALEX10"), 1)
			require.Len(t, b.active("ADA10"), 1)
			promos, _ := b.fake.there()
			require.Len(t, promos, 2, "none was made and thrown away")
			if shared {
				b.clock.Advance(minute)
				require.Equal(t, 2, b.sync(codes...).Active)
				require.Equal(t, b.active("ALEX10")[0].ID, b.reward("ALEX10").PromotionCode)
			}
		})
	}
}
