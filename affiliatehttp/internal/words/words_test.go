package words

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/promo"
)

func TestRules(t *testing.T) {
	tiers := &commission.Tiers{Metric: commission.Revenue, Period: commission.PerQuarter, Thresholds: []commission.Threshold{{At: 500000, Value: "25"}}}
	for want, r := range map[string]commission.Rule{
		"20% of every payment":                                     {Trigger: commission.Every, Type: commission.Percent, Value: "20"},
		"€50.00 for a customer’s first sign-up":                    {Trigger: commission.First, EventType: "signup", Type: commission.Fixed, Value: "5000"},
		"$1.00 for every “did it” after a customer’s first":        {Trigger: commission.Subsequent, EventType: "did_it", Type: commission.Fixed, Value: "100", Currency: "usd"},
		"5% of every paid invoice, for 1 month per customer":       {Trigger: commission.Every, EventType: "invoice_paid", Type: commission.Percent, Value: "5", Months: 1},
		"7% of every new subscription, for 12 months per customer": {Trigger: commission.Every, EventType: "subscription_created", Type: commission.Percent, Value: "7", Months: 12},
	} {
		require.Equal(t, want, Rule(r, "eur"))
		require.Empty(t, Thresholds(r, "eur"))
	}
	require.Equal(t, []string{"25% from €5,000 in sales a quarter on, for the whole quarter"}, Thresholds(commission.Rule{Type: commission.Percent, Tiers: tiers}, "eur"))
}

func TestRewardsAndSchedules(t *testing.T) {
	require.Equal(t, "10% off the first invoice", Reward(&promo.Reward{Kind: promo.PercentOff, Percent: 10, Span: promo.FirstInvoice}))
	require.Equal(t, "$5.00 off for 3 months", Reward(&promo.Reward{Kind: promo.AmountOff, Amount: 500, Currency: "usd", Span: promo.FirstMonths, Months: 3}))
	require.Equal(t, "1 free month", Reward(&promo.Reward{Kind: promo.FreeMonths, Months: 1}))
	require.Empty(t, Reward(nil))
	require.Equal(t, "Every month on day 1 at 00:00 (UTC)", Cadence(payout.Schedule{}))
	require.Equal(t, "Every Friday at 09:00 (Asia/Tokyo)", Cadence(payout.Schedule{Cadence: payout.Weekly, Weekday: time.Friday, Hour: 9, TimeZone: "Asia/Tokyo"}))
	require.Equal(t, "Refund", LineKind("reversal"))
	require.Equal(t, "Correction", LineKind("something new"))
}
