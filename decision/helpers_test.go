package decision_test

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/program"
)

// day is noon of a day counted from 1 January 2026.
func day(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }

func ever() time.Time { return time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC) }

func ptr[T any](v T) *T { return &v }

func percent(value string) []commission.Rule {
	return []commission.Rule{{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: value}}
}

// world is a configuration to decide by.
type world struct {
	require.TestingT
	*program.Configuration
}

// newWorld has program main of 20 % without a holdback, and partners ada, bob
// and eve approved on it, since for ever. Its settings may be given.
func newWorld(t require.TestingT, settings ...program.SettingsChange) *world {
	w := &world{t, program.Empty()}
	s := program.SettingsChange{}
	if len(settings) > 0 {
		s = settings[0]
	}
	w.program("main", s)
	for _, id := range []string{"ada", "bob", "eve"} {
		w.change(program.Change{Kind: program.CreatePartner, Partner: id, Profile: &program.Profile{EmailKey: ptr(id + "@acme")}})
		w.approve(id, "main", ever())
	}
	return w
}

func (w *world) change(c program.Change) {
	if c.At.IsZero() {
		c.At = ever()
	}
	next, err := w.Apply(c)
	require.NoError(w, err)
	w.Configuration = next
}

func (w *world) program(id string, s program.SettingsChange) {
	if s.Rules == nil {
		s.Rules = percent("20")
	}
	s.DestinationURL = ptr("https://acme.example/")
	if s.HoldbackDays == nil {
		s.HoldbackDays = ptr(0)
	}
	w.change(program.Change{Kind: program.CreateProgram, Program: id, Settings: &s})
}

func (w *world) edit(at time.Time, s program.SettingsChange) {
	w.change(program.Change{Kind: program.EditProgram, At: at, Program: "main", Settings: &s})
}

func (w *world) approve(partner, programID string, at time.Time) {
	w.change(program.Change{Kind: program.Approve, At: at, Partner: partner, Program: programID})
}

func (w *world) suspend(partner string, at time.Time) {
	w.change(program.Change{Kind: program.Suspend, At: at, Partner: partner})
}

func (w *world) code(code, partner, programID string) {
	w.change(program.Change{Kind: program.AddCode, At: ever(), Partner: partner, Program: programID, Key: code})
}

func (w *world) matches(partner string, conditions ...attribution.Condition) {
	w.change(program.Change{Kind: program.EditPartner, Partner: partner, Profile: &program.Profile{Match: &conditions}})
}

// decide decides all of a customer and returns the outcomes by conversion.
func (w *world) decide(c decision.Customer) map[string]decision.Outcome {
	list, _, err := decision.Decide(w.Configuration, c)
	require.NoError(w, err)
	out := map[string]decision.Outcome{}
	for _, o := range list {
		out[o.Conversion] = o
	}
	return out
}

// one decides a single conversion after some clicks.
func (w *world) one(s commission.Sale, clicks ...attribution.Click) decision.Outcome {
	return w.decide(decision.Customer{Clicks: clicks, Sales: []commission.Sale{s}})[s.ID]
}

// click is a partner's click on main, on a day; its id is k and the day.
func click(partner string, d int) attribution.Click { return clickOn("main", partner, d) }

func clickOn(programID, partner string, d int) attribution.Click {
	return attribution.Click{ID: fmt.Sprint("k", d), At: day(d), Partner: partner, Program: programID}
}

// sale is an invoice of 100.00 on a day, with changes; its id is in and the day.
func sale(d int, changes ...func(s *commission.Sale)) commission.Sale {
	s := commission.Sale{Conversion: attribution.Conversion{
		ID: fmt.Sprintf("in_%03d", d), Type: attribution.InvoicePaid, Customer: "cus", At: day(d), Amount: 10_000, Currency: "usd",
	}}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func onProgram(id string) func(*commission.Sale) { return func(s *commission.Sale) { s.Program = id } }

func withCode(code string) func(*commission.Sale) {
	return func(s *commission.Sale) { s.PromoCode = code }
}

func renewal(s *commission.Sale) { s.Renewal = true }

func byHand(partner string) func(*commission.Sale) {
	return func(s *commission.Sale) { s.Partner = partner }
}

func typed(event string) func(*commission.Sale) { return func(s *commission.Sale) { s.Type = event } }

func amount(minor int64) func(*commission.Sale) { return func(s *commission.Sale) { s.Amount = minor } }

func campaign(id string) func(*commission.Sale) {
	return func(s *commission.Sale) { s.CampaignID = id }
}

func with(f ...commission.Fact) func(*commission.Sale) {
	return func(s *commission.Sale) { s.Facts = append(s.Facts, f...) }
}

// credited writes the credits as partner/program=share, void ones in brackets.
func credited(o decision.Outcome) []string {
	var out []string
	for _, c := range o.Credits {
		text := c.Partner + "/" + c.Program + "=" + c.Share.String()
		if c.Void != "" {
			text = "(" + text + ")"
		}
		out = append(out, text)
	}
	return out
}

// paid writes the commissions as partner/program/rule=amount.
func paid(o decision.Outcome) []string {
	var out []string
	for _, l := range o.Lines {
		out = append(out, fmt.Sprintf("%s/%s/%s=%d", l.Partner, l.Program, l.Rule, l.Accrued))
	}
	return out
}

// failures writes the methods that failed as method: reason.
func failures(o decision.Outcome) []string {
	var out []string
	for _, f := range o.Explanation.Failed {
		out = append(out, fmt.Sprintf("%s: %s", f.Method, f.Reason))
	}
	return out
}
