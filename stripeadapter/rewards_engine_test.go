package stripeadapter_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

func TestEngineStates(t *testing.T) {
	stripetest.States(t, memory.New(), os.DirFS("testdata/events"))
	require.Nil(t, stripeadapter.EngineStates(nil), "which a Provisioner refuses")
}

// rewarded is a host whose promo codes are provisioned, and whose webhook can look
// nothing up.
type rewarded struct {
	*bench
	host *stripetest.Host
}

func newRewarded(t *testing.T) rewarded {
	t.Helper()
	r := rewarded{newBench(t), stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), stripeadapter.Config{})}
	r.cfg.States = stripeadapter.EngineStates(r.host.Engine)
	return r
}

// pay delivers the first invoice of somebody who used ALEX10. It tells the promotion
// code by its id only.
func (r rewarded) pay(promotionCode string) stripeadapter.Result {
	r.t.Helper()
	e := stripetest.File("invoice.paid.promo-first.2023-10-16", stripetest.Set("data.object.discount.promotion_code", promotionCode))
	result, err := r.host.Adapter.Apply(r.t.Context(), e.Body(r.t, r.host.Events))
	require.NoError(r.t, err)
	require.Len(r.t, result.Conversions, 1)
	return result
}

func (r rewarded) earned() []string { return stripetest.Earned(r.t, r.host.Engine) }

// TestProvisionedCodeNeedsNoLookup checks that an event resolves a promotion code
// because the Provisioner made it.
func TestProvisionedCodeNeedsNoLookup(t *testing.T) {
	r := newRewarded(t)
	r.sync(wanted("ALEX10", percentOff(20)))
	require.Empty(t, r.pay(r.reward("ALEX10").PromotionCode).Missing)
	require.Equal(t, []string{"alex cad 800"}, r.earned())
	r.host.Verify(t)
}

// TestRetiredCodeIsStillKnown is acceptance case 30 without an event that tells of
// the promotion code: it was deactivated, and a discount goes on naming it.
func TestRetiredCodeIsStillKnown(t *testing.T) {
	r := newRewarded(t)
	code := wanted("ALEX10", percentOff(20))
	r.sync(code)
	r.sync(retired(code))
	require.Empty(t, r.active("ALEX10"))
	require.Empty(t, r.pay(r.reward("ALEX10").PromotionCode).Missing)
	require.Equal(t, []string{"alex cad 800"}, r.earned())
}

// TestPaymentBeforeItsCodeIsKnown lets a customer use a promotion code of whose
// creation the Provisioner has not heard: the payment counts without it, and is
// credited to the code's partner when the Provisioner or an event tells the code.
func TestPaymentBeforeItsCodeIsKnown(t *testing.T) {
	adopt := func(r rewarded) {
		r.clock.Advance(minute)
		r.sync(wanted("ALEX10", percentOff(20)))
	}
	told := func(r rewarded) {
		r.host.Deliver(r.t, stripetest.File("promotion_code.updated.deactivated", stripetest.Set("data.object.id", r.fake.promos[0].ID)))
	}
	for name, tell := range map[string][]func(rewarded){
		"the Provisioner finds it":      {adopt},
		"an event tells it":             {told},
		"both, the event first":         {told, adopt},
		"both, the Provisioner first":   {adopt, told},
		"the Provisioner finds it late": {func(r rewarded) { r.sync(retired(wanted("ADA10", percentOff(20)))) }, adopt},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRewarded(t)
			r.proxy.inject(faultRule{call: "POST /v1/promotion_codes", fault: brokenAfter})
			require.ErrorIs(t, r.failure(wanted("ALEX10", percentOff(20))), stripeadapter.ErrUnavailable)
			made := r.active("ALEX10")[0].ID
			require.Equal(t, []stripeadapter.Missing{stripeadapter.MissingPromotion}, r.pay(made).Missing)
			require.Equal(t, []string{"ada cad 800"}, r.earned(), "by the reference beside the code")
			for _, tell := range tell {
				tell(r)
			}
			require.Equal(t, []string{"alex cad 800"}, r.earned())
			require.Len(t, stripetest.Standing(t, r.host.Engine), 1)
			require.Empty(t, r.pay(made).Missing)
			require.Equal(t, []string{"alex cad 800"}, r.earned())
			r.host.Verify(t)
		})
	}
}

// countingLookup knows one promotion code of every invoice, and nothing of it.
type countingLookup struct {
	stripeadapter.Lookup
	promotion string
	asked     []string
}

func (l *countingLookup) PromotionsOf(_ context.Context, _, object string) ([]string, error) {
	l.asked = append(l.asked, object)
	return []string{l.promotion}, nil
}

func (l *countingLookup) CodeOf(context.Context, string, string) (string, error) { return "", nil }

// TestLookedUpPromotionIsKept checks that what was looked up is not asked for again,
// and that a Provisioner, which looks nothing up, goes by it.
func TestLookedUpPromotionIsKept(t *testing.T) {
	r := newRewarded(t)
	r.proxy.inject(faultRule{call: "POST /v1/promotion_codes", fault: brokenAfter})
	require.Error(t, r.failure(wanted("ALEX10", percentOff(20))))
	lookup := &countingLookup{promotion: r.active("ALEX10")[0].ID}
	adapter, err := stripeadapter.New(r.host.Engine, stripeadapter.Config{TestMode: true, Lookup: lookup})
	require.NoError(t, err)
	r.host.Adapter = adapter
	invoice := stripetest.File("invoice.paid.promo-first") // does not tell where its discount is from
	r.host.Deliver(t, invoice, invoice)
	require.Equal(t, []string{"in_basil_promo_0001"}, lookup.asked)
	require.Empty(t, r.earned())
	r.clock.Advance(minute)
	r.sync(wanted("ALEX10", percentOff(20)))
	require.Equal(t, []string{"alex cad 800"}, r.earned())
	require.Len(t, lookup.asked, 1)
}

// TestSyncOnAFailingStore breaks every call of the store that a provisioning makes.
// The next run ends in one coupon and one promotion code.
func TestSyncOnAFailingStore(t *testing.T) {
	code := wanted("ALEX10", percentOff(20))
	for n, spared := 1, false; !spared; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			r := newRewarded(t)
			store := &broken{Store: r.host.Store}
			r.cfg.States = stripeadapter.EngineStates(stripetest.NewEngine(t, store, "other"))
			store.left = n
			report, err := r.try(code)
			if spared = store.left > 0; spared {
				require.NoError(t, err)
				require.Equal(t, 1, report.Active)
				return
			}
			if err != nil {
				require.ErrorIs(t, err, errBroken)
				require.Equal(t, 1, report.Left)
			} else {
				require.ErrorIs(t, report.Failed[0].Err, errBroken)
			}
			r.clock.Advance(minute)
			require.Equal(t, 1, r.sync(code).Active)
			promos, coupons := r.fake.there()
			require.Len(t, promos, 1)
			require.Equal(t, 1, coupons)
			require.Equal(t, promos[0].ID, r.reward("ALEX10").PromotionCode)
			of, known, err := stripeadapter.CodeOf(t.Context(), r.cfg.States, promos[0].ID)
			require.NoError(t, err)
			require.True(t, known)
			require.Equal(t, "ALEX10", of)
		})
	}
}
