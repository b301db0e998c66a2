package stripeadapter_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// TestSyncAfterAnyFault breaks every call of a provisioning in every way. Runs that
// follow end in one coupon and one promotion code, and none is thrown away.
func TestSyncAfterAnyFault(t *testing.T) {
	calls := []string{"GET /v1/promotion_codes", "GET /v1/coupons", "POST /v1/coupons", "POST /v1/promotion_codes"}
	for _, broken := range calls {
		for _, kind := range []fault{tooMany, denied, brokenBefore, brokenAfter, silentAfter, cutBefore, cutAfter} {
			for _, lost := range []int{0, 1} {
				t.Run(fmt.Sprintf("%s/%d/%d", broken, kind, lost), func(t *testing.T) {
					b := newBench(t)
					if kind == silentAfter {
						b.cfg.CallTimeout = 50 * time.Millisecond
					}
					b.states.lose = lost
					times := 1
					if kind == cutBefore || kind == cutAfter {
						times = 2 // net/http itself repeats a call whose connection was cut
					}
					b.proxy.inject(faultRule{call: broken, fault: kind, times: times})
					report, err := b.try(wanted("ALEX10", percentOff(10)))
					switch kind {
					case tooMany:
						require.ErrorIs(t, err, stripeadapter.ErrRateLimited)
						require.Equal(t, 1, report.Left)
					case denied:
						require.ErrorIs(t, err, stripeadapter.ErrNotPermitted)
						require.Equal(t, 1, report.Left)
					default:
						require.NoError(t, err)
						require.Equal(t, 1, report.Active+len(report.Failed))
					}
					b.proxy.heal()
					b.cfg.CallTimeout = 0
					b.clock.Advance(minute)
					require.Equal(t, 1, b.sync(wanted("ALEX10", percentOff(10))).Active)
					promos, coupons := b.fake.there()
					require.Equal(t, 1, coupons)
					require.Len(t, promos, 1)
					require.Equal(t, promos[0].ID, b.reward("ALEX10").PromotionCode)
					require.Equal(t, promos[0].Coupon.ID, b.reward("ALEX10").Coupon)
				})
			}
		}
	}
}

// TestRepeatedCalls lets stripe-go repeat calls by itself: what Stripe did the first
// time it does not do again.
func TestRepeatedCalls(t *testing.T) {
	for name, rule := range map[string]faultRule{
		"unavailable": {fault: answered, code: http.StatusServiceUnavailable, body: `{"error":{"type":"api_error"}}`},
		"cut before":  {fault: cutBefore, times: 2}, // net/http repeats it once, too
		"cut after":   {fault: cutAfter, times: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.cfg.API = stripeadapter.NewAPI("sk_test_1", stripeadapter.APIOptions{URL: b.proxy.URL})
			rule.call = "POST /v1/promotion_codes"
			b.proxy.inject(rule)
			require.Equal(t, 1, b.sync(wanted("ALEX10", percentOff(10))).Active)
			promos, coupons := b.fake.there()
			require.Len(t, promos, 1)
			require.Equal(t, 1, coupons)
		})
	}
}

// TestSameCallUnderWay checks that an attempt which another run is just making is
// not taken for one that Stripe refused.
func TestSameCallUnderWay(t *testing.T) {
	b := newBench(t)
	b.proxy.inject(faultRule{
		call: "POST /v1/promotion_codes", fault: answered, code: http.StatusConflict,
		body: `{"error":{"type":"idempotency_error","message":"There is currently another in-progress request using this key"}}`,
	})
	require.ErrorIs(t, b.failure(wanted("ALEX10", percentOff(10))), stripeadapter.ErrUnavailable)
	tried := b.proxy.seen()
	b.clock.Advance(minute)
	b.sync(wanted("ALEX10", percentOff(10)))
	again := b.proxy.seen()
	require.Equal(t, tried[len(tried)-1].Header["Idempotency-Key"], again[len(again)-1].Header["Idempotency-Key"])
}

// TestKeptFault checks that a fault which Stripe keeps with the idempotency key is
// not asked for again, whether the promotion code was made or not.
func TestKeptFault(t *testing.T) {
	for _, effect := range []bool{true, false} {
		t.Run(fmt.Sprint(effect), func(t *testing.T) {
			b := newBench(t)
			b.fake.breaks = []bool{effect}
			require.ErrorIs(t, b.failure(wanted("ALEX10", percentOff(10))), stripeadapter.ErrUnavailable)
			require.Equal(t, "unavailable", b.reward("ALEX10").Problem)
			b.clock.Advance(minute)
			b.sync(wanted("ALEX10", percentOff(10)))
			promos, _ := b.fake.there()
			require.Len(t, promos, 1)
		})
	}
}

// TestRetiredWhileUnsure checks that a promotion code whose creation was not heard
// of is deactivated with its code all the same.
func TestRetiredWhileUnsure(t *testing.T) {
	b := newBench(t)
	b.proxy.inject(faultRule{call: "POST /v1/promotion_codes", fault: brokenAfter})
	code := wanted("ALEX10", percentOff(10))
	require.Error(b.t, b.failure(code))
	require.Len(t, b.active("ALEX10"), 1)
	b.clock.Advance(minute)
	b.sync(retired(code))
	require.Empty(t, b.active("ALEX10"))
	made := b.fake.promos[0].ID
	require.Equal(t, made, b.reward("ALEX10").PromotionCode)
	of, _, err := stripeadapter.CodeOf(context.Background(), b.states, made)
	require.NoError(t, err)
	require.Equal(t, "ALEX10", of)

	b.sync(code)
	require.Equal(t, made, b.active("ALEX10")[0].ID)
}

// TestRewardChangedWhileUnsure checks that a promotion code whose creation was not
// heard of stays what it is.
func TestRewardChangedWhileUnsure(t *testing.T) {
	b := newBench(t)
	b.proxy.inject(faultRule{call: "POST /v1/promotion_codes", fault: brokenAfter})
	require.Error(b.t, b.failure(wanted("ALEX10", percentOff(10))))
	b.clock.Advance(minute)
	b.sync(wanted("ALEX10", percentOff(20)))
	require.Equal(t, couponOf(t, percentOff(10)), b.active("ALEX10")[0].Coupon.ID)
	require.Equal(t, couponOf(t, percentOff(10)), b.reward("ALEX10").Coupon)
}

func TestWaitsLongerEachTime(t *testing.T) {
	b := newBench(t)
	b.fake.add("ALEX10", &fakeCoupon{ID: "SUMMER"}, nil)
	code := wanted("ALEX10", percentOff(10))
	wait := minute
	for range 12 {
		require.Error(b.t, b.failure(code))
		require.Equal(t, b.clock.Now().Add(min(wait, 6*time.Hour)), b.reward("ALEX10").Retry)
		b.clock.Advance(min(wait, 6*time.Hour) - time.Second)
		report, err := b.try(code)
		require.NoError(t, err)
		require.Equal(t, 1, report.Waiting)
		b.clock.Advance(time.Second)
		wait *= 2
	}
	require.Error(b.t, b.failure(code))
	code.Force = true
	require.Error(b.t, b.failure(code))
}

// TestStripeIsDown checks that a run does not wait for each of many codes.
func TestStripeIsDown(t *testing.T) {
	b := newBench(t)
	b.proxy.inject(faultRule{call: "", fault: brokenAfter, times: 100})
	var codes []stripeadapter.Wanted
	for i := range 10 {
		codes = append(codes, wanted(fmt.Sprintf("ALEX%d", i), percentOff(10)))
	}
	report, err := b.try(codes...)
	require.ErrorIs(t, err, stripeadapter.ErrUnavailable)
	require.Len(t, report.Failed, 3)
	require.Equal(t, 7, report.Left)
}

func TestCodesPerRun(t *testing.T) {
	b := newBench(t)
	b.cfg.CodesPerRun = 4
	var codes []stripeadapter.Wanted
	for i := range 10 {
		codes = append(codes, wanted(fmt.Sprintf("ALEX%d", i), percentOff(10)))
	}
	for _, want := range []stripeadapter.Report{{Active: 4, Left: 6}, {Active: 8, Left: 2}, {Active: 10}} {
		report, err := b.try(codes...)
		require.NoError(t, err)
		require.Equal(t, want, report)
	}
}

func TestStatesFail(t *testing.T) {
	t.Run("broken", func(t *testing.T) {
		b := newBench(t)
		b.states.broken = true
		report, err := b.try(wanted("ALEX10", percentOff(10)))
		require.ErrorIs(t, err, errDisk)
		require.Equal(t, 1, report.Left)
		require.Empty(t, b.proxy.seen())
		_, err = b.provisioner().Rewards(context.Background(), "ALEX10")
		require.ErrorIs(t, err, errDisk)
		_, _, err = stripeadapter.CodeOf(context.Background(), b.states, "promo_1")
		require.ErrorIs(t, err, errDisk)
	})
	t.Run("damaged", func(t *testing.T) {
		b := newBench(t)
		b.sync(wanted("ALEX10", percentOff(10)))
		for key := range b.states.docs {
			b.states.docs[key] = []byte("{")
		}
		report, err := b.try(wanted("ALEX10", percentOff(10)), wanted("ADA10", percentOff(10)))
		require.NoError(t, err)
		require.Len(t, report.Failed, 1)
		require.Equal(t, 1, report.Active, "the next code goes on")
	})
	t.Run("always changed by somebody", func(t *testing.T) {
		b := newBench(t)
		b.states.lose = 1000
		report, err := b.try(wanted("ALEX10", percentOff(10)))
		require.NoError(t, err)
		require.Equal(t, 1, report.Left)
	})
}

// TestCodeOfBesideOthers checks that a document which somebody else began about a
// promotion code gets its code and keeps the rest.
func TestCodeOfBesideOthers(t *testing.T) {
	const key = "promotion_code/promo_1"
	b := newBench(t)
	b.states.docs[key] = []byte(`{"waiting":["in_1"]}`)
	_, known, err := stripeadapter.CodeOf(context.Background(), b.states, "promo_1")
	require.NoError(t, err)
	require.False(t, known)
	b.sync(wanted("ALEX10", percentOff(10)))
	require.JSONEq(t, `{"waiting":["in_1"],"code":"ALEX10"}`, string(b.states.docs[key]))

	b.states.docs["promotion_code/promo_2"] = []byte("{")
	require.ErrorContains(t, b.failure(wanted("ADA10", percentOff(10))), "promotion_code/promo_2")
	delete(b.states.docs, "promotion_code/promo_2")
	b.clock.Advance(minute)
	b.sync(wanted("ADA10", percentOff(10)))
	promos, _ := b.fake.there()
	require.Len(t, promos, 2)
}

func TestContextEnds(t *testing.T) {
	b := newBench(t)
	b.proxy.inject(faultRule{call: "POST /v1/promotion_codes", fault: silentAfter})
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	report, err := b.provisioner().Sync(ctx, []stripeadapter.Wanted{wanted("ALEX10", percentOff(10))})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, 1, report.Left)
	require.Equal(t, stripeadapter.RewardPending, b.reward("ALEX10").Status)
	b.sync(wanted("ALEX10", percentOff(10)))
	promos, _ := b.fake.there()
	require.Len(t, promos, 1)
}

// TestWantedCodes checks what an Engine's configuration asks of Stripe.
func TestWantedCodes(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	eng, err := affiliate.New(memory.New(), affiliate.Config{Now: b.clock.Now})
	require.NoError(t, err)
	rules := []commission.Rule{{ID: "all", Trigger: commission.Every, Type: commission.Percent, Value: "20"}}
	require.NoError(t, errOf(eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: home(), Rules: rules}, affiliate.Always())))
	require.NoError(t, errOf(eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always())))
	require.NoError(t, errOf(eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always())))
	require.NoError(t, errOf(eng.AddCode(ctx, affiliate.Code{Code: "OLD10", Partner: "ada"})))
	b.clock.Advance(minute)
	ten := percentOff(10)
	require.NoError(t, errOf(eng.EditProgram(ctx, "main", program.SettingsChange{Reward: ten.Change()}, time.Time{})))
	require.NoError(t, errOf(eng.AddCode(ctx, affiliate.Code{Code: "AAA10", Partner: "ada"})))
	b.clock.Advance(minute)
	twenty := percentOff(20)
	require.NoError(t, errOf(eng.EditProgram(ctx, "main", program.SettingsChange{Reward: twenty.Change()}, time.Time{})))
	require.NoError(t, errOf(eng.RetireCode(ctx, "OLD10", time.Time{})))
	b.clock.Advance(minute)

	setup, err := eng.Configuration(ctx)
	require.NoError(t, err)
	codes := stripeadapter.WantedCodes(setup, eng.Now())
	require.Len(t, codes, 3)
	require.Equal(t, stripeadapter.Wanted{Code: "AAA10", Partner: "ada", Program: "main", Active: true, Reward: &ten}, codes[0])
	require.Regexp(t, "^ADA[0-9A-F]{4}$", codes[1].Code)
	require.Equal(t, &twenty, codes[1].Reward, "a reward that is switched on reaches the codes that are there")
	require.Equal(t, stripeadapter.Wanted{Code: "OLD10", Partner: "ada", Program: "main", Reward: &twenty}, codes[2])

	require.Equal(t, 2, b.sync(codes...).Active)
	require.InDelta(t, 10, b.active("AAA10")[0].Coupon.PercentOff, 0)
	require.Empty(t, b.active("OLD10"))
}
