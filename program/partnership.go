package program

import (
	"time"

	"github.com/goaffiliate/affiliate/commission"
)

// Partnership is a partner on a program, from the first approval on. A revocation
// closes it until the next approval (semantics 2.5).
type Partnership struct {
	Partner, Program string
	ApprovedAt       time.Time // the earliest approval

	changes   []Change // all of this partnership alone, by (At, Seq)
	approved  []dated[bool]
	suspended []dated[bool]
}

// IsApprovedAt reports whether the partner is approved on the program at t.
func (p *Partnership) IsApprovedAt(t time.Time) bool { return p != nil && valueAt(p.approved, t) }

// SuspendedAt reports whether the partner is suspended on this program alone at t.
func (p *Partnership) SuspendedAt(t time.Time) bool { return p != nil && valueAt(p.suspended, t) }

// RevokedAt reports whether the partner was approved on the program before t and is no
// more.
func (p *Partnership) RevokedAt(t time.Time) bool {
	return p != nil && !p.ApprovedAt.After(t) && !valueAt(p.approved, t)
}

// with returns the partnership after one more change.
func (p *Partnership) with(c Change) *Partnership {
	next := &Partnership{Partner: c.Partner, Program: c.Program}
	if p != nil {
		next.changes = p.changes
	}
	next.changes = insertChange(next.changes, c)
	for _, made := range next.changes {
		switch made.Kind {
		case Approve:
			if next.approved == nil {
				next.ApprovedAt = made.At
			}
			next.approved = append(next.approved, dated[bool]{made.At, true})
		case Revoke:
			next.approved = append(next.approved, dated[bool]{made.At, false})
		case Suspend, Reinstate:
			next.suspended = append(next.suspended, dated[bool]{made.At, made.Kind == Suspend})
		default: // what it is paid by, see terms
		}
	}
	return next
}

// terms returns the terms at t: the override in force, else the snapshot, else
// the program's own (semantics 2.6).
func (p *Partnership) terms(of *Program, t time.Time) commission.Snapshot {
	a := agreement{of: of}
	own, all := p.changes, of.adoptions
	for len(own)+len(all) > 0 {
		var next Change
		if len(own) > 0 && (len(all) == 0 || before(own[0], all[0])) {
			next, own = own[0], own[1:]
		} else {
			next, all = all[0], all[1:]
		}
		if next.At.After(t) {
			break
		}
		a.apply(next)
	}
	return a.at(t)
}

// agreement is what a partnership is paid by, while its changes are read in order.
type agreement struct {
	of       *Program
	approved bool
	closed   bool                 // revoked, and not approved again
	snapshot *commission.Snapshot // nil: the program's live terms
	override *commission.Snapshot // nil: none
}

func (a *agreement) apply(c Change) {
	switch c.Kind {
	case Approve:
		if a.approved {
			return
		}
		a.approved, a.closed = true, false
		a.freeze(c.At, sourceOf(c))
	case Revoke:
		if a.approved {
			*a = agreement{of: a.of, closed: true}
		}
	case Adopt:
		if a.approved {
			a.override = nil
			a.freeze(c.At, commission.FromAdoption)
		}
	case Override:
		if !a.closed {
			a.override = &commission.Snapshot{
				Terms: c.Terms.merge(a.at(c.At).Terms), Source: commission.FromAmendment, Since: c.At,
			}
		}
	case ClearOverride:
		if a.override != nil {
			a.override, a.snapshot = nil, nil
		}
	default: // says nothing of terms
	}
}

// sourceOf is where the snapshot of an approval comes from.
func sourceOf(approval Change) commission.Source {
	if approval.Backfill {
		return commission.FromBackfill
	}
	return commission.FromApproval
}

// freeze takes the program's terms at t as the partnership's snapshot.
func (a *agreement) freeze(t time.Time, source commission.Source) {
	a.snapshot = &commission.Snapshot{Terms: live(a.of, t).Terms, Source: source, Since: t}
}

func (a *agreement) at(t time.Time) commission.Snapshot {
	switch {
	case a.override != nil:
		return *a.override
	case a.snapshot != nil:
		return *a.snapshot
	}
	return live(a.of, t)
}

// live returns the program's own terms at t, and before its creation the first.
func live(of *Program, t time.Time) commission.Snapshot {
	in := of.revisions[0]
	for i := len(of.revisions) - 1; i > 0; i-- {
		if r := of.revisions[i]; !r.at.After(t) {
			in = r
			break
		}
	}
	return commission.Snapshot{Terms: in.settings.Terms, Source: commission.FromProgram, Since: in.at}
}
