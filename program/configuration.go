package program

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/layered"
	"github.com/goaffiliate/affiliate/promo"
)

// Configuration is all programs, partners, partnerships, links and codes of an
// organization after some number of changes, and can be asked about any time. It is
// immutable: With returns another one.
type Configuration struct {
	Seq          int64 // of the last change
	Organization Organization

	programs     layered.Map[string, *Program]
	partners     layered.Map[string, *Partner]
	partnerships layered.Map[[2]string, *Partnership] // (partner, program)
	codes        promo.Book
	links        layered.Map[string, Link]     // by key
	linksOf      layered.Map[string, []string] // keys by partner
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

// with adds a change. An earlier one that takes effect no sooner says nothing more.
func (l *logged) with(seq int64, from time.Time) *logged {
	for l != nil && !l.from.Before(from) {
		l = l.before
	}
	return &logged{seq, from, l}
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
func Empty() *Configuration { return &Configuration{} }

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
	if len(changes) >= manyChanges {
		e.own()
	}
	for _, c := range changes {
		c.normalize()
		if err := e.apply(c); err != nil {
			return nil, fmt.Errorf("program: change %d (%s): %w", c.Seq, c.Kind, err)
		}
		next.Seq = c.Seq
		next.log = next.log.with(c.Seq, c.At)
	}
	next.codes.Put(e.codeChanges...)
	return &next, nil
}

// manyChanges is from how many changes on it is cheaper to copy a configuration than
// to share what does not change.
const manyChanges = 100

// editor changes a copy of a configuration, which shares its maps with the original.
type editor struct {
	*Configuration
	owned       bool // the maps are shared with nobody
	codeChanges []promo.Change
}

// own copies all maps, so that they can be written to.
func (s *editor) own() {
	s.owned = true
	s.programs, s.partners, s.partnerships = s.programs.Own(), s.partners.Own(), s.partnerships.Own()
	s.links, s.linksOf = s.links.Own(), s.linksOf.Own()
	s.matchOrder = slices.Clone(s.matchOrder)
}

func put[K comparable, V any](s *editor, m *layered.Map[K, V], key K, value V) {
	if s.owned {
		m.Set(key, value)
	} else {
		*m = m.With(key, value)
	}
}

func (s *editor) setProgram(p *Program) { put(s, &s.programs, p.ID, p) }

// setPartner puts a partner in the place of the one with the same id, or last.
func (s *editor) setPartner(p *Partner, err error) error {
	if err != nil {
		return err
	}
	put(s, &s.partners, p.ID, p)
	s.ranked = s.ranked || len(p.ranks) > 0
	at, found := slices.BinarySearchFunc(s.matchOrder, p.seq, func(q *Partner, seq int64) int { return cmp.Compare(q.seq, seq) })
	if !s.owned {
		s.matchOrder = slices.Clone(s.matchOrder)
	}
	if found {
		s.matchOrder[at] = p
	} else {
		s.matchOrder = slices.Insert(s.matchOrder, at, p)
	}
	return nil
}

func (s *editor) setPartnership(p *Partnership) {
	put(s, &s.partnerships, [2]string{p.Partner, p.Program}, p)
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
		s.setProgram(s.programs.Of(c.Program).with(c))
	case CreatePartner:
		return s.setPartner((&Partner{ID: c.Partner, seq: c.Seq, Created: c.At}).with(c))
	case EditPartner:
		return s.setPartner(s.partners.Of(c.Partner).with(c))
	case Suspend, Reinstate:
		if c.Program == "" {
			return s.setPartner(s.partners.Of(c.Partner).with(c))
		}
		s.changePartnership(c)
	case Adopt:
		if c.Partner == "" {
			s.setProgram(s.programs.Of(c.Program).with(c))
			break
		}
		s.changePartnership(c)
	case Approve, Revoke, Override, ClearOverride:
		s.changePartnership(c)
	case AddCode, RetireCode:
		s.codeChanges = append(s.codeChanges, c.code())
	case AddLink:
		put(s, &s.links, c.Key, Link{Key: c.Key, Partner: c.Partner, Program: c.Program, URL: c.URL, Created: c.At})
		put(s, &s.linksOf, c.Partner, append(slices.Clip(s.linksOf.Of(c.Partner)), c.Key))
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
	s.setPartnership(s.partnerships.Of([2]string{c.Partner, c.Program}).with(c))
}
