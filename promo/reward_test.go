package promo_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/promo"
)

func TestRewardValidate(t *testing.T) {
	percent := promo.Reward{Kind: promo.PercentOff, Percent: 20, Span: promo.FirstInvoice}
	amount := promo.Reward{Kind: promo.AmountOff, Amount: 500, Currency: "usd", Span: promo.EveryInvoice}
	free := promo.Reward{Kind: promo.FreeMonths, Months: 1}
	for _, c := range []struct {
		name   string
		reward promo.Reward
		change func(r *promo.Reward)
		want   []string // fields at fault
	}{
		{"percent off", percent, func(*promo.Reward) {}, nil},
		{"1 percent", percent, func(r *promo.Reward) { r.Percent = 1 }, nil},
		{"100 percent", percent, func(r *promo.Reward) { r.Percent = 100 }, nil},
		{"0 percent", percent, func(r *promo.Reward) { r.Percent = 0 }, []string{"percent"}},
		{"101 percent", percent, func(r *promo.Reward) { r.Percent = 101 }, []string{"percent"}},
		{"first months", percent, func(r *promo.Reward) { r.Span, r.Months = promo.FirstMonths, 1 }, nil},
		{"first no months", percent, func(r *promo.Reward) { r.Span = promo.FirstMonths }, []string{"months"}},
		{"no span", percent, func(r *promo.Reward) { r.Span = "" }, []string{"span"}},
		{"another span", percent, func(r *promo.Reward) { r.Span = "weekly" }, []string{"span"}},
		{"amount off", amount, func(*promo.Reward) {}, nil},
		{"amount of nothing", amount, func(r *promo.Reward) { r.Amount = 0 }, []string{"amount"}},
		{"amount below zero", amount, func(r *promo.Reward) { r.Amount = -1 }, []string{"amount"}},
		{"amount without a currency", amount, func(r *promo.Reward) { r.Currency = "" }, []string{"currency"}},
		{"amount in an unknown currency", amount, func(r *promo.Reward) { r.Currency = "USD" }, []string{"currency"}},
		{"free months", free, func(*promo.Reward) {}, nil},
		{"no free months", free, func(r *promo.Reward) { r.Months = 0 }, []string{"months"}},
		{"no kind", free, func(r *promo.Reward) { r.Kind = "" }, []string{"kind", "span"}},
		{"all at once", amount, func(r *promo.Reward) { *r = promo.Reward{Kind: promo.AmountOff} }, []string{"amount", "currency", "span"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.change(&c.reward)
			err := c.reward.Validate()
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, promo.ErrInvalidReward)
			var found *problem.Error
			require.True(t, errors.As(err, &found))
			var fields []string
			for _, p := range found.Problems {
				fields = append(fields, p.Field)
			}
			require.Equal(t, c.want, fields)
		})
	}
}
