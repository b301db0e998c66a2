package postgres

import (
	"database/sql"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
)

// reader is the part of the store that is the same in all SQL.
type reader = sqlstore.Reader

// Store is a store in PostgreSQL; it implements storage.Store. It is safe for
// concurrent use, and leaves the database to the host, also to close.
type Store struct {
	reader
	sql  *sqlstore.Store
	pool *sqlstore.Pool
}

var (
	_ storage.Store      = (*Store)(nil)
	_ storage.Concurrent = (*Store)(nil)
)

// Config is where a store's tables are. The zero value works.
type Config struct {
	Schema string // default: the first of the connection's search_path; Migrate creates it
	Prefix string // of the tables' names; default: aff_
}

// New returns a store over a database. Its statements stay prepared as long as
// the database is open: make one store of it, not one per use. The error is one
// of the Config.
func New(db *sql.DB, cfg Config) (*Store, error) {
	d, err := sqlstore.Postgres().In(sqlstore.Names(cfg))
	if err != nil {
		return nil, err
	}
	pool := sqlstore.NewPool(db, d, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	s := sqlstore.New(pool, d)
	return &Store{reader: s, sql: s, pool: pool}, nil
}

// Commits returns 2: while one commit waits for the disk, the server works on the
// other.
func (s *Store) Commits() int { return 2 }
