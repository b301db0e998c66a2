package affiliate

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/storage"
)

const (
	settleBatch   = 200 // notes that one commit settles
	redecideBatch = 25  // customers that one commit decides again
	settleCommits = 64  // of one Settle, by default
	maxTries      = 10  // of a lane that somebody else writes to
)

// Waiting is how much waits for settlement of one kind, and since when.
type Waiting = storage.Waiting

// SettleResult tells how far settlement got.
type SettleResult struct {
	Commits int   `json:"commits"` // how many batches were written
	Left    int64 `json:"left"`    // notes that still wait
}

// Settle does what crosses customers: it decides again whom late facts and
// configuration changes disturbed, brings decisions to the partners' ledgers, and posts
// tiers. Budget is how many commits it makes at most; 0 means 64. Call it on a
// schedule, and again while Left is not zero; any number of processes may settle at
// once.
//
// What waits for one customer, one partner or one change of the configuration is a
// lane. All lanes move on in turn, so none waits for another; one that somebody else
// keeps writing to, or that a transaction of the host holds, is left to a later call.
func (e *Engine) Settle(ctx context.Context, budget int) (SettleResult, error) {
	if budget <= 0 {
		budget = settleCommits
	}
	s := newSettlement(e, budget)
	err := s.run(ctx, storage.NoteCustomer, storage.NoteSetup, storage.NotePosted, storage.NoteTiers, storage.NoteClick)
	result := SettleResult{Commits: s.commits}
	if err != nil {
		return result, wrap("settle", err)
	}
	waiting, err := e.store.Backlog(ctx, e.org)
	for _, w := range waiting {
		result.Left += w.Notes
	}
	return result, wrap("settle", err)
}

// Backlog returns what waits for settlement, by kind, and since when.
func (e *Engine) Backlog(ctx context.Context) ([]Waiting, error) {
	waiting, err := e.store.Backlog(ctx, e.org)
	return waiting, wrap("backlog", err)
}

// lane is what is settled together, and waits for no other lane.
type lane struct {
	kind storage.NoteKind
	key  string
}

// settlement is one call's settling.
type settlement struct {
	e       *Engine
	budget  int       // commits that are left to it
	commits int       // that it made
	until   time.Time // notes that are later than this are a later call's; zero: none are
	marks   map[storage.NoteKind]storage.NoteMark
	aside   map[lane]bool // left to a later call
}

func newSettlement(e *Engine, budget int) *settlement {
	return &settlement{e: e, budget: budget, marks: map[storage.NoteKind]storage.NoteMark{}, aside: map[lane]bool{}}
}

// settlePast decides customers again for what was recorded by now: late facts, and
// changes of the configuration.
func (e *Engine) settlePast(ctx context.Context) error {
	s := newSettlement(e, math.MaxInt)
	s.until = e.now()
	return s.run(ctx, storage.NoteCustomer, storage.NoteSetup)
}

// run settles the kinds in turn, a batch of each, until nothing is left of any or the
// budget is used up.
func (s *settlement) run(ctx context.Context, kinds ...storage.NoteKind) error {
	for idle, i := 0, 0; idle < len(kinds) && s.commits < s.budget; i++ {
		did, err := s.step(ctx, kinds[i%len(kinds)])
		if err != nil {
			return err
		}
		if idle++; did {
			idle = 0
		}
	}
	return nil
}

// step settles the next lanes of a kind. It has done nothing if it came once round.
func (s *settlement) step(ctx context.Context, kind storage.NoteKind) (did bool, err error) {
	for round := s.marks[kind] == (storage.NoteMark{}); ; {
		notes, err := s.e.store.Notes(ctx, s.e.org, kind, s.marks[kind], settleBatch)
		if err != nil {
			return false, err
		}
		if len(notes) == 0 {
			if s.marks[kind] = (storage.NoteMark{}); round {
				return false, nil
			}
			round = true
			continue
		}
		mine, next := s.pick(notes)
		s.marks[kind] = next
		if len(mine) == 0 {
			continue
		}
		if did, err := s.settle(ctx, kind, mine); did || err != nil {
			return did, err
		}
	}
}

// pick returns the notes of a page that one commit settles, and where the next page
// begins: behind the last lane, so that one in which notes keep coming in does not hold
// up those behind it.
func (s *settlement) pick(notes []storage.Note) (mine []storage.Note, next storage.NoteMark) {
	lanes, last := 0, ""
	for i, n := range notes {
		if i == 0 || n.Key != last {
			if lanes++; lanes > redecideBatch && n.Kind == storage.NoteCustomer {
				break
			}
			last = n.Key
		}
		if !s.aside[lane{n.Kind, n.Key}] && (s.until.IsZero() || !n.At.After(s.until)) {
			mine = append(mine, n)
		}
	}
	return mine, storage.NoteMark{Key: last + "\x01"} // no key goes on with a control character
}

// settle settles notes together, and lane by lane if somebody else was faster in one
// of them.
func (s *settlement) settle(ctx context.Context, kind storage.NoteKind, notes []storage.Note) (did bool, err error) {
	if did, err := s.try(ctx, kind, notes); did || err != nil {
		return did, err
	}
	for len(notes) > 0 {
		key := notes[0].Key
		end := slices.IndexFunc(notes, func(n storage.Note) bool { return n.Key != key })
		if end < 0 {
			end = len(notes)
		}
		notes = notes[end:]
		alone, err := s.alone(ctx, lane{kind, key})
		if err != nil {
			return did, err
		}
		did = did || alone
	}
	return did, nil
}

// alone settles a lane by itself, unless somebody else did. If others keep being
// faster it is set aside.
func (s *settlement) alone(ctx context.Context, of lane) (did bool, err error) {
	for range maxTries {
		notes, err := s.e.store.NotesFor(ctx, s.e.org, []storage.NoteKind{of.kind}, []string{of.key}, settleBatch)
		if err != nil || len(notes) == 0 {
			return false, err
		}
		if did, err := s.try(ctx, of.kind, notes); did || err != nil {
			return did, err
		}
		if err := pause(ctx, maxTries); err != nil {
			return false, err
		}
	}
	s.aside[of] = true
	return false, nil
}

// try settles notes in one commit, if nobody else was faster or holds what it writes.
// It waits for nobody's transaction, but for the moment that a commit takes.
func (s *settlement) try(ctx context.Context, kind storage.NoteKind, notes []storage.Note) (did bool, err error) {
	_, did, err = s.e.attempt(ctx, time.Time{}, func(u *unit) error {
		u.done(notes...)
		return u.settle(kind, notes)
	}, meetings(kind, notes))
	if errors.Is(err, errHeld) {
		return false, nil
	}
	if did {
		s.commits++
	}
	return did, err
}

// meetings are the anchors at which the settling of notes meets others.
func meetings(kind storage.NoteKind, notes []storage.Note) (refs []storage.Ref) {
	for _, n := range notes {
		switch {
		case n.Key == "":
		case kind == storage.NoteCustomer:
			refs = append(refs, customerRef(n.Key))
		case kind == storage.NotePosted || kind == storage.NoteTiers:
			refs = append(refs, partnerRef(n.Key))
		}
	}
	return refs
}

// done has notes deleted with the commit of what they asked for.
func (u *unit) done(notes ...storage.Note) {
	for _, n := range notes {
		u.change.Done = append(u.change.Done, n.ID)
	}
}

// settle does what notes of one kind ask for. The configuration is read after them,
// so that no note asks for a change that it does not hold yet.
func (u *unit) settle(kind storage.NoteKind, notes []storage.Note) error {
	u.noWait = kind == storage.NoteCustomer
	if err := u.load(); err != nil {
		return err
	}
	switch kind {
	case storage.NoteCustomer:
		return u.redecideAll(keysOf(notes))
	case storage.NoteSetup:
		return u.settleSetup(notes)
	case storage.NoteClick:
		for _, n := range notes {
			if err := u.countClicks(n); err != nil {
				return err
			}
		}
		return nil
	default:
		b := newBooks(u)
		if err := b.takeAll(notes); err != nil {
			return err
		}
		return b.settle()
	}
}

// keysOf returns the keys of notes, each once.
func keysOf(notes []storage.Note) []string {
	var keys []string
	for _, n := range notes {
		if !slices.Contains(keys, n.Key) {
			keys = append(keys, n.Key)
		}
	}
	return keys
}
