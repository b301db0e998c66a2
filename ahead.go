package affiliate

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/storage"
)

// Settled says how much of what was recorded an answer contains.
type Settled struct {
	// AsOf is the time by which all that was recorded is contained: now, or since when
	// something waits for settlement that may concern the answer and is not in it.
	AsOf time.Time `json:"asOf,omitzero"`

	Waiting bool `json:"waiting,omitempty"` // something does
}

// How much an answer settles for itself.
const (
	tailLimit      = 2000 // notes of a partner's lane
	aheadCustomers = 20   // customers who wait to be decided again
	aheadSales     = 200  // conversions of theirs
	aheadSetup     = 200  // configuration changes
)

// detail is what an answer needs of the books.
type detail int

const (
	eachCommission detail = iota
	ledgersOnly           // as long as no tiers have to be computed
)

// view reads, again if what it stands on was written meanwhile. It writes nothing:
// what the function settles is for its own answer.
func (e *Engine) view(ctx context.Context, read func(u *unit) error, meet ...storage.Ref) error {
	var last time.Time
	for attempt := range maxAttempts {
		var turns []storage.Ref
		if attempt > 2 { // those who write wait a moment
			turns = meet
		}
		leave, err := e.queue.enter(ctx, turns)
		if err != nil {
			return err
		}
		u := newUnit(ctx, e, latest(last, e.now()))
		err = read(u)
		still := false
		if err == nil {
			still, err = u.stillAsRead(meet)
		}
		leave()
		if err != nil || still {
			return err
		}
		last = u.now
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
	return ErrBusy
}

// stillAsRead reports whether nothing was written of what the unit would write, nor of
// what it met.
func (u *unit) stillAsRead(meet []storage.Ref) (bool, error) {
	refs := slices.AppendSeq(slices.Clone(meet), maps.Keys(u.gates))
	if len(refs) == 0 {
		return true, nil
	}
	slices.SortFunc(refs, compareRefs)
	found, err := u.e.store.Load(u.ctx, u.e.org, slices.Compact(refs))
	if err != nil {
		return false, err
	}
	now := make(map[storage.Ref]int64, len(found))
	for _, a := range found {
		now[a.Ref] = a.Version
	}
	for _, ref := range refs {
		if read, ok := u.anchors[ref]; ok && read.Version != now[ref] {
			return false, nil
		}
	}
	return true, nil
}

// aheadOf is ahead for a partner who has to be known.
func (u *unit) aheadOf(partner string, needs detail) (*books, error) {
	if err := u.load(partnerRef(partner)); err != nil {
		return nil, err
	}
	if _, ok := u.setup.Partner(partner); !ok {
		return nil, notFound("partner", partner)
	}
	return u.ahead([]string{partner}, needs)
}

// ahead does for this unit alone what settlement will do for some partners, as far as
// that is little: what waits in their lanes, and customers who are to be decided again.
func (u *unit) ahead(partners []string, needs detail) (*books, error) {
	b := newBooks(u)
	b.needs = needs
	b.settled.AsOf = u.now
	if err := b.decideWaiting(""); err != nil {
		return nil, err
	}
	return b, b.settleWaiting(partners)
}

// settleWaiting settles what waits in the lanes of some partners.
func (b *books) settleWaiting(partners []string) error {
	u := b.u
	lanes, err := u.e.store.NotesFor(u.ctx, u.e.org, []storage.NoteKind{storage.NotePosted, storage.NoteTiers}, partners, tailLimit+1)
	if err != nil {
		return err
	}
	if len(lanes) > tailLimit {
		b.settled.lacks(lanes[tailLimit].At)
		lanes = lanes[:tailLimit]
	}
	for _, n := range u.change.Notes {
		if n.Kind == storage.NotePosted && slices.Contains(partners, n.Key) {
			lanes = append(lanes, n)
		}
	}
	if err := u.load(); err != nil {
		return err
	}
	b.partners = union(b.partners, partners)
	if err := b.takeAll(lanes); err != nil {
		return err
	}
	return b.settle()
}

// lacks says that something is not contained that waits since a time.
func (s *Settled) lacks(since time.Time) {
	s.Waiting = true
	if since.Before(s.AsOf) {
		s.AsOf = since
	}
}

// decideWaiting decides customers again for whom late facts or configuration changes
// wait: all if they are few, else the one who is asked for.
func (b *books) decideWaiting(asked string) error {
	keys, since, all, err := b.waiting()
	if err != nil {
		return err
	}
	if !all {
		keys = slices.DeleteFunc([]string{asked}, func(key string) bool { return key == "" })
	}
	sales := 0
	if err := b.u.load(customerRefs(keys...)...); err != nil {
		return err
	}
	b.settled.AsOf = latest(b.settled.AsOf, b.u.now)
	for _, key := range keys {
		c, err := b.u.customer(key)
		if err != nil {
			return err
		}
		sales += c.doc.Sales
	}
	if !all || sales > aheadSales {
		b.settled.lacks(since)
	}
	if sales > aheadSales {
		return nil
	}
	return b.u.redecideAll(keys)
}

// waiting returns customers who wait to be decided again, and since when somebody does.
// If there are too many it returns the first.
func (b *books) waiting() (keys []string, since time.Time, all bool, err error) {
	u := b.u
	notes, err := u.e.store.Notes(u.ctx, u.e.org, storage.NoteCustomer, storage.NoteMark{}, aheadCustomers+1)
	if err != nil {
		return nil, since, false, err
	}
	changes, err := u.e.store.Notes(u.ctx, u.e.org, storage.NoteSetup, storage.NoteMark{}, aheadSetup+1)
	if err != nil || len(notes)+len(changes) == 0 {
		return nil, since, true, err
	}
	since = earliest(slices.Concat(notes, changes))
	keys = keysOf(notes)
	asked, err := setupNotes(changes)
	if err != nil {
		return nil, since, false, err
	}
	for _, doc := range asked {
		concerned, err := u.e.store.CustomersSince(u.ctx, u.e.org, doc.At, doc.After, aheadCustomers+1)
		if err != nil {
			return nil, since, false, err
		}
		keys = union(keys, concerned)
	}
	all = len(notes) <= aheadCustomers && len(changes) <= aheadSetup && len(keys) <= aheadCustomers
	if len(notes) > aheadCustomers { // these are not the oldest
		since, err = u.oldest(since)
	}
	return keys, since, all, err
}

// oldest returns since when customers wait, if that is earlier than a time.
func (u *unit) oldest(since time.Time) (time.Time, error) {
	waiting, err := u.e.store.Backlog(u.ctx, u.e.org)
	for _, w := range waiting {
		if w.Kind == storage.NoteCustomer && w.Oldest.Before(since) {
			since = w.Oldest
		}
	}
	return since, err
}
