package program

import (
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/payout"
)

// Partner is somebody who brings customers.
type Partner struct {
	ID      string
	Name    string
	Email   string
	Created time.Time

	seq     int64
	changes []Change
	match   []dated[[]attribution.Condition]
	emails  []dated[string] // keys
	ranks   []dated[int]
	payouts []dated[payoutSettings]

	suspended []dated[bool]
}

// dated is a value from a time on.
type dated[T any] struct {
	from  time.Time
	value T
}

func valueAt[T any](list []dated[T], t time.Time) (value T) {
	for i := len(list) - 1; i >= 0; i-- {
		if !list[i].from.After(t) {
			return list[i].value
		}
	}
	return value
}

// payoutSettings are when and from which balance on a partner is paid.
type payoutSettings struct {
	schedule payout.Schedule
	cutoffs  payout.Calendar
}

// payoutAt returns the payout settings in force at t. Before the partner was
// created they are the first ones.
func (p *Partner) payoutAt(t time.Time) payoutSettings {
	for i := len(p.payouts) - 1; i > 0; i-- {
		if !p.payouts[i].from.After(t) {
			return p.payouts[i].value
		}
	}
	return p.payouts[0].value
}

// PayoutAt returns the partner's payout schedule in force at t.
func (p *Partner) PayoutAt(t time.Time) payout.Schedule { return p.payoutAt(t).schedule }

// CutoffsAt returns the cut-offs of the payout schedule in force at t.
func (p *Partner) CutoffsAt(t time.Time) payout.Calendar { return p.payoutAt(t).cutoffs }

// NextCutoff returns the first cut-off after t, by the schedule that will be in
// force then.
func (p *Partner) NextCutoff(t time.Time) time.Time {
	next, _ := p.CutoffsAt(t).NextCutoff(t) // every partner has cut-offs
	for _, later := range p.payouts {
		if later.from.After(t) && !later.from.After(next) {
			next, _ = later.value.cutoffs.NextCutoff(later.from.Add(-1))
		}
	}
	return next
}

// SuspendedAt reports whether the partner is suspended at t as a whole. One who
// is suspended on one program alone is not, see Partnership.SuspendedAt.
func (p *Partner) SuspendedAt(t time.Time) bool { return valueAt(p.suspended, t) }

// MatchAt returns the partner's match conditions in force at t.
func (p *Partner) MatchAt(t time.Time) []attribution.Condition { return valueAt(p.match, t) }

// RankAt returns the partner's place in the owner's order in force at t.
func (p *Partner) RankAt(t time.Time) int { return valueAt(p.ranks, t) }

// IsAt reports whether the partner's own e-mail in force at t is one of these
// keys.
func (p *Partner) IsAt(t time.Time, emails []string) bool {
	own := valueAt(p.emails, t)
	return own != "" && slices.Contains(emails, own)
}

// IsEver reports whether any e-mail that the partner ever had is one of these
// keys.
func (p *Partner) IsEver(emails []string) bool {
	return slices.ContainsFunc(p.emails, func(d dated[string]) bool {
		return d.value != "" && slices.Contains(emails, d.value)
	})
}

// with returns the partner after one more change. The error is that of a payout
// schedule which the changes together leave invalid.
func (p *Partner) with(c Change) (*Partner, error) {
	next := &Partner{ID: p.ID, seq: p.seq, Created: p.Created}
	next.changes = insertChange(p.changes, c)
	for i, change := range next.changes {
		if change.Kind == Suspend || change.Kind == Reinstate {
			next.suspended = append(next.suspended, dated[bool]{change.At, change.Kind == Suspend})
			continue
		}
		f := change.Profile
		if f == nil {
			f = &Profile{}
		}
		next.describe(change.At, f)
		if f.Payout == nil {
			if i == 0 {
				next.payouts = usualPayouts
			}
			continue
		}
		if err := next.pay(change.At, f.Payout); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// describe lays a change of the profile over the partner, but for the payouts.
func (p *Partner) describe(at time.Time, f *Profile) {
	if f.removes("name") {
		p.Name = ""
	}
	if f.removes("email") {
		p.Email = ""
	}
	set(&p.Name, f.Name)
	set(&p.Email, f.Email)
	switch {
	case f.Match != nil:
		p.match = append(p.match, dated[[]attribution.Condition]{at, *f.Match})
	case f.removes("match"):
		p.match = append(p.match, dated[[]attribution.Condition]{at, nil})
	}
	if f.Rank != nil {
		p.ranks = append(p.ranks, dated[int]{at, *f.Rank})
	}
	if f.EmailKey != nil {
		p.emails = append(p.emails, dated[string]{at, *f.EmailKey})
	}
}

// usualPayouts are the payout settings of partners of whom nothing else is said, who
// share them.
var usualPayouts = func() []dated[payoutSettings] {
	usual := payout.Schedule{Weekday: time.Monday}
	cutoffs, err := payout.Compile(usual)
	if err != nil {
		panic(err) // the default is valid
	}
	return []dated[payoutSettings]{{time.Time{}, payoutSettings{usual, cutoffs}}}
}()

// pay lays a change over the payout schedule in force, in JSON's default of a
// week's day at first.
func (p *Partner) pay(at time.Time, c *payout.ScheduleChange) error {
	schedule := payout.Schedule{Weekday: time.Monday}
	if n := len(p.payouts); n > 0 {
		schedule = p.payouts[n-1].value.schedule
	}
	if c != nil {
		schedule = c.Apply(schedule)
	}
	cutoffs, err := payout.Compile(schedule)
	p.payouts = append(slices.Clip(p.payouts), dated[payoutSettings]{at, payoutSettings{schedule, cutoffs}})
	return err
}

// optionalProfile reports whether a partner may be without a part of the profile.
func optionalProfile(name string) bool { return name == "name" || name == "email" || name == "match" }
