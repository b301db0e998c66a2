package reference

import (
	"slices"
	"sort"
	"time"
)

// partnership is a partner on a program: all that the owner said of it.
type partnership struct {
	words     []standing
	suspended timeline[bool] // on this program alone
}

// standing is one word of the owner: "approve", "revoke", "adopt", "override" or "clear".
type standing struct {
	at       time.Time
	arrival  int
	kind     string
	override *Override
}

// until lists words at or before t in time order, ties in the order of arrival.
func until(words []standing, t time.Time) []standing {
	var out []standing
	for _, s := range words {
		if !s.at.After(t) {
			out = append(out, s)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].at.Equal(out[j].at) {
			return out[i].arrival < out[j].arrival
		}
		return out[i].at.Before(out[j].at)
	})
	return out
}

// approvedAt looks at the latest approval or revocation (semantics 2.5).
func (s *partnership) approvedAt(t time.Time) bool {
	approved := false
	for _, word := range until(s.words, t) {
		switch word.kind {
		case "approve":
			approved = true
		case "revoke":
			approved = false
		}
	}
	return approved
}

// termsAt is the override in force at t, else the snapshot, else the program's terms (semantics 2.6).
func (s *partnership) termsAt(p *program, t time.Time) terms {
	agreed, _ := s.agreedAt(p, t)
	if agreed == nil {
		return p.termsAt(t)
	}
	return *agreed
}

// agreedAt are the terms of this partnership alone, nil if it follows the program's, and whether they are an override.
func (s *partnership) agreedAt(p *program, t time.Time) (agreed *terms, overridden bool) {
	approved, closed := false, false
	for _, word := range until(slices.Concat(s.words, p.adoptions), t) {
		switch {
		case word.kind == "approve" && !approved:
			approved, closed = true, false
			if !overridden {
				agreed = ptr(p.termsAt(word.at))
			}
		case word.kind == "revoke" && approved:
			approved, closed, overridden, agreed = false, true, false, nil
		case word.kind == "adopt" && approved:
			overridden, agreed = false, ptr(p.termsAt(word.at))
		case word.kind == "override" && !closed:
			below := p.termsAt(word.at)
			if agreed != nil {
				below = *agreed
			}
			overridden, agreed = true, ptr(below.with(word.override))
		case word.kind == "clear" && overridden:
			overridden, agreed = false, nil
		}
	}
	return agreed, overridden
}

func (t terms) with(o *Override) terms {
	if o.Rules != nil {
		t.rules = *o.Rules
	}
	if o.HoldbackDays != nil {
		t.holdback = *o.HoldbackDays
	}
	return t
}

// say adds the owner's word on a partnership.
func (w *world) say(key Partnership, word standing) {
	if w.partnerships[key] == nil {
		w.partnerships[key] = &partnership{}
	}
	w.arrivals++
	word.arrival = w.arrivals
	w.partnerships[key].words = append(w.partnerships[key].words, word)
}

func (w *world) approve(at time.Time, key Partnership) {
	if !w.approvedAt(key.Partner, key.Program, at) {
		w.say(key, standing{at: at, kind: "approve"})
	}
}

func (w *world) revoke(at time.Time, key Partnership) string {
	if !w.approvedAt(key.Partner, key.Program, at) {
		return "not_found"
	}
	w.say(key, standing{at: at, kind: "revoke"})
	return ""
}

func (w *world) adopt(at time.Time, a Adoption) string {
	if w.programs[a.Program] == nil {
		return "not_found"
	}
	if a.Partner != "" {
		if !w.approvedAt(a.Partner, a.Program, at) {
			return "not_found"
		}
		w.say(Partnership{a.Partner, a.Program}, standing{at: at, kind: "adopt"})
		return ""
	}
	for key, s := range w.partnerships {
		if key.Program == a.Program && s.approvedAt(at) {
			w.arrivals++
			p := w.programs[a.Program]
			p.adoptions = append(p.adoptions, standing{at: at, arrival: w.arrivals, kind: "adopt"})
			break
		}
	}
	return ""
}

func (w *world) approvedAt(partner, program string, t time.Time) bool {
	s := w.partnerships[Partnership{partner, program}]
	return s != nil && s.approvedAt(t)
}

// suspendedAt is true for one who is suspended as a whole or on the program.
func (w *world) suspendedAt(partner, program string, t time.Time) bool {
	s := w.partnerships[Partnership{partner, program}]
	return w.partners[partner].suspended.at(t) || s != nil && s.suspended.at(t)
}

// barredAt is why a partner earns nothing on a program at t, or "".
func (w *world) barredAt(partner, program string, t time.Time) string {
	switch {
	case !w.approvedAt(partner, program, t):
		return "partner_not_approved"
	case w.suspendedAt(partner, program, t):
		return "partner_suspended"
	}
	return ""
}

func (w *world) suspend(at time.Time, of Suspension, value bool) string {
	p := w.partners[of.Partner]
	if p == nil {
		return "not_found"
	}
	if of.Program == "" {
		p.suspended.set(at, value)
		return ""
	}
	if !w.approvedAt(of.Partner, of.Program, at) {
		return "not_found"
	}
	w.partnerships[Partnership(of)].suspended.set(at, value)
	return ""
}

func (w *world) override(at time.Time, o *Override) string {
	key := Partnership{o.Partner, o.Program}
	if !w.approvedAt(o.Partner, o.Program, at) {
		return "not_found"
	}
	if !validOverride(o) {
		return "invalid_terms"
	}
	w.say(key, standing{at: at, kind: "override", override: o})
	return ""
}

// clearOverride needs an override in force at its own time (semantics 2.6).
func (w *world) clearOverride(at time.Time, key Partnership) string {
	s := w.partnerships[key]
	if s == nil || w.programs[key.Program] == nil {
		return "not_found"
	}
	if _, overridden := s.agreedAt(w.programs[key.Program], at); !overridden {
		return "not_found"
	}
	w.say(key, standing{at: at, kind: "clear"})
	return ""
}
