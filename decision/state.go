package decision

import (
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
)

// State is what the conversions of a customer leave for the next one. The zero
// value is that of a customer without conversions. It is stored as JSON.
type State struct {
	Scopes map[string]*Scope `json:"scopes,omitempty"` // by program id; "" is the unnamed scope

	commission.History // firsts, from which first, subsequent and month caps count

	Last attribution.Mark `json:"last"` // the conversion folded last

	// Vouched holds the partners, by program and partner, of whom the owner released
	// a commission that started under review, and its conversion. Later conversions
	// of the customer start under review for that partner no more.
	Vouched map[string]attribution.Mark `json:"vouched,omitempty"`
}

// Scope is what a customer keeps in one scope.
type Scope struct {
	Binding *attribution.Binding `json:"binding,omitempty"`
	Paid    bool                 `json:"paid,omitempty"` // a positive amount was attributed here
}

// Follows reports whether a conversion comes after all that were folded.
func (s *State) Follows(c attribution.Conversion) bool {
	return s.Last.ID == "" || attribution.Before(s.Last.At, s.Last.ID, c.At, c.ID)
}

// Bound reports whether method click has a binding to read for a conversion
// that names program, so that the customer's clicks need not be looked at.
func (s *State) Bound(program string) bool {
	binding, _ := s.binding(program)
	return binding != nil
}

func (s *State) scope(program string) *Scope {
	if s.Scopes == nil {
		s.Scopes = map[string]*Scope{}
	}
	if s.Scopes[program] == nil {
		s.Scopes[program] = &Scope{}
	}
	return s.Scopes[program]
}

// binding returns what holds in a scope: its own binding, else the one it
// borrows. A named program takes the unnamed scope's if all its credits are on
// that program; the unnamed scope takes the program binding that was set last
// (semantics 3.8).
func (s *State) binding(program string) (b *attribution.Binding, from string) {
	if own := s.Scopes[program]; own != nil && own.Binding != nil {
		return own.Binding, program
	}
	if program != "" {
		unnamed := s.Scopes[""]
		if unnamed == nil || unnamed.Binding == nil {
			return nil, ""
		}
		for _, c := range unnamed.Binding.Credits {
			if c.Program != program {
				return nil, ""
			}
		}
		return unnamed.Binding, ""
	}
	for name, sc := range s.Scopes {
		if name == "" || sc.Binding == nil {
			continue
		}
		if b == nil || attribution.Before(b.SetAt, b.SetBy, sc.Binding.SetAt, sc.Binding.SetBy) {
			b, from = sc.Binding, name
		}
	}
	return b, from
}

func vouchKey(program, partner string) string { return program + "\x1f" + partner }

func (s *State) vouched(program, partner string) bool {
	_, yes := s.Vouched[vouchKey(program, partner)]
	return yes
}

func (s *State) vouch(program, partner string, m attribution.Mark) {
	if s.Vouched == nil {
		s.Vouched = map[string]attribution.Mark{}
	}
	if !s.vouched(program, partner) {
		s.Vouched[vouchKey(program, partner)] = m
	}
}
