package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
)

// commit is a list of changes as statements.
type commit struct {
	changes    [][]sqlstore.Write
	statements map[string]*sql.Stmt
}

// prepare makes statements of changes. All are prepared before the commit holds
// a connection, for the host's pool may have just one.
func (s *Store) prepare(ctx context.Context, org string, changes []storage.Change) (commit, error) {
	c := commit{statements: map[string]*sql.Stmt{}}
	for _, change := range changes {
		writes := s.sql.Writes(org, change)
		c.changes = append(c.changes, writes)
		for i := range writes {
			for w := &writes[i]; w != nil; w = w.Else {
				stmt, err := s.sql.Statement(ctx, w.SQL)
				if err != nil {
					return c, err
				}
				c.statements[w.SQL] = stmt
			}
		}
	}
	return c, nil
}

// run writes all changes in one transaction. Its first statement is a write,
// which takes SQLite's write lock before anything is read, as BEGIN IMMEDIATE
// does; unlike that, a sql.Tx can use prepared statements.
func (c commit) run(ctx context.Context, conn *sql.Conn) ([]storage.Outcome, error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	outcomes, err := c.apply(ctx, tx)
	if err == nil && len(outcomes) == 1 && outcomes[0] == storage.Stale {
		return outcomes, tx.Rollback()
	}
	if err != nil {
		return nil, errors.Join(err, ignoreDone(tx.Rollback()))
	}
	if err = tx.Commit(); err != nil {
		// A driver may have left the transaction open, and the connection goes
		// back to the pool. If it did not, there is nothing to roll back.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return nil, err
	}
	return outcomes, nil
}
