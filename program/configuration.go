package program

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/promo"
)

// Configuration is all programs, partners, partnerships, links and codes of an
// organization after some number of changes, and can be asked about any time. It is
// immutable: With returns another one.
type Configuration struct {
	Seq          int64 // of the last change
	Organization Organization

	programs     map[string]*Program
	partners     map[string]*Partner
	partnerships map[[2]string]*Partnership // (partner, program)
	codes        promo.Book
	links        map[string]Link // by key
	programOrder []string
	defaults     []Change   // of the default program, by (At, Seq)
	matchOrder   []*Partner // by creation
	ranked       bool       // somebody has a rank
	eventTypes   []string   // that a rule asks for in any terms, sorted
	allTypes     bool       // a rule asks for none
	log          *logged    // the last change
}

// logged remembers when a change takes effect.
type logged struct {
	seq    int64
	from   time.Time
	before *logged
}

// Link leads to a program on behalf of a partner. Its key is the referral code.
type Link struct {
	Key     string
	Partner string
	Program string
	URL     string // own destination; empty: the program's
	Created time.Time
}

// Empty is the configuration of an organization of which nothing is known.
func Empty() *Configuration {
	return &Configuration{
		programs: map[string]*Program{}, partners: map[string]*Partner{},
		partnerships: map[[2]string]*Partnership{}, links: map[string]Link{},
	}
}

// Apply makes changes, all or none, each after the one before: it numbers them,
// refuses what Check refuses, and leaves out one that was made before with the same
// content and time.
func (s *Configuration) Apply(changes ...Change) (*Configuration, error) {
	for _, c := range changes {
		if s.Has(c) {
			continue
		}
		if err := s.Check(c); err != nil {
			return nil, err
		}
		c.Seq = s.Seq + 1
		next, err := s.With(c)
		if err != nil {
			return nil, err
		}
		s = next
	}
	return s, nil
}

// With returns the configuration after more changes, in order of arrival. They must
// have passed Check when they were made.
func (s *Configuration) With(changes ...Change) (*Configuration, error) {
	next := *s
	e := editor{Configuration: &next}
	for _, c := range changes {
		c.normalize()
		if err := e.apply(c); err != nil {
			return nil, fmt.Errorf("program: change %d (%s): %w", c.Seq, c.Kind, err)
		}
		next.Seq = c.Seq
		next.log = &logged{c.Seq, c.At, next.log}
	}
	return &next, nil
}

// editor changes a copy of a configuration. It makes a map its own before it writes to
// it, for the copy shares all of them with the original.
type editor struct {
	*Configuration
	ownsPrograms, ownsPartners, ownsPartnerships, ownsCodes, ownsLinks bool
}

func own[K comparable, V any](m map[K]V, owned *bool) map[K]V {
	if *owned {
		return m
	}
	*owned = true
	return maps.Clone(m)
}

func (s *editor) setProgram(p *Program) {
	s.programs = own(s.programs, &s.ownsPrograms)
	s.programs[p.ID] = p
}

// setPartner puts a partner in the place of the one with the same id, or last.
func (s *editor) setPartner(p *Partner, err error) error {
	if err != nil {
		return err
	}
	s.partners = own(s.partners, &s.ownsPartners)
	s.partners[p.ID] = p
	s.ranked = s.ranked || len(p.ranks) > 0
	at, found := slices.BinarySearchFunc(s.matchOrder, p.seq, func(q *Partner, seq int64) int { return cmp.Compare(q.seq, seq) })
	s.matchOrder = slices.Clone(s.matchOrder)
	if found {
		s.matchOrder[at] = p
	} else {
		s.matchOrder = slices.Insert(s.matchOrder, at, p)
	}
	return nil
}

func (s *editor) setPartnership(p *Partnership) {
	s.partnerships = own(s.partnerships, &s.ownsPartnerships)
	s.partnerships[[2]string{p.Partner, p.Program}] = p
}

func (s *editor) apply(c Change) error {
	s.learnTypes(c)
	switch c.Kind {
	case SetOrganization:
		s.defaults = insertChange(s.defaults, c)
		s.Organization = *s.defaults[len(s.defaults)-1].Organization
	case CreateProgram:
		return s.createProgram(c)
	case EditProgram:
		s.setProgram(s.programs[c.Program].with(c))
	case CreatePartner:
		return s.setPartner((&Partner{ID: c.Partner, seq: c.Seq, Created: c.At}).with(c))
	case EditPartner:
		return s.setPartner(s.partners[c.Partner].with(c))
	case Suspend, Reinstate:
		if c.Program == "" {
			return s.setPartner(s.partners[c.Partner].with(c))
		}
		s.changePartnership(c)
	case Adopt:
		if c.Partner == "" {
			s.setProgram(s.programs[c.Program].with(c))
			break
		}
		s.changePartnership(c)
	case Approve, Revoke, Override, ClearOverride:
		s.changePartnership(c)
	case AddCode, RetireCode:
		s.changeCode(c)
	case AddLink:
		s.links = own(s.links, &s.ownsLinks)
		s.links[c.Key] = Link{Key: c.Key, Partner: c.Partner, Program: c.Program, URL: c.URL, Created: c.At}
	default:
		return fmt.Errorf("unknown kind")
	}
	return nil
}

// learnTypes notes which event types the rules of a change ask for.
func (s *editor) learnTypes(c Change) {
	var rules []commission.Rule
	if c.Settings != nil {
		rules = c.Settings.Rules
	}
	if c.Terms != nil {
		rules = append(slices.Clip(rules), c.Terms.Rules...)
	}
	for _, r := range rules {
		if r.EventType == "" {
			s.allTypes = true
		} else if i, known := slices.BinarySearch(s.eventTypes, r.EventType); !known {
			s.eventTypes = slices.Insert(slices.Clone(s.eventTypes), i, r.EventType)
		}
	}
}

func (s *editor) createProgram(c Change) error {
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
	s.setProgram(p.with(c))
	s.programOrder = append(slices.Clip(s.programOrder), c.Program)
	return nil
}

func (s *editor) changePartnership(c Change) {
	s.setPartnership(s.partnerships[[2]string{c.Partner, c.Program}].with(c))
}

func (s *editor) changeCode(c Change) {
	if !s.ownsCodes {
		s.codes, s.ownsCodes = s.codes.Clone(), true
	}
	s.codes.Put(c.code())
}
