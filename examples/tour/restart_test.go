package main

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// What the owner changed is as the owner left it after the next start, wherever the
// shop is served then, with sample data or without.
func TestOwnersEditsSurviveRestart(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		destination string
		at          time.Time
	}{
		"an edit":                          {"https://shop.example/launch?from=partners", time.Time{}},
		"an edit for all time":             {"https://shop.example/", affiliate.Always()},
		"an edit to another page of ours":  {"http://127.0.0.1:1/launch", time.Time{}},
		"an edit to another shop's page":   {"http://127.0.0.1:2/", time.Time{}},
		"an edit without the slash at end": {"http://127.0.0.1:1", time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := options{file: filepath.Join(t.TempDir(), "shop.db"), base: "http://127.0.0.1:1", log: slog.New(slog.DiscardHandler)}
			first := begin(t, opts)
			ownerEdits(t, first.eng, change.destination, change.at)
			want := ownersView(t, first.eng)
			if err := first.db.Close(); err != nil {
				t.Fatal(err)
			}
			for _, base := range []string{"http://127.0.0.1:1", "http://127.0.0.1:3", "http://127.0.0.1:1"} {
				opts.base, opts.sample = base, true
				again := begin(t, opts)
				if got := ownersView(t, again.eng); got != want {
					t.Errorf("served at %s, the owner's edits are gone:\n%s\n%s", base, got, want)
				}
				if err := again.db.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func begin(t *testing.T, opts options) *app {
	t.Helper()
	a, err := newApp(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// ownerEdits changes the program, its terms, both partners and what they promote
// it with.
func ownerEdits(t *testing.T, eng *affiliate.Engine, destination string, at time.Time) {
	t.Helper()
	ctx := t.Context()
	rule := commission.Rule{ID: "sale", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "7"}
	for _, err := range []error{
		errOf(eng.EditProgram(ctx, programID, program.SettingsChange{
			Title: new("Spring"), DestinationURL: &destination, Rules: []commission.Rule{rule}, HoldbackDays: new(3), PartnerCodes: new(true),
		}, at)),
		errOf(eng.EditPartner(ctx, "alex", program.Profile{Name: new("Alexandra"), Email: new("alexandra@example.com")}, at)),
		errOf(eng.OverrideTerms(ctx, "alex", programID, program.TermsChange{HoldbackDays: new(9)}, time.Time{})),
		errOf(eng.SuspendPartner(ctx, "blair", time.Time{})),
		errOf(eng.RetireCode(ctx, promoCode, time.Time{})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// ownersView is all that the owner may have changed.
func ownersView(t *testing.T, eng *affiliate.Engine) string {
	t.Helper()
	setup, err := eng.Configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := eng.Now()
	view := map[string]any{}
	for _, p := range setup.Programs() {
		view["program "+p.ID] = p.Latest()
	}
	for _, p := range setup.Partners() {
		view["partner "+p.ID] = []any{p.Name, p.Email, p.SuspendedAt(now)}
		view["links "+p.ID], view["codes "+p.ID] = setup.LinksOf(p.ID), setup.CodesOf(p.ID)
		terms, ok := setup.Terms(p.ID, programID, now)
		view["terms "+p.ID] = []any{terms, ok}
	}
	return asJSON(t, view)
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
