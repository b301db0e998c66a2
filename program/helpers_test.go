package program_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/program"
)

// day is noon of a day counted from 1 January 2026.
func day(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }

// ever is when the configuration of most tests was made: before all days.
func ever() time.Time { return time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC) }

func ptr[T any](v T) *T { return &v }

// home is where links lead.
func home() *string { return ptr("https://acme.example/") }

func percent(value string) []commission.Rule {
	return []commission.Rule{{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: value}}
}

// world makes changes one after the other, as their owner would.
type world struct {
	*testing.T
	*program.Configuration
}

// newWorld has program main of 20 % and partner ada, since for ever.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t, program.Empty()}
	w.do(program.Change{Kind: program.CreateProgram, At: ever(), Program: "main", Settings: &program.SettingsChange{DestinationURL: home(), Rules: percent("20")}})
	w.do(program.Change{Kind: program.CreatePartner, At: ever(), Partner: "ada", Profile: &program.Profile{}})
	return w
}

// try makes a change unless it is refused.
func (w *world) try(c program.Change) error {
	c.Seq = w.Seq + 1
	if err := w.Check(c); err != nil {
		return err
	}
	next, err := w.With(c)
	require.NoError(w, err)
	w.Configuration = next
	return nil
}

func (w *world) do(c program.Change) {
	w.Helper()
	require.NoError(w, w.try(c))
}

func (w *world) edit(at time.Time, s program.SettingsChange) {
	w.Helper()
	w.do(program.Change{Kind: program.EditProgram, At: at, Program: "main", Settings: &s})
}

func (w *world) approve(at time.Time) {
	w.Helper()
	w.do(program.Change{Kind: program.Approve, At: at, Partner: "ada", Program: "main"})
}

func (w *world) override(at time.Time, terms program.TermsChange) {
	w.Helper()
	w.do(program.Change{Kind: program.Override, At: at, Partner: "ada", Program: "main", Terms: &terms})
}

func (w *world) clearOverride(at time.Time) error {
	return w.try(program.Change{Kind: program.ClearOverride, At: at, Partner: "ada", Program: "main"})
}

func (w *world) addCode(at time.Time, code string, byPartner bool) error {
	return w.try(program.Change{Kind: program.AddCode, At: at, Partner: "ada", Program: "main", Key: code, ByPartner: byPartner})
}

func (w *world) retireCode(at time.Time, code string) {
	w.Helper()
	w.do(program.Change{Kind: program.RetireCode, At: at, Key: code})
}

// inForce returns rate, holdback and source of ada's terms at a day.
func (w *world) inForce(at time.Time) (rate string, holdback int, source commission.Source) {
	w.Helper()
	terms, ok := w.Terms("ada", "main", at)
	require.True(w, ok)
	return terms.Rules[0].Value, terms.HoldbackDays, terms.Source
}

func (w *world) program() *program.Program {
	w.Helper()
	p, ok := w.Program("main")
	require.True(w, ok)
	return p
}

// fields are those that an error complains of.
func fields(err error) []string {
	var found *problem.Error
	if !errors.As(err, &found) {
		return nil
	}
	var list []string
	for _, p := range found.Problems {
		list = append(list, p.Field)
	}
	return list
}
