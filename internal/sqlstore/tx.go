package sqlstore

import (
	"context"
	"database/sql"
)

// Tx runs statements in a transaction of the host. It takes no connection from
// the pool, and leaves the end of the transaction to the host.
type Tx struct {
	tx   *sql.Tx
	pool *Pool

	// Guard has every read protected by a savepoint, for databases in which one
	// failed statement spoils the transaction.
	guard bool
}

// ManyArgs is more than a conversion has: statements of that size are seldom of the
// same shape again, and are not prepared.
const ManyArgs = 200

// Join returns the host's transaction as a Conn.
func (p *Pool) Join(tx *sql.Tx, guard bool) *Tx { return &Tx{tx, p, guard} }

// Read runs a query.
func (t *Tx) Read(ctx context.Context, text string, args []any, collect func(Rows) error) error {
	read := func() error {
		rows, err := t.query(ctx, text, args)
		return t.pool.dialect.typed(gather(rows, err, collect))
	}
	if !t.guard {
		return read()
	}
	return t.Save(ctx, read)
}

// View reads without any isolation but that of the host's transaction.
func (t *Tx) View(_ context.Context, reads func(Conn) error) error { return reads(t) }

// Exec runs a statement and returns how many rows it affected.
func (t *Tx) Exec(ctx context.Context, text string, args []any) (int64, error) {
	result, err := t.exec(ctx, text, args)
	if err != nil {
		return 0, t.pool.dialect.typed(err)
	}
	return result.RowsAffected()
}

func (t *Tx) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	if stmt, ok := t.prepared(text, args); ok {
		return t.tx.StmtContext(ctx, stmt).QueryContext(ctx, args...) //nolint:sqlclosecheck // the end of tx closes it
	}
	return t.tx.QueryContext(ctx, t.pool.texts.SQL(text), args...)
}

func (t *Tx) exec(ctx context.Context, text string, args []any) (sql.Result, error) {
	if stmt, ok := t.prepared(text, args); ok {
		return t.tx.StmtContext(ctx, stmt).ExecContext(ctx, args...) //nolint:sqlclosecheck // the end of tx closes it
	}
	return t.tx.ExecContext(ctx, t.pool.texts.SQL(text), args...)
}

// prepared returns the statement of a text, if it was prepared outside of the
// transaction; else it will be, for the next one.
func (t *Tx) prepared(text string, args []any) (*sql.Stmt, bool) {
	stmt, ok := t.pool.Prepared(text)
	if !ok && len(args) <= ManyArgs {
		t.pool.miss(text)
	}
	return stmt, ok
}

// Save runs statements in a savepoint: if they fail, the transaction is as it was
// before, and can go on.
func (t *Tx) Save(ctx context.Context, run func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return ended(ctx, t.pool.dialect.typed(Saved(ctx, On(t.tx), run)))
}
