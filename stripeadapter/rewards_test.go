package stripeadapter_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

const minute = time.Minute

// TestRewardTerms checks what Stripe is asked for, and that stripe-mock takes it.
func TestRewardTerms(t *testing.T) {
	amount := func(minor int64, currency string) promo.Reward {
		return promo.Reward{Kind: promo.AmountOff, Amount: minor, Currency: money.Currency(currency), Span: promo.FirstInvoice}
	}
	cases := []struct {
		name   string
		reward promo.Reward
		want   fakeCoupon
	}{
		{"percent once", percentOff(20), fakeCoupon{PercentOff: 20, Duration: "once", Name: "20% off"}},
		{
			"percent for ever",
			promo.Reward{Kind: promo.PercentOff, Percent: 5, Span: promo.EveryInvoice},
			fakeCoupon{PercentOff: 5, Duration: "forever", Name: "5% off every invoice"},
		},
		{
			"percent for months",
			promo.Reward{Kind: promo.PercentOff, Percent: 50, Span: promo.FirstMonths, Months: 6},
			fakeCoupon{PercentOff: 50, Duration: "repeating", Months: 6, Name: "50% off for 6 months"},
		},
		{
			"amount for months",
			promo.Reward{Kind: promo.AmountOff, Amount: 1250, Currency: "usd", Span: promo.FirstMonths, Months: 1},
			fakeCoupon{AmountOff: 1250, Currency: "usd", Duration: "repeating", Months: 1, Name: "12.50 USD off for 1 month"},
		},
		{
			"free months",
			promo.Reward{Kind: promo.FreeMonths, Months: 2},
			fakeCoupon{PercentOff: 100, Duration: "repeating", Months: 2, Name: "2 months free"},
		},
		{"two digits", amount(500, "huf"), fakeCoupon{AmountOff: 500, Currency: "huf", Duration: "once", Name: "5.00 HUF off"}},
		{"no digits", amount(500, "jpy"), fakeCoupon{AmountOff: 500, Currency: "jpy", Duration: "once", Name: "500 JPY off"}},
		{"three digits", amount(1500, "kwd"), fakeCoupon{AmountOff: 1500, Currency: "kwd", Duration: "once", Name: "1.500 KWD off"}},
		{"two digits at Stripe only", amount(500, "isk"), fakeCoupon{AmountOff: 50000, Currency: "isk", Duration: "once", Name: "500 ISK off"}},
		{"no digits at Stripe only", amount(500, "mga"), fakeCoupon{AmountOff: 5, Currency: "mga", Duration: "once", Name: "5.00 MGA off"}},
	}
	mock := startStripeMock(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fake := newFakeStripe()
			b := newBenchOn(t, fake, checkedBy(t, mock, fake))
			b.cfg.AllMonthly = true
			b.sync(wanted("ALEX10", c.reward))
			made := b.one()
			require.Equal(t, map[string]string{"affiliate_organization": "acme"}, made.Metadata)
			made.ID, made.Metadata = "", nil
			require.Equal(t, c.want, made)
			require.Equal(t, map[string]string{
				"affiliate_organization": "acme", "affiliate_code": "ALEX10", "affiliate_partner": "ada", "affiliate_program": "main",
			}, b.active("ALEX10")[0].Metadata)
			b.sync(retired(wanted("ALEX10", c.reward)))
		})
	}
}

// TestUnsupportedReward checks that what Stripe cannot carry out is refused before
// it is asked anything.
func TestUnsupportedReward(t *testing.T) {
	amount := func(minor int64, currency money.Currency) promo.Reward {
		return promo.Reward{Kind: promo.AmountOff, Amount: minor, Currency: currency, Span: promo.FirstInvoice}
	}
	for name, reward := range map[string]promo.Reward{
		"not a reward":                {},
		"half a unit":                 amount(501, "mga"),
		"a digit that Stripe lacks":   amount(1501, "kwd"),
		"too much":                    amount(1<<62, "isk"),
		"free months":                 {Kind: promo.FreeMonths, Months: 1},
		"free months, by a percent":   {Kind: promo.PercentOff, Percent: 100, Span: promo.FirstMonths, Months: 12},
		"amount off every invoice":    {Kind: promo.AmountOff, Amount: 1, Currency: "usd", Span: promo.EveryInvoice},
		"more than a hundred percent": {Kind: promo.PercentOff, Percent: 101, Span: promo.FirstInvoice},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			require.ErrorIs(t, b.failure(wanted("ALEX10", reward)), stripeadapter.ErrUnsupportedReward)
			require.Empty(t, b.proxy.seen())
			require.Equal(t, "unsupported_reward", b.reward("ALEX10").Problem)
		})
	}
}

func TestFreeMonthsNeedMonthlyPrices(t *testing.T) {
	month := promo.Reward{Kind: promo.FreeMonths, Months: 1}
	for name, c := range map[string]struct {
		every fakeRecurring
		ok    bool
	}{
		"monthly":       {fakeRecurring{"month", 1}, true},
		"weekly":        {fakeRecurring{"week", 2}, true},
		"yearly":        {fakeRecurring{"year", 1}, false},
		"quarterly":     {fakeRecurring{"month", 3}, false},
		"every 90 days": {fakeRecurring{"day", 90}, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.fake.prices = []fakePrice{{"price_1", "prod_a", fakeRecurring{"month", 1}}, {"price_2", "prod_a", c.every}}
			b.cfg.MonthlyProducts = []string{"prod_b", "prod_a"}
			if !c.ok {
				err := b.failure(wanted("ALEX10", month))
				require.ErrorIs(t, err, stripeadapter.ErrUnsupportedReward)
				require.ErrorContains(t, err, "price_2")
				promos, coupons := b.fake.there()
				require.Empty(t, promos)
				require.Zero(t, coupons)
				return
			}
			b.sync(wanted("ALEX10", month))
			require.Equal(t, []string{"prod_a", "prod_b"}, b.one().AppliesTo.Products)
			b.fake.prices[1].Recurring = fakeRecurring{"year", 1}
			require.ErrorIs(t, b.failure(wanted("ADA10", month)), stripeadapter.ErrUnsupportedReward, "prices change")
		})
	}
}

func TestEmptyCode(t *testing.T) {
	b := newBench(t)
	require.ErrorIs(t, b.failure(wanted("", percentOff(10))), stripeadapter.ErrUnsupportedCode)
	require.Empty(t, b.proxy.seen())
}

func TestCodeWithADash(t *testing.T) {
	b := newBench(t)
	require.ErrorIs(t, b.failure(wanted("ALEX-10", percentOff(10))), stripeadapter.ErrUnsupportedCode)
	require.Empty(t, b.proxy.seen())
	b.cfg.Dashes = true
	b.clock.Advance(minute)
	b.sync(wanted("ALEX-10", percentOff(10)))
	require.Len(t, b.active("ALEX-10"), 1)
}

// TestOneCouponForAllCodes checks that codes with the same terms share a coupon, and
// that nothing else does.
func TestOneCouponForAllCodes(t *testing.T) {
	b := newBench(t)
	b.sync(wanted("ALEX10", percentOff(10)), wanted("ADA10", percentOff(10)))
	require.Equal(t, b.one().ID, b.active("ADA10")[0].Coupon.ID)
	b.sync(wanted("ALEX20", percentOff(20)))
	_, coupons := b.fake.there()
	require.Equal(t, 2, coupons)
	b.cfg.Organization, b.cfg.States = "other", newMemoryStates()
	b.sync(wanted("BEA10", percentOff(10)))
	_, coupons = b.fake.there()
	require.Equal(t, 3, coupons)
	b.cfg.AllMonthly = true
	b.sync(wanted("FREE2", promo.Reward{Kind: promo.FreeMonths, Months: 2}))
	b.sync(wanted("ALL2", promo.Reward{Kind: promo.PercentOff, Percent: 100, Span: promo.FirstMonths, Months: 2}))
	require.Equal(t, b.active("FREE2")[0].Coupon.ID, b.active("ALL2")[0].Coupon.ID, "the same in other words")
}

// TestCouponWithOtherTerms checks that a coupon of our id that is not ours is not
// handed out.
func TestCouponWithOtherTerms(t *testing.T) {
	b := newBench(t)
	b.sync(wanted("ALEX10", percentOff(10)))
	b.fake.coupons[b.one().ID].PercentOff = 90
	require.ErrorContains(t, b.failure(wanted("ADA10", percentOff(10))), "other terms")
}

func TestTakenCode(t *testing.T) {
	t.Run("in another spelling", func(t *testing.T) {
		b := newBench(t)
		b.fake.add("alex10", &fakeCoupon{ID: "SUMMER"}, nil)
		require.ErrorIs(t, b.failure(wanted("ALEX10", percentOff(10))), stripeadapter.ErrCodeTaken)
	})
	t.Run("by another organization", func(t *testing.T) {
		b := newBench(t)
		b.sync(wanted("ALEX10", percentOff(10)))
		b.cfg.Organization, b.cfg.States = "other", newMemoryStates()
		require.ErrorIs(t, b.failure(wanted("ALEX10", percentOff(10))), stripeadapter.ErrCodeTaken)
	})
	t.Run("on our coupon, by hand", func(t *testing.T) {
		b := newBench(t)
		b.sync(wanted("ADA10", percentOff(10)))
		coupon := b.one()
		b.fake.add("ALEX10", &coupon, nil)
		require.ErrorIs(t, b.failure(wanted("ALEX10", percentOff(10))), stripeadapter.ErrCodeTaken)
	})
	t.Run("for one customer only", func(t *testing.T) {
		b := newBench(t)
		customer := "cus_1"
		b.fake.add("ALEX10", &fakeCoupon{ID: "SUMMER"}, nil).Customer = &customer
		b.sync(wanted("ALEX10", percentOff(10)))
		require.Len(t, b.active("ALEX10"), 2)
	})
	t.Run("until it is free", func(t *testing.T) {
		b := newBench(t)
		other := b.fake.add("ALEX10", &fakeCoupon{ID: "SUMMER"}, nil)
		require.Error(b.t, b.failure(wanted("ALEX10", percentOff(10))))
		other.Active = false
		report, err := b.try(wanted("ALEX10", percentOff(10)))
		require.NoError(t, err)
		require.Equal(t, 1, report.Waiting)
		b.clock.Advance(minute)
		b.sync(wanted("ALEX10", percentOff(10)))
		require.Len(t, b.active("ALEX10"), 1)
		require.Empty(t, b.reward("ALEX10").Problem)
	})
}

// TestCodeLeadsAndReturns follows a code through retirement and back.
func TestCodeLeadsAndReturns(t *testing.T) {
	b := newBench(t)
	code := wanted("ALEX10", percentOff(10))
	b.sync(retired(code))
	require.Empty(t, b.proxy.seen(), "a code that never was at Stripe need not leave")
	b.sync(code)
	first := b.active("ALEX10")[0].ID

	require.Equal(t, 1, b.sync(retired(code)).Inactive)
	require.Empty(t, b.active("ALEX10"))
	require.Equal(t, stripeadapter.RewardInactive, b.reward("ALEX10").Status)
	b.proxy.seen()
	b.sync(retired(code))
	require.Empty(t, b.proxy.seen())

	b.sync(wanted("ALEX10", percentOff(99)))
	require.Equal(t, first, b.active("ALEX10")[0].ID, "a code keeps the reward it was provisioned with")

	b.sync(retired(code))
	delete(b.fake.coupons, b.one().ID)
	none := code
	none.Reward = nil
	b.sync(none)
	require.NotEqual(t, first, b.active("ALEX10")[0].ID)
	require.InDelta(t, 10, b.one().PercentOff, 0, "also when the program has none any more and the coupon is gone")

	for _, id := range []string{first, b.active("ALEX10")[0].ID} {
		of, ok, err := stripeadapter.CodeOf(context.Background(), b.states, id)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, "ALEX10", of)
	}
	_, ok, err := stripeadapter.CodeOf(context.Background(), b.states, "promo_other")
	require.NoError(t, err)
	require.False(t, ok)
}

// TestRewardSwitchedOff checks that a program that has no reward any more takes none
// away, and that nothing is made for one that never had any.
func TestRewardSwitchedOff(t *testing.T) {
	b := newBench(t)
	none := wanted("ALEX10", promo.Reward{})
	none.Reward = nil
	b.sync(none)
	require.Empty(t, b.proxy.seen())
	require.Empty(t, b.reward("ALEX10").Status)
	b.sync(wanted("ALEX10", percentOff(10)))
	b.proxy.seen()
	require.Equal(t, 1, b.sync(none).Active)
	require.Empty(t, b.proxy.seen())
	require.Len(t, b.active("ALEX10"), 1)
}

// TestForce checks that a code that was deactivated at Stripe comes back when the
// owner asks for it, and not before.
func TestForce(t *testing.T) {
	b := newBench(t)
	code := wanted("ALEX10", percentOff(10))
	b.sync(code)
	first := b.active("ALEX10")[0].ID
	b.fake.promos[0].Active = false
	b.sync(code)
	require.Empty(t, b.active("ALEX10"))
	code.Force = true
	b.sync(code)
	require.Equal(t, first, b.active("ALEX10")[0].ID)
}

// TestForceWithoutState checks that a promotion code which nobody remembers is
// deactivated with its code when the owner asks for it.
func TestForceWithoutState(t *testing.T) {
	b := newBench(t)
	code := wanted("ALEX10", percentOff(10))
	b.sync(code)
	b.states.docs = map[string][]byte{}
	b.sync(retired(code))
	require.Len(t, b.active("ALEX10"), 1)
	code.Force = true
	require.Equal(t, 1, b.sync(retired(code)).Inactive)
	require.Empty(t, b.active("ALEX10"))
	require.NotEmpty(t, b.reward("ALEX10").PromotionCode)

	b.fake.add("SUMMER", &fakeCoupon{ID: "SUMMER"}, nil)
	foreign := retired(wanted("SUMMER", percentOff(10)))
	foreign.Force = true
	b.sync(foreign)
	require.Len(t, b.active("SUMMER"), 1, "what others made is left alone")
}

// TestAccountsAndModes checks that each account and mode has promotion codes of its
// own.
func TestAccountsAndModes(t *testing.T) {
	b := newBench(t)
	b.cfg.Account = "acct_1"
	b.sync(wanted("ALEX10", percentOff(10)))
	for _, c := range b.proxy.seen() {
		require.Equal(t, "acct_1", c.Header.Get("Stripe-Account"), c.Path)
	}
	for _, cfg := range []struct{ account, key string }{{"", "sk_test_1"}, {"acct_1", "sk_live_1"}} {
		b.cfg.Account, b.cfg.API = cfg.account, b.proxy.api(cfg.key)
		require.Empty(t, b.reward("ALEX10").Status)
		b.sync(wanted("ALEX10", percentOff(10)))
		require.NotEmpty(t, b.proxy.seen())
	}
}

func TestNewProvisionerChecksItsConfig(t *testing.T) {
	_, err := stripeadapter.NewProvisioner(stripeadapter.ProvisionerConfig{Account: "x", CodesPerRun: -1})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	fields := []string{}
	for _, p := range affiliate.Problems(err) {
		fields = append(fields, p.Field)
	}
	require.Equal(t, []string{"api", "organization", "account", "states", "now", "codesPerRun"}, fields)
}

// missingCoupon makes stripe-mock, which has every coupon there is, answer a lookup
// as Stripe does before the coupon is made.
func missingCoupon() faultRule {
	return faultRule{
		call: "GET /v1/coupons/", fault: answered, code: http.StatusNotFound,
		body: `{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such coupon"}}`,
	}
}

// TestStripeMockTakesAnAnswer checks the client against stripe-mock's own answers.
func TestStripeMockTakesAnAnswer(t *testing.T) {
	b := newBenchOn(t, newFakeStripe(), forward(startStripeMock(t)))
	b.proxy.inject(missingCoupon())
	require.Equal(t, 1, b.sync(wanted("ALEX10", percentOff(10))).Active)
	require.Equal(t, []string{
		"GET /v1/promotion_codes", "GET /v1/coupons/" + couponOf(t, percentOff(10)), "POST /v1/coupons", "POST /v1/promotion_codes",
	}, b.proxy.names())
	require.Equal(t, 1, b.sync(retired(wanted("ALEX10", percentOff(10)))).Inactive)
	require.Equal(t, []string{"POST /v1/promotion_codes/" + b.reward("ALEX10").PromotionCode}, b.proxy.names())
}

// TestStripeMockFaults breaks the calls to stripe-mock: the next run goes on.
func TestStripeMockFaults(t *testing.T) {
	mock := forward(startStripeMock(t))
	code := wanted("ALEX10", percentOff(10))
	for _, broken := range []string{"POST /v1/coupons", "POST /v1/promotion_codes"} {
		for kind, want := range map[fault]error{
			tooMany: stripeadapter.ErrRateLimited, brokenAfter: stripeadapter.ErrUnavailable, silentAfter: stripeadapter.ErrUnavailable,
		} {
			t.Run(fmt.Sprint(broken, "/", kind), func(t *testing.T) {
				b := newBenchOn(t, newFakeStripe(), mock)
				if kind == silentAfter {
					b.cfg.CallTimeout = 200 * time.Millisecond
				}
				b.proxy.inject(missingCoupon(), faultRule{call: broken, fault: kind})
				report, err := b.try(code)
				if kind == tooMany {
					require.ErrorIs(t, err, want)
				} else {
					require.NoError(t, err)
					require.ErrorIs(t, report.Failed[0].Err, want)
				}
				b.proxy.heal()
				b.proxy.inject(missingCoupon())
				b.cfg.CallTimeout = 0
				b.clock.Advance(minute)
				require.Equal(t, 1, b.sync(code).Active)
			})
		}
	}
}

// couponOf is the id of the coupon of a reward.
func couponOf(t *testing.T, reward promo.Reward) string {
	t.Helper()
	b := newBench(t)
	b.sync(wanted("ALEX10", reward))
	return b.one().ID
}
