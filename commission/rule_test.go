package commission_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
)

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		name  string
		event string // of the rule
		kind  commission.Type
		sale  string
		money int64
		want  bool
	}{
		{"no event type, with an amount", "", commission.Percent, "signup", 1, true},
		{"no event type, without", "", commission.Percent, "signup", 0, false},
		{"no event type, fixed, without", "", commission.Fixed, "signup", 0, false},
		{"no event type, fixed, with", "", commission.Fixed, "upsell", 1, true},
		{"percent of a positive amount", "invoice_paid", commission.Percent, "invoice_paid", 1, true},
		{"percent of nothing", "signup", commission.Percent, "signup", 0, false},
		{"percent of another type", "signup", commission.Percent, "invoice_paid", 1, false},
		{"fixed without an amount", "signup", commission.Fixed, "signup", 0, true},
		{"fixed with an amount", "signup", commission.Fixed, "signup", 1, true},
		{"fixed on a custom type", "demo_booked", commission.Fixed, "demo_booked", 0, true},
		{"fixed on another type", "signup", commission.Fixed, "trial_started", 0, false},
		{"case counts", "signup", commission.Fixed, "Signup", 0, false},
		{"fixed on a zero invoice", "invoice_paid", commission.Fixed, "invoice_paid", 0, false},
		{"fixed on a paid invoice", "invoice_paid", commission.Fixed, "invoice_paid", 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			rule := commission.Rule{ID: "r", EventType: c.event, Type: c.kind}
			require.Equal(t, c.want, rule.Matches(attribution.Conversion{Type: c.sale, Amount: 77}, c.money), "by the amount that is given")
		})
	}
}

// Firsts are kept by what a rule matches: two rules share one exactly if they
// match the same conversions.
func TestClasses(t *testing.T) {
	require.Empty(t, commission.Classes("invoice_paid", 0), "a trial invoice is nobody's first")
	require.Len(t, commission.Classes("signup", 0), 1)
	require.Len(t, commission.Classes("signup", 1), 3)
	classOf := func(event string, kind commission.Type) string {
		return commission.Rule{EventType: event, Type: kind}.Class()
	}
	require.Equal(t, classOf("", commission.Percent), classOf("", commission.Fixed))
	require.NotEqual(t, classOf("signup", commission.Percent), classOf("signup", commission.Fixed))
	require.NotEqual(t, classOf("signup", commission.Fixed), classOf("upsell", commission.Fixed))
}

func TestTiersJSON(t *testing.T) {
	var tiers commission.Tiers
	require.NoError(t, json.Unmarshal([]byte(`{"metric":"revenue","period":"quarter","thresholds":[{"at":100,"value":"25"}]}`), &tiers))
	require.Equal(t, commission.Tiers{
		Metric: commission.Revenue, Period: "quarter", Thresholds: []commission.Threshold{{At: 100, Value: "25"}},
	}, tiers, "retroactive is the default")
	for text, progressive := range map[string]bool{`true`: false, `false`: true, `null`: false} {
		require.NoError(t, json.Unmarshal([]byte(`{"metric":"revenue","period":"day","retroactive":`+text+`,"thresholds":null}`), &tiers))
		require.Equal(t, progressive, !tiers.IsRetroactive(), text)
		data, err := json.Marshal(tiers)
		require.NoError(t, err)
		var back commission.Tiers
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, tiers, back)
	}
	require.Error(t, json.Unmarshal([]byte(`{"metric":"revenue","progressive":true}`), &tiers), "unknown fields are refused")
	require.Error(t, json.Unmarshal([]byte(`{"thresholds":[{"at":"x"}]}`), &tiers))
}
