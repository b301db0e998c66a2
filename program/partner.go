package program

import (
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
)

// Partner is somebody who brings customers.
type Partner struct {
	ID      string
	Name    string
	Email   string
	Payout  payout.Schedule
	Cutoffs payout.Calendar
	Created time.Time

	seq     int64
	changes []Change
	match   []dated[[]attribution.Condition]
	emails  []dated[string] // keys
	ranks   []dated[int]
	toggles []toggle // suspensions and their ends, by (at, seq)
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

type toggle struct {
	at        time.Time
	suspended bool
}

// SuspendedAt reports whether the partner is suspended at t.
func (p *Partner) SuspendedAt(t time.Time) bool {
	for i := len(p.toggles) - 1; i >= 0; i-- {
		if !p.toggles[i].at.After(t) {
			return p.toggles[i].suspended
		}
	}
	return false
}

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

// with returns the partner after one more change.
func (p *Partner) with(c Change) (*Partner, error) {
	next := &Partner{ID: p.ID, seq: p.seq, Created: p.Created}
	next.changes = insertChange(p.changes, c)
	for _, change := range next.changes {
		if change.Kind == Suspend || change.Kind == Reinstate {
			next.toggles = append(next.toggles, toggle{change.At, change.Kind == Suspend})
			continue
		}
		f := change.Profile
		if f == nil {
			continue
		}
		set(&next.Name, f.Name)
		set(&next.Email, f.Email)
		set(&next.Payout, f.Payout)
		if f.Match != nil {
			next.match = append(next.match, dated[[]attribution.Condition]{change.At, *f.Match})
		}
		if f.Rank != nil {
			next.ranks = append(next.ranks, dated[int]{change.At, *f.Rank})
		}
		if f.EmailKey != nil {
			next.emails = append(next.emails, dated[string]{change.At, *f.EmailKey})
		}
	}
	var err error
	next.Cutoffs, err = payout.Compile(next.Payout)
	return next, err
}

// Sources of terms.
const (
	FromOverride = "override"
	FromSnapshot = "snapshot"
	FromProgram  = "program"
)

// Partnership is a partner approved on a program.
type Partnership struct {
	Partner, Program string
	ApprovedAt       time.Time // the earliest approval

	changes []Change // overrides and their ends, by (At, Seq)
}

// ApprovedAtOrBefore reports whether the partnership exists at t.
func (p *Partnership) ApprovedAtOrBefore(t time.Time) bool {
	return p != nil && !p.ApprovedAt.After(t)
}

// InForce are terms with where they come from.
type InForce struct {
	commission.Terms
	Source string // override, snapshot or program
	Since  time.Time
}

// terms returns the terms at t, looking at the first n changes only: the
// override in force, else the snapshot, else the program's own (semantics 2.6).
func (p *Partnership) terms(of *Program, t time.Time, n int) InForce {
	for i := n - 1; i >= 0; i-- {
		c := p.changes[i]
		if c.At.After(t) {
			continue
		}
		if c.Kind == ClearOverride {
			return live(of, t)
		}
		below := p.terms(of, c.At, i)
		return InForce{c.Terms.merge(below.Terms), FromOverride, c.At}
	}
	if p.ApprovedAt.After(t) {
		return live(of, t)
	}
	frozen := live(of, p.ApprovedAt)
	return InForce{frozen.Terms, FromSnapshot, p.ApprovedAt}
}

func live(of *Program, t time.Time) InForce {
	for i := len(of.revisions) - 1; i >= 0; i-- {
		if r := of.revisions[i]; !r.at.After(t) {
			return InForce{r.settings.Terms, FromProgram, r.at}
		}
	}
	// The partnership is older than the program: its first terms.
	return InForce{of.revisions[0].settings.Terms, FromProgram, of.revisions[0].at}
}

// overriddenAt reports whether an override is in force at t.
func (p *Partnership) overriddenAt(t time.Time) bool {
	for i := len(p.changes) - 1; i >= 0; i-- {
		if !p.changes[i].At.After(t) {
			return p.changes[i].Kind == Override
		}
	}
	return false
}
