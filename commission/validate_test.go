package commission_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/problem"
)

// goodTerms are valid; each case of the test spoils one thing.
func goodTerms() commission.Terms {
	return commission.Terms{HoldbackDays: 30, Rules: []commission.Rule{
		{
			ID: "rev", Trigger: commission.Every, EventType: "invoice_paid", Type: commission.Percent, Value: "20",
			Recurring: true, Months: 12, Tiers: &commission.Tiers{
				Metric: commission.Conversions, Period: commission.PerMonth,
				Thresholds: []commission.Threshold{{At: 10, Value: "22.5"}, {At: 20, Value: "25"}},
			},
		},
		{ID: "bonus", Trigger: commission.First, Type: commission.Fixed, Value: "5000", Currency: "eur"},
	}}
}

func TestTermsValidate(t *testing.T) {
	rule := func(t *commission.Terms) *commission.Rule { return &t.Rules[0] }
	for _, c := range []struct {
		name  string
		spoil func(t *commission.Terms)
		want  []string // fields at fault
	}{
		{"good", func(*commission.Terms) {}, nil},
		{"no cap", func(t *commission.Terms) { rule(t).Months = 0 }, nil},
		{"one month", func(t *commission.Terms) { rule(t).Months = 1 }, nil},
		{"no holdback", func(t *commission.Terms) { t.HoldbackDays = 0 }, nil},
		{"a value of nothing", func(t *commission.Terms) { rule(t).Value = "0" }, nil},
		{"a value of all", func(t *commission.Terms) { rule(t).Value = "100" }, nil},
		{"six places", func(t *commission.Terms) { rule(t).Value = "12.345678" }, nil},
		{"subsequent", func(t *commission.Terms) { rule(t).Trigger = commission.Subsequent }, nil},
		{"a custom type", func(t *commission.Terms) { rule(t).EventType = "demo_booked" }, nil},
		{"a threshold of nothing", func(t *commission.Terms) { rule(t).Tiers.Thresholds[0].At = 0 }, nil},
		{"a tier below the rule", func(t *commission.Terms) { rule(t).Tiers.Thresholds[0].Value = "1" }, nil},

		{"no rules", func(t *commission.Terms) { t.Rules = nil }, []string{"rules"}},
		{"empty rules", func(t *commission.Terms) { t.Rules = []commission.Rule{} }, []string{"rules"}},
		{"no id", func(t *commission.Terms) { rule(t).ID = "" }, []string{"rules[0].id"}},
		{"duplicate ids", func(t *commission.Terms) { t.Rules[1].ID = "rev" }, []string{"rules[1].id"}},
		{"no trigger", func(t *commission.Terms) { rule(t).Trigger = "" }, []string{"rules[0].trigger"}},
		{"unknown trigger", func(t *commission.Terms) { rule(t).Trigger = "second" }, []string{"rules[0].trigger"}},
		{"unknown type", func(t *commission.Terms) { t.Rules[1].Type = "points" }, []string{"rules[1].type"}},
		{"unknown currency", func(t *commission.Terms) { t.Rules[1].Currency = "EUR" }, []string{"rules[1].currency"}},
		{"no value", func(t *commission.Terms) { rule(t).Value = "" }, []string{"rules[0].value"}},
		{"no decimal", func(t *commission.Terms) { rule(t).Value = "20%" }, []string{"rules[0].value"}},
		{"an exponent", func(t *commission.Terms) { rule(t).Value = "2e1" }, []string{"rules[0].value"}},
		{"below 0", func(t *commission.Terms) { rule(t).Value = "-1" }, []string{"rules[0].value"}},
		{"seven places", func(t *commission.Terms) { rule(t).Value = "12.3456789" }, []string{"rules[0].value"}},
		{"over 100 percent", func(t *commission.Terms) { rule(t).Value = "100.000001" }, []string{"rules[0].value"}},
		{"fixed, not whole", func(t *commission.Terms) { t.Rules[1].Value = "5000.5" }, []string{"rules[1].value"}},
		{"fixed, whole with places", func(t *commission.Terms) { t.Rules[1].Value = "5000.0" }, []string{"rules[1].value"}},
		{"fixed, below 0", func(t *commission.Terms) { t.Rules[1].Value = "-5000" }, []string{"rules[1].value"}},
		{"months below 1", func(t *commission.Terms) { rule(t).Months = -1 }, []string{"rules[0].months"}},
		{"months without recurring", func(t *commission.Terms) { rule(t).Recurring = false }, []string{"rules[0].months"}},
		{"unknown metric", func(t *commission.Terms) { rule(t).Tiers.Metric = "clicks" }, []string{"rules[0].tiers.metric"}},
		{"unknown period", func(t *commission.Terms) { rule(t).Tiers.Period = "fortnight" }, []string{"rules[0].tiers.period"}},
		{"no thresholds", func(t *commission.Terms) { rule(t).Tiers.Thresholds = nil }, []string{"rules[0].tiers.thresholds"}},
		{"thresholds that descend", func(t *commission.Terms) { rule(t).Tiers.Thresholds[1].At = 9 }, []string{"rules[0].tiers.thresholds[1].at"}},
		{"thresholds that repeat", func(t *commission.Terms) { rule(t).Tiers.Thresholds[1].At = 10 }, []string{"rules[0].tiers.thresholds[1].at"}},
		{"a threshold below 0", func(t *commission.Terms) { rule(t).Tiers.Thresholds[0].At = -1 }, []string{"rules[0].tiers.thresholds[0].at"}},
		{"a threshold over 100 percent", func(t *commission.Terms) { rule(t).Tiers.Thresholds[1].Value = "101" }, []string{"rules[0].tiers.thresholds[1].value"}},
		{"a negative holdback", func(t *commission.Terms) { t.HoldbackDays = -1 }, []string{"holdbackDays"}},
		{"an endless holdback", func(t *commission.Terms) { t.HoldbackDays = 3651 }, []string{"holdbackDays"}},
		{"an endless cap", func(t *commission.Terms) { rule(t).Months = 1201 }, []string{"rules[0].months"}},
		{
			"all that is wrong is named", func(t *commission.Terms) { *t = commission.Terms{HoldbackDays: -1, Rules: []commission.Rule{{}}} },
			[]string{"holdbackDays", "rules[0].id", "rules[0].trigger", "rules[0].type"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			terms := goodTerms()
			c.spoil(&terms)
			requireFields(t, c.want, terms.Validate())
		})
	}
}

func TestTermsHaveAtMostSoManyRules(t *testing.T) {
	var terms commission.Terms
	for i := range 201 {
		terms.Rules = append(terms.Rules, commission.Rule{ID: fmt.Sprint(i), Trigger: commission.Every, Type: commission.Percent, Value: "1"})
	}
	requireFields(t, []string{"rules"}, terms.Validate())
	terms.Rules = terms.Rules[:200]
	require.NoError(t, terms.Validate())
}

func requireFields(t *testing.T, want []string, err error) {
	t.Helper()
	if want == nil {
		require.NoError(t, err)
		return
	}
	require.ErrorIs(t, err, commission.ErrInvalidTerms)
	var found *problem.Error
	require.True(t, errors.As(err, &found))
	var fields []string
	for _, p := range found.Problems {
		fields = append(fields, p.Field)
		require.NotEmpty(t, p.Message)
		require.True(t, strings.Contains(err.Error(), p.Field+": "), err)
	}
	require.Equal(t, want, fields)
}
