package sqlite

import (
	"database/sql"

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
