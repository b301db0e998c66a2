package affiliatetest

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
)

// Builder writes a Scenario in Go. It reads like the story it tells: first
// programs and partners, then At moves to a time, the calls after it say what
// happens then, and the Expect calls what must have come of it. Amounts are in
// minor units.
//
// Some calls return a builder of their own, which adds details to what was just
// named (Click(…).Visitor("v1")) and goes on with the story. All of them write
// into the same Builder; a story that needs a loop keeps it in a variable.
//
// The names are those of docs/scenarios.md, and so are the defaults: US dollars,
// a holdback of 0 days, every partner approved on every program. Where a call
// names no program, the default program is meant: that of DefaultProgram, else
// the first.
//
// Expect calls that follow each other form one expectation: what must have come
// of everything above it, as of the time of the last At. Each list that it
// mentions (commissions, unattributed, balances, payouts) must match exactly:
// what is not listed must not be there. A list that it does not mention is not
// checked.
//
// Mistakes are collected and reported, with their line, by Build or Run.
type Builder struct {
	name         string
	organization Organization
	programs     []*Program
	partners     []*Partner
	steps        []Step
	lines        []string // of the test, by step
	at           time.Time
	moved        bool // since the last step
	problems     []error
}

// NewScenario begins a scenario; the name is that of its reports.
func NewScenario(name string) *Builder { return &Builder{name: name} }

// Organization names the tenant that the scenario runs in. Scenarios that share
// a store need one each.
func (b *Builder) Organization(id string) *Builder {
	b.organization.ID = id
	return b
}

// DefaultProgram names the default program; else it is the first.
func (b *Builder) DefaultProgram(id string) *Builder {
	b.organization.DefaultProgram = id
	return b
}

// At moves to a time, for all that follows: RFC 3339 ("2026-05-01T09:00:00Z") or
// a date ("2026-05-01", midnight UTC). Times may go back, as late facts do.
func (b *Builder) At(when string) *Builder {
	t, err := parseTime(when)
	if err != nil {
		b.problem("At: %v", err)
		return b
	}
	return b.AtTime(t)
}

// AtTime is At for a time.Time, say of a loop over months.
func (b *Builder) AtTime(t time.Time) *Builder {
	b.at, b.moved = t, true
	return b
}

// parseTime reads RFC 3339, or a date as its midnight UTC.
func parseTime(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return t, fmt.Errorf("%q is neither a date nor RFC 3339", text)
	}
	return t, nil
}

// Step adds a step as a scenario file has it, for all that the other calls do
// not say. Its time is that of At unless it has its own.
func (b *Builder) Step(s Step) *Builder {
	if s.At.IsZero() {
		if b.at.IsZero() {
			b.problem("a time is needed first: At")
			return b
		}
		s.At = b.at
	}
	if err := s.check(); err != nil {
		b.problem("Step: %v", err)
		return b
	}
	b.steps, b.lines, b.moved = append(b.steps, s), append(b.lines, line()), false
	return b
}

// Fails says that the step just before must be refused with this error and
// change nothing: one of affiliate.ErrConflict, ErrOverRefund, ErrCodeTaken, and
// so on.
func (b *Builder) Fails(with error) *Builder {
	code := affiliate.ErrorCode(with)
	last := len(b.steps) - 1
	switch {
	case code == "":
		b.problem("Fails: %v is no error of package affiliate", with)
	case last < 0 || b.steps[last].Expect != nil:
		b.problem("Fails: there is no step before it")
	default:
		b.steps[last].Error = code
	}
	return b
}

// Build returns the scenario, or all that is wrong with it. The error unwraps to
// ErrScenario. The scenario marshals to the JSON of a scenario file, and the
// Builder may be gone on with.
func (b *Builder) Build() (Scenario, error) {
	s := Scenario{Name: b.name}
	if b.organization != (Organization{}) {
		o := b.organization
		s.Organization = &o
	}
	for _, p := range b.programs {
		s.Programs = append(s.Programs, *p)
	}
	for _, p := range b.partners {
		s.Partners = append(s.Partners, *p)
	}
	problems := slices.Clone(b.problems)
	if len(s.Programs) == 0 {
		problems = append(problems, errors.New("a scenario needs a program"))
	}
	if len(problems) == 0 {
		for i, step := range b.steps {
			done, err := b.complete(step)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", b.lines[i], err))
			}
			s.Steps = append(s.Steps, done)
		}
	}
	if len(problems) > 0 {
		return Scenario{}, fmt.Errorf("%w: %s: %w", ErrScenario, b.name, errors.Join(problems...))
	}
	return s, nil
}

// complete fills in what the wire wants to be told and the story leaves out.
func (b *Builder) complete(s Step) (Step, error) {
	switch {
	case s.Click != nil && s.Click.Partner != "" && s.Click.Program == "":
		click := *s.Click
		click.Program = b.defaultProgram().ID
		s.Click = &click
	case s.PayoutStatus != nil && s.PayoutStatus.Currency == "":
		move := *s.PayoutStatus
		move.Currency = b.currency()
		s.PayoutStatus = &move
	case s.reviews():
		return b.completeReview(s)
	case s.Expect != nil:
		expect, err := b.completeExpect(*s.Expect)
		s.Expect = &expect
		return s, err
	}
	return s, nil
}

func (b *Builder) defaultProgram() *Program {
	for _, p := range b.programs {
		if p.ID == b.organization.DefaultProgram {
			return p
		}
	}
	return b.programs[0]
}

// currency is that of the default program.
func (b *Builder) currency() string {
	if c := b.defaultProgram().Currency; c != "" {
		return c
	}
	return "usd"
}

func (b *Builder) problem(format string, args ...any) {
	b.problems = append(b.problems, fmt.Errorf("%s: %s", line(), fmt.Sprintf(format, args...)))
}

// line is where outside this package the story says what is being built.
func line() string {
	const self = "github.com/goaffiliate/affiliate/affiliatetest."
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, self) || !more {
			return fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		}
	}
}
