package affiliate

import (
	"context"
	"encoding/json"
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
	Commits int   // how many batches were written
	Left    int64 // notes that still wait
}

// Settle does what crosses customers: it decides again whom late facts and
// set-up changes disturbed, brings decisions to the partners' ledgers, and posts
// tiers. It is bounded; call it on a schedule, and again while Left is not
// zero. Any number of processes may settle at once. Payout runs and every read
// of a balance settle by themselves.
func (e *Engine) Settle(ctx context.Context) (SettleResult, error) {
	var result SettleResult
	for range settleRounds {
		did, err := e.settleOnce(ctx)
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

// settleAll settles until nothing is left.
func (e *Engine) settleAll(ctx context.Context) error {
	for {
		did, err := e.settleOnce(ctx)
		if err != nil || !did {
			return err
		}
	}
}

// settleOnce writes one batch: customers to decide again come first, because
// they leave more to post.
func (e *Engine) settleOnce(ctx context.Context) (did bool, err error) {
	for _, step := range []func(*unit) (bool, error){(*unit).settleCustomer, (*unit).settleSetup, (*unit).settlePosted} {
		err := e.do(ctx, func(u *unit) (err error) {
			did, err = step(u)
			return err
		})
		if err != nil || did {
			return did, err
		}
	}
	return false, nil
}

// notes reads notes to be done, and only then the set-up, so that no note asks
// for a change that the set-up does not hold yet.
func (u *unit) notes(limit int, kinds ...storage.NoteKind) ([]storage.Note, error) {
	notes, err := u.e.store.Notes(u.ctx, u.e.org, kinds, limit)
	if err != nil || len(notes) == 0 {
		return nil, err
	}
	for _, n := range notes {
		u.change.Done = append(u.change.Done, n.ID)
	}
	return notes, u.load()
}

// settleCustomer decides customers again that a fact of others disturbed.
func (u *unit) settleCustomer() (bool, error) {
	notes, err := u.notes(settleBatch, storage.NoteCustomer)
	if err != nil || len(notes) == 0 {
		return false, err
	}
	var keys []string
	u.change.Done = nil
	for _, n := range notes { // many notes may ask for the same customer
		if !slices.Contains(keys, n.Key) {
			if len(keys) == redecideBatch {
				continue
			}
			keys = append(keys, n.Key)
		}
		u.change.Done = append(u.change.Done, n.ID)
	}
	return true, u.redecideAll(keys)
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

// settleSetup decides again the customers with a conversion at or after a
// set-up change, a page at a time. Fresh notes are taken together.
func (u *unit) settleSetup() (bool, error) {
	notes, err := u.notes(settleBatch, storage.NoteSetup)
	if err != nil || len(notes) == 0 {
		return false, err
	}
	var all, paged []setupNote
	var pagedID string
	for _, n := range notes {
		var doc setupNote
		if err := json.Unmarshal(n.Data, &doc); err != nil {
			return false, err
		}
		if doc.After == "" {
			all = append(all, doc)
		} else if pagedID == "" {
			paged, pagedID = append(paged, doc), n.ID
		}
	}
	var next setupNote
	if len(paged) > 0 { // finish the one that is under way
		next = paged[0]
		u.change.Done = []string{pagedID}
	} else {
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
	return true, u.redecideAll(customers)
}

// settlePosted brings decisions and clicks to the partners' side.
func (u *unit) settlePosted() (bool, error) {
	notes, err := u.notes(settleBatch, storage.NotePosted, storage.NoteTiers, storage.NoteClick)
	if err != nil || len(notes) == 0 {
		return false, err
	}
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

// countClick adds a click to the partner's counts of its day.
func (u *unit) countClick(n storage.Note) error {
	var doc clickNote
	if err := json.Unmarshal(n.Data, &doc); err != nil {
		return err
	}
	count := storage.ClickCount{
		Partner: doc.Partner, Program: doc.Program, Link: doc.Link, Day: doc.At.UTC().Truncate(24 * time.Hour), Clicks: 1,
	}
	for i, c := range u.change.Counts {
		if c.Partner == count.Partner && c.Program == count.Program && c.Link == count.Link && c.Day.Equal(count.Day) {
			u.change.Counts[i].Clicks++
			return nil
		}
	}
	u.change.Counts = append(u.change.Counts, count)
	return nil
}
