package storagetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/storage"
)

// Host is an application whose database holds a store and a table of its own.
type Host struct {
	// Store is new and empty, and nobody else knows of it.
	Store storage.Store

	// Begin starts a transaction in which the store is joined.
	Begin func(ctx context.Context) (HostTx, error)

	// Marks returns the committed rows of the host's table, in any order.
	Marks func(ctx context.Context) ([]string, error)

	// Single says that the database has one connection, so that nothing can be
	// read beside an open transaction.
	Single bool
}

// HostTx is a transaction of the host.
type HostTx struct {
	Store    storage.Store                                // joined
	Mark     func(ctx context.Context, text string) error // writes a row of the host's table
	Commit   func() error
	Rollback func() error
}

// hostCheck is one case of a store that can join the host's transaction.
type hostCheck struct {
	name string
	run  func(t T, h Host)
}

func hostCases() []hostCheck {
	return []hostCheck{
		{"committed with the host's row", hostCommits},
		{"gone with the host's row", hostRollsBack},
		{"gone with a panic of the host", hostPanics},
		{"reads see what was written inside", hostReadsInside},
		{"nothing is seen outside before the host commits", hostHidden},
		{"a stale change leaves the transaction as it was", hostStale},
		{"several changes, one of them stale", hostSeveral},
		{"a canceled call leaves the transaction as it was", hostCanceled},
		{"meets a commit outside", hostMeets},
	}
}

// RunHost runs the cases of a host alone.
func RunHost(t *testing.T, open func(t *testing.T) Host) {
	t.Helper()
	for _, c := range hostCases() {
		t.Run(c.name, func(t *testing.T) {
			h := open(t)
			c.run(bounded(t), h)
		})
	}
}

// waits is how long a case may take: a store that waits for a connection, or for
// its own transaction, is not to hang.
const waits = time.Minute

// limited is a T whose context ends in time.
type limited struct {
	T
	ctx context.Context
}

func (l limited) Context() context.Context { return l.ctx }

func bounded(t *testing.T) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waits)
	t.Cleanup(cancel)
	return limited{t, ctx}
}

// begin starts a transaction and ends it with the case.
func (h Host) begin(t T) (tx HostTx, end func()) {
	t.Helper()
	tx = ok[HostTx](t)(h.Begin(t.Context()))
	return tx, func() { _ = tx.Rollback() } // an error only says that it ended before
}

// do requires that a step of the host succeeds.
func do(t T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// expectMarks compares the committed rows of the host.
func (h Host) expectMarks(t T, want ...string) {
	t.Helper()
	same(t, "the host's rows", ok[[]string](t)(h.Marks(t.Context())), want)
}

// bought is a conversion with the anchor it is guarded by.
func bought(id string) storage.Change {
	return storage.Change{
		Gates:       []storage.Gate{gate(storage.ConversionAnchor, id, 0)},
		Conversions: []attribution.Conversion{{ID: id, Type: "invoice_paid", Customer: "c", At: at(1, 0), Currency: "usd"}},
	}
}

// expectSales compares the ids of all conversions that a store sees.
func expectSales(t T, s storage.Store, want ...string) {
	t.Helper()
	var ids []string
	for _, c := range ok[storage.Rows](t)(s.Rows(t.Context(), org)).Conversions {
		ids = append(ids, c.ID)
	}
	same(t, "conversions", ids, want)
}

func hostCommits(t T, h Host) {
	tx, end := h.begin(t)
	defer end()
	do(t, "Mark", tx.Mark(t.Context(), "order 1"))
	write(t, tx.Store, bought("in_1"))
	do(t, "Mark", tx.Mark(t.Context(), "order 2"))
	write(t, tx.Store, bought("in_2"))
	do(t, "Commit", tx.Commit())
	expectSales(t, h.Store, "in_1", "in_2")
	h.expectMarks(t, "order 1", "order 2")
}

func hostRollsBack(t T, h Host) {
	write(t, h.Store, bought("in_0"))
	before := dump(t, h.Store)
	tx, end := h.begin(t)
	defer end()
	write(t, tx.Store, bought("in_1"))
	do(t, "Mark", tx.Mark(t.Context(), "order 1"))
	do(t, "Rollback", tx.Rollback())
	if after := dump(t, h.Store); after != before {
		t.Errorf("after a rollback: got\n%s\nwant\n%s", after, before)
	}
	h.expectMarks(t)
	write(t, h.Store, bought("in_1"))
}

func hostPanics(t T, h Host) {
	func() {
		defer func() { _ = recover() }()
		tx, end := h.begin(t)
		defer end()
		write(t, tx.Store, bought("in_1"))
		do(t, "Mark", tx.Mark(t.Context(), "order 1"))
		panic("the host")
	}()
	expectSales(t, h.Store)
	h.expectMarks(t)
	write(t, h.Store, bought("in_1"))
}

func hostReadsInside(t T, h Host) {
	write(t, h.Store, bought("in_0"))
	tx, end := h.begin(t)
	defer end()
	write(t, tx.Store, bought("in_1"))
	expectSales(t, tx.Store, "in_0", "in_1")
	loads(t, tx.Store, []storage.Ref{ref(storage.ConversionAnchor, "in_0"), ref(storage.ConversionAnchor, "in_1")},
		"conversion in_0 1  ", "conversion in_1 1  ")
	found := ok[[]attribution.Conversion](t)(tx.Store.ConversionsOf(t.Context(), org, []string{"c"}))
	if len(found) != 2 {
		t.Errorf("ConversionsOf returned %d conversions, want 2", len(found))
	}
	write(t, tx.Store, gates(gate(storage.ConversionAnchor, "in_1", 1)))
	do(t, "Commit", tx.Commit())
	loads(t, h.Store, []storage.Ref{ref(storage.ConversionAnchor, "in_1")}, "conversion in_1 2  ")
}

func hostHidden(t T, h Host) {
	if h.Single {
		return // nobody else can look
	}
	tx, end := h.begin(t)
	defer end()
	write(t, tx.Store, bought("in_1"))
	do(t, "Mark", tx.Mark(t.Context(), "order 1"))
	expectSales(t, h.Store)
	h.expectMarks(t)
	do(t, "Commit", tx.Commit())
	expectSales(t, h.Store, "in_1")
}

func hostStale(t T, h Host) {
	write(t, h.Store, bought("in_0"))
	tx, end := h.begin(t)
	defer end()
	do(t, "Mark", tx.Mark(t.Context(), "order 1"))
	write(t, tx.Store, bought("in_1"))
	taken := bought("in_0")
	taken.Gates = []storage.Gate{gate(storage.CustomerAnchor, "new", 0), gate(storage.ConversionAnchor, "in_1", 1)}
	refuse(t, tx.Store, "a conversion that is there", taken)
	refuse(t, tx.Store, "an anchor that is there", bought("in_1"))
	do(t, "Mark", tx.Mark(t.Context(), "order 2"))
	write(t, tx.Store, bought("in_2"))
	do(t, "Commit", tx.Commit())
	expectSales(t, h.Store, "in_0", "in_1", "in_2")
	loads(t, h.Store, []storage.Ref{ref(storage.CustomerAnchor, "new"), ref(storage.ConversionAnchor, "in_1")}, "conversion in_1 1  ")
	h.expectMarks(t, "order 1", "order 2")
}

func hostSeveral(t T, h Host) {
	write(t, h.Store, bought("in_1"))
	tx, end := h.begin(t)
	defer end()
	got := commitAll(t, tx.Store, bought("in_0"), bought("in_1"), bought("in_2"))
	if want := []storage.Outcome{storage.Committed, storage.Stale, storage.Committed}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("outcomes %v, want %v", got, want)
	}
	do(t, "Mark", tx.Mark(t.Context(), "order"))
	do(t, "Commit", tx.Commit())
	expectSales(t, h.Store, "in_0", "in_1", "in_2")
	h.expectMarks(t, "order")
}

func hostCanceled(t T, h Host) {
	tx, end := h.begin(t)
	defer end()
	write(t, tx.Store, bought("in_1"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tx.Store.Commit(ctx, org, []storage.Change{bought("in_2")}); err == nil {
		t.Errorf("a canceled Commit returned no error")
	}
	if _, err := tx.Store.Load(ctx, org, []storage.Ref{ref(storage.ConversionAnchor, "in_1")}); err == nil {
		t.Errorf("a canceled Load returned no error")
	}
	do(t, "Mark", tx.Mark(t.Context(), "order"))
	write(t, tx.Store, bought("in_3"))
	do(t, "Commit", tx.Commit())
	expectSales(t, h.Store, "in_1", "in_3")
	h.expectMarks(t, "order")
}

// hostMeets has a transaction and a commit outside write one anchor: the second
// waits for the first, and is stale or, if the database says that it cannot wait,
// an error. No update is lost.
func hostMeets(t T, h Host) {
	if h.Single {
		return // whoever is outside waits for the connection
	}
	write(t, h.Store, gates(gate(storage.CustomerAnchor, "c", 0)))
	tx, end := h.begin(t)
	defer end()
	write(t, tx.Store, gates(gate(storage.CustomerAnchor, "c", 1)))
	type result struct {
		outcomes []storage.Outcome
		err      error
	}
	outside := make(chan result, 1)
	go func() {
		outcomes, err := h.Store.Commit(t.Context(), org, []storage.Change{gates(gate(storage.CustomerAnchor, "c", 1))})
		outside <- result{outcomes, err}
	}()
	select {
	case r := <-outside:
		if r.err == nil && r.outcomes[0] == storage.Committed {
			t.Errorf("a commit outside went past an open transaction")
		}
		do(t, "Commit", tx.Commit())
	case <-time.After(100 * time.Millisecond): // it waits
		do(t, "Commit", tx.Commit())
		if r := <-outside; r.err == nil && r.outcomes[0] != storage.Stale {
			t.Errorf("outcome %d after the host committed, want Stale", r.outcomes[0])
		}
	}
	loads(t, h.Store, []storage.Ref{ref(storage.CustomerAnchor, "c")}, "customer c 2  ")
}
