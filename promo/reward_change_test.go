package promo_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/promo"
)

func TestARewardChangeKeepsWhatItLeavesOut(t *testing.T) {
	three := promo.Reward{Kind: promo.PercentOff, Percent: 10, Span: promo.FirstMonths, Months: 3}
	for text, want := range map[string]promo.Reward{
		`{"percent":20}`:           {Kind: promo.PercentOff, Percent: 20, Span: promo.FirstMonths, Months: 3},
		`{"months":6}`:             {Kind: promo.PercentOff, Percent: 10, Span: promo.FirstMonths, Months: 6},
		`{"span":"every_invoice"}`: {Kind: promo.PercentOff, Percent: 10, Span: promo.EveryInvoice},
		`{"kind":"amount_off","amount":500,"currency":"usd","span":"first_invoice"}`: {Kind: promo.AmountOff, Amount: 500, Currency: "usd", Span: promo.FirstInvoice},
	} {
		var change promo.RewardChange
		require.NoError(t, json.Unmarshal([]byte(text), &change))
		after := change.Apply(&three)
		require.Equal(t, want, *after)
		require.NoError(t, after.Validate())
		data, err := json.Marshal(change)
		require.NoError(t, err)
		require.JSONEq(t, text, string(data))
	}
	require.Equal(t, three, *three.Change().Apply(nil))
	require.Equal(t, three, *three.Change().Apply(&promo.Reward{Kind: promo.FreeMonths, Months: 9}))

	var months promo.RewardChange
	require.NoError(t, json.Unmarshal([]byte(`{"months":null}`), &months))
	require.ErrorIs(t, months.Apply(&three).Validate(), promo.ErrInvalidReward)
	var list problem.List
	(&promo.RewardChange{Remove: []string{"kind", "months"}}).Check(&list, "reward.")
	require.Equal(t, problem.List{{Field: "reward.kind", Message: "cannot be removed"}}, list)
}
