package program_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

func ada(kind program.ChangeKind, at int) program.Change {
	return program.Change{Kind: kind, At: day(at), Partner: "ada", Program: "main"}
}

// A revocation ends the override; a later approval takes a fresh snapshot
// (semantics 2.5).
func TestRevokeAndApproveAgain(t *testing.T) {
	w := newWorld(t)
	w.approve(day(1))
	w.override(day(2), program.TermsChange{Rules: percent("40")})
	w.edit(day(3), program.SettingsChange{Rules: percent("10")})
	w.do(ada(program.Revoke, 5))
	require.ErrorIs(t, w.try(ada(program.Revoke, 6)), program.ErrNotFound)
	require.ErrorIs(t, w.try(ada(program.Suspend, 6)), program.ErrNotFound)
	require.ErrorIs(t, w.clearOverride(day(6)), program.ErrNotFound)
	c := ada(program.Override, 6)
	c.Terms = &program.TermsChange{Rules: percent("90")}
	require.ErrorIs(t, w.try(c), program.ErrNotFound, "there is nothing to override")
	w.approve(day(8))

	for at, want := range map[int]attribution.Reason{0: attribution.PartnerNotApproved, 4: "", 5: attribution.PartnerNotApproved, 7: attribution.PartnerNotApproved, 8: ""} {
		require.Equal(t, want, w.Barred("ada", "main", day(at)), "day %d", at)
	}
	rate, _, source := w.inForce(day(4))
	require.Equal(t, "40", rate)
	require.Equal(t, commission.FromAmendment, source)
	rate, _, source = w.inForce(day(9))
	require.Equal(t, "10", rate)
	require.Equal(t, commission.FromApproval, source)
	on, _ := w.Partnership("ada", "main")
	require.Equal(t, day(1), on.ApprovedAt)
	require.True(t, on.RevokedAt(day(6)))
	require.False(t, on.RevokedAt(day(0)))
	require.True(t, w.Has(ada(program.Revoke, 5)))
}

// A revocation that is dated back takes what lies after it; approvals that changed
// nothing when they were made do not come to life.
func TestRevokeDatedBack(t *testing.T) {
	w := newWorld(t)
	w.approve(day(1))
	require.True(t, w.Has(ada(program.Approve, 5)))
	w.do(ada(program.Revoke, 3))
	require.False(t, w.Approved("ada", "main", day(6)))
	require.True(t, w.Approved("ada", "main", day(2)))
}

func TestSuspendOnOneProgram(t *testing.T) {
	w := newWorld(t)
	w.do(program.Change{Kind: program.CreateProgram, At: ever(), Program: "pro", Settings: &program.SettingsChange{DestinationURL: home(), Rules: percent("20")}})
	w.approve(day(1))
	w.do(program.Change{Kind: program.Approve, At: day(1), Partner: "ada", Program: "pro"})
	w.do(ada(program.Suspend, 2))
	require.Equal(t, attribution.PartnerSuspended, w.Barred("ada", "main", day(3)))
	require.Empty(t, w.Barred("ada", "pro", day(3)))
	w.do(program.Change{Kind: program.Suspend, At: day(4), Partner: "ada"})
	w.do(ada(program.Reinstate, 5))
	require.Equal(t, attribution.PartnerSuspended, w.Barred("ada", "main", day(6)), "each is lifted by its own reinstatement only")
	w.do(program.Change{Kind: program.Reinstate, At: day(7), Partner: "ada"})
	require.Empty(t, w.Barred("ada", "main", day(8)))
	on, _ := w.Partnership("ada", "main")
	require.True(t, on.SuspendedAt(day(2)))
	require.False(t, on.SuspendedAt(day(5)))
}

// An adoption replaces the snapshot and ends an override, for one partner or for
// all that are approved then (semantics 2.6).
func TestAdopt(t *testing.T) {
	w := newWorld(t)
	w.do(program.Change{Kind: program.CreatePartner, At: ever(), Partner: "bob", Profile: &program.Profile{}})
	require.ErrorIs(t, w.try(ada(program.Adopt, 1)), program.ErrNotFound)
	require.False(t, w.AnyApproved("main", day(1)))
	w.approve(day(1))
	require.True(t, w.AnyApproved("main", day(1)))
	w.override(day(2), program.TermsChange{Rules: percent("40")})
	w.edit(day(3), program.SettingsChange{Rules: percent("10")})
	w.do(ada(program.Adopt, 4))
	w.edit(day(5), program.SettingsChange{Rules: percent("5")})
	rate, _, source := w.inForce(day(9))
	require.Equal(t, "10", rate)
	require.Equal(t, commission.FromAdoption, source)
	require.ErrorIs(t, w.clearOverride(day(9)), program.ErrNotFound)

	all := program.Change{Kind: program.Adopt, At: day(6), Program: "main"}
	w.do(all)
	require.True(t, w.Has(all))
	rate, _, _ = w.inForce(day(6))
	require.Equal(t, "5", rate)
	w.do(program.Change{Kind: program.Approve, At: day(2), Partner: "bob", Program: "main"}) // told late: was approved then
	terms, _ := w.Terms("bob", "main", day(7))
	require.Equal(t, "5", terms.Rules[0].Value)
	require.Equal(t, "20", must(w.Terms("bob", "main", day(2))).Rules[0].Value)
}

func must(terms commission.Snapshot, ok bool) commission.Snapshot {
	if !ok {
		panic("no terms")
	}
	return terms
}

func TestBackfillSaysSo(t *testing.T) {
	w := newWorld(t)
	c := ada(program.Approve, 1)
	c.Backfill = true
	w.do(c)
	_, _, source := w.inForce(day(2))
	require.Equal(t, commission.FromBackfill, source)
}
