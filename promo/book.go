package promo

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/layered"
)

// ErrUnknown is returned for a code that is not in the book.
var ErrUnknown = errors.New("unknown code")

// Change is one dated change of a code: it is added, or retired.
type Change struct {
	Code    string    // in any spelling
	At      time.Time // from when on the change is in force
	Retired bool      // the code is retired; otherwise it is added

	Partner   string  // of a code that is added: whose it is, for ever
	Program   string  // the program that it sells
	Generated bool    // it was made by Generate, not chosen
	ByPartner bool    // the partner adds it: MaxActive is the limit, and a retired code stays retired
	Reward    *Reward // what a customer gets for it; nil: what the program gives
}

// Book holds the promo codes of an organization: whose each of them is, and when it
// resolves. A code belongs to the partner and program that had it first, also when it
// is retired, so an old code on a coupon site never pays somebody else (semantics
// 6.3). The zero value is an empty book. A Book is not safe for concurrent use.
type Book struct {
	entries layered.Map[string, entry]    // by normalized code
	codesOf layered.Map[string, []string] // by partner
}

// entry is a code with the changes that made it.
type entry struct {
	code    *Code
	changes []Change // in time order, those of one time in the order of their arrival
}

// Apply makes a change. It returns what Check returns, and then changes nothing.
func (b *Book) Apply(c Change) error {
	if err := b.Check(c); err != nil {
		return err
	}
	b.Put(c)
	return nil
}

// Check returns why a change cannot be made: ErrUnknown for retiring a code that
// is not there; for adding one ErrInvalid for its spelling, ErrInvalidReward with
// every problem of its reward, ErrTaken if it is somebody else's or in use, and
// ErrLimit if the partner has MaxActive codes on the program, or MaxEver with those
// that are retired.
//
// A retired code may be added again, by the owner and for the same partner and
// program only.
func (b *Book) Check(c Change) error {
	code, err := Normalize(c.Code)
	old := b.entries.Of(code).code
	switch {
	case c.Retired && (err != nil || old == nil):
		return ErrUnknown
	case c.Retired:
		return nil
	case err != nil:
		return err
	}
	if c.Reward != nil {
		if err := c.Reward.Validate(); err != nil {
			return err
		}
	}
	if old != nil {
		same := old.Partner == c.Partner && old.Program == c.Program
		if !same || c.ByPartner || !old.RetiredAt(c.At) {
			return ErrTaken // also if the code is added already, from a later time on
		}
		return nil
	}
	if c.ByPartner && (b.Active(c.Partner, c.Program, c.At) >= MaxActive || b.ever(c.Partner, c.Program) >= MaxEver) {
		return ErrLimit
	}
	return nil
}

// manyChanges is from how many changes on it is cheaper to copy a book than to share
// what does not change.
const manyChanges = 100

// Put makes changes that passed Check when they were made, such as those that are
// read from a database. They may come in any order of their times.
func (b *Book) Put(changes ...Change) {
	owned := len(changes) >= manyChanges
	if owned {
		b.entries, b.codesOf = b.entries.Own(), b.codesOf.Own()
	}
	for _, c := range changes {
		b.put(c, owned)
	}
}

func (b *Book) put(c Change, owned bool) {
	if code, err := Normalize(c.Code); err == nil {
		c.Code = code
	}
	old, known := b.entries.Get(c.Code)
	at := len(old.changes)
	for at > 0 && old.changes[at-1].At.After(c.At) {
		at--
	}
	changes := slices.Insert(slices.Clone(old.changes), at, c)
	next := entry{compose(c.Code, changes), changes}
	if next.code.Partner != "" && (!known || old.code.Partner == "") {
		keep(&b.codesOf, next.code.Partner, append(slices.Clip(b.codesOf.Of(next.code.Partner)), c.Code), owned)
	}
	keep(&b.entries, c.Code, next, owned)
}

func keep[V any](m *layered.Map[string, V], key string, value V, owned bool) {
	if owned {
		m.Set(key, value)
	} else {
		*m = m.With(key, value)
	}
}

// compose folds the changes of a code into its validity.
func compose(text string, changes []Change) *Code {
	code := Code{Code: text}
	for _, c := range changes {
		open := len(code.Intervals) > 0 && code.Intervals[len(code.Intervals)-1].To.IsZero()
		switch {
		case !c.Retired && !open:
			if code.Partner == "" {
				code.Partner, code.Program, code.Generated, code.Reward = c.Partner, c.Program, c.Generated, c.Reward
			}
			code.Intervals = append(code.Intervals, Interval{From: c.At})
		case c.Retired && open:
			code.Intervals[len(code.Intervals)-1].To = c.At
		}
	}
	return &code
}

// Has reports whether the same change was made before.
func (b *Book) Has(c Change) bool {
	if code, err := Normalize(c.Code); err == nil {
		c.Code = code
	}
	return slices.ContainsFunc(b.entries.Of(c.Code).changes, func(made Change) bool {
		if !made.At.Equal(c.At) {
			return false
		}
		made.At = c.At
		return reflect.DeepEqual(made, c)
	})
}

// Resolve returns the code of a conversion at a time that names a program, or
// none. The reason is empty if the code counts, else code_unknown (also for a code
// that is misspelled or not valid yet), code_other_program or code_retired (semantics
// 6.2, 6.3). The code is nil if it is not in the book.
func (b *Book) Resolve(text string, at time.Time, program string) (*Code, attribution.Reason) {
	c, ok := b.Code(text)
	if !ok {
		return nil, attribution.CodeUnknown
	}
	return c, c.Resolve(at, program)
}

// Code returns a code, retired or not, by its text in any spelling.
func (b *Book) Code(text string) (*Code, bool) {
	normal, err := Normalize(text)
	if err != nil {
		return nil, false
	}
	e, ok := b.entries.Get(normal)
	return e.code, ok
}

// Codes returns all codes, retired ones included, by code.
func (b *Book) Codes() []*Code {
	list := make([]*Code, 0, b.entries.Len())
	for _, e := range b.entries.All() {
		list = append(list, e.code)
	}
	return sorted(list)
}

// CodesOf returns a partner's codes, retired ones included, by code.
func (b *Book) CodesOf(partner string) []*Code {
	var list []*Code
	for _, code := range b.codesOf.Of(partner) {
		list = append(list, b.entries.Of(code).code)
	}
	return sorted(list)
}

// Active counts a partner's codes on a program that are active at t or later, as a
// code that is added at t will be.
func (b *Book) Active(partner, program string, t time.Time) int {
	n := 0
	for _, code := range b.codesOf.Of(partner) {
		if c := b.entries.Of(code).code; c.Program == program && !c.RetiredAt(t) {
			n++
		}
	}
	return n
}

// ever counts a partner's codes on a program, retired ones included.
func (b *Book) ever(partner, program string) int {
	n := 0
	for _, code := range b.codesOf.Of(partner) {
		if b.entries.Of(code).code.Program == program {
			n++
		}
	}
	return n
}

// Clone returns a book with the same codes that changes by itself.
func (b *Book) Clone() Book { return *b }

func sorted(list []*Code) []*Code {
	slices.SortFunc(list, func(a, b *Code) int { return strings.Compare(a.Code, b.Code) })
	return list
}
