package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
)

// reader is the part of the store that is the same in all SQL.
type reader interface {
	storage.Anchors
	storage.Facts
	storage.Backlog
	storage.Ledger
	storage.Feed
}

// Store is a store in SQLite; it implements storage.Store. It is safe for
// concurrent use, and leaves the database to the host, also to close.
type Store struct {
	reader
	db     *sql.DB
	sql    *sqlstore.Store
	writer chan struct{} // holds one while a commit runs
}

var _ storage.Store = (*Store)(nil)

// New returns a store over a database. Its statements stay prepared as long as
// the database is open: make one store of it, not one per use.
func New(db *sql.DB) *Store {
	s := sqlstore.New(db, sqlstore.SQLite())
	return &Store{reader: s, sql: s, db: db, writer: make(chan struct{}, 1)}
}

// Commit applies each change as a whole or not at all. Of the changes together,
// either all are as the outcomes say or, if there is an error other than that of
// the final COMMIT, none was applied.
func (s *Store) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	c, err := s.prepare(ctx, org, changes)
	if err != nil {
		return nil, fmt.Errorf("sqlite: commit: %w", err)
	}
	// One at a time: waiting in line here is cheaper than polling SQLite's lock.
	select {
	case s.writer <- struct{}{}:
		defer func() { <-s.writer }()
	case <-ctx.Done():
		return nil, fmt.Errorf("sqlite: commit: %w", ctx.Err())
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("sqlite: commit: %w", err)
	}
	defer conn.Close()
	outcomes, err := c.run(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("sqlite: commit: %w", err)
	}
	return outcomes, nil
}
