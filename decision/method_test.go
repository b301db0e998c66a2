package decision_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/program"
)

func spring(op attribution.Op, value string) attribution.Condition {
	return attribution.Condition{Field: "campaignId", Op: op, Value: value}
}

func TestMethodOrder(t *testing.T) {
	promo, clicks, match := attribution.Promo, attribution.Clicks, attribution.Match
	order := func(methods ...attribution.Method) program.SettingsChange {
		return program.SettingsChange{Methods: &methods}
	}
	all := sale(10, withCode("BOB10"), campaign("spring"))
	for _, c := range []struct {
		name     string
		settings program.SettingsChange
		sale     commission.Sale
		want     []string
		method   attribution.Method
	}{
		{"by default promo", program.SettingsChange{}, all, []string{"bob/main=1"}, promo},
		{"then click", program.SettingsChange{}, sale(10, campaign("spring")), []string{"ada/main=1"}, clicks},
		{"click first", order(clicks, promo, match), all, []string{"ada/main=1"}, clicks},
		{"match first", order(match, clicks, promo), all, []string{"eve/main=1"}, match},
		{"match and nothing else", order(match), all, []string{"eve/main=1"}, match},
		{"no method that finds anything", order(promo), sale(10, campaign("spring")), nil, ""},
		{"an unknown code, then click", program.SettingsChange{}, sale(10, withCode("NOPE")), []string{"ada/main=1"}, clicks},
		{"manual before all", order(promo, clicks, match), sale(10, withCode("BOB10"), byHand("eve")), []string{"eve/main=1"}, attribution.Manual},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.settings)
			w.code("BOB10", "bob", "main")
			w.matches("eve", spring(attribution.Equals, "spring"))
			got := w.one(c.sale, click("ada", 5))
			require.Equal(t, c.want, credited(got))
			require.Equal(t, c.method, got.Explanation.Method)
		})
	}
}

// Without a named program the default program decides the order, and its edits
// are effective-dated.
func TestMethodOrderOfTheProgram(t *testing.T) {
	w := newWorld(t)
	w.program("shop", program.SettingsChange{Methods: &[]attribution.Method{attribution.Clicks, attribution.Promo}})
	w.approve("ada", "shop", ever())
	w.approve("bob", "shop", ever())
	w.code("BOB10", "bob", "shop")
	first := clickOn("shop", "ada", 5)
	require.Equal(t, []string{"bob/shop=1"}, credited(w.one(sale(10, withCode("BOB10")), first)))
	require.Equal(t, []string{"ada/shop=1"}, credited(w.one(sale(10, withCode("BOB10"), onProgram("shop")), first)))
	w.change(program.Change{Kind: program.SetOrganization, Organization: &program.Organization{DefaultProgram: "shop"}})
	require.Equal(t, []string{"ada/shop=1"}, credited(w.one(sale(10, withCode("BOB10")), first)))
	w.change(program.Change{Kind: program.EditProgram, At: day(8), Program: "shop", Settings: &program.SettingsChange{
		Methods: &[]attribution.Method{attribution.Promo, attribution.Clicks},
	}})
	require.Equal(t, []string{"ada/shop=1"}, credited(w.one(sale(7, withCode("BOB10")), first)))
	require.Equal(t, []string{"bob/shop=1"}, credited(w.one(sale(8, withCode("BOB10")), first)))
}

func TestPromo(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup func(w *world)
		sale  commission.Sale
		want  attribution.Reason
	}{
		{"resolves", func(*world) {}, sale(10, withCode("ADA10")), ""},
		{"in any spelling", func(*world) {}, sale(10, withCode("  ada10 ")), ""},
		{"on its own program", func(*world) {}, sale(10, withCode("ADA10"), onProgram("main")), ""},
		{"unknown", func(*world) {}, sale(10, withCode("ADA11")), attribution.CodeUnknown},
		{"no code at all", func(*world) {}, sale(10, withCode("10 %")), attribution.CodeUnknown},
		{"on another program", func(*world) {}, sale(10, withCode("ADA10"), onProgram("shop")), attribution.CodeOtherProgram},
		{"retired", func(w *world) {
			w.change(program.Change{Kind: program.RetireCode, At: day(10), Key: "ADA10"})
		}, sale(10, withCode("ADA10")), attribution.CodeRetired},
		{"retired since", func(w *world) {
			w.change(program.Change{Kind: program.RetireCode, At: day(11), Key: "ADA10"})
		}, sale(10, withCode("ADA10")), ""},
		{"not yet there", func(w *world) {
			w.change(program.Change{Kind: program.AddCode, At: day(11), Partner: "ada", Program: "main", Key: "NEW10"})
		}, sale(10, withCode("NEW10")), attribution.CodeUnknown},
		{"scheduled", func(w *world) { w.edit(ever(), program.SettingsChange{StartsAt: ptr(day(11))}) }, sale(10, withCode("ADA10")), attribution.ProgramNotActive},
		{"ended", func(w *world) { w.edit(ever(), program.SettingsChange{EndsAt: ptr(day(10))}) }, sale(10, withCode("ADA10")), attribution.ProgramNotActive},
		{"suspended", func(w *world) { w.suspend("ada", day(9)) }, sale(10, withCode("ADA10")), attribution.PartnerSuspended},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.program("shop", program.SettingsChange{})
			w.code("ADA10", "ada", "main")
			c.setup(w)
			got := w.one(c.sale)
			require.Equal(t, c.want, got.Reason)
			if c.want == "" {
				require.Equal(t, []string{"ada/main=1"}, credited(got))
				return
			}
			require.Equal(t, "promo: "+string(c.want), failures(got)[0])
			fallback := w.one(c.sale, click("bob", 5))
			if c.sale.Program == "" && c.want != attribution.ProgramNotActive {
				require.Equal(t, []string{"bob/main=1"}, credited(fallback), "noted with its reason, and the next is tried")
			}
		})
	}
}

// A code is a touch at the conversion's time: the partner has to be approved
// then.
func TestPromoBeforeApproval(t *testing.T) {
	w := newWorld(t)
	w.change(program.Change{Kind: program.CreatePartner, Partner: "new"})
	w.approve("new", "main", day(10))
	w.code("NEW10", "new", "main")
	require.Equal(t, attribution.PartnerNotApproved, w.one(sale(9, withCode("NEW10"))).Reason)
	require.True(t, w.one(sale(10, withCode("NEW10"))).Attributed())
}

func TestManual(t *testing.T) {
	w := newWorld(t)
	w.program("shop", program.SettingsChange{})
	w.approve("ada", "shop", ever())
	require.Equal(t, []string{"ada/main=1"}, credited(w.one(sale(10, byHand("ada")))), "under the default program")
	require.Equal(t, []string{"ada/shop=1"}, credited(w.one(sale(10, byHand("ada"), onProgram("shop")))), "under the named one")

	got := w.one(sale(10, byHand("bob"), onProgram("shop")), clickOn("shop", "ada", 5))
	require.Equal(t, []string{"ada/shop=1"}, credited(got), "a manual that fails is noted, and the next is tried")
	require.Equal(t, []string{"manual: partner_not_approved"}, failures(got))
	require.Equal(t, "bob", got.Explanation.Failed[0].Detail)

	w.suspend("ada", day(10))
	require.Equal(t, attribution.PartnerSuspended, w.one(sale(10, byHand("ada"))).Reason)
	w.edit(ever(), program.SettingsChange{EndsAt: ptr(day(9))})
	require.Equal(t, attribution.ProgramNotActive, w.one(sale(9, byHand("ada"))).Reason)
}

func TestMatch(t *testing.T) {
	tagged := attribution.Click{ID: "k5", At: day(5), CampaignID: "spring", Sub: map[string]string{"sub1": "x"}}
	later := attribution.Click{ID: "k7", At: day(7), Sub: map[string]string{"sub2": "y"}}
	foreign := clickOn("shop", "bob", 7)
	foreign.CampaignID = "spring"
	flagged, old := tagged, tagged
	flagged.Flag, old.At = "prefetch", day(10).AddDate(0, 0, -61)
	only := program.SettingsChange{Methods: &[]attribution.Method{attribution.Match}}
	sub1 := attribution.Condition{Field: "sub1", Op: attribution.Equals, Value: "x"}
	for _, c := range []struct {
		name   string
		sale   commission.Sale
		clicks []attribution.Click
		on     attribution.Condition
		want   bool
	}{
		{"from the conversion", sale(10, campaign("spring")), nil, spring(attribution.Equals, "spring"), true},
		{"from the customer's click", sale(10), []attribution.Click{tagged}, spring(attribution.Equals, "spring"), true},
		{"from a click of any program", sale(10), []attribution.Click{foreign}, spring(attribution.StartsWith, "spr"), true},
		{"the conversion's own comes first", sale(10, campaign("summer")), []attribution.Click{tagged}, spring(attribution.Equals, "spring"), false},
		{"other fields still come from the click", sale(10, campaign("summer")), []attribution.Click{tagged}, sub1, true},
		{"from one click only, the latest", sale(10), []attribution.Click{tagged, later}, sub1, false},
		{"not from a later one", sale(6), []attribution.Click{tagged, later}, sub1, true},
		{"not from a flagged one", sale(10), []attribution.Click{tagged, withFlag(later)}, sub1, true},
		{"nor if it is the only one", sale(10), []attribution.Click{flagged}, sub1, false},
		{"nor outside the window", sale(10), []attribution.Click{old}, sub1, false},
		{"a negative on a missing field", sale(10), nil, spring(attribution.NotEquals, "spring"), false},
		{"a negative", sale(10, campaign("summer")), nil, spring(attribution.NotContains, "spring"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, only)
			w.program("shop", program.SettingsChange{})
			w.matches("ada", attribution.Condition{Field: "sub30", Op: attribution.Equals, Value: "no"}, c.on)
			got := w.one(c.sale, c.clicks...)
			require.Equal(t, c.want, got.Attributed())
			if !c.want {
				require.Equal(t, attribution.NoMatch, got.Reason)
			}
		})
	}
}

func withFlag(c attribution.Click) attribution.Click {
	c.Flag = "velocity"
	return c
}

// The window that a click must be inside is the paying program's.
func TestMatchWindowOfThePayingProgram(t *testing.T) {
	w := newWorld(t)
	w.program("shop", program.SettingsChange{WindowDays: ptr(3)})
	w.approve("ada", "shop", ever())
	w.matches("ada", spring(attribution.Equals, "spring"))
	tagged := attribution.Click{ID: "k5", At: day(5), CampaignID: "spring"}
	require.Equal(t, []string{"ada/main=1"}, credited(w.one(sale(10), tagged)), "under the default program")
	require.Empty(t, credited(w.one(sale(10, onProgram("shop")), tagged)))
	require.Equal(t, []string{"ada/shop=1"}, credited(w.one(sale(8, onProgram("shop")), tagged)), "under the named one")
}

// The first partner in the owner's order whose condition holds; who may not
// earn is passed over.
func TestMatchOrder(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"eve", "bob", "ada"} {
		w.matches(id, spring(attribution.Equals, "spring"))
	}
	require.Equal(t, []string{"ada/main=1"}, credited(w.one(sale(10, campaign("spring")))))
	w.change(program.Change{Kind: program.EditPartner, Partner: "bob", Profile: &program.Profile{Rank: ptr(-1)}})
	require.Equal(t, []string{"bob/main=1"}, credited(w.one(sale(10, campaign("spring")))))

	w.suspend("bob", day(2))
	w.change(program.Change{Kind: program.CreatePartner, Partner: "new", Profile: &program.Profile{
		Rank: ptr(-2), Match: &[]attribution.Condition{spring(attribution.Equals, "spring")},
	}})
	got := w.decide(decision.Customer{Emails: []string{"ada@acme"}, Sales: []commission.Sale{sale(10, campaign("spring"))}})["in_010"]
	require.Equal(t, []string{"eve/main=1"}, credited(got))
	require.Equal(t, []attribution.Passed{
		{Partner: "new", Reason: attribution.PartnerNotApproved},
		{Partner: "bob", Reason: attribution.PartnerSuspended},
		{Partner: "ada", Reason: attribution.SelfReferral},
	}, got.Explanation.PassedOver)
}

// Conditions are effective-dated and not snapshotted.
func TestMatchConditionsInForce(t *testing.T) {
	w := newWorld(t)
	w.change(program.Change{Kind: program.EditPartner, At: day(8), Partner: "ada", Profile: &program.Profile{
		Match: &[]attribution.Condition{spring(attribution.Equals, "spring")},
	}})
	require.False(t, w.one(sale(7, campaign("spring"))).Attributed())
	require.True(t, w.one(sale(8, campaign("spring"))).Attributed())
}

func TestReasons(t *testing.T) {
	w := newWorld(t)
	w.code("ADA10", "ada", "main")
	require.Equal(t, attribution.NoTouch, w.one(sale(10)).Reason)
	require.Equal(t, []string{"click: no_touch", "match: no_match"}, failures(w.one(sale(10))))
	flagged := withFlag(click("ada", 5))
	require.Equal(t, attribution.Flagged, w.one(sale(10), flagged).Reason)
	require.Equal(t, attribution.CodeUnknown, w.one(sale(10, withCode("NOPE")), flagged).Reason, "of the first that found something and refused it")
	matching := newWorld(t, program.SettingsChange{Methods: &[]attribution.Method{attribution.Match}})
	require.Equal(t, attribution.NoMatch, matching.one(sale(10)).Reason, "only matching was asked")

	paying := w.one(sale(10, withCode("ADA10")))
	require.Empty(t, paying.Reason)
	require.Equal(t, decision.Version, paying.Version)
	unpaid := w.one(sale(10, withCode("ADA10"), amount(0)))
	require.True(t, unpaid.Attributed(), "not unattributed")
	require.Equal(t, attribution.NoRule, unpaid.Reason)
}
