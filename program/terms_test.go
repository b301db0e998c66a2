package program_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// term is what a partnership is paid by at a day.
type term struct {
	d        int
	rate     string
	holdback int
	source   commission.Source
}

func (w *world) requireTerms(want ...term) {
	w.Helper()
	for _, c := range want {
		rate, holdback, source := w.inForce(day(c.d))
		require.Equal(w, c, term{c.d, rate, holdback, source})
	}
}

// Approval freezes a snapshot: editing a program changes later approvals only.
func TestSnapshot(t *testing.T) {
	w := newWorld(t)
	w.requireTerms(term{5, "20", 30, commission.FromProgram})
	w.edit(day(5), program.SettingsChange{HoldbackDays: ptr(15)})
	w.approve(day(10))
	w.edit(day(20), program.SettingsChange{Rules: percent("30")})
	w.requireTerms(
		term{4, "20", 30, commission.FromProgram}, term{9, "20", 15, commission.FromProgram},
		term{10, "20", 15, commission.FromApproval}, term{30, "20", 15, commission.FromApproval},
	)
	w.do(program.Change{Kind: program.CreatePartner, At: ever(), Partner: "bob", Profile: &program.Profile{}})
	w.do(program.Change{Kind: program.Approve, At: day(25), Partner: "bob", Program: "main"})
	later, _ := w.Terms("bob", "main", day(30))
	require.Equal(t, "30", later.Rules[0].Value)
	require.Equal(t, day(25), later.Since)
}

// The snapshot is of the terms in force at the time of approval, also where an
// edit dated before it arrives later.
func TestSnapshotOfLateEdit(t *testing.T) {
	w := newWorld(t)
	w.approve(day(10))
	w.edit(day(5), program.SettingsChange{Rules: percent("25")})
	w.requireTerms(term{4, "20", 30, commission.FromProgram}, term{10, "25", 30, commission.FromApproval})
	w.edit(day(10), program.SettingsChange{Rules: percent("26")})
	w.requireTerms(term{10, "26", 30, commission.FromApproval})
	w.edit(day(11), program.SettingsChange{Rules: percent("27")})
	w.requireTerms(term{10, "26", 30, commission.FromApproval}, term{12, "26", 30, commission.FromApproval})
}

func TestSecondApproval(t *testing.T) {
	w := newWorld(t)
	w.approve(day(10))
	w.edit(day(20), program.SettingsChange{Rules: percent("30")})
	w.approve(day(25))
	w.requireTerms(term{30, "20", 30, commission.FromApproval})
	require.False(t, w.Approved("ada", "main", day(9)))
	require.True(t, w.Approved("ada", "main", day(10)))
	w.approve(day(3))
	require.True(t, w.Approved("ada", "main", day(3)), "an approval that was earlier than was known")
	require.False(t, w.Approved("ada", "main", day(2)))
	require.False(t, w.Approved("ada", "other", day(30)))
	require.False(t, w.Approved("bob", "main", day(30)))
}

func TestOverride(t *testing.T) {
	w := newWorld(t)
	require.ErrorIs(t, w.clearOverride(day(1)), program.ErrNotFound, "no partnership")
	w.approve(day(10))
	require.ErrorIs(t, w.clearOverride(day(12)), program.ErrNotFound, "no override")
	w.edit(day(15), program.SettingsChange{Rules: percent("30"), HoldbackDays: ptr(3)})
	w.override(day(20), program.TermsChange{Rules: percent("40")})
	w.requireTerms(
		term{19, "20", 30, commission.FromApproval},
		term{20, "40", 30, commission.FromAmendment}, // what it leaves out: in force for the partnership
	)
	w.override(day(30), program.TermsChange{HoldbackDays: ptr(0)})
	w.requireTerms(term{29, "40", 30, commission.FromAmendment}, term{30, "40", 0, commission.FromAmendment})

	require.NoError(t, w.clearOverride(day(40)))
	w.requireTerms(term{39, "40", 0, commission.FromAmendment}, term{40, "30", 3, commission.FromProgram})
	w.edit(day(50), program.SettingsChange{Rules: percent("35")})
	w.requireTerms(term{49, "30", 3, commission.FromProgram}, term{50, "35", 3, commission.FromProgram}) // live, the snapshot is gone
	require.ErrorIs(t, w.clearOverride(day(60)), program.ErrNotFound, "cleared already")

	w.override(day(70), program.TermsChange{HoldbackDays: ptr(1)})
	w.edit(day(80), program.SettingsChange{Rules: percent("99")})
	w.requireTerms(term{90, "35", 1, commission.FromAmendment}) // frozen at the override's time
}

// An override that arrives late is in force from its own time on.
func TestLateOverride(t *testing.T) {
	w := newWorld(t)
	w.approve(day(1))
	w.override(day(30), program.TermsChange{HoldbackDays: ptr(0)})
	w.override(day(20), program.TermsChange{Rules: percent("40")})
	w.requireTerms(
		term{19, "20", 30, commission.FromApproval}, term{20, "40", 30, commission.FromAmendment},
		term{30, "40", 0, commission.FromAmendment}, // on top of what turned out to be in force
	)
	require.NoError(t, w.clearOverride(day(25)))
	w.requireTerms(term{26, "20", 30, commission.FromProgram}, term{30, "20", 0, commission.FromAmendment})
}

// Same changes, same times: the terms at any time do not depend on the order of
// arrival.
func TestTermsDoNotDependOnArrival(t *testing.T) {
	kinds := []string{"edit rules", "edit holdback", "override rules", "override holdback", "clear"}
	rapid.Check(t, func(rt *rapid.T) {
		days := rapid.SliceOfNDistinct(rapid.IntRange(1, 40), 0, 8, rapid.ID[int]).Draw(rt, "days")
		var changes []program.Change
		for i, d := range days {
			rules, holdback := percent([]string{"21", "22", "23", "24"}[i%4]), ptr(i)
			c := program.Change{At: day(d), Program: "main", Partner: "ada"}
			switch rapid.SampledFrom(kinds).Draw(rt, "kind") {
			case "edit rules":
				c.Kind, c.Partner, c.Settings = program.EditProgram, "", &program.SettingsChange{Rules: rules}
			case "edit holdback":
				c.Kind, c.Partner, c.Settings = program.EditProgram, "", &program.SettingsChange{HoldbackDays: holdback}
			case "override rules":
				c.Kind, c.Terms = program.Override, &program.TermsChange{Rules: rules}
			case "override holdback":
				c.Kind, c.Terms = program.Override, &program.TermsChange{HoldbackDays: holdback}
			default:
				c.Kind = program.ClearOverride
			}
			changes = append(changes, c)
		}
		build := func(list []program.Change) *world {
			w := newWorld(t)
			w.approve(day(5))
			for _, c := range list {
				c.Seq = w.Seq + 1
				next, err := w.With(c)
				require.NoError(rt, err)
				w.Configuration = next
			}
			return w
		}
		one, other := build(changes), build(rapid.Permutation(changes).Draw(rt, "order"))
		for d := range 45 {
			a, _ := one.Terms("ada", "main", day(d))
			b, _ := other.Terms("ada", "main", day(d))
			require.Equal(rt, a, b, d)
		}
	})
}

func TestTermsOfNobody(t *testing.T) {
	w := newWorld(t)
	_, ok := w.Terms("ada", "nowhere", day(1))
	require.False(t, ok)
	live, ok := w.Terms("nobody", "main", day(1))
	require.True(t, ok)
	require.Equal(t, commission.FromProgram, live.Source)

	w.do(program.Change{Kind: program.CreateProgram, At: day(10), Program: "late", Settings: &program.SettingsChange{DestinationURL: home(), Rules: percent("5")}})
	w.do(program.Change{Kind: program.Approve, At: day(1), Partner: "ada", Program: "late"})
	early, ok := w.Terms("ada", "late", day(2))
	require.True(t, ok)
	require.Equal(t, "5", early.Rules[0].Value, "older than the program: its first terms")
}

func TestHasTiers(t *testing.T) {
	w := newWorld(t)
	w.approve(day(1))
	require.False(t, w.HasTiers("ada", "main", "rev"))
	tiered := percent("20")
	tiered[0].Tiers = &commission.Tiers{Metric: commission.Conversions, Period: commission.PerMonth, Thresholds: []commission.Threshold{{At: 1, Value: "30"}}}
	w.override(day(5), program.TermsChange{Rules: tiered})
	require.True(t, w.HasTiers("ada", "main", "rev"))
	require.False(t, w.HasTiers("ada", "main", "other"))
	require.False(t, w.HasTiers("bob", "main", "rev"))
	require.NoError(t, w.clearOverride(day(6)))
	require.True(t, w.HasTiers("ada", "main", "rev"), "ever")
	w.edit(day(7), program.SettingsChange{Rules: tiered})
	require.True(t, w.HasTiers("bob", "main", "rev"))
}

func TestRetroactiveByWordIsRetroactiveByDefault(t *testing.T) {
	t.Parallel()
	rules := func(retroactive *bool) []commission.Rule {
		return []commission.Rule{{
			ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: "10",
			Tiers: &commission.Tiers{
				Metric: commission.Conversions, Period: commission.PerMonth, Retroactive: retroactive,
				Thresholds: []commission.Threshold{{At: 2, Value: "20"}},
			},
		}}
	}
	create := func(given []commission.Rule) program.Change {
		return program.Change{Kind: program.CreateProgram, Program: "main", Settings: &program.SettingsChange{DestinationURL: home(), Rules: given}}
	}
	byWord := rules(ptr(true))
	made, err := program.Empty().Apply(create(byWord))
	require.NoError(t, err)
	of, _ := made.Program("main")
	settings := of.Latest()
	require.Equal(t, rules(nil), settings.Terms.Rules)
	require.True(t, *byWord[0].Tiers.Retroactive, "the caller's rules stay as they are")
	again, err := made.Apply(create(rules(nil)))
	require.NoError(t, err)
	require.Same(t, made, again, "made before")
	_, err = made.Apply(create(rules(ptr(false))))
	require.ErrorIs(t, err, program.ErrExists)
}
