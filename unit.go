package affiliate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// unit is one attempt at one operation: what it read, and what it will write on
// the condition that nothing of that has changed.
type unit struct {
	ctx   context.Context
	e     *Engine
	now   time.Time // of the attempt, see load
	setup *program.Configuration

	horizon time.Time // facts may be dated up to then; zero: up to now

	anchors   map[storage.Ref]storage.Anchor // as read; version 0 if not there
	gates     map[storage.Ref]*storage.Gate
	customers map[string]*customer // by root
	decided   map[string]conversionDoc
	payouts   map[string][]payout.Payout // by partner, for statuses
	noWait    bool                       // rather than wait for a transaction of somebody else, fail with errHeld
	change    storage.Change
}

// errHeld: a transaction that is still open holds what a unit wants to write.
var errHeld = errors.New("held by an open transaction")

func newUnit(ctx context.Context, e *Engine, now time.Time) *unit {
	return &unit{
		ctx: ctx, e: e, now: now,
		anchors:   map[storage.Ref]storage.Anchor{},
		gates:     map[storage.Ref]*storage.Gate{},
		customers: map[string]*customer{},
		decided:   map[string]conversionDoc{},
	}
}

// latest is when a fact may be dated at the latest.
func (u *unit) latest() time.Time {
	if u.horizon.After(u.now) {
		return u.horizon
	}
	return u.now
}

func setupRef() storage.Ref { return storage.Ref{Kind: storage.SetupAnchor} }

// load reads anchors that were not read yet; the first load also brings the
// configuration up to date. The attempt's time is when the first load is done: what lacks
// a time of its own is then no earlier than the facts that it was decided after,
// also where another process recorded them a moment ago.
func (u *unit) load(refs ...storage.Ref) error {
	if u.setup == nil {
		refs = append(slices.Clone(refs), setupRef())
	}
	missing := slices.DeleteFunc(slices.Clone(refs), func(r storage.Ref) bool {
		_, there := u.anchors[r]
		return there
	})
	if len(missing) == 0 {
		return nil
	}
	slices.SortFunc(missing, compareRefs)
	missing = slices.Compact(missing)
	found, err := u.e.store.Load(u.ctx, u.e.org, missing)
	if err != nil {
		return err
	}
	if u.setup == nil {
		u.now = latest(u.now, u.e.now())
	}
	for _, r := range missing {
		u.anchors[r] = storage.Anchor{Ref: r}
	}
	for _, a := range found {
		u.anchors[a.Ref] = a
	}
	if u.setup == nil {
		u.setup, err = u.e.cache.upTo(u.ctx, u.e, u.anchors[setupRef()])
	}
	return err
}

func compareRefs(a, b storage.Ref) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
}

// gate makes the commit depend on an anchor and bumps it.
func (u *unit) gate(ref storage.Ref) (*storage.Gate, error) {
	if g, ok := u.gates[ref]; ok {
		return g, nil
	}
	if err := u.load(ref); err != nil {
		return nil, err
	}
	a := u.anchors[ref]
	g := &storage.Gate{Ref: ref, Version: a.Version, Root: a.Root, Data: a.Data}
	if a.Version == 0 && erasable(ref.Kind) {
		g.Start = u.now.UnixMicro() // past every version of one that was erased
	}
	u.gates[ref] = g
	return g, nil
}

// erasable reports whether anchors of a kind go with a person.
func erasable(kind storage.AnchorKind) bool {
	return kind == storage.CustomerAnchor || kind == storage.VisitorAnchor || kind == storage.ClickAnchor
}

// drop makes the commit depend on an anchor and deletes it.
func (u *unit) drop(ref storage.Ref) error {
	g, err := u.gate(ref)
	if err != nil {
		return err
	}
	if g.Drop = true; g.Version == 0 {
		delete(u.gates, ref) // it was only about to be
	}
	return nil
}

// put bumps an anchor and gives it a new document.
func (u *unit) put(ref storage.Ref, doc any) error {
	g, err := u.gate(ref)
	if err != nil {
		return err
	}
	g.Data, err = encode(doc)
	return err
}

// encode writes a document.
func encode(doc any) ([]byte, error) {
	if d, ok := doc.(quick); ok {
		return d.appendJSON(make([]byte, 0, 1024)), nil
	}
	return json.Marshal(doc)
}

// read decodes the document of an anchor, as this unit will leave it, and
// leaves doc alone if there is none.
func (u *unit) read(ref storage.Ref, doc any) error {
	if err := u.load(ref); err != nil {
		return err
	}
	data := u.current(ref)
	if len(data) == 0 {
		return nil
	}
	if err := json.Unmarshal(data, doc); err != nil {
		return fmt.Errorf("affiliate: anchor %s %q: %w", ref.Kind, ref.Key, err)
	}
	return nil
}

// current is the document of an anchor that was loaded, as this unit will leave it.
func (u *unit) current(ref storage.Ref) []byte {
	if g, ok := u.gates[ref]; ok {
		return g.Data
	}
	return u.anchors[ref].Data
}

// exists reports whether anything was ever written to an anchor that was loaded.
func (u *unit) exists(ref storage.Ref) bool {
	_, now := u.gates[ref]
	return now || u.anchors[ref].Version > 0
}

// note leaves a note of what the unit disturbs beyond itself.
func (u *unit) note(kind storage.NoteKind, key string, doc any) error {
	return u.noteSince(u.now, kind, key, doc)
}

// noteSince leaves a note of what has waited for some time.
func (u *unit) noteSince(since time.Time, kind storage.NoteKind, key string, doc any) error {
	var data []byte
	if doc != nil {
		var err error
		if data, err = encode(doc); err != nil {
			return err
		}
	}
	u.change.Notes = append(u.change.Notes, storage.Note{ID: u.e.cfg.NewID(), Kind: kind, Key: key, At: since, Data: data})
	return nil
}

func (u *unit) event(kind EventType, doc any) error {
	data, err := encode(doc)
	if err != nil {
		return err
	}
	u.change.Events = append(u.change.Events, storage.Event{ID: u.e.cfg.NewID(), Type: string(kind), At: u.now, Data: data})
	return nil
}

// commit writes the unit. It is not done if somebody else was faster.
func (u *unit) commit() (done bool, err error) {
	if err := u.saveCustomers(); err != nil {
		return false, err
	}
	if len(u.gates) == 0 && u.isEmpty() {
		return true, nil
	}
	for _, g := range u.gates {
		u.change.Gates = append(u.change.Gates, *g)
	}
	slices.SortFunc(u.change.Gates, func(a, b storage.Gate) int { return compareRefs(a.Ref, b.Ref) })
	u.change.NoWait = u.noWait
	outcomes, err := u.e.store.Commit(u.ctx, u.e.org, []storage.Change{u.change})
	if err != nil {
		return false, err
	}
	if outcomes[0] == storage.Held {
		return false, errHeld
	}
	return outcomes[0] == storage.Committed, nil
}

func (u *unit) isEmpty() bool {
	c := u.change
	return len(c.Clicks)+len(c.Identifies)+len(c.Conversions)+len(c.Facts)+len(c.Setup)+len(c.Entries)+
		len(c.Notes)+len(c.Done)+len(c.Taken)+len(c.Purge)+len(c.Erasures)+len(c.Commissions)+len(c.Lines)+len(c.Payouts)+len(c.Adjustments)+len(c.Counts)+len(c.Events) == 0
}
