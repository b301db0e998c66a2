package postgres

import (
	"context"
	"database/sql"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
)

// Commit applies each change as a whole or not at all, in one statement, which is
// a transaction. Several are first tried as if they were one; if that is stale,
// one of them is, and they are written one by one. What could not be serialized
// runs again, some times.
func (s *Store) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	outcomes, err := sqlstore.CommitEach(changes, func(change storage.Change) (storage.Outcome, error) {
		return sqlstore.CommitOne(s.sql, org, change, func(list []sqlstore.Statement) error {
			return sqlstore.Again(ctx, func() error { return s.write(ctx, list) })
		})
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// write runs the statements of one change, several in a transaction.
func (s *Store) write(ctx context.Context, list []sqlstore.Statement) error {
	if len(list) == 1 {
		return s.typed(s.exec(ctx, list[0]))
	}
	tx, err := s.pool.DB.BeginTx(ctx, nil)
	if err != nil {
		return s.typed(err)
	}
	defer func() { _ = tx.Rollback() }() // which does nothing after Commit
	if err := writeAll(ctx, s.pool.Join(tx, false), list); err != nil {
		return err
	}
	return s.typed(tx.Commit())
}

// exec runs a statement, prepared if it is likely to come again.
func (s *Store) exec(ctx context.Context, statement sqlstore.Statement) error {
	if len(statement.Args) > sqlstore.ManyArgs || s.pool.Full() {
		_, err := s.pool.DB.ExecContext(ctx, s.pool.SQL(statement.Text), statement.Args...)
		return err
	}
	stmt, err := s.pool.Statement(ctx, statement.Text) //nolint:sqlclosecheck // it stays prepared
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx, statement.Args...)
	return err
}

func (s *Store) typed(err error) error {
	if err == nil {
		return nil
	}
	return s.sql.Dialect().Typed(err)
}

// Join returns the store inside a transaction of the host, for Engine.Within:
// what it writes is the host's to commit or roll back. It is for one goroutine,
// until the transaction ends, takes no other connection, and works at every
// isolation level.
//
// Each call runs in a savepoint, so that one that fails leaves the transaction as
// it was; only the end of ctx inside a statement ends the transaction with some
// drivers. What could not be serialized (storage.ErrSerialization) is the host's
// to run again, with its whole transaction.
func (s *Store) Join(tx *sql.Tx) storage.Store {
	conn := s.pool.Join(tx, true)
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
	outcomes, err := sqlstore.CommitEach(changes, func(change storage.Change) (storage.Outcome, error) {
		return sqlstore.CommitOne(j.sql, org, change, func(list []sqlstore.Statement) error {
			return j.tx.Save(ctx, func() error { return writeAll(ctx, j.tx, list) })
		})
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

func writeAll(ctx context.Context, tx *sqlstore.Tx, list []sqlstore.Statement) error {
	for _, statement := range list {
		if _, err := tx.Exec(ctx, statement.Text, statement.Args); err != nil {
			return err
		}
	}
	return nil
}
