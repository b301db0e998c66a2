package memory

import (
	"context"
	"sync"

	"github.com/goaffiliate/affiliate/internal/storekit"
	"github.com/goaffiliate/affiliate/storage"
)

// Store is a store in memory. It is safe for concurrent use: one mutex guards
// everything.
type Store struct {
	mu   sync.Mutex
	orgs map[string]*organization
}

var _ storage.Store = (*Store)(nil)

// New returns an empty store.
func New() *Store { return &Store{orgs: map[string]*organization{}} }

// open locks the store and returns the organization's tables. Unless there is an
// error the caller unlocks.
func (s *Store) open(ctx context.Context, org string) (*organization, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	o, ok := s.orgs[org]
	if !ok {
		o = newOrganization()
		s.orgs[org] = o
	}
	return o, nil
}

// Commit applies each change as a whole or not at all. The error is the
// context's, and then nothing was written.
func (s *Store) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	outcomes := make([]storage.Outcome, len(changes))
	for i, c := range storekit.Clone(changes) {
		if !o.fits(c) {
			outcomes[i] = storage.Stale
			continue
		}
		o.apply(c)
	}
	return outcomes, nil
}
