package program_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
)

func TestLifecycle(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, program.Active, w.program().LifecycleAt(day(1)), "no start or end")
	w.edit(ever(), program.SettingsChange{StartsAt: ptr(day(10)), EndsAt: ptr(day(20))})
	for _, c := range []struct {
		at   time.Time
		want program.Lifecycle
	}{
		{day(1), program.Scheduled},
		{day(10).Add(-1), program.Scheduled},
		{day(10), program.Active},
		{day(20).Add(-1), program.Active},
		{day(20), program.Ended},
		{day(99), program.Ended},
	} {
		require.Equal(t, c.want, w.program().LifecycleAt(c.at), c.at)
	}
}

// Whether a program is active at t is judged by the schedule in force at t.
func TestLifecycleByTheScheduleInForce(t *testing.T) {
	w := newWorld(t)
	w.edit(day(10), program.SettingsChange{EndsAt: ptr(day(5))})        // ended by an edit that looks back
	w.edit(day(20), program.SettingsChange{Remove: []string{"endsAt"}}) // and opened again
	for d, want := range map[int]program.Lifecycle{4: program.Active, 6: program.Active, 9: program.Active, 10: program.Ended, 19: program.Ended, 20: program.Active} {
		require.Equal(t, want, w.program().LifecycleAt(day(d)), d)
	}
	w.edit(day(2), program.SettingsChange{StartsAt: ptr(day(3))}) // arrives last, in force from day 2
	require.Equal(t, program.Active, w.program().LifecycleAt(day(1)))
	require.Equal(t, program.Scheduled, w.program().LifecycleAt(day(2)))
	require.Equal(t, program.Ended, w.program().LifecycleAt(day(10)), "what an edit leaves out keeps its value")
}

func TestLifecycleBeforeCreation(t *testing.T) {
	w := newWorld(t)
	w.do(program.Change{Kind: program.CreateProgram, At: day(10), Program: "late", Settings: &program.SettingsChange{DestinationURL: home(), Rules: percent("5")}})
	late, _ := w.Program("late")
	require.Equal(t, program.Scheduled, late.LifecycleAt(day(9)))
	require.Equal(t, program.Active, late.LifecycleAt(day(10)))
	_, ok := late.At(day(9))
	require.False(t, ok)
	require.Equal(t, day(10), late.Created)
}

func TestDefaults(t *testing.T) {
	p := newWorld(t).program()
	s := p.Latest()
	require.Equal(t, attribution.LastClick, s.Model)
	require.Equal(t, 60, s.WindowDays)
	require.Equal(t, []attribution.Method{attribution.Promo, attribution.Clicks, attribution.Match}, s.Methods)
	require.Equal(t, attribution.Sticky, s.Binding)
	require.True(t, s.StartsAt.IsZero() && s.EndsAt.IsZero())
	require.False(t, s.PartnerCodes)
	require.Equal(t, 30, s.Terms.HoldbackDays)
	require.EqualValues(t, "usd", p.Currency)
	require.Equal(t, time.UTC, p.Location)
}

func TestWindowBoundIsIncluded(t *testing.T) {
	s := newWorld(t).program().Latest()
	for _, c := range []struct {
		name string
		days int
		ago  time.Duration
		want bool
	}{
		{"at once", 60, 0, true},
		{"at the bound", 60, 60 * 24 * time.Hour, true},
		{"beyond it", 60, 60*24*time.Hour + 1, false},
		{"after the conversion", 60, -1, false},
		{"a window of nothing", 0, 0, true},
		{"beyond nothing", 0, 1, false},
	} {
		s.WindowDays = c.days
		require.Equal(t, c.want, s.InWindow(day(100).Add(-c.ago), day(100)), c.name)
	}
}

// All settings are effective-dated and keep what an edit leaves out.
func TestEditsAreInForceFromTheirTime(t *testing.T) {
	w := newWorld(t)
	w.edit(day(20), program.SettingsChange{Model: ptr(attribution.Linear), HoldbackDays: ptr(7)})
	w.edit(day(10), program.SettingsChange{Model: ptr(attribution.FirstClick), WindowDays: ptr(5), Name: ptr("Main")}) // late
	w.edit(day(30), program.SettingsChange{
		Binding: ptr(attribution.PerConversion), PartnerCodes: ptr(true), Title: ptr("T"),
		DestinationURL: ptr("https://acme.test/"), DeepLinkDomains: ptr([]string{"acme.test"}), Methods: ptr([]attribution.Method{attribution.Match}),
	})
	at := func(d int) program.Settings {
		s, ok := w.program().At(day(d))
		require.True(t, ok)
		return s
	}
	require.Equal(t, attribution.LastClick, at(9).Model)
	require.Equal(t, attribution.FirstClick, at(10).Model)
	require.Equal(t, attribution.Linear, at(20).Model)
	require.Equal(t, attribution.Linear, at(30).Model)
	require.Equal(t, []int{60, 5, 5, 5}, []int{at(9).WindowDays, at(10).WindowDays, at(20).WindowDays, at(30).WindowDays})
	require.Equal(t, []int{30, 30, 7, 7}, []int{at(9).Terms.HoldbackDays, at(10).Terms.HoldbackDays, at(20).Terms.HoldbackDays, at(30).Terms.HoldbackDays})
	require.Equal(t, at(30), w.program().Latest())
	require.Equal(t, "Main", at(30).Name)
	require.Equal(t, []attribution.Method{attribution.Match}, at(30).Methods)
	require.False(t, at(20).PartnerCodes)
	require.True(t, at(30).PartnerCodes)
}

func TestProgramZone(t *testing.T) {
	w := newWorld(t)
	w.do(program.Change{Kind: program.CreateProgram, At: ever(), Program: "jp", Settings: &program.SettingsChange{
		DestinationURL: home(),
		Rules:          percent("5"), TimeZone: ptr("Asia/Tokyo"), Currency: ptr(yen),
	}})
	jp, _ := w.Program("jp")
	require.Equal(t, yen, jp.Currency)
	require.Equal(t, "Asia/Tokyo", jp.Location.String())
}

const yen money.Currency = "jpy"
