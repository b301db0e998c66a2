package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
)

// Commit applies each change as a whole or not at all, in one transaction of all
// of them. Several are first tried as if they were one, which takes far fewer
// statements; if that is stale, one of them is, and they are written one by one.
//
// While another process writes, Commit waits as long as the busy_timeout, during
// which SQLite does not listen to ctx, and then returns the driver's error.
func (s *Store) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	one, ok := sqlstore.Merge(changes)
	if ok && len(changes) > 1 {
		outcomes, err := s.commit(ctx, org, []storage.Change{one})
		if err != nil {
			return nil, fmt.Errorf("sqlite: commit: %w", err)
		}
		if outcomes[0] == storage.Committed {
			return make([]storage.Outcome, len(changes)), nil
		}
	}
	outcomes, err := s.commit(ctx, org, changes)
	if err != nil {
		return nil, fmt.Errorf("sqlite: commit: %w", err)
	}
	return outcomes, nil
}

func (s *Store) commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	t, err := s.prepare(ctx, org, changes)
	if err != nil {
		return nil, err
	}
	// One at a time: waiting in line here is cheaper than polling SQLite's lock.
	select {
	case s.writer <- struct{}{}:
		defer func() { <-s.writer }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // which only gives it back
	return t.run(ctx, conn)
}

// transaction is the statements of some changes.
type transaction struct {
	changes                  [][]step
	savepoint, undo, release *step // around each of several changes
}

// step is a statement with what it is given and must do.
type step struct {
	stmt *sql.Stmt
	args []any
	rows int64
	els  *step // tried before the change is stale
}

// prepare makes statements of changes. All are prepared before the transaction
// holds a connection, for the host's pool may have just one.
func (s *Store) prepare(ctx context.Context, org string, changes []storage.Change) (t transaction, err error) {
	if len(changes) > 1 {
		for text, into := range map[string]**step{"SAVEPOINT aff": &t.savepoint, "ROLLBACK TO aff": &t.undo, "RELEASE aff": &t.release} {
			if *into, err = s.step(ctx, &sqlstore.Write{SQL: text}); err != nil {
				return t, err
			}
		}
	}
	t.changes = make([][]step, len(changes))
	for i, change := range changes {
		for _, w := range s.sql.Writes(org, change) {
			next, err := s.step(ctx, &w)
			if err != nil {
				return t, err
			}
			t.changes[i] = append(t.changes[i], *next)
		}
	}
	return t, nil
}

func (s *Store) step(ctx context.Context, w *sqlstore.Write) (*step, error) {
	if w == nil {
		return nil, nil
	}
	stmt, err := s.sql.Statement(ctx, w.SQL)
	if err != nil {
		return nil, err
	}
	els, err := s.step(ctx, w.Else)
	return &step{stmt, w.Args, w.Rows, els}, err
}

// run writes all changes. The first statement is a write, which takes SQLite's
// write lock before anything is read, as BEGIN IMMEDIATE does; unlike after that,
// a sql.Tx can use prepared statements.
func (t transaction) run(ctx context.Context, conn *sql.Conn) ([]storage.Outcome, error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	// The statements are short, but a driver watches each whose context can be
	// canceled by a goroutine. The transaction itself still ends with ctx.
	outcomes, err := t.apply(context.WithoutCancel(ctx), tx)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err() // it is rolled back already
	case err != nil:
		_ = tx.Rollback() // what it could add is not why
		return nil, err
	case len(outcomes) == 1 && outcomes[0] == storage.Stale:
		return outcomes, tx.Rollback()
	}
	if err := tx.Commit(); err != nil {
		// A driver may leave the transaction open when COMMIT fails, but the
		// connection goes back to the pool.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return nil, err
	}
	return outcomes, nil
}

// apply writes the changes in order. A single one that is stale is left half
// written for the caller to roll back.
func (t transaction) apply(ctx context.Context, tx *sql.Tx) (outcomes []storage.Outcome, err error) {
	outcomes = make([]storage.Outcome, len(t.changes))
	for i, change := range t.changes {
		if len(t.changes) == 1 {
			outcomes[i], err = write(ctx, tx, change)
		} else {
			outcomes[i], err = t.writeSaved(ctx, tx, change)
		}
		if err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// writeSaved writes one change and takes it back if it is stale.
func (t transaction) writeSaved(ctx context.Context, tx *sql.Tx, change []step) (storage.Outcome, error) {
	if _, err := t.savepoint.exec(ctx, tx); err != nil {
		return 0, err
	}
	outcome, err := write(ctx, tx, change)
	if err != nil {
		return 0, err
	}
	if outcome == storage.Stale {
		if _, err := t.undo.exec(ctx, tx); err != nil {
			return 0, err
		}
	}
	_, err = t.release.exec(ctx, tx)
	return outcome, err
}

// write runs the statements of one change until one of them finds it stale.
func write(ctx context.Context, tx *sql.Tx, change []step) (storage.Outcome, error) {
	for _, s := range change {
		done, err := s.exec(ctx, tx)
		if !done && err == nil && s.els != nil {
			done, err = s.els.exec(ctx, tx)
		}
		if !done || err != nil {
			return storage.Stale, err
		}
	}
	return storage.Committed, nil
}

// exec reports whether the statement affected as many rows as it must.
func (s *step) exec(ctx context.Context, tx *sql.Tx) (done bool, err error) {
	result, err := tx.StmtContext(ctx, s.stmt).ExecContext(ctx, s.args...) //nolint:sqlclosecheck // the end of tx closes it
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	return rows == s.rows, err
}
