package storagetest

import (
	"context"
	"slices"
	"testing"

	"github.com/goaffiliate/affiliate/storage"
)

// Harness tells the suite how to get at a store.
type Harness struct {
	// Open returns a new, empty store of which nobody else knows, and cleans up
	// through t. It is called once for every case.
	Open func(t *testing.T) storage.Store

	// Host returns a host with a new, empty store that can join its transactions,
	// and cleans up through t. If it is nil, as for a store that cannot, the cases
	// of hosts are not run. Run the suite once more with a Single host, if there is
	// a pool of connections.
	Host func(t *testing.T) Host
}

// Run runs the suite. It leaves the parallelism of cases to the harness: they
// run one after the other.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for _, g := range groups() {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.cases {
				t.Run(c.name, func(t *testing.T) { c.run(t, h.Open(t)) })
			}
		})
	}
	if h.Host != nil {
		t.Run("Host", func(t *testing.T) { RunHost(t, h.Host) })
	}
}

// T is what cases need of a *testing.T.
type T interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

var _ T = (*testing.T)(nil)

// check is one case. The store is new and empty.
type check struct {
	name string
	run  func(t T, s storage.Store)
}

type group struct {
	name  string
	cases []check
}

func groups() []group {
	return []group{
		{"RoundTrip", roundTripCases()},
		{"Gates", gateCases()},
		{"Claims", claimCases()},
		{"Whole", wholeCases()},
		{"Upserts", upsertCases()},
		{"Reads", readCases()},
		{"Touches", touchCases()},
		{"Pages", pageCases()},
		{"Purge", purgeCases()},
		{"Erasure", erasureCases()},
		{"Ledger", ledgerCases()},
		{"Organizations", organizationCases()},
		{"Concurrency", concurrencyCases()},
		{"Cancellation", cancellationCases()},
	}
}

// The organizations of the cases.
const (
	org   = "org"
	other = "Org"
)

// commit writes one change and returns what became of it.
func commit(t T, s storage.Store, c storage.Change) storage.Outcome {
	t.Helper()
	return commitAll(t, s, c)[0]
}

// commitAll writes changes in one call.
func commitAll(t T, s storage.Store, changes ...storage.Change) []storage.Outcome {
	t.Helper()
	outcomes, err := s.Commit(t.Context(), org, changes)
	if err != nil {
		t.Fatalf("Commit: %v", err)
	}
	if len(outcomes) != len(changes) {
		t.Fatalf("Commit of %d changes returned %d outcomes", len(changes), len(outcomes))
	}
	return outcomes
}

// write commits a change that nothing stands against.
func write(t T, s storage.Store, c storage.Change) {
	t.Helper()
	if commit(t, s, c) != storage.Committed {
		t.Fatalf("a change that nothing stands against was not committed")
	}
}

// refuse commits a change that must be stale and leave everything as it is.
func refuse(t T, s storage.Store, why string, c storage.Change) {
	t.Helper()
	before := dump(t, s)
	outcome := commit(t, s, c)
	if outcome != storage.Stale {
		t.Errorf("%s: outcome %d, want Stale", why, outcome)
	}
	if after := dump(t, s); after != before {
		t.Errorf("%s: something was written\nbefore\n%s\nafter\n%s", why, before, after)
	}
}

// dump is all rows of the organization as text.
func dump(t T, s storage.Store) string {
	t.Helper()
	rows, err := s.Rows(t.Context(), org)
	if err != nil {
		t.Fatalf("Rows: %v", err)
	}
	text, err := rows.Canonical()
	if err != nil {
		t.Fatalf("Canonical: %v", err)
	}
	return string(text)
}

// ok returns the result of a call that must succeed.
func ok[R any](t T) func(r R, err error) R {
	return func(r R, err error) R {
		t.Helper()
		if err != nil {
			t.Fatalf("%v", err)
		}
		return r
	}
}

// ok2 is ok for calls with two results.
func ok2[A, B any](t T) func(a A, b B, err error) (A, B) {
	return func(a A, b B, err error) (A, B) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v", err)
		}
		return a, b
	}
}

// sorted returns texts in order.
func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
