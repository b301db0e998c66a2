package sqlite

import (
	"context"
	"database/sql"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
)

// commit is a list of changes as statements.
type commit struct {
	changes    [][]sqlstore.Write
	statements map[string]*sql.Stmt
}

// The statements around each of several changes.
const (
	savepoint = "SAVEPOINT aff"
	undo      = "ROLLBACK TO aff"
	release   = "RELEASE aff"
)

// prepare makes statements of changes. All are prepared before the commit holds
// a connection, for the host's pool may have just one.
func (s *Store) prepare(ctx context.Context, org string, changes []storage.Change) (commit, error) {
	c := commit{statements: map[string]*sql.Stmt{}}
	if len(changes) > 1 {
		for _, text := range []string{savepoint, undo, release} {
			if err := s.prepareOne(ctx, c, text); err != nil {
				return c, err
			}
		}
	}
	for _, change := range changes {
		writes := s.sql.Writes(org, change)
		c.changes = append(c.changes, writes)
		for i := range writes {
			for w := &writes[i]; w != nil; w = w.Else {
				if err := s.prepareOne(ctx, c, w.SQL); err != nil {
					return c, err
				}
			}
		}
	}
	return c, nil
}

func (s *Store) prepareOne(ctx context.Context, c commit, text string) (err error) {
	if _, ok := c.statements[text]; !ok {
		c.statements[text], err = s.sql.Statement(ctx, text)
	}
	return err
}

// run writes all changes in one transaction. Its first statement is a write,
// which takes SQLite's write lock before anything is read, as BEGIN IMMEDIATE
// does; unlike that, a sql.Tx can use prepared statements.
func (c commit) run(ctx context.Context, conn *sql.Conn) ([]storage.Outcome, error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	// Once the first statement has the lock, the others are short: drivers watch
	// a context that can be canceled by a goroutine per statement.
	outcomes, err := c.apply(context.WithoutCancel(ctx), tx)
	if err == nil && len(outcomes) == 1 && outcomes[0] == storage.Stale {
		return outcomes, tx.Rollback()
	}
	if err != nil {
		_ = tx.Rollback() // on a canceled context it is rolled back already
		return nil, err
	}
	if err = tx.Commit(); err != nil {
		// A driver may have left the transaction open, and the connection goes
		// back to the pool. If it did not, there is nothing to roll back.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return nil, err
	}
	return outcomes, nil
}

// apply writes the changes in order. A single one that is stale is left half
// written for the caller to roll back.
func (c commit) apply(ctx context.Context, tx *sql.Tx) ([]storage.Outcome, error) {
	outcomes := make([]storage.Outcome, len(c.changes))
	for i, writes := range c.changes {
		var err error
		if len(c.changes) == 1 {
			outcomes[i], err = c.write(ctx, tx, writes)
		} else {
			outcomes[i], err = c.writeSaved(ctx, tx, writes)
		}
		if err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// writeSaved writes one change and takes it back if it is stale.
func (c commit) writeSaved(ctx context.Context, tx *sql.Tx, writes []sqlstore.Write) (storage.Outcome, error) {
	if _, err := c.exec(ctx, tx, sqlstore.Write{SQL: savepoint}); err != nil {
		return 0, err
	}
	outcome, err := c.write(ctx, tx, writes)
	if err != nil {
		return 0, err
	}
	if outcome == storage.Stale {
		if _, err := c.exec(ctx, tx, sqlstore.Write{SQL: undo}); err != nil {
			return 0, err
		}
	}
	_, err = c.exec(ctx, tx, sqlstore.Write{SQL: release})
	return outcome, err
}

// write runs the statements of one change until one of them finds it stale.
func (c commit) write(ctx context.Context, tx *sql.Tx, writes []sqlstore.Write) (storage.Outcome, error) {
	for i := range writes {
		for w := &writes[i]; ; w = w.Else {
			if w == nil {
				return storage.Stale, nil
			}
			rows, err := c.exec(ctx, tx, *w)
			if err != nil {
				return 0, err
			}
			if rows == w.Rows || w.Rows < 0 {
				break
			}
		}
	}
	return storage.Committed, nil
}

func (c commit) exec(ctx context.Context, tx *sql.Tx, w sqlstore.Write) (rows int64, err error) {
	result, err := tx.StmtContext(ctx, c.statements[w.SQL]).ExecContext(ctx, w.Args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
