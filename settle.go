package affiliate

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/storage"
)

const (
	settleBatch   = 200 // notes that one commit brings to the partners' side
	redecideBatch = 25  // customers that one commit decides again
	settleRounds  = 64  // commits of one Settle
)

// SettleResult tells how far settlement got.
type SettleResult struct {
	Commits int   `json:"commits"` // how many batches were written
	Left    int64 `json:"left"`    // notes that still wait
}

// Settle does what crosses customers: it decides again whom late facts and
// configuration changes disturbed, brings decisions to the partners' ledgers, and posts
// tiers. It is bounded; call it on a schedule, and again while Left is not
// zero. Any number of processes may settle at once. Payout runs and every read
// of a balance settle by themselves. Customers that a transaction of the host
// holds, which is still open, are left to a later call.
func (e *Engine) Settle(ctx context.Context) (SettleResult, error) {
	var result SettleResult
	s := newSettlement(e)
	for range settleRounds {
		did, err := s.once(ctx)
		if err != nil {
			return result, wrap("settle", err)
		}
		if !did {
			break
		}
		result.Commits++
	}
	left, err := e.store.Backlog(ctx, e.org)
	result.Left = left
	return result, wrap("settle", err)
}

// settleAll settles until nothing is left but what open transactions hold.
func (e *Engine) settleAll(ctx context.Context) error {
	s := newSettlement(e)
	for {
		did, err := s.once(ctx)
		if err != nil || !did {
			return err
		}
	}
}

// settlement is one call's settling. It waits for nobody's transaction, but for
// the moment that a commit takes: customers whom one holds are left to the next
// call.
type settlement struct {
	e       *Engine
	batch   int            // customers that one commit decides again
	held    map[string]int // how often somebody held a customer
	skipped int            // notes of customers who are left
}

// maxHeld is how often a customer is tried who is held, with a pause of some
// milliseconds each time.
const maxHeld = 10

func newSettlement(e *Engine) *settlement {
	return &settlement{e: e, batch: redecideBatch, held: map[string]int{}}
}

// once writes one batch: customers to decide again come first, because they leave
// more to post.
func (s *settlement) once(ctx context.Context) (did bool, err error) {
	for _, step := range []func(context.Context) (bool, error){s.customers, s.setup, s.posted} {
		if did, err := step(ctx); err != nil || did {
			return did, err
		}
	}
	return false, nil
}

// customers decides customers again that a fact of others disturbed. If one of
// them is held, they are taken one by one.
func (s *settlement) customers(ctx context.Context) (did bool, err error) {
	var keys []string
	err = s.e.do(ctx, func(u *unit) (err error) {
		u.noWait = true
		keys, err = s.pick(u)
		did = len(keys) > 0
		if err != nil || !did {
			return err
		}
		return u.redecideAll(keys)
	})
	if !errors.Is(err, errHeld) {
		return did, err
	}
	if len(keys) == 1 {
		s.held[keys[0]]++
	}
	s.batch = 1
	return true, pause(ctx, maxHeld)
}

// pick reads notes of customers, and has those done that are for the customers it
// returns. Many notes may ask for the same customer.
func (s *settlement) pick(u *unit) (keys []string, err error) {
	notes, err := u.notes(settleBatch+s.skipped, storage.NoteCustomer)
	if err != nil {
		return nil, err
	}
	s.skipped = 0
	for _, n := range notes {
		switch {
		case s.held[n.Key] == maxHeld:
			s.skipped++
			continue
		case slices.Contains(keys, n.Key):
		case len(keys) < s.batch:
			keys = append(keys, n.Key)
		default:
			continue
		}
		u.done(n)
	}
	return keys, nil
}

// setup decides again whom a configuration change concerns. If one of them is held, each
// gets a note of its own.
func (s *settlement) setup(ctx context.Context) (did bool, err error) {
	again := (*unit).redecideAll
	for {
		err = s.e.do(ctx, func(u *unit) (err error) {
			u.noWait = true
			did, err = u.settleSetup(again)
			return err
		})
		if !errors.Is(err, errHeld) {
			return did, err
		}
		again = func(u *unit, keys []string) error {
			for _, key := range keys {
				if err := u.note(storage.NoteCustomer, key, nil); err != nil {
					return err
				}
			}
			return nil
		}
	}
}

// posted brings decisions and clicks to the partners' side.
func (s *settlement) posted(ctx context.Context) (did bool, err error) {
	err = s.e.do(ctx, func(u *unit) (err error) {
		did, err = u.settlePosted()
		return err
	})
	return did, err
}

// notes reads notes, and only then the configuration, so that no note asks for a
// change that the configuration does not hold yet.
func (u *unit) notes(limit int, kinds ...storage.NoteKind) ([]storage.Note, error) {
	notes, err := u.e.store.Notes(u.ctx, u.e.org, kinds, limit)
	if err != nil || len(notes) == 0 {
		return nil, err
	}
	return notes, u.load()
}

// done has notes deleted with the commit of what they asked for.
func (u *unit) done(notes ...storage.Note) {
	for _, n := range notes {
		u.change.Done = append(u.change.Done, n.ID)
	}
}

func (u *unit) redecideAll(keys []string) error {
	refs := make([]storage.Ref, len(keys))
	for i, key := range keys {
		refs[i] = customerRef(key)
	}
	if err := u.load(refs...); err != nil {
		return err
	}
	done := map[string]bool{}
	for _, key := range keys {
		c, err := u.customer(key)
		if err != nil {
			return err
		}
		if done[c.root] {
			continue
		}
		done[c.root] = true
		if err := u.redecide(c); err != nil {
			return err
		}
	}
	return nil
}

// settleSetup has the customers decided again that have a conversion at or after
// a configuration change, a page at a time. Fresh notes are taken together.
func (u *unit) settleSetup(again func(*unit, []string) error) (bool, error) {
	notes, err := u.notes(settleBatch, storage.NoteSetup)
	if err != nil || len(notes) == 0 {
		return false, err
	}
	var all, paged []setupNote
	var underWay storage.Note
	for _, n := range notes {
		var doc setupNote
		if err := json.Unmarshal(n.Data, &doc); err != nil {
			return false, err
		}
		if doc.After == "" {
			all = append(all, doc)
		} else if underWay.ID == "" {
			paged, underWay = append(paged, doc), n
		}
	}
	var next setupNote
	if len(paged) > 0 { // finish the one that is under way
		next = paged[0]
		u.done(underWay)
	} else {
		u.done(notes...)
		next = slices.MinFunc(all, func(a, b setupNote) int { return a.At.Compare(b.At) })
	}
	customers, err := u.e.store.CustomersSince(u.ctx, u.e.org, next.At, next.After, redecideBatch)
	if err != nil {
		return false, err
	}
	if len(customers) == redecideBatch {
		next.After = customers[len(customers)-1]
		if err := u.note(storage.NoteSetup, "", next); err != nil {
			return false, err
		}
	}
	return true, again(u, customers)
}

// settlePosted brings decisions and clicks to the partners' side.
func (u *unit) settlePosted() (bool, error) {
	notes, err := u.notes(settleBatch, storage.NotePosted, storage.NoteTiers, storage.NoteClick)
	if err != nil || len(notes) == 0 {
		return false, err
	}
	u.done(notes...)
	b := newBooks(u)
	for _, n := range notes {
		switch n.Kind {
		case storage.NoteClick:
			err = u.countClick(n)
		case storage.NoteTiers:
			b.rate(n.Key)
		default:
			err = b.take(n)
		}
		if err != nil {
			return false, err
		}
	}
	return true, b.settle()
}

// countClick adds clicks to the partner's counts of its day.
func (u *unit) countClick(n storage.Note) error {
	var doc clickNote
	if err := json.Unmarshal(n.Data, &doc); err != nil {
		return err
	}
	count := storage.ClickCount{
		Partner: doc.Partner, Program: doc.Program, Link: doc.Link, Day: doc.At.UTC().Truncate(24 * time.Hour), Clicks: max(doc.Clicks, 1),
	}
	for i, c := range u.change.Counts {
		if c.Partner == count.Partner && c.Program == count.Program && c.Link == count.Link && c.Day.Equal(count.Day) {
			u.change.Counts[i].Clicks += count.Clicks
			return nil
		}
	}
	u.change.Counts = append(u.change.Counts, count)
	return nil
}
