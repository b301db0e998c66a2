package program_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

func TestSuspension(t *testing.T) {
	w := newWorld(t)
	suspend := func(d int) { w.do(program.Change{Kind: program.Suspend, At: day(d), Partner: "ada"}) }
	reinstate := func(d int) { w.do(program.Change{Kind: program.Reinstate, At: day(d), Partner: "ada"}) }
	suspend(10)
	reinstate(20)
	suspend(30)
	suspend(5) // late
	ada, _ := w.Partner("ada")
	for d, want := range map[int]bool{4: false, 5: true, 10: true, 19: true, 20: false, 29: false, 30: true, 99: true} {
		require.Equal(t, want, ada.SuspendedAt(day(d)), d)
	}
	reinstate(30) // at the same instant: in order of arrival
	ada, _ = w.Partner("ada")
	require.False(t, ada.SuspendedAt(day(30)))
}

// Match conditions are effective-dated and no part of a snapshot.
func TestMatchAt(t *testing.T) {
	w := newWorld(t)
	on := func(value string) *[]attribution.Condition {
		return &[]attribution.Condition{{Field: "sub1", Op: attribution.Equals, Value: value}}
	}
	edit := func(d int, p program.Profile) {
		w.do(program.Change{Kind: program.EditPartner, At: day(d), Partner: "ada", Profile: &p})
	}
	edit(20, program.Profile{Match: on("b")})
	edit(10, program.Profile{Match: on("a")})
	edit(30, program.Profile{Name: ptr("Ada")})
	edit(40, program.Profile{Match: &[]attribution.Condition{}})
	ada, _ := w.Partner("ada")
	require.Equal(t, "Ada", ada.Name)
	for d, want := range map[int]*[]attribution.Condition{10: on("a"), 19: on("a"), 20: on("b"), 30: on("b")} {
		require.Equal(t, *want, ada.MatchAt(day(d)), d)
	}
	require.Empty(t, ada.MatchAt(day(9)))
	require.Empty(t, ada.MatchAt(day(40)))
}

// The owner's order is by rank, ties in order of creation.
func TestPartnersInTheOwnersOrder(t *testing.T) {
	w := newWorld(t)
	for id, rank := range map[string]int{"zoe": -1, "bob": 7} {
		w.do(program.Change{Kind: program.CreatePartner, At: ever(), Partner: id, Profile: &program.Profile{Rank: &rank}})
	}
	w.do(program.Change{Kind: program.CreatePartner, At: ever(), Partner: "abe"})
	var order []string
	for _, p := range w.PartnersAt(day(1)) {
		order = append(order, p.ID)
	}
	require.Equal(t, []string{"zoe", "ada", "abe", "bob"}, order)
	_, ok := w.Partner("nobody")
	require.False(t, ok)
}

func TestDefaultProgram(t *testing.T) {
	require.Nil(t, program.Empty().Default(time.Time{}))
	w := newWorld(t)
	w.do(program.Change{Kind: program.CreateProgram, At: ever(), Program: "a", Settings: &program.SettingsChange{DestinationURL: home(), Rules: percent("5")}})
	require.Equal(t, "main", w.Default(time.Time{}).ID, "the first")
	w.do(program.Change{Kind: program.SetOrganization, At: ever(), Organization: &program.Organization{ID: "acme", DefaultProgram: "a"}})
	require.Equal(t, "a", w.Default(day(1)).ID)
	require.Equal(t, "main", w.Default(time.Time{}).ID, "before it was named")
	var order []string
	for _, p := range w.Programs() {
		order = append(order, p.ID)
	}
	require.Equal(t, []string{"main", "a"}, order)
	_, ok := w.Program("b")
	require.False(t, ok)
}

func TestPartnerships(t *testing.T) {
	w := newWorld(t)
	w.do(program.Change{Kind: program.CreateProgram, At: ever(), Program: "a", Settings: &program.SettingsChange{DestinationURL: home(), Rules: percent("5")}})
	for _, id := range []string{"a", "main"} {
		w.do(program.Change{Kind: program.Approve, At: day(1), Partner: "ada", Program: id})
	}
	var programs []string
	for _, p := range w.PartnershipsOf("ada") {
		programs = append(programs, p.Program)
	}
	require.Equal(t, []string{"main", "a"}, programs, "in order of program creation")
	require.Empty(t, w.PartnershipsOf("bob"))
	p, ok := w.Partnership("ada", "a")
	require.True(t, ok)
	require.Equal(t, day(1), p.ApprovedAt)
	_, ok = w.Partnership("bob", "a")
	require.False(t, ok)
}

// Tier periods are those of the program's zone; payout periods run from one
// cut-off of the partner, included, to the next.
func TestPeriod(t *testing.T) {
	w := newWorld(t)
	w.do(program.Change{Kind: program.CreateProgram, At: ever(), Program: "jp", Settings: &program.SettingsChange{DestinationURL: home(), Rules: percent("5"), TimeZone: ptr("Asia/Tokyo")}})
	utc := func(month time.Month, d, hour int) time.Time {
		return time.Date(2026, month, d, hour, 0, 0, 0, time.UTC)
	}
	check := func(program string, p commission.Period, at, start, end time.Time) {
		t.Helper()
		from, to := w.Period("ada", program, p, at)
		require.Equal(t, []time.Time{start, end}, []time.Time{from, to})
	}
	check("main", commission.PerMonth, utc(1, 31, 20), utc(1, 1, 0), utc(2, 1, 0))
	check("jp", commission.PerMonth, utc(1, 31, 20), utc(1, 31, 15), utc(2, 28, 15))
	check("nowhere", commission.PerMonth, utc(1, 31, 20), utc(1, 1, 0), utc(2, 1, 0))
	check("main", commission.PerLifetime, utc(1, 31, 20), time.Time{}, time.Time{})
	check("main", commission.PerPayout, utc(2, 1, 0), utc(2, 1, 0), utc(3, 1, 0))
	weekly := payout.Schedule{Cadence: payout.Weekly, Weekday: time.Monday, Hour: 9, TimeZone: "Asia/Tokyo"}
	w.do(program.Change{Kind: program.EditPartner, At: ever(), Partner: "ada", Profile: &program.Profile{Payout: weekly.Change()}})
	check("main", commission.PerPayout, utc(1, 5, 0), utc(1, 5, 0), utc(1, 12, 0))
	check("jp", commission.PerPayout, utc(1, 5, 0).Add(-1), utc(1, 5, 0).AddDate(0, 0, -7), utc(1, 5, 0))
	from, to := w.Period("nobody", "main", commission.PerPayout, utc(1, 5, 0))
	require.True(t, from.IsZero() && to.IsZero())
}

// A configuration is immutable, knows what it has seen, and since when something
// changed.
func TestSetupHistory(t *testing.T) {
	w := newWorld(t)
	before := w.Configuration
	w.approve(day(10))
	require.False(t, before.Approved("ada", "main", day(10)))
	approval := program.Change{Kind: program.Approve, At: day(10), Partner: "ada", Program: "main"}
	require.True(t, w.Has(approval))
	require.False(t, before.Has(approval))
	approval.At = day(11)
	require.True(t, w.Has(approval), "approving who is approved changes nothing")
	approval.At = day(9)
	require.False(t, w.Has(approval), "it would begin earlier")

	_, changed := w.ChangedSince(w.Seq)
	require.False(t, changed)
	w.do(program.Change{Kind: program.Suspend, At: day(20), Partner: "ada"})
	w.do(program.Change{Kind: program.AddLink, At: day(11), Partner: "ada", Program: "main", Key: "ada"})
	from, changed := w.ChangedSince(w.Seq - 2)
	require.True(t, changed)
	require.Equal(t, day(11), from)
	from, _ = w.ChangedSince(before.Seq)
	require.Equal(t, day(10), from, "the earliest time that something takes effect from")
}
