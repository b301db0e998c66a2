package program

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/promo"
)

// Program returns a program by id.
func (s *Configuration) Program(id string) (*Program, bool) {
	p, ok := s.programs.Get(id)
	return p, ok
}

// Programs returns all programs in order of creation.
func (s *Configuration) Programs() []*Program {
	list := make([]*Program, 0, len(s.programOrder))
	for _, id := range s.programOrder {
		list = append(list, s.programs.Of(id))
	}
	return list
}

// Default returns the organization's default program at t: the one it names,
// else the first. It is nil where there is none.
func (s *Configuration) Default(t time.Time) *Program {
	for i := len(s.defaults) - 1; i >= 0; i-- {
		if s.defaults[i].At.After(t) {
			continue
		}
		if p, ok := s.programs.Get(s.defaults[i].Organization.DefaultProgram); ok {
			return p
		}
		break
	}
	if len(s.programOrder) == 0 {
		return nil
	}
	return s.programs.Of(s.programOrder[0])
}

// Partner returns a partner by id.
func (s *Configuration) Partner(id string) (*Partner, bool) {
	p, ok := s.partners.Get(id)
	return p, ok
}

// Partners returns all partners in order of creation.
func (s *Configuration) Partners() []*Partner { return s.matchOrder }

// PartnersAt returns all partners in the owner's order at t, in which match
// conditions are tried: by rank, then by creation.
func (s *Configuration) PartnersAt(t time.Time) []*Partner {
	if !s.ranked {
		return s.matchOrder
	}
	list := slices.Clone(s.matchOrder)
	slices.SortStableFunc(list, func(a, b *Partner) int { return cmp.Compare(a.RankAt(t), b.RankAt(t)) })
	return list
}

// TieredRules returns the rules of a partner's partnerships that have tiers in
// any terms that were ever in force, as (program, rule) in order.
func (s *Configuration) TieredRules(partner string) [][2]string {
	var list [][2]string
	for _, p := range s.PartnershipsOf(partner) {
		for _, rule := range s.tieredOn(partner, p.Program) {
			list = append(list, [2]string{p.Program, rule})
		}
	}
	return list
}

func (s *Configuration) tieredOn(partner, program string) []string {
	var rules []commission.Rule
	if of, ok := s.programs.Get(program); ok {
		for _, r := range of.revisions {
			rules = append(rules, r.settings.Terms.Rules...)
		}
	}
	if p, ok := s.partnerships.Get([2]string{partner, program}); ok {
		for _, c := range p.changes {
			if c.Terms != nil {
				rules = append(rules, c.Terms.Rules...)
			}
		}
	}
	var ids []string
	for _, r := range rules {
		if r.Tiers != nil && !slices.Contains(ids, r.ID) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Partnership returns the partnership of a partner on a program.
func (s *Configuration) Partnership(partner, program string) (*Partnership, bool) {
	p, ok := s.partnerships.Get([2]string{partner, program})
	return p, ok
}

// PartnershipsOf returns a partner's partnerships in order of program creation.
func (s *Configuration) PartnershipsOf(partner string) []*Partnership {
	var list []*Partnership
	for _, id := range s.programOrder {
		if p, ok := s.partnerships.Get([2]string{partner, id}); ok {
			list = append(list, p)
		}
	}
	return list
}

// Approved reports whether the partner is approved on the program at t.
func (s *Configuration) Approved(partner, program string, t time.Time) bool {
	return s.partnerships.Of([2]string{partner, program}).IsApprovedAt(t)
}

// AnyApproved reports whether any partner is approved on the program at t.
func (s *Configuration) AnyApproved(program string, t time.Time) bool {
	for key, p := range s.partnerships.All() {
		if key[1] == program && p.IsApprovedAt(t) {
			return true
		}
	}
	return false
}

// Kept counts the partnerships of a program that are approved at t: those that keep
// terms of their own, whatever the program says by then, and those that follow it.
func (s *Configuration) Kept(program string, t time.Time) (keep, follow int) {
	for key, p := range s.partnerships.All() {
		if key[1] != program || !p.IsApprovedAt(t) {
			continue
		}
		if p.terms(s.programs.Of(program), t).Source == commission.FromProgram {
			follow++
		} else {
			keep++
		}
	}
	return keep, follow
}

// Barred says why a partner earns nothing new on a program at t:
// PartnerNotApproved, PartnerSuspended (as a whole or there), or "" if it does.
func (s *Configuration) Barred(partner, program string, t time.Time) attribution.Reason {
	who, on := s.partners.Of(partner), s.partnerships.Of([2]string{partner, program})
	switch {
	case who == nil || !on.IsApprovedAt(t):
		return attribution.PartnerNotApproved
	case who.SuspendedAt(t) || on.SuspendedAt(t):
		return attribution.PartnerSuspended
	}
	return ""
}

// Terms returns the terms of a partnership at t (semantics 2.6). Without a
// partnership they are the program's own; without the program not ok.
func (s *Configuration) Terms(partner, program string, t time.Time) (commission.Snapshot, bool) {
	of, ok := s.programs.Get(program)
	if !ok {
		return commission.Snapshot{}, false
	}
	p, ok := s.partnerships.Get([2]string{partner, program})
	if !ok {
		return live(of, t), true
	}
	return p.terms(of, t), true
}

// Code returns a code by its text, in any spelling.
func (s *Configuration) Code(text string) (*promo.Code, bool) { return s.codes.Code(text) }

// ResolveCode returns the code of a conversion at a time that names a program, or
// none, and why it does not count, if it does not: see promo.Book.Resolve.
func (s *Configuration) ResolveCode(text string, at time.Time, program string) (*promo.Code, attribution.Reason) {
	return s.codes.Resolve(text, at, program)
}

// Codes returns all codes, retired ones included, by code.
func (s *Configuration) Codes() []*promo.Code { return s.codes.Codes() }

// RewardOf returns what a customer gets for a code at t: the code's own reward,
// else its program's (semantics 6.4); nil for none.
func (s *Configuration) RewardOf(c *promo.Code, t time.Time) *promo.Reward {
	if c.Reward != nil {
		return c.Reward
	}
	if of, ok := s.programs.Get(c.Program); ok {
		if settings, ok := of.At(t); ok {
			return settings.Reward
		}
	}
	return nil
}

// CodesOf returns a partner's codes, retired ones included, by code.
func (s *Configuration) CodesOf(partner string) []*promo.Code { return s.codes.CodesOf(partner) }

// Waits reports whether a program is scheduled at t: until it starts, its links
// lead nowhere and its codes are not shown (semantics 2.2).
func (s *Configuration) Waits(program string, t time.Time) bool {
	of, ok := s.programs.Get(program)
	return ok && of.LifecycleAt(t) == Scheduled
}

// Link returns a link by its key.
func (s *Configuration) Link(key string) (Link, bool) { l, ok := s.links.Get(key); return l, ok }

// LinksOf returns a partner's links by key.
func (s *Configuration) LinksOf(partner string) []Link {
	var list []Link
	for _, key := range s.linksOf.Of(partner) {
		list = append(list, s.links.Of(key))
	}
	slices.SortFunc(list, func(a, b Link) int { return strings.Compare(a.Key, b.Key) })
	return list
}

// Period returns the bounds of the tier period that holds t, for a partner on a
// program: calendar periods in the program's zone, payout periods by the
// partner's cut-offs in force at t (semantics 2.7, 5.1). Unbounded ends are zero.
func (s *Configuration) Period(partner, program string, p commission.Period, t time.Time) (start, end time.Time) {
	if p == commission.PerPayout {
		if who, ok := s.partners.Get(partner); ok {
			return who.CutoffsAt(t).PeriodOf(t)
		}
		return time.Time{}, time.Time{}
	}
	loc := time.UTC
	if of, ok := s.programs.Get(program); ok {
		loc = of.Location
	}
	start, end, _ = p.Bounds(t, loc)
	return start, end
}

// Has reports whether a change with the same content and time was made before.
func (s *Configuration) Has(c Change) bool {
	switch c.Kind {
	case Approve:
		return s.Approved(c.Partner, c.Program, c.At) // again changes nothing
	case AddLink:
		return s.links.Of(c.Key) == Link{Key: c.Key, Partner: c.Partner, Program: c.Program, URL: c.URL, Created: c.At}
	case AddCode, RetireCode:
		return s.codes.Has(c.code())
	default:
	}
	return slices.ContainsFunc(s.changesOf(c), func(made Change) bool {
		return made.Kind == c.Kind && made.At.Equal(c.At) && made.digest() == c.digest()
	})
}

// changesOf are the changes of what a change is about.
func (s *Configuration) changesOf(c Change) []Change {
	switch c.Kind {
	case SetOrganization:
		return s.defaults
	case CreateProgram, EditProgram:
		if p, ok := s.programs.Get(c.Program); ok {
			return p.changes
		}
	case CreatePartner, EditPartner:
		if p, ok := s.partners.Get(c.Partner); ok {
			return p.changes
		}
	case Suspend, Reinstate, Adopt, Revoke, Override, ClearOverride:
		return s.standingChanges(c.Partner, c.Program)
	default: // approvals, codes and links are told apart by what they left
	}
	return nil
}

// standingChanges are the changes of a partnership, of a partner as a whole, or of
// all partnerships of a program.
func (s *Configuration) standingChanges(partner, program string) []Change {
	if partner == "" {
		if of, ok := s.programs.Get(program); ok {
			return of.adoptions
		}
		return nil
	}
	if program == "" {
		if who, ok := s.partners.Get(partner); ok {
			return who.changes
		}
		return nil
	}
	if on, ok := s.partnerships.Get([2]string{partner, program}); ok {
		return on.changes
	}
	return nil
}

// ChangedSince returns the earliest time that a change after seq takes effect
// from; not ok if there was none.
func (s *Configuration) ChangedSince(seq int64) (from time.Time, ok bool) {
	for l := s.log; l != nil && l.seq > seq; l = l.before {
		if !ok || l.from.Before(from) {
			from, ok = l.from, true
		}
	}
	return from, ok
}

// EventTypes returns the event types that rules ask for, in any terms that were ever
// in force, in order, and whether a rule asks for none, which matches whatever brings
// in money.
func (s *Configuration) EventTypes() (types []string, all bool) {
	return slices.Clone(s.eventTypes), s.allTypes
}

// HasTiers reports whether the rule of a partner on a program has tiers in any
// terms that were ever in force.
func (s *Configuration) HasTiers(partner, program, rule string) bool {
	return slices.Contains(s.tieredOn(partner, program), rule)
}
