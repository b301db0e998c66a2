package program

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/promo"
)

// Setup is the whole set-up of an organization after some number of changes. It
// is immutable: With returns another one.
type Setup struct {
	Seq          int64 // of the last change
	Organization Organization

	programs     map[string]*Program
	partners     map[string]*Partner
	partnerships map[[2]string]*Partnership // (partner, program)
	codes        map[string]*promo.Code     // by normalized code
	links        map[string]Link            // by key
	codeChanges  map[string][]Change
	programOrder []string
	defaults     []Change   // of the default program, by (At, Seq)
	matchOrder   []*Partner // by creation
	ranked       bool       // somebody has a rank
	seen         map[[32]byte]bool
	log          []logged // by Seq
}

// logged remembers when a change takes effect.
type logged struct {
	seq  int64
	from time.Time
}

// Link leads to a program on behalf of a partner. Its key is the referral code.
type Link struct {
	Key     string
	Partner string
	Program string
	URL     string // own destination; empty: the program's
	Created time.Time
}

// Empty is the set-up of an organization of which nothing is known.
func Empty() *Setup {
	return &Setup{
		programs: map[string]*Program{}, partners: map[string]*Partner{},
		partnerships: map[[2]string]*Partnership{}, codes: map[string]*promo.Code{},
		links: map[string]Link{}, codeChanges: map[string][]Change{}, seen: map[[32]byte]bool{},
	}
}

// With returns the set-up after more changes, in order of arrival. They must
// have passed Check when they were made.
func (s *Setup) With(changes ...Change) (*Setup, error) {
	next := &Setup{
		Seq: s.Seq, Organization: s.Organization,
		programs: maps.Clone(s.programs), partners: maps.Clone(s.partners),
		partnerships: maps.Clone(s.partnerships), codes: maps.Clone(s.codes),
		links: maps.Clone(s.links), codeChanges: maps.Clone(s.codeChanges),
		programOrder: slices.Clone(s.programOrder), defaults: s.defaults, seen: maps.Clone(s.seen), log: slices.Clone(s.log),
	}
	for _, c := range changes {
		if err := next.apply(c); err != nil {
			return nil, fmt.Errorf("program: change %d (%s): %w", c.Seq, c.Kind, err)
		}
		next.Seq = c.Seq
		next.seen[c.digest()] = true
		next.log = append(next.log, logged{c.Seq, c.At})
	}
	next.matchOrder = slices.SortedFunc(maps.Values(next.partners), func(a, b *Partner) int {
		return cmp.Compare(a.seq, b.seq)
	})
	next.ranked = slices.ContainsFunc(next.matchOrder, func(p *Partner) bool { return len(p.ranks) > 0 })
	return next, nil
}

func (s *Setup) apply(c Change) error {
	switch c.Kind {
	case SetOrganization:
		s.defaults = insertChange(s.defaults, c)
		s.Organization = *s.defaults[len(s.defaults)-1].Organization
	case CreateProgram:
		return s.createProgram(c)
	case EditProgram:
		s.programs[c.Program] = s.programs[c.Program].with(c)
	case CreatePartner:
		p, err := (&Partner{ID: c.Partner, seq: c.Seq, Created: c.At}).with(c)
		s.partners[c.Partner] = p
		return err
	case EditPartner, Suspend, Reinstate:
		p, err := s.partners[c.Partner].with(c)
		s.partners[c.Partner] = p
		return err
	case Approve:
		s.approve(c)
	case Override, ClearOverride:
		key := [2]string{c.Partner, c.Program}
		p := *s.partnerships[key]
		p.changes = insertChange(p.changes, c)
		s.partnerships[key] = &p
	case AddCode, RetireCode:
		s.changeCode(c)
	case AddLink:
		s.links[c.Key] = Link{Key: c.Key, Partner: c.Partner, Program: c.Program, URL: c.URL, Created: c.At}
	default:
		return fmt.Errorf("unknown kind")
	}
	return nil
}

func (s *Setup) createProgram(c Change) error {
	p := &Program{ID: c.Program, Created: c.At, Currency: "usd", Location: time.UTC}
	if c.Settings.Currency != nil {
		p.Currency = *c.Settings.Currency
	}
	if c.Settings.TimeZone != nil && *c.Settings.TimeZone != "" {
		loc, err := time.LoadLocation(*c.Settings.TimeZone)
		if err != nil {
			return err
		}
		p.Location = loc
	}
	s.programs[c.Program] = p.with(c)
	s.programOrder = append(s.programOrder, c.Program)
	return nil
}

func (s *Setup) approve(c Change) {
	key := [2]string{c.Partner, c.Program}
	old := s.partnerships[key]
	next := Partnership{Partner: c.Partner, Program: c.Program, ApprovedAt: c.At}
	if old != nil {
		next = *old
		if c.At.Before(old.ApprovedAt) {
			next.ApprovedAt = c.At
		}
	}
	s.partnerships[key] = &next
}

// changeCode rebuilds the validity intervals of a code from its changes.
func (s *Setup) changeCode(c Change) {
	list := insertChange(s.codeChanges[c.Key], c)
	s.codeChanges[c.Key] = list
	code := promo.Code{Code: c.Key}
	for _, change := range list {
		open := len(code.Intervals) > 0 && code.Intervals[len(code.Intervals)-1].To.IsZero()
		switch {
		case change.Kind == AddCode && !open:
			if code.Partner == "" {
				code.Partner, code.Program, code.Generated = change.Partner, change.Program, change.Generated
				code.Reward = change.Reward
			}
			code.Intervals = append(code.Intervals, promo.Interval{From: change.At})
		case change.Kind == RetireCode && open:
			code.Intervals[len(code.Intervals)-1].To = change.At
		}
	}
	s.codes[c.Key] = &code
}
