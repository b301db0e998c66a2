package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
)

// Commit applies each change as a whole or not at all, in one transaction of all
// of them. Several are first tried as if they were one, which takes far fewer
// statements; if that is stale, one of them is, and they are written one by one.
//
// While another process writes, Commit waits as long as the busy_timeout, during
// which SQLite does not listen to ctx, and then returns storage.ErrTimeout.
func (s *Store) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	if len(changes) > 1 {
		if one, ok := sqlstore.Merge(changes); ok {
			outcomes, err := s.commit(ctx, org, []storage.Change{one})
			if err != nil {
				return nil, s.wrap(err)
			}
			if outcomes[0] == storage.Committed {
				return make([]storage.Outcome, len(changes)), nil
			}
		}
	}
	outcomes, err := s.commit(ctx, org, changes)
	if err != nil {
		return nil, s.wrap(err)
	}
	return outcomes, nil
}

func (s *Store) wrap(err error) error {
	return s.sql.Dialect().Typed(err)
}

func (s *Store) commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	list := make([][]step, len(changes))
	for i, change := range changes {
		var err error
		if list[i], err = s.steps(ctx, org, change); err != nil {
			return nil, err
		}
	}
	// One at a time: waiting in line here is cheaper than polling SQLite's lock.
	select {
	case s.writer <- struct{}{}:
		defer func() { <-s.writer }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	conn, err := s.pool.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // which only gives it back
	return run(ctx, conn, list)
}

// step is a statement with what it is given and must do.
type step struct {
	stmt *sql.Stmt
	args []any
	rows int64
}

// steps prepares the statements of a change. All are prepared before the
// transaction holds a connection, for the host's pool may have just one.
func (s *Store) steps(ctx context.Context, org string, change storage.Change) ([]step, error) {
	writes := s.sql.Writes(org, change)
	steps := make([]step, len(writes))
	for i, w := range writes {
		stmt, err := s.pool.Statement(ctx, w.SQL)
		if err != nil {
			return nil, err
		}
		steps[i] = step{stmt, w.Args, w.Rows}
	}
	return steps, nil
}

// run writes all changes. The first statement is a write, which takes SQLite's
// write lock before anything is read, as BEGIN IMMEDIATE does; unlike after that,
// a sql.Tx can use prepared statements.
func run(ctx context.Context, conn *sql.Conn, changes [][]step) ([]storage.Outcome, error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	// The statements are short, but a driver watches each whose context can be
	// canceled by a goroutine. The transaction itself still ends with ctx.
	outcomes, err := apply(context.WithoutCancel(ctx), tx, changes)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err() // it is rolled back already
	case err != nil:
		_ = tx.Rollback() // what it could add is not why
		return nil, err
	case len(outcomes) == 1 && outcomes[0] == storage.Stale:
		return outcomes, ended(ctx, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		// A driver may leave the transaction open when COMMIT fails, but the
		// connection goes back to the pool.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return nil, ended(ctx, err)
	}
	return outcomes, nil
}

// ended returns why a transaction was over before its last statement: package
// sql rolls back as soon as ctx ends, and then only says that it is done.
func ended(ctx context.Context, err error) error {
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// apply writes the changes in order. A single one that is stale is left half
// written for the caller to roll back.
func apply(ctx context.Context, tx *sql.Tx, changes [][]step) (outcomes []storage.Outcome, err error) {
	outcomes = make([]storage.Outcome, len(changes))
	for i, change := range changes {
		write := func() error { return writeSteps(ctx, tx, change) }
		if len(changes) > 1 {
			err = sqlstore.Saved(ctx, sqlstore.On(tx), write)
		} else {
			err = write()
		}
		if errors.Is(err, errStale) {
			outcomes[i] = storage.Stale
		} else if err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// errStale undoes what was written of a change.
var errStale = errors.New("stale")

// writeSteps runs the statements of one change until one of them finds it stale.
func writeSteps(ctx context.Context, tx *sql.Tx, change []step) error {
	for _, s := range change {
		result, err := tx.StmtContext(ctx, s.stmt).ExecContext(ctx, s.args...) //nolint:sqlclosecheck // the end of tx closes it
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if rows != s.rows {
			return errStale
		}
	}
	return nil
}
