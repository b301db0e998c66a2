package decision_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/program"
)

// A customer who is ada earns ada nothing, by whatever method.
func TestSelfReferral(t *testing.T) {
	linear := program.SettingsChange{Model: ptr(attribution.Linear)}
	ofAda := func(clicks []attribution.Click, sales ...commission.Sale) decision.Customer {
		return decision.Customer{Clicks: clicks, Emails: []string{"x@acme", "ada@acme"}, Sales: sales}
	}
	for _, c := range []struct {
		name   string
		who    decision.Customer
		want   []string
		reason attribution.Reason // of the last conversion
		failed []string
	}{
		{
			"by click", ofAda([]attribution.Click{click("ada", 5)}, sale(10)), nil, attribution.SelfReferral,
			[]string{"click: self_referral", "match: no_match"},
		},
		{
			"the touch is left out and the others share", ofAda([]attribution.Click{click("bob", 4), click("ada", 5), click("eve", 6)}, sale(10)),
			[]string{"bob/main=1/2", "eve/main=1/2"},
			"", nil,
		},
		{
			"by code", ofAda(nil, sale(10, withCode("ADA10"))), nil, attribution.SelfReferral,
			[]string{"promo: self_referral", "click: no_touch", "match: no_match"},
		},
		{
			"by code, then click", ofAda([]attribution.Click{click("bob", 5)}, sale(10, withCode("ADA10"))),
			[]string{"bob/main=1"},
			"",
			[]string{"promo: self_referral"},
		},
		{
			"by match", ofAda(nil, sale(10, campaign("ada"))), nil, attribution.SelfReferral,
			[]string{"click: no_touch", "match: self_referral"},
		},
		{"by hand it is paid", ofAda(nil, sale(10, byHand("ada"))), []string{"ada/main=1"}, "", nil},
		{
			"by a binding that was made by hand", ofAda([]attribution.Click{click("bob", 5)}, sale(10, byHand("ada")), sale(20)), nil, attribution.SelfReferral,
			[]string{"click: self_referral", "match: no_match"},
		},
		{
			"and the next method is tried", ofAda(nil, sale(10, byHand("ada")), sale(20, campaign("eve"))),
			[]string{"eve/main=1"},
			"",
			[]string{"click: self_referral"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, linear)
			w.code("ADA10", "ada", "main")
			w.matches("ada", spring(attribution.Equals, "ada"))
			w.matches("eve", spring(attribution.Equals, "eve"))
			last := c.who.Sales[len(c.who.Sales)-1]
			got := w.decide(c.who)[last.ID]
			require.Equal(t, c.want, credited(got))
			require.Equal(t, c.reason, got.Reason)
			require.Equal(t, c.failed, failures(got))
		})
	}
}

func TestNobodysEmail(t *testing.T) {
	w := newWorld(t)
	w.change(program.Change{Kind: program.CreatePartner, Partner: "new"})
	w.approve("new", "main", ever())
	got := w.decide(decision.Customer{Clicks: []attribution.Click{click("new", 5)}, Emails: []string{""}, Sales: []commission.Sale{sale(10)}})
	require.True(t, got["in_010"].Attributed(), "no address equals none")
}
