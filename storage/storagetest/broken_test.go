package storagetest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// recorder is a T that only remembers.
type recorder struct {
	ctx      context.Context
	mu       sync.Mutex
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// record runs a case as a test would, and returns its failures.
func record(ctx context.Context, run func(t T)) []string {
	r := &recorder{ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v", p)
			}
		}()
		run(r)
	}()
	<-done
	return r.failures
}

// isRed reports whether a case of a group fails.
func isRed(ctx context.Context, group string, open func() storage.Store) bool {
	for seed := range uint64(5) {
		if group == "Differential" && len(record(ctx, func(r T) { differential(r, memory.New(), open(), seed) })) > 0 {
			return true
		}
	}
	for _, g := range groups() {
		for _, c := range g.cases {
			if g.name == group && len(record(ctx, func(r T) { c.run(r, open()) })) > 0 {
				return true
			}
		}
	}
	return false
}

// TestSuiteIsRed shows that each demand is tested: every store here breaks one.
func TestSuiteIsRed(t *testing.T) {
	t.Parallel()
	for _, b := range brokenStores() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			for _, group := range strings.Fields(b.red) {
				if !isRed(t.Context(), group, func() storage.Store { return b.breaks(memory.New()) }) {
					t.Errorf("the cases of group %s are green", group)
				}
			}
		})
	}
}

// TestRecorderIsGreen shows that the cases that turn red above do so for a
// reason.
func TestRecorderIsGreen(t *testing.T) {
	t.Parallel()
	for _, g := range append(groups(), group{name: "Differential"}) {
		if isRed(t.Context(), g.name, func() storage.Store { return memory.New() }) {
			t.Errorf("group %s is red on a correct store", g.name)
		}
	}
}

type brokenStore struct {
	name, red string
	breaks    func(s storage.Store) storage.Store
}

func brokenStores() []brokenStore {
	return append(slices.Concat(brokenReads(), brokenErasures()), []brokenStore{
		{"ignores gates", "Gates Whole Concurrency Organizations Differential", onCommit(passGates)},
		{"loses a claim", "Claims Whole Concurrency Differential", onCommit(func(s storage.Store, org string, c *storage.Change) {
			c.Events = slices.DeleteFunc(slices.Clone(c.Events), func(e storage.Event) bool {
				rows, _ := s.Rows(context.Background(), org)
				return slices.ContainsFunc(rows.Events, func(o storage.Event) bool { return o.ID == e.ID })
			})
		})},
		{"forgets Taken", "Whole", onCommit(func(_ storage.Store, _ string, c *storage.Change) { c.Taken = nil })},
		{"forgets Done", "Whole Organizations Differential", onCommit(func(_ storage.Store, _ string, c *storage.Change) { c.Done = nil })},
		{"purges nothing", "Purge", onCommit(func(_ storage.Store, _ string, c *storage.Change) { c.Purge = nil })},
		{"purges what is there", "Purge", onCommit(func(s storage.Store, org string, c *storage.Change) {
			there, _ := s.Clicks(context.Background(), org, c.Purge)
			c.Purge = nil
			for _, click := range there {
				c.Purge = append(c.Purge, click.ID)
			}
		})},
		{"drops microseconds", "RoundTrip Differential", onCommit(func(_ storage.Store, _ string, c *storage.Change) {
			c.Conversions = slices.Clone(c.Conversions)
			for i := range c.Conversions {
				c.Conversions[i].At = c.Conversions[i].At.Truncate(time.Millisecond)
			}
		})},
		{"rounds amounts", "RoundTrip", onCommit(func(_ storage.Store, _ string, c *storage.Change) {
			c.Entries = slices.Clone(c.Entries)
			for i := range c.Entries {
				c.Entries[i].Amount = int64(float64(c.Entries[i].Amount))
			}
		})},
		{"ignores case", "RoundTrip", onCommit(func(_ storage.Store, _ string, c *storage.Change) {
			c.Clicks = slices.Clone(c.Clicks)
			for i := range c.Clicks {
				c.Clicks[i].ID = strings.ToLower(c.Clicks[i].ID)
			}
		})},
		{"replaces counts", "Upserts Concurrency Differential", onCommit(func(s storage.Store, org string, c *storage.Change) {
			c.Counts = slices.Clone(c.Counts)
			for i, count := range c.Counts {
				old, _ := s.ClickCounts(context.Background(), org, count.Partner)
				for _, o := range old {
					if o.Link == count.Link && o.Program == count.Program && o.Day.Equal(count.Day) {
						c.Counts[i].Clicks -= o.Clicks
					}
				}
			}
		})},
		{"applies half of a change", "Gates Claims Whole", func(s storage.Store) storage.Store { return halves{s} }},
		{"takes all changes of a call or none", "Whole Differential", func(s storage.Store) storage.Store { return together{s} }},
		{"ignores a canceled context", "Cancellation", func(s storage.Store) storage.Store { return deaf{s} }},
		{"checks a gate before the write", "Concurrency", func(s storage.Store) storage.Store { return &checksFirst{Store: s} }},
		{"leaks organizations", "Organizations", func(s storage.Store) storage.Store { return leaks{s} }},
	}...)
}

// changed changes commits before they are made. Like all that is broken here it
// is a correct store otherwise.
type changed struct {
	storage.Store
	change func(s storage.Store, org string, c *storage.Change)
}

func onCommit(change func(s storage.Store, org string, c *storage.Change)) func(storage.Store) storage.Store {
	return func(s storage.Store) storage.Store { return changed{s, change} }
}

func (b changed) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	var outcomes []storage.Outcome
	for _, c := range changes {
		c.Gates = slices.Clone(c.Gates)
		b.change(b.Store, org, &c)
		outcome, err := b.Store.Commit(ctx, org, []storage.Change{c})
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, outcome...)
	}
	return outcomes, ctx.Err()
}

// passGates sets the versions of gates to what they have to be.
func passGates(s storage.Store, org string, c *storage.Change) {
	for i, g := range c.Gates {
		anchors, _ := s.Load(context.Background(), org, []storage.Ref{g.Ref})
		c.Gates[i].Version = 0
		for _, a := range anchors {
			if a.Ref == g.Ref {
				c.Gates[i].Version = a.Version
			}
		}
	}
}

// halves writes the clicks of a stale change.
type halves struct{ storage.Store }

func (b halves) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	outcomes, err := b.Store.Commit(ctx, org, changes)
	for i, outcome := range outcomes {
		if outcome == storage.Stale {
			_, err = b.Store.Commit(ctx, org, []storage.Change{{Clicks: changes[i].Clicks, Commissions: changes[i].Commissions}})
			for _, g := range changes[i].Gates {
				_, err = b.Store.Commit(ctx, org, []storage.Change{{Gates: []storage.Gate{g}}})
			}
		}
	}
	return outcomes, err
}

// together calls all changes stale if one is.
type together struct{ storage.Store }

func (b together) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	outcomes, err := b.Store.Commit(ctx, org, changes)
	if slices.Contains(outcomes, storage.Stale) {
		for i := range outcomes {
			outcomes[i] = storage.Stale
		}
	}
	return outcomes, err
}

// deaf does not hear that it is canceled.
type deaf struct{ storage.Store }

func (b deaf) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	return b.Store.Commit(context.WithoutCancel(ctx), org, changes)
}

// checksFirst compares versions, and writes without comparing them again.
type checksFirst struct {
	storage.Store
	mu sync.Mutex
}

func (b *checksFirst) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	for _, c := range changes {
		for _, g := range c.Gates {
			anchors, err := b.Load(ctx, org, []storage.Ref{g.Ref})
			if err != nil {
				return nil, err
			}
			if version := append(anchors, storage.Anchor{})[0].Version; version != g.Version {
				return []storage.Outcome{storage.Stale}, nil
			}
		}
	}
	time.Sleep(time.Millisecond)
	b.mu.Lock()
	defer b.mu.Unlock()
	return changed{b.Store, passGates}.Commit(ctx, org, changes)
}

// leaks finds payouts and counts of any organization.
type leaks struct{ storage.Store }

func (b leaks) Payouts(ctx context.Context, _, partner string) ([]payout.Payout, error) {
	return b.Store.Payouts(ctx, org, partner)
}

func (b leaks) HasIdentify(ctx context.Context, _, key string) (bool, error) {
	return b.Store.HasIdentify(ctx, org, key)
}

func (b leaks) Sum(ctx context.Context, _, partner string, currency money.Currency, outside payout.Range, at time.Time) (int64, int64, error) {
	return b.Store.Sum(ctx, org, partner, currency, outside, at)
}

func (b leaks) Clicks(ctx context.Context, _ string, ids []string) ([]attribution.Click, error) {
	return b.Store.Clicks(ctx, org, ids)
}
