package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
)

// Join returns the store inside a transaction of the host, for Engine.Within:
// what it writes is the host's to commit or roll back. It is for one goroutine,
// until the transaction ends.
//
// Each commit runs in a savepoint, so that one that fails leaves the transaction
// as it was. Begin the transaction with the write lock (_txlock=immediate in the
// DSN): one that has only read so far cannot write any more once somebody else
// has, which is storage.ErrTimeout here and for every statement of the host.
func (s *Store) Join(tx *sql.Tx) storage.Store {
	conn := s.pool.Join(tx, false)
	sql := s.sql.On(conn)
	return &joined{reader: sql, sql: sql, tx: conn}
}

// joined is a store inside the host's transaction.
type joined struct {
	reader
	sql *sqlstore.Store
	tx  *sqlstore.Tx
}

// Commit applies each change in a savepoint.
func (j *joined) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	outcomes := make([]storage.Outcome, len(changes))
	for i, change := range changes {
		err := j.tx.Save(ctx, func() error { return j.write(ctx, org, change) })
		if errors.Is(err, errStale) {
			outcomes[i] = storage.Stale
		} else if err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

func (j *joined) write(ctx context.Context, org string, change storage.Change) error {
	for _, w := range j.sql.Writes(org, change) {
		rows, err := j.tx.Exec(ctx, w.SQL, w.Args)
		if err != nil {
			return err
		}
		if rows != w.Rows {
			return errStale
		}
	}
	return nil
}
