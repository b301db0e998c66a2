package attribution_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
)

func TestConditionOperators(t *testing.T) {
	for _, c := range []struct {
		op         attribution.Op
		value      string
		fields     string // of the conversion
		want, none bool   // with the field, and without it
	}{
		{attribution.Equals, "spring", "spring", true, false},
		{attribution.Equals, "spring", "Spring", false, false},
		{attribution.Equals, "spring", "spring ", false, false},
		{attribution.NotEquals, "spring", "summer", true, false},
		{attribution.NotEquals, "spring", "Spring", true, false},
		{attribution.NotEquals, "spring", "spring", false, false},
		{attribution.Contains, "ring", "spring", true, false},
		{attribution.Contains, "RING", "spring", false, false},
		{attribution.Contains, "ringo", "spring", false, false},
		{attribution.NotContains, "ring", "summer", true, false},
		{attribution.NotContains, "ring", "spring", false, false},
		{attribution.StartsWith, "spr", "spring", true, false},
		{attribution.StartsWith, "ring", "spring", false, false},
		{attribution.StartsWith, "Spr", "spring", false, false},
		{attribution.Op("like"), "spring", "spring", false, false},
	} {
		name := fmt.Sprintf("%s %q of %q", c.op, c.value, c.fields)
		for _, field := range []string{"campaignId", "sub1", "sub30"} {
			condition := attribution.Condition{Field: field, Op: c.op, Value: c.value}
			require.Equal(t, c.want, condition.Holds(tags(field, c.fields), attribution.Tags{}), "%s %s", field, name)
			require.Equal(t, c.want, condition.Holds(attribution.Tags{}, tags(field, c.fields)), "%s %s, from the click", field, name)
			require.Equal(t, c.none, condition.Holds(attribution.Tags{}, attribution.Tags{}), "%s %s, missing", field, name)
			require.Equal(t, c.none, condition.Holds(tags(field, ""), tags(field, "")), "%s %s, empty", field, name)
		}
	}
}

// Each field comes from the conversion or, if empty there, from the click.
func TestConditionFields(t *testing.T) {
	conversion := attribution.Tags{CampaignID: "own", Sub: map[string]string{"sub1": "", "sub2": "own2"}}
	click := attribution.Tags{CampaignID: "click", Sub: map[string]string{"sub1": "click1", "sub2": "click2", "sub3": "click3"}}
	for field, want := range map[string]string{"campaignId": "own", "sub1": "click1", "sub2": "own2", "sub3": "click3"} {
		require.True(t, attribution.Condition{Field: field, Op: attribution.Equals, Value: want}.Holds(conversion, click), field)
	}
	require.False(t, attribution.Condition{Field: "sub4", Op: attribution.NotEquals, Value: "x"}.Holds(conversion, click))
	require.False(t, attribution.Condition{Field: "sub4", Op: attribution.NotContains, Value: "x"}.Holds(conversion, click))
}

func tags(field, value string) attribution.Tags {
	if field == "campaignId" {
		return attribution.Tags{CampaignID: value}
	}
	return attribution.Tags{Sub: map[string]string{field: value}}
}

func TestFields(t *testing.T) {
	for n := 1; n <= 30; n++ {
		require.True(t, attribution.ValidSub(fmt.Sprintf("sub%d", n)))
		require.True(t, attribution.ValidField(fmt.Sprintf("sub%d", n)))
	}
	for _, bad := range []string{"", "sub", "sub0", "sub31", "sub01", "sub-1", "sub+1", "sub1 ", "Sub1", "sub1.0", "sub99999999999999999999", "campaignId"} {
		require.False(t, attribution.ValidSub(bad), bad)
	}
	require.True(t, attribution.ValidField("campaignId"))
	require.False(t, attribution.ValidField("campaignid"))
	require.False(t, attribution.ValidField("sub31"))
	for _, op := range []attribution.Op{attribution.Equals, attribution.NotEquals, attribution.Contains, attribution.NotContains, attribution.StartsWith} {
		require.True(t, op.Valid(), op)
	}
	require.False(t, attribution.Op("").Valid())
	require.False(t, attribution.Op("ends_with").Valid())
}
