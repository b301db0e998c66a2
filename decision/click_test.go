package decision_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/program"
)

func TestTouches(t *testing.T) {
	none := func(*world) {}
	flagged := click("ada", 5)
	flagged.Flag = "bot"
	campaignLink := attribution.Click{ID: "k5", At: day(5), CampaignID: "spring"}
	late := click("ada", 5)
	late.At = day(10).Add(1)
	old := click("ada", 5)
	old.At = day(10).Add(-60 * 24 * time.Hour)
	tooOld := old
	tooOld.At = old.At.Add(-1)
	atOnce := click("ada", 10)
	for _, c := range []struct {
		name  string
		setup func(w *world)
		click attribution.Click
		want  attribution.Reason // why it is left out
		seen  bool
	}{
		{"a click", none, click("ada", 5), "", true},
		{"at the conversion's instant", none, atOnce, "", true},
		{"after the conversion", none, late, attribution.NoTouch, false},
		{"at the window's bound", none, old, "", true},
		{"outside the window", none, tooOld, attribution.OutsideWindow, true},
		{"the window in force at the conversion", func(w *world) { w.edit(day(7), program.SettingsChange{WindowDays: ptr(4)}) }, click("ada", 5), attribution.OutsideWindow, true},
		{"a later window", func(w *world) { w.edit(day(11), program.SettingsChange{WindowDays: ptr(4)}) }, click("ada", 5), "", true},
		{"flagged", none, flagged, attribution.Flagged, true},
		{"a campaign link is no touch", none, campaignLink, attribution.NoTouch, false},
		{"scheduled", func(w *world) { w.edit(ever(), program.SettingsChange{StartsAt: ptr(day(6))}) }, click("ada", 5), attribution.ProgramNotActive, true},
		{"just started", func(w *world) { w.edit(ever(), program.SettingsChange{StartsAt: ptr(day(5))}) }, click("ada", 5), "", true},
		{"just ended", func(w *world) { w.edit(ever(), program.SettingsChange{EndsAt: ptr(day(5))}) }, click("ada", 5), attribution.ProgramNotActive, true},
		{"ended since", func(w *world) { w.edit(ever(), program.SettingsChange{EndsAt: ptr(day(6))}) }, click("ada", 5), "", true},
		{"not a program", none, clickOn("nowhere", "ada", 5), attribution.ProgramNotActive, true},
		{"not a partner", none, click("nobody", 5), attribution.PartnerNotApproved, true},
		{"suspended at the conversion", func(w *world) { w.suspend("ada", day(10)) }, click("ada", 5), attribution.PartnerSuspended, true},
		{"suspended after it", func(w *world) { w.suspend("ada", day(11)) }, click("ada", 5), "", true},
		{"suspended at the click only", func(w *world) {
			w.suspend("ada", day(4))
			w.change(program.Change{Kind: program.Reinstate, At: day(6), Partner: "ada"})
		}, click("ada", 5), "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.setup(w)
			got := w.one(sale(10), c.click)
			require.Equal(t, c.want, got.Reason)
			require.Equal(t, c.want == "", got.Attributed())
			require.Equal(t, c.seen, len(got.Explanation.Touches) == 1)
			if c.seen {
				require.Equal(t, decision.Touch{
					Click: c.click.ID, At: c.click.At, Partner: c.click.Partner, Program: c.click.Program, LeftOut: c.want,
				}, got.Explanation.Touches[0])
			}
		})
	}
}

func TestApprovedAtTheClick(t *testing.T) {
	w := newWorld(t)
	w.change(program.Change{Kind: program.CreatePartner, Partner: "new"})
	require.Equal(t, attribution.PartnerNotApproved, w.one(sale(10), click("new", 5)).Reason)
	w.approve("new", "main", day(6))
	require.Equal(t, attribution.PartnerNotApproved, w.one(sale(10), click("new", 5)).Reason, "approved after the click")
	require.True(t, w.one(sale(10), click("new", 6)).Attributed(), "from the approval on")
}

func TestModels(t *testing.T) {
	clicks := []attribution.Click{click("bob", 5), click("ada", 3), click("eve", 7)}
	for model, want := range map[attribution.Model][]string{
		attribution.LastClick:  {"eve/main=1"},
		attribution.FirstClick: {"ada/main=1"},
		attribution.Linear:     {"ada/main=1/3", "bob/main=1/3", "eve/main=1/3"},
		attribution.Position:   {"ada/main=2/5", "bob/main=1/5", "eve/main=2/5"},
	} {
		w := newWorld(t, program.SettingsChange{Model: &model})
		got := w.one(sale(10), clicks...)
		require.Equal(t, want, credited(got))
		require.Equal(t, model, got.Explanation.Model)
		require.Equal(t, attribution.Clicks, got.Explanation.Method)
	}
	w := newWorld(t, program.SettingsChange{Model: ptr(attribution.Linear)})
	require.Equal(t, []string{"ada/main/rev=667", "bob/main/rev=667", "eve/main/rev=666"}, paid(w.one(sale(10), clicks...)))
	w.suspend("bob", day(9))
	require.Equal(t, []string{"ada/main=1/2", "eve/main=1/2"}, credited(w.one(sale(10), clicks...)), "what is left out is shared by the others")
}

// A model is the one in force at the conversion.
func TestModelInForce(t *testing.T) {
	w := newWorld(t)
	w.edit(day(10), program.SettingsChange{Model: ptr(attribution.FirstClick)})
	clicks := []attribution.Click{click("ada", 3), click("bob", 5)}
	require.Equal(t, []string{"bob/main=1"}, credited(w.one(sale(9), clicks...)))
	require.Equal(t, []string{"ada/main=1"}, credited(w.one(sale(10), clicks...)))
}

func TestScope(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Model: ptr(attribution.Linear)})
	w.program("shop", program.SettingsChange{Rules: percent("5"), WindowDays: ptr(3)})
	w.approve("ada", "shop", ever())
	w.approve("bob", "shop", ever())
	clicks := []attribution.Click{click("ada", 3), clickOn("shop", "bob", 8), click("eve", 9)}

	require.Equal(t, []string{"ada/main=1/2", "eve/main=1/2"}, credited(w.one(sale(10, onProgram("main")), clicks...)))
	require.Equal(t, []string{"bob/shop=1"}, credited(w.one(sale(10, onProgram("shop")), clicks...)))
	all := w.one(sale(10), clicks...)
	require.Equal(t, []string{"ada/main=1/3", "bob/shop=1/3", "eve/main=1/3"}, credited(all), "the latest touch is on main: linear")
	require.Equal(t, []string{"ada/main/rev=667", "bob/shop/rev=167", "eve/main/rev=666"}, paid(all), "each under its own program")
	require.Equal(t, []string{"bob/shop=1"}, credited(w.one(sale(8), clicks...)), "the latest touch is on shop: last click")
	require.Equal(t, []string{"ada/main=1/2", "eve/main=1/2"}, credited(w.one(sale(12), clicks...)), "the window of each is its own program's")
}

// A partner with two programs has a credit on each.
func TestScopeOfOnePartner(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Model: ptr(attribution.Linear)})
	w.program("shop", program.SettingsChange{Rules: percent("5")})
	w.approve("ada", "shop", ever())
	got := w.one(sale(10), clickOn("shop", "ada", 3), click("ada", 5), click("ada", 6))
	require.Equal(t, []string{"ada/shop=1/3", "ada/main=2/3"}, credited(got))
	require.Equal(t, []string{"ada/shop/rev=167", "ada/main/rev=1333"}, paid(got))
}

func TestNoProgramAtAll(t *testing.T) {
	got := (&world{t, program.Empty()}).one(sale(10), click("ada", 5))
	require.Equal(t, attribution.NoTouch, got.Reason)
	require.Equal(t, decision.Version, got.Version)
}
