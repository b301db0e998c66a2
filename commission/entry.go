package commission

import (
	"cmp"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// Component is a part of a commission that has one writer: accrual and reversal
// are posted with the decision, the tier parts by settlement.
type Component string

// The components of a commission, and the entries of a payout.
const (
	Accrual        Component = "accrual"
	Reversal       Component = "reversal"
	TierAdjustment Component = "tier"
	TierReversal   Component = "tier_reversal"
	Payout         Component = "payout"          // takes a payout's amount out of the balance
	PayoutReturned Component = "payout_returned" // puts a failed or canceled one's back
)

// Never is the maturity of what is under review: not payable until released.
var Never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Entry is one line of the ledger. Entries are append-only; a balance is their
// sum (semantics 8.3).
type Entry struct {
	ID         string         `json:"id"`
	Conversion string         `json:"conversion,omitempty"`
	Partner    string         `json:"partner"`
	Program    string         `json:"program,omitempty"`
	Rule       string         `json:"rule,omitempty"`
	Component  Component      `json:"component"`
	Cause      string         `json:"cause,omitempty"` // key of the refund, dispute or review behind it
	Amount     int64          `json:"amount"`          // signed minor units
	Currency   money.Currency `json:"currency"`
	At         time.Time      `json:"at"` // of the fact behind it
	MaturesAt  time.Time      `json:"maturesAt"`
	PostedAt   time.Time      `json:"postedAt"`
}

// Posted is what the ledger already holds of one commission, summed by
// component, cause and maturity.
type Posted struct {
	Component Component `json:"component"`
	Cause     string    `json:"cause,omitempty"`
	MaturesAt time.Time `json:"maturesAt"`
	Own       bool      `json:"own,omitempty"` // a reversal that matures at its own time, not with its commission
	Amount    int64     `json:"amount"`
}

// Target is what a component of a commission should add up to.
type Target struct {
	Component Component
	Cause     string
	Amount    int64
	At        time.Time // of the fact behind it
	InPayout  bool      // see Level
}

// Targets returns what the decision posts for a line: its accrual, and for each
// step of its ladder what that step takes back of the accrual.
func (l Commission) Targets() ([]Target, error) {
	targets := []Target{{Component: Accrual, Amount: l.Accrued, At: l.At}}
	return l.steps(targets, Reversal, func(level Level) (int64, error) { return l.reversed(l.Accrued, level) })
}

// TierTargets returns what settlement posts for a line: the tier adjustment,
// and for each step of the ladder what the adjustment changes in the reversal.
func (l Commission) TierTargets(adjustment int64) ([]Target, error) {
	total, err := money.Add(l.Accrued, adjustment)
	if err != nil {
		return nil, err
	}
	targets := []Target{{Component: TierAdjustment, Amount: adjustment, At: l.At}}
	return l.steps(targets, TierReversal, func(level Level) (int64, error) {
		all, err := l.reversed(total, level)
		if err != nil {
			return 0, err
		}
		own, err := l.reversed(l.Accrued, level)
		if err != nil {
			return 0, err
		}
		return all - own, nil
	})
}

func (l Commission) steps(targets []Target, c Component, reversed func(Level) (int64, error)) ([]Target, error) {
	before := int64(0)
	for _, level := range l.Ladder {
		now, err := reversed(level)
		if err != nil {
			return nil, err
		}
		targets = append(targets, Target{
			Component: c, Cause: level.Cause, Amount: before - now, At: level.At, InPayout: level.InPayout,
		})
		before = now
	}
	return targets, nil
}

// Difference is an amount that is missing from the ledger to reach a target.
type Difference struct {
	Target
	MaturesAt time.Time
	Own       bool // see Posted
}

// Diff compares what should stand with what is posted and returns what to add
// (semantics 8.2). An accrual or tier amount stands at the commission's maturity:
// if that moved, the amount moves with it. A reversal matures with its commission
// unless the commission is inside a payout when the reversal is posted: then at its
// own time (semantics 7.2). For a new step of the ladder the step says so; for the
// correction of a posted one, and for what a tier changes of it, inPayout is asked,
// at most once, whether the commission is in a payout now. What is posted already stays. A commission that is no longer
// due passes no targets: everything posted is taken back where it stands.
func Diff(posted []Posted, targets []Target, maturesAt time.Time, inPayout func() (bool, error)) ([]Difference, error) {
	out := diff(posted, targets, maturesAt, false)
	corrects := slices.ContainsFunc(out, func(d Difference) bool {
		return d.isReversal() && len(targets) > 0 && (d.Component == TierReversal ||
			slices.ContainsFunc(posted, func(p Posted) bool { return p.Component == d.Component && p.Cause == d.Cause }))
	})
	if !corrects {
		return out, nil
	}
	inside, err := inPayout()
	if err != nil || !inside {
		return out, err
	}
	return diff(posted, targets, maturesAt, true), nil
}

func diff(posted []Posted, targets []Target, maturesAt time.Time, inPayout bool) []Difference {
	type key struct {
		c     Component
		cause string
	}
	want, begun := map[key]Target{}, map[key]bool{}
	for _, t := range targets {
		want[key{t.Component, t.Cause}] = t
	}
	var out []Difference
	for _, p := range posted {
		k := key{p.Component, p.Cause}
		t, wanted := want[k]
		if !wanted {
			t = Target{Component: p.Component, Cause: p.Cause, At: p.MaturesAt}
		}
		begun[k] = true
		if wanted && (p.Own || p.MaturesAt.Equal(maturesAt)) {
			t.Amount -= p.Amount
			want[k] = t
			continue
		}
		out = append(out, Difference{
			Target:    Target{Component: p.Component, Cause: p.Cause, Amount: -p.Amount, At: t.At},
			MaturesAt: p.MaturesAt, Own: p.Own,
		})
	}
	for _, t := range targets {
		k := key{t.Component, t.Cause}
		d := Difference{Target: want[k], MaturesAt: maturesAt}
		if t.maturesOnItsOwn(begun[k], inPayout) {
			d.MaturesAt, d.Own = t.At, true
		}
		out = append(out, d)
	}
	return tidy(out)
}

// maturesOnItsOwn reports whether what is missing of a target matures at the time of
// its fact.
func (t Target) maturesOnItsOwn(begun, inPayout bool) bool {
	switch {
	case !t.isReversal():
		return false
	case begun:
		return inPayout
	}
	return t.InPayout || inPayout && t.Component == TierReversal
}

func (t Target) isReversal() bool { return t.Component == Reversal || t.Component == TierReversal }

// tidy drops zero differences and puts the others into a fixed order.
func tidy(list []Difference) []Difference {
	list = slices.DeleteFunc(list, func(d Difference) bool { return d.Amount == 0 })
	slices.SortStableFunc(list, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), a.At.Compare(b.At),
			cmp.Compare(a.Cause, b.Cause), a.MaturesAt.Compare(b.MaturesAt))
	})
	return list
}

// Post adds differences to what is posted and drops what nets to zero.
func Post(posted []Posted, differences []Difference) []Posted {
	out := slices.Clone(posted)
	for _, d := range differences {
		i := slices.IndexFunc(out, func(p Posted) bool {
			return p.Component == d.Component && p.Cause == d.Cause && p.MaturesAt.Equal(d.MaturesAt) && p.Own == d.Own
		})
		if i < 0 {
			out = append(out, Posted{d.Component, d.Cause, d.MaturesAt, d.Own, d.Amount})
			continue
		}
		out[i].Amount += d.Amount
	}
	return slices.DeleteFunc(out, func(p Posted) bool { return p.Amount == 0 })
}

// Maturity is when the commission becomes payable: never while it is under
// review.
func (l Commission) Maturity() time.Time {
	if l.Held {
		return Never
	}
	return l.MaturesAt
}
