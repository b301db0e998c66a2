package affiliate

import (
	"context"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/storage"
)

// Engine records facts, decides them and pays them out, for one organization. It
// keeps a cache of the configuration and a queue of its own callers, and nothing
// else, so any number of Engines in any number of processes may work on one store.
// Its methods are safe for concurrent use.
type Engine struct {
	store storage.Store
	org   string
	cfg   Config
	cache *setupCache
	queue *queue // nil in a transaction of the host
}

// New returns an Engine over a store. The error unwraps to ErrInvalidInput and
// names every problem of the configuration.
func New(store storage.Store, cfg Config) (*Engine, error) {
	var list problem.List
	if isNil(store) {
		list.Add("store", "must not be nil")
	}
	cfg = cfg.withDefaults()
	list.ID("organization", cfg.Organization, true)
	if err := list.Err(ErrInvalidInput); err != nil {
		return nil, wrap("new", err)
	}
	return &Engine{store: store, org: cfg.Organization, cfg: cfg, cache: newSetupCache(), queue: newQueue()}, nil
}

// isNil reports whether there is no store, also where a variable of a store's own
// type holds none.
func isNil(store storage.Store) bool {
	if store == nil {
		return true
	}
	v := reflect.ValueOf(store)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// Within returns an Engine for the same organization whose operations run on
// another store on the same database: one that is joined to a transaction of the
// host. What they write is committed or rolled back with it. They never commit,
// and leave the transaction usable when they fail. storage.ErrSerialization asks
// the host to run its transaction again.
func (e *Engine) Within(store storage.Store) *Engine {
	return &Engine{store: store, org: e.org, cfg: e.cfg, cache: e.cache}
}

// Organization returns the id of the organization that the Engine is bound to.
func (e *Engine) Organization() string { return e.org }

// Commits reports how many commits run faster in parallel than one after another:
// 1, unless the store is a storage.Concurrent.
func (e *Engine) Commits() int {
	if c, ok := e.store.(storage.Concurrent); ok {
		return max(c.Commits(), 1)
	}
	return 1
}

// Now returns the time by the Engine's clock: UTC, microseconds.
func (e *Engine) Now() time.Time { return e.now() }

func (e *Engine) now() time.Time { return normal(e.cfg.Now()) }

// maxAttempts bounds how often an operation that lost a race reads again. Each
// lost race is another operation's success, so this is far beyond what honest
// contention needs.
const maxAttempts = 500

// do runs one operation: read, decide, write on condition, and again if another
// writer was faster. The function fills a fresh unit each time; a unit that
// holds no change is not written. Callers in this process that meet at an anchor
// wait for each other: from the start where the operation names it, else once they
// have lost a race over it.
func (e *Engine) do(ctx context.Context, fn func(u *unit) error, meet ...storage.Ref) error {
	named := meet
	var last time.Time
	for attempt := range maxAttempts {
		u, done, err := e.attempt(ctx, last, fn, meet)
		if done || err != nil {
			return err
		}
		last, meet = u.now, slices.AppendSeq(slices.Clone(named), maps.Keys(u.gates))
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
	e.cfg.Logger.Warn("gave up after too many lost races", "organization", e.org)
	return ErrBusy
}

// attempt runs an operation once. Each attempt has a time of its own, which is not
// before that of the last one: with the first one's, whatever lost a race would be
// late for the facts that won it, and would not see the setup that won it.
func (e *Engine) attempt(ctx context.Context, last time.Time, fn func(u *unit) error, meet []storage.Ref) (u *unit, done bool, err error) {
	leave, err := e.queue.enter(ctx, meet)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	u = newUnit(ctx, e, latest(last, e.now()))
	if err := fn(u); err != nil {
		return u, false, err
	}
	done, err = u.commit()
	return u, done, err
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// pause waits a little, with jitter, once racing has gone on for some rounds.
func pause(ctx context.Context, attempt int) error {
	if attempt < 3 {
		return ctx.Err()
	}
	wait := time.Duration(rand.Int64N(int64(min(attempt, 20)))+1) * 200 * time.Microsecond
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
