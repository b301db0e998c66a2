package affiliate_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
)

func TestConfigurationCallsReportWhetherTheyChangedAnything(t *testing.T) {
	t.Parallel()
	d := newDemo()
	terms := program.TermsChange{Rules: percentRule("30")}
	calls := []struct {
		name string
		call func() (bool, error)
	}{
		{"CreateProgram", func() (bool, error) {
			return d.CreateProgram(d, "eu", program.SettingsChange{DestinationURL: pointer("https://eu.example/"), Rules: percentRule("10")}, march(1))
		}},
		{"EditProgram", func() (bool, error) {
			return d.EditProgram(d, "eu", program.SettingsChange{Title: pointer("Europe")}, march(1))
		}},
		{"SetDefaultProgram", func() (bool, error) { return d.SetDefaultProgram(d, "eu", march(1)) }},
		{"CreatePartner", func() (bool, error) { return d.CreatePartner(d, "eve", program.Profile{}, march(1)) }},
		{"EditPartner", func() (bool, error) {
			return d.EditPartner(d, "eve", program.Profile{Name: pointer("Eve")}, march(1))
		}},
		{"ApprovePartnership", func() (bool, error) { return d.ApprovePartnership(d, "eve", "eu", march(1)) }},
		{"OverrideTerms", func() (bool, error) { return d.OverrideTerms(d, "eve", "eu", terms, march(1)) }},
		{"AddCode", func() (bool, error) {
			return d.AddCode(d, affiliate.Code{Code: "EVE10", Partner: "eve", Program: "eu", EffectiveAt: march(1)})
		}},
		{"AddLink", func() (bool, error) {
			return d.AddLink(d, affiliate.Link{Key: "eve", Partner: "eve", Program: "eu", EffectiveAt: march(1)})
		}},
		{"RetireCode", func() (bool, error) { return d.RetireCode(d, "EVE10", march(1)) }},
		{"ClearOverride", func() (bool, error) { return d.ClearOverride(d, "eve", "eu", march(1)) }},
		{"SuspendPartner", func() (bool, error) { return d.SuspendPartner(d, "eve", march(1)) }},
		{"ReinstatePartner", func() (bool, error) { return d.ReinstatePartner(d, "eve", march(1)) }},
	}
	for _, c := range calls {
		changed, err := c.call()
		require.NoError(t, err, c.name)
		assert.True(t, changed, c.name)
		changed, err = c.call()
		require.NoError(t, err, c.name)
		assert.False(t, changed, "%s again", c.name)
	}
}
