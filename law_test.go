package affiliate_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/storage/memory"
)

type host struct {
	*testing.T
	*affiliate.Engine
	clock *affiliatetest.Clock
	store *memory.Store
	ctx   context.Context
}

func day(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }

func ptr[T any](v T) *T { return &v }

func percent(id, v string) commission.Rule {
	return commission.Rule{ID: id, Trigger: commission.Every, Type: commission.Percent, Value: v}
}

func newHost(t *testing.T, s program.SettingsChange, partners ...string) *host {
	t.Helper()
	h := &host{T: t, clock: affiliatetest.NewClock(day(400)), store: memory.New(), ctx: t.Context()}
	var err error
	h.Engine, err = affiliate.New(h.store, affiliate.Config{Now: h.clock.Now})
	require.NoError(t, err)
	if s.Rules == nil {
		s.Rules = []commission.Rule{percent("rev", "20")}
	}
	if s.HoldbackDays == nil {
		s.HoldbackDays = ptr(0)
	}
	s.DestinationURL = home()
	require.NoError(t, errOf(h.CreateProgram(h.ctx, "main", s, affiliate.Always())))
	for _, p := range partners {
		require.NoError(t, errOf(h.CreatePartner(h.ctx, p, program.Profile{}, affiliate.Always())))
		require.NoError(t, errOf(h.ApprovePartnership(h.ctx, p, "main", affiliate.Always())))
	}
	return h
}

func (h *host) conv(in affiliate.Conversion) affiliate.ConversionResult {
	r, err := h.RecordConversion(h.ctx, in)
	require.NoError(h, err)
	return r
}

func (h *host) now(id string) affiliate.ConversionResult {
	r, err := h.Conversion(h.ctx, id)
	require.NoError(h, err)
	return r
}

func TestLawRank(t *testing.T) {
	cond := []attribution.Condition{{Field: "campaignId", Op: attribution.Equals, Value: "x"}}
	run := func(editFirst bool) string {
		h := newHost(t, program.SettingsChange{}, "ada", "bob")
		for _, p := range []string{"ada", "bob"} {
			require.NoError(t, errOf(h.EditPartner(h.ctx, p, program.Profile{Match: &cond}, affiliate.Always())))
		}
		edit := func() {
			require.NoError(t, errOf(h.EditPartner(h.ctx, "bob", program.Profile{Rank: ptr(-1)}, day(20))))
		}
		if editFirst {
			edit()
		}
		h.conv(affiliate.Conversion{ID: "in_1", Customer: "c", Amount: 100, At: day(10), CampaignID: "x"})
		_, serr := h.Settle(h.ctx, 0)
		require.NoError(t, serr)
		if !editFirst {
			edit()
		}
		return h.now("in_1").Credits[0].Partner
	}
	require.Equal(t, run(false), run(true))
	require.Equal(t, "ada", run(true))
}

func TestLawDefaultProgram(t *testing.T) {
	run := func(editFirst bool) string {
		h := newHost(t, program.SettingsChange{}, "ada")
		require.NoError(t, errOf(h.CreateProgram(h.ctx, "second", program.SettingsChange{DestinationURL: home(), Rules: []commission.Rule{percent("rev", "10")}, HoldbackDays: ptr(0)}, affiliate.Always())))
		require.NoError(t, errOf(h.ApprovePartnership(h.ctx, "ada", "second", affiliate.Always())))
		edit := func() { require.NoError(t, errOf(h.SetDefaultProgram(h.ctx, "second", day(20)))) }
		if editFirst {
			edit()
		}
		h.conv(affiliate.Conversion{ID: "in_1", Customer: "c", Partner: "ada", Amount: 100, At: day(10)})
		_, serr := h.Settle(h.ctx, 0)
		require.NoError(t, serr)
		if !editFirst {
			edit()
		}
		return h.now("in_1").Credits[0].Program
	}
	require.Equal(t, run(false), run(true))
}

func TestLawDefaultProgramLateArrival(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	require.NoError(t, errOf(h.CreateProgram(h.ctx, "second", program.SettingsChange{DestinationURL: home(), Rules: []commission.Rule{percent("rev", "10")}}, affiliate.Always())))
	require.NoError(t, errOf(h.ApprovePartnership(h.ctx, "ada", "second", affiliate.Always())))
	require.NoError(t, errOf(h.SetDefaultProgram(h.ctx, "second", day(20))))
	require.NoError(t, errOf(h.SetDefaultProgram(h.ctx, "main", day(10)))) // late
	r := h.conv(affiliate.Conversion{ID: "in_1", Customer: "c", Partner: "ada", Amount: 100, At: day(25)})
	require.Equal(t, "second", r.Credits[0].Program)
}

func TestLawPayoutPeriodTiers(t *testing.T) {
	rule := percent("rev", "10")
	rule.Tiers = &commission.Tiers{Metric: commission.Conversions, Period: "payout", Thresholds: []commission.Threshold{{At: 2, Value: "20"}}}
	run := func(editFirst bool) int64 {
		h := newHost(t, program.SettingsChange{Rules: []commission.Rule{rule}}, "ada")
		edit := func() {
			require.NoError(t, errOf(h.EditPartner(h.ctx, "ada", program.Profile{Payout: payout.Schedule{Cadence: payout.Daily}.Change()}, affiliate.Always())))
		}
		if editFirst {
			edit()
		}
		h.conv(affiliate.Conversion{ID: "in_1", Partner: "ada", Amount: 1000, At: day(10)})
		h.conv(affiliate.Conversion{ID: "in_2", Partner: "ada", Amount: 1000, At: day(20)})
		_, err := h.Settle(h.ctx, 0)
		require.NoError(t, err)
		_, serr := h.Settle(h.ctx, 0)
		require.NoError(t, serr)
		if !editFirst {
			edit()
		}
		b, err := h.Balances(h.ctx, "ada", time.Time{})
		require.NoError(t, err)
		return b[0].Payable + b[0].Pending
	}
	require.Equal(t, run(true), run(false))
}

func TestLawReferralLateLinkAfterAnUnknownOne(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	h.conv(affiliate.Conversion{ID: "in_1", Customer: "cus", Amount: 1000, Referral: "nobody", At: day(5)})
	h.conv(affiliate.Conversion{ID: "in_2", Customer: "cus", Amount: 1000, Referral: "late", At: day(6)})
	require.False(t, h.now("in_2").Attributed)
	require.NoError(t, errOf(h.AddLink(h.ctx, affiliate.Link{Key: "late", Partner: "ada", Program: "main", EffectiveAt: day(1)})))
	require.False(t, h.now("in_1").Attributed)
	require.True(t, h.now("in_2").Attributed)
}

func TestLawReferralLateLink(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	h.conv(affiliate.Conversion{ID: "in_1", Customer: "c", Amount: 100, At: day(10), Referral: "ada-blog"})
	require.NoError(t, errOf(h.AddLink(h.ctx, affiliate.Link{Key: "ada-blog", Partner: "ada", Program: "main", EffectiveAt: day(1)})))
	require.True(t, h.now("in_1").Attributed)
}

func TestLawKeyCollision(t *testing.T) {
	h := newHost(t, program.SettingsChange{Model: ptr(attribution.Linear)}, "a", "a:b")
	for id, p := range map[string]string{"b:c": "a", "c": "a:b"} {
		require.NoError(t, errOf(h.CreateProgram(h.ctx, id, program.SettingsChange{DestinationURL: home(), Model: ptr(attribution.Linear), Rules: []commission.Rule{percent("rev", "20")}, HoldbackDays: ptr(0)}, affiliate.Always())))
		require.NoError(t, errOf(h.ApprovePartnership(h.ctx, p, id, affiliate.Always())))
		_, err := h.RecordClick(h.ctx, affiliate.Click{ID: "k" + id, Partner: p, Program: id, At: day(5)})
		require.NoError(t, err)
		_, err = h.Identify(h.ctx, affiliate.Identify{Customer: "c", Click: "k" + id, At: day(5)})
		require.NoError(t, err)
	}
	h.conv(affiliate.Conversion{ID: "in_1", Customer: "c", Amount: 1000, At: day(10)})
	total := int64(0)
	for _, p := range []string{"a", "a:b"} {
		b, err := h.Balances(h.ctx, p, time.Time{})
		require.NoError(t, err)
		for _, x := range b {
			total += x.Payable
		}
	}
	require.EqualValues(t, 200, total)
}

func TestLawEventTypePlus(t *testing.T) {
	r := commission.Rule{ID: "r", Trigger: commission.Every, EventType: "signup+", Type: commission.Fixed, Value: "500"}
	require.False(t, r.Matches(attribution.Conversion{Type: "signup"}, 100))
}

func TestLawZeroCommissionListed(t *testing.T) {
	h := newHost(t, program.SettingsChange{Rules: []commission.Rule{percent("rev", "1")}}, "ada")
	h.conv(affiliate.Conversion{ID: "in_1", Partner: "ada", Amount: 10, At: day(10)})
	page, err := h.Commissions(h.ctx, "ada", "", 0)
	require.NoError(t, err)
	require.Empty(t, page.Commissions)
}

func TestLawTierOnZeroAccrual(t *testing.T) {
	rule := percent("rev", "0")
	rule.Tiers = &commission.Tiers{Metric: commission.Conversions, Period: "month", Thresholds: []commission.Threshold{{At: 1, Value: "10"}}}
	h := newHost(t, program.SettingsChange{Rules: []commission.Rule{rule}}, "ada")
	h.conv(affiliate.Conversion{ID: "in_1", Partner: "ada", Amount: 1000, At: day(10)})
	r := h.now("in_1")
	require.Len(t, r.Commissions, 1)
	require.EqualValues(t, 100, r.Commissions[0].Amount)
}

func TestLawDuplicateAmountsAfterRefund(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	in := affiliate.Conversion{ID: "in_1", Partner: "ada", Amount: 1000, At: day(10)}
	h.conv(in)
	_, err := h.Settle(h.ctx, 0)
	require.NoError(t, err)
	_, err = h.RecordRefund(h.ctx, affiliate.Refund{ID: "re", Conversion: "in_1", Amount: 500, At: day(11)})
	require.NoError(t, err)
	again := h.conv(in)
	require.True(t, again.Duplicate)
	require.EqualValues(t, 100, again.Commissions[0].Amount)
}

func TestLawDuplicateCurrency(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	require.NoError(t, errOf(h.CreateProgram(h.ctx, "eu", program.SettingsChange{DestinationURL: home(), Currency: ptr(money.Currency("eur")), Rules: []commission.Rule{percent("rev", "10")}}, affiliate.Always())))
	in := affiliate.Conversion{ID: "in_1", Amount: 1000, At: day(10)}
	h.conv(in)
	require.NoError(t, errOf(h.SetDefaultProgram(h.ctx, "eu", day(20))))
	require.True(t, h.conv(in).Duplicate)
}

func TestLawReviewWithoutPartner(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	h.conv(affiliate.Conversion{ID: "in_1", Partner: "ada", Amount: 1000, At: day(10)})
	_, err := h.RejectCommission(h.ctx, affiliate.CommissionRef{Conversion: "in_1"}, "x", day(11))
	require.Error(t, err)
}

func TestLawHeldThenReleasedInPayout(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	h.conv(affiliate.Conversion{ID: "in_1", Partner: "ada", Amount: 1000, At: day(10)})
	h.conv(affiliate.Conversion{ID: "in_2", Partner: "ada", Amount: 5000, At: day(10)})
	_, err := h.Settle(h.ctx, 0)
	require.NoError(t, err)
	ref := affiliate.CommissionRef{Conversion: "in_1", Partner: "ada", Program: "main", Rule: "rev"}
	_, err = h.HoldCommission(h.ctx, ref, "check", day(11))
	require.NoError(t, err)
	ps, err := h.RunPayouts(h.ctx, affiliate.PayoutRun{At: day(33)})
	require.NoError(t, err)
	require.EqualValues(t, 1000, ps[0].Amount)
	require.Equal(t, commission.StatusUnderReview, h.now("in_1").Commissions[0].Status)
	_, err = h.ReleaseCommission(h.ctx, ref, day(40))
	require.NoError(t, err)
	require.Equal(t, commission.StatusPayable, h.now("in_1").Commissions[0].Status)
	_, err = h.HoldCommission(h.ctx, ref, "again", day(41))
	require.NoError(t, err)
}

func TestLawErrInvalidInput(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	_, err := h.AddLink(h.ctx, affiliate.Link{Key: "no good", Partner: "ada", Program: "main"})
	require.Equal(t, "invalid_input", affiliate.ErrorCode(err))
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
}

func TestLawEndingBackAndForth(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	e1, e2 := day(45), day(80)
	set := func(at, end time.Time) {
		h.clock.Set(at)
		require.NoError(t, errOf(h.EditProgram(h.ctx, "main", program.SettingsChange{EndsAt: &end}, time.Time{})))
	}
	notify := func() int {
		n, err := h.NotifyEnding(h.ctx)
		require.NoError(t, err)
		return n
	}
	set(day(40), e1)
	require.Equal(t, 1, notify())
	require.Equal(t, 0, notify())
	set(day(41), e2)
	require.Equal(t, 0, notify())
	set(day(42), e1)
	require.Equal(t, 1, notify())
}

func TestLawFutureReward(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	require.NoError(t, errOf(h.EditProgram(h.ctx, "main", program.SettingsChange{Reward: promo.Reward{Kind: promo.PercentOff, Percent: 10, Span: promo.FirstInvoice}.Change()}, day(900))))
	require.NoError(t, errOf(h.AddCode(h.ctx, affiliate.Code{Code: "ADA10", Partner: "ada", Program: "main"})))
	s, err := h.Configuration(h.ctx)
	require.NoError(t, err)
	c, _ := s.Code("ADA10")
	require.Nil(t, c.Reward)
}

func TestLawReasonPromoOnly(t *testing.T) {
	h := newHost(t, program.SettingsChange{Methods: &[]attribution.Method{attribution.Promo}}, "ada")
	r := h.conv(affiliate.Conversion{ID: "in_1", Amount: 10, At: day(10)})
	require.Equal(t, attribution.NoTouch, r.Reason)
}

func TestLawReasonEndedNoMatch(t *testing.T) {
	h := newHost(t, program.SettingsChange{EndsAt: ptr(day(5))}, "ada")
	r := h.conv(affiliate.Conversion{ID: "in_1", Amount: 10, At: day(10)})
	require.Equal(t, attribution.NoTouch, r.Reason)
}

func TestLawReasonPassedOver(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	cond := []attribution.Condition{{Field: "campaignId", Op: attribution.Equals, Value: "x"}}
	require.NoError(t, errOf(h.EditPartner(h.ctx, "ada", program.Profile{Match: &cond}, affiliate.Always())))
	require.NoError(t, errOf(h.SuspendPartner(h.ctx, "ada", day(3))))
	r := h.conv(affiliate.Conversion{ID: "in_1", Amount: 10, At: day(10), CampaignID: "x"})
	require.Equal(t, attribution.PartnerSuspended, r.Reason)
}

func TestLawFailedRefundFirst(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	h.conv(affiliate.Conversion{ID: "in_1", Partner: "ada", Amount: 100, At: day(1)})
	_, err := h.FailRefund(h.ctx, "r1", "in_1", day(3))
	require.NoError(t, err)
	_, err = h.RecordRefund(h.ctx, affiliate.Refund{ID: "r2", Conversion: "in_1", Amount: 100, At: day(4)})
	require.NoError(t, err)
	_, err = h.RecordRefund(h.ctx, affiliate.Refund{ID: "r1", Conversion: "in_1", Amount: 100, At: day(2)})
	require.NoError(t, err)
}

func TestLawMovePayoutAgain(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	h.conv(affiliate.Conversion{ID: "in_1", Partner: "ada", Amount: 1000, At: day(10)})
	ps, err := h.RunPayouts(h.ctx, affiliate.PayoutRun{})
	require.NoError(t, err)
	_, err = h.MovePayout(h.ctx, ps[0].ID, payout.Paid, time.Time{})
	require.NoError(t, err)
	h.clock.Advance(time.Minute)
	_, err = h.MovePayout(h.ctx, ps[0].ID, payout.Paid, time.Time{})
	require.NoError(t, err)
}

func TestLawYear10000(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	far := time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := h.SuspendPartner(h.ctx, "ada", far)
	t.Log(err)
	require.Equal(t, "invalid_input", affiliate.ErrorCode(err))
}

func TestLawAttributeEmpty(t *testing.T) {
	require.NotPanics(t, func() { _, _ = attribution.Attribute(nil, day(1), attribution.LastClick, 0) })
}

func TestLawFailRefundOtherConversion(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	for _, id := range []string{"in_1", "in_2"} {
		h.conv(affiliate.Conversion{ID: id, Partner: "ada", Amount: 100, At: day(1)})
	}
	_, err := h.RecordRefund(h.ctx, affiliate.Refund{ID: "r1", Conversion: "in_1", Amount: 100, At: day(2)})
	require.NoError(t, err)
	_, err = h.FailRefund(h.ctx, "r1", "in_2", day(3))
	t.Log(err)
	_, err = h.FailRefund(h.ctx, "r1", "in_1", day(3))
	require.NoError(t, err)
}

func TestLawExplainTouches(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada")
	_, err := h.RecordClick(h.ctx, affiliate.Click{ID: "k", Partner: "ada", Program: "main", At: day(5)})
	require.NoError(t, err)
	for i, id := range []string{"in_1", "in_2"} {
		h.conv(affiliate.Conversion{ID: id, Customer: "c", Click: "k", Amount: 100, At: day(10 + i)})
	}
	x, err := h.Explain(h.ctx, "in_2")
	require.NoError(t, err)
	require.NotNil(t, x.How.Binding)
	require.NotEmpty(t, x.How.Touches)
}

func TestLawGoneAndBack(t *testing.T) {
	h := newHost(t, program.SettingsChange{}, "ada", "bob")
	_, err := h.RecordClick(h.ctx, affiliate.Click{ID: "k1", Partner: "ada", Program: "main", At: day(5)})
	require.NoError(t, err)
	h.conv(affiliate.Conversion{ID: "in_1", Customer: "c", Click: "k1", Amount: 1000, At: day(10)})
	_, err = h.Settle(h.ctx, 0)
	require.NoError(t, err)
	_, err = h.AmendConversion(h.ctx, "in_1", 0, day(11))
	require.NoError(t, err)
	_, err = h.Settle(h.ctx, 0)
	require.NoError(t, err)
	h.conv(affiliate.Conversion{ID: "in_2", Customer: "c", Amount: 5000, At: day(10)})
	ps, err := h.RunPayouts(h.ctx, affiliate.PayoutRun{At: day(40)})
	require.NoError(t, err)
	require.EqualValues(t, 1000, ps[0].Amount)
	_, err = h.AmendConversion(h.ctx, "in_1", 1000, day(12))
	require.NoError(t, err)
	require.Equal(t, commission.StatusPayable, h.now("in_1").Commissions[0].Status)
}

func TestLawSelfInSharedBinding(t *testing.T) {
	h := newHost(t, program.SettingsChange{Model: ptr(attribution.Linear)}, "ada", "bob")
	for i, p := range []string{"ada", "bob"} {
		_, err := h.RecordClick(h.ctx, affiliate.Click{ID: p, Partner: p, Program: "main", At: day(3 + i)})
		require.NoError(t, err)
		_, err = h.Identify(h.ctx, affiliate.Identify{Customer: "c", Click: p, Email: "a@x.io", At: day(3 + i)})
		require.NoError(t, err)
	}
	require.NoError(t, errOf(h.EditPartner(h.ctx, "ada", program.Profile{Email: ptr("a@x.io")}, day(20))))
	h.conv(affiliate.Conversion{ID: "in_1", Customer: "c", Amount: 1000, At: day(10)})
	r := h.conv(affiliate.Conversion{ID: "in_2", Customer: "c", Amount: 1000, At: day(30)})
	require.Len(t, r.Credits, 1)
	require.Equal(t, "1", r.Credits[0].Share.String())
}
