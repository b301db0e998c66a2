package storagetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// memHost is a host in memory: a transaction works on a copy, and holds a lock
// that commits outside wait for.
type memHost struct {
	storage.Store
	lock  sync.Mutex
	log   []storage.Change // all that was committed
	marks []string
}

func newMemHost() *memHost { return &memHost{Store: memory.New()} }

func (h *memHost) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	h.lock.Lock()
	defer h.lock.Unlock()
	return h.commit(ctx, org, changes)
}

func (h *memHost) commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	outcomes, err := h.Store.Commit(ctx, org, changes)
	for i, o := range outcomes {
		if o == storage.Committed {
			h.log = append(h.log, changes[i])
		}
	}
	return outcomes, err
}

// copied is a transaction's copy of the store.
type copied struct {
	storage.Store
	made []storage.Change
}

func (c *copied) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	outcomes, err := c.Store.Commit(ctx, org, changes)
	for i, o := range outcomes {
		if o == storage.Committed {
			c.made = append(c.made, changes[i])
		}
	}
	return outcomes, err
}

// host returns the host whose joined stores break breaks.
func (h *memHost) host(breaks func(h *memHost, tx *HostTx)) Host {
	begin := func(ctx context.Context) (HostTx, error) {
		h.lock.Lock()
		unlock := sync.OnceFunc(h.lock.Unlock)
		c := &copied{Store: memory.New()}
		for _, change := range h.log {
			if _, err := c.Store.Commit(ctx, org, []storage.Change{change}); err != nil {
				return HostTx{}, err
			}
		}
		var marks []string
		ended := false
		tx := HostTx{Store: c}
		tx.Mark = func(_ context.Context, text string) error {
			marks = append(marks, text)
			return nil
		}
		tx.Commit = func() error {
			defer unlock()
			ended = true
			h.marks = append(h.marks, marks...)
			for _, change := range c.made {
				if _, err := h.commit(context.WithoutCancel(ctx), org, []storage.Change{change}); err != nil {
					return err
				}
			}
			return nil
		}
		tx.Rollback = func() error {
			defer unlock()
			if ended {
				return errors.New("it has ended")
			}
			ended = true
			return nil
		}
		if breaks != nil {
			breaks(h, &tx)
		}
		return tx, nil
	}
	return Host{Store: h, Begin: begin, Marks: func(context.Context) ([]string, error) { return slices.Clone(h.marks), nil }}
}

func TestHostInMemory(t *testing.T) {
	t.Parallel()
	RunHost(t, func(*testing.T) Host { return newMemHost().host(nil) })
}

// committing passes joined commits through a function.
type committing struct {
	storage.Store
	commit func(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error)
}

func (c committing) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	return c.commit(ctx, org, changes)
}

// reading passes joined reads of everything to another store.
type reading struct {
	storage.Store
	other storage.Store
}

func (r reading) Rows(ctx context.Context, org string) (storage.Rows, error) {
	return r.other.Rows(ctx, org)
}

var errAborted = errors.New("the transaction is aborted")

// brokenHosts break one promise of joined stores each.
func brokenHosts() map[string]func(h *memHost, tx *HostTx) {
	return map[string]func(h *memHost, tx *HostTx){
		"writes outside the transaction": func(h *memHost, tx *HostTx) { tx.Store = committing{h.Store, h.commit} },
		"commits for the host": func(_ *memHost, tx *HostTx) {
			inside, commit := tx.Store, tx.Commit
			tx.Store = committing{inside, func(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
				outcomes, err := inside.Commit(ctx, org, changes)
				return outcomes, errors.Join(err, commit())
			}}
		},
		"reads outside the transaction": func(h *memHost, tx *HostTx) { tx.Store = reading{tx.Store, h.Store} },
		"leaves half of a stale change": func(_ *memHost, tx *HostTx) {
			inside := tx.Store
			tx.Store = committing{inside, func(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
				outcomes, err := inside.Commit(ctx, org, changes)
				for i, o := range outcomes {
					for _, g := range changes[i].Gates {
						if o == storage.Stale {
							_, err = inside.Commit(ctx, org, []storage.Change{gates(g)})
						}
					}
				}
				return outcomes, err
			}}
		},
		"is aborted by a stale change": func(_ *memHost, tx *HostTx) { abortAfter(tx, false) },
		"is aborted by an error":       func(_ *memHost, tx *HostTx) { abortAfter(tx, true) },
		"does not look at ctx": func(_ *memHost, tx *HostTx) {
			inside := tx.Store
			tx.Store = committing{inside, func(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
				return inside.Commit(context.WithoutCancel(ctx), org, changes)
			}}
		},
		"takes all changes for one": func(_ *memHost, tx *HostTx) {
			inside := tx.Store
			tx.Store = committing{inside, func(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
				if len(changes) > 1 {
					return make([]storage.Outcome, len(changes)), nil
				}
				return inside.Commit(ctx, org, changes)
			}}
		},
		"keeps nobody waiting": func(h *memHost, tx *HostTx) {
			h.lock.Unlock()
			commit, rollback := tx.Commit, tx.Rollback
			tx.Commit = func() error { h.lock.Lock(); return commit() }
			tx.Rollback = func() error { h.lock.Lock(); return rollback() }
		},
		"forgets what was written": func(_ *memHost, tx *HostTx) {
			tx.Store = committing{tx.Store, memory.New().Commit}
		},
	}
}

// abortAfter has the host fail once a joined commit was stale, or returned an
// error.
func abortAfter(tx *HostTx, anError bool) {
	inside, mark, aborted := tx.Store, tx.Mark, false
	tx.Store = committing{inside, func(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
		outcomes, err := inside.Commit(ctx, org, changes)
		aborted = aborted || (anError && err != nil) || (!anError && slices.Contains(outcomes, storage.Stale))
		return outcomes, err
	}}
	tx.Mark = func(ctx context.Context, text string) error {
		if aborted {
			return errAborted
		}
		return mark(ctx, text)
	}
}

// TestHostIsRed shows that each promise is tested.
func TestHostIsRed(t *testing.T) {
	t.Parallel()
	for name, breaks := range brokenHosts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range hostCases() {
				if len(record(t.Context(), func(r T) { c.run(r, newMemHost().host(breaks)) })) > 0 {
					return
				}
			}
			t.Errorf("all cases are green")
		})
	}
}
