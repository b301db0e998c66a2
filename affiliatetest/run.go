package affiliatetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// Result is what came of a scenario.
type Result struct {
	Differences  []string                         // what was expected and did not come, or the other way round
	Outcome      Outcome                          // at the time of the last expectation
	Explanations map[string]affiliate.Explanation // by conversion
}

// OK reports whether everything that was expected came.
func (r Result) OK() bool { return len(r.Differences) == 0 }

// runner is one run of a scenario.
type runner struct {
	ctx      context.Context
	eng      *affiliate.Engine
	store    storage.Store
	scenario Scenario
	clock    *Clock
	latest   time.Time // of any step so far
	sold     []string  // conversions that were accepted, in order
	moved    []payoutMove
	waiting  bool // an answer said that something is not in it
	result   Result
}

// Run runs a scenario on an empty store and compares what comes with what the
// scenario expects. The error is a scenario that cannot be set up, or a store
// that fails; a wrong outcome is in the result.
func Run(ctx context.Context, store storage.Store, s Scenario) (Result, error) {
	r := &runner{ctx: ctx, store: store, scenario: s, clock: NewClock(s.end())}
	cfg := affiliate.Config{Now: r.clock.Now}
	if s.Organization != nil {
		cfg.Organization = s.Organization.ID
	}
	var err error
	if r.eng, err = affiliate.New(store, cfg); err != nil {
		return r.result, err
	}
	if err := r.setUp(); err != nil {
		return r.result, err
	}
	for i, step := range s.Steps {
		if step.At.After(r.latest) {
			r.latest = step.At
		}
		if err := r.step(i+1, step); err != nil {
			return r.result, err
		}
	}
	return r.result, r.finish()
}

// end is the latest time that the scenario speaks of: the clock stands there, so
// that facts may come in any order.
func (s Scenario) end() time.Time {
	var end time.Time
	for _, step := range s.Steps {
		end = later(end, step.At)
		if step.Expect != nil && step.Expect.At != nil {
			end = later(end, *step.Expect.At)
		}
	}
	if s.Expect != nil && s.Expect.At != nil {
		end = later(end, *s.Expect.At)
	}
	return end
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (r *runner) differ(format string, args ...any) {
	r.result.Differences = append(r.result.Differences, fmt.Sprintf(format, args...))
}

// step runs one step and checks how it went.
func (r *runner) step(n int, s Step) error {
	if s.Expect != nil {
		return r.compare(fmt.Sprintf("step %d", n), *s.Expect)
	}
	if s.Error == "" {
		if err := r.apply(s); err != nil {
			if affiliate.ErrorCode(err) == "" {
				return fmt.Errorf("step %d: %w", n, err)
			}
			r.differ("step %d: unexpected error %s: %v", n, affiliate.ErrorCode(err), err)
		}
		return nil
	}
	before, err := r.dump()
	if err != nil {
		return err
	}
	failure := r.apply(s)
	after, err := r.dump()
	if err != nil {
		return err
	}
	if got := affiliate.ErrorCode(failure); got != s.Error {
		r.differ("step %d: want error %s, got %q (%v)", n, s.Error, got, failure)
	} else if !bytes.Equal(before, after) {
		r.differ("step %d: failed with %s but changed something", n, s.Error)
	}
	return nil
}

func (r *runner) dump() ([]byte, error) {
	rows, err := r.store.Rows(r.ctx, r.eng.Organization())
	if err != nil {
		return nil, err
	}
	return rows.Canonical()
}

// setUp creates what exists since for ever.
func (r *runner) setUp() error {
	ever, anywhere := affiliate.Always(), "https://example.com/" // a scenario follows no links
	for _, p := range r.scenario.Programs {
		settings := p.settings()
		if settings.HoldbackDays == nil {
			settings.HoldbackDays = new(int) // scenario files hold nothing back
		}
		if settings.DestinationURL == nil {
			settings.DestinationURL = &anywhere
		}
		if _, err := r.eng.CreateProgram(r.ctx, p.ID, settings, ever); err != nil {
			return fmt.Errorf("program %q: %w", p.ID, err)
		}
	}
	if o := r.scenario.Organization; o != nil && o.DefaultProgram != "" {
		if _, err := r.eng.SetDefaultProgram(r.ctx, o.DefaultProgram, ever); err != nil {
			return err
		}
	}
	for _, p := range r.scenario.Partners {
		if err := r.setUpPartner(p, ever); err != nil {
			return fmt.Errorf("partner %q: %w", p.ID, err)
		}
	}
	return nil
}

func (r *runner) setUpPartner(p Partner, ever time.Time) error {
	profile := program.Profile{Name: &p.Name, Email: &p.Email}
	if p.Payout != nil {
		profile.Payout = p.Payout.Change()
	}
	if p.Match != nil {
		profile.Match = &p.Match
	}
	if _, err := r.eng.CreatePartner(r.ctx, p.ID, profile, ever); err != nil {
		return err
	}
	var programs []string
	if p.Programs != nil {
		programs = *p.Programs
	} else {
		for _, of := range r.scenario.Programs {
			programs = append(programs, of.ID)
		}
	}
	for _, id := range programs {
		if _, err := r.eng.ApprovePartnership(r.ctx, p.ID, id, ever); err != nil {
			return err
		}
	}
	for _, c := range p.Codes {
		_, err := r.eng.AddCode(r.ctx, affiliate.Code{Code: c.Code, Partner: p.ID, Program: c.Program, EffectiveAt: ever})
		if err != nil {
			return err
		}
	}
	return nil
}

// settings are the program's as the Engine takes them.
func (p Program) settings() program.SettingsChange {
	s := program.SettingsChange{
		WindowDays: p.AttributionWindowDays, StartsAt: p.StartsAt, EndsAt: p.EndsAt, PartnerCodes: p.PartnerCodes,
		Rules: p.Rules, HoldbackDays: p.HoldbackDays,
	}
	setString(&s.Name, p.Name)
	setString(&s.TimeZone, p.TimeZone)
	setString(&s.DestinationURL, p.DestinationURL)
	setString(&s.Currency, money.Currency(strings.ToLower(p.Currency)))
	setString(&s.Model, p.AttributionModel)
	setString(&s.Binding, p.Binding)
	if p.DeepLinkDomains != nil {
		s.DeepLinkDomains = &p.DeepLinkDomains
	}
	if p.Methods != nil {
		s.Methods = &p.Methods
	}
	return s
}

func setString[T ~string](target **T, value T) {
	if value != "" {
		*target = &value
	}
}

// finish checks the expectation at the end and explains every conversion.
func (r *runner) finish() error {
	expect := Expect{}
	if r.scenario.Expect != nil {
		expect = *r.scenario.Expect
	}
	if err := r.compare("expect", expect); err != nil {
		return err
	}
	if problems, err := Verify(r.ctx, r.store, r.eng.Organization()); err != nil {
		return err
	} else if len(problems) > 0 {
		r.result.Differences = slices.Concat(r.result.Differences, problems)
	}
	r.result.Explanations = map[string]affiliate.Explanation{}
	for _, id := range r.sold {
		x, err := r.eng.Explain(r.ctx, id)
		if err != nil && !errors.Is(err, affiliate.ErrNotFound) {
			return err
		}
		r.result.Explanations[id] = x
	}
	return nil
}
