package pgxstore

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
)

// pool runs statements on the host's pool.
type pool struct {
	pool    *pgxpool.Pool
	dialect sqlstore.Dialect
	texts   *sqlstore.Finisher
}

// typed wraps a driver's error in one of package storage, if it is one of those.
func (p *pool) typed(err error) error {
	if err == nil {
		return nil
	}
	return p.dialect.Typed(err)
}

// Read runs a query.
func (p *pool) Read(ctx context.Context, text string, args []any, collect func(sqlstore.Rows) error) error {
	return sqlstore.Again(ctx, func() error {
		return p.typed(read(ctx, p.pool, p.texts.SQL(text), args, collect))
	})
}

// View reads in a transaction of its own, which sees one state.
func (p *pool) View(ctx context.Context, reads func(sqlstore.Conn) error) error {
	tx, err := p.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return p.typed(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // it only read
	return reads(moment{tx, p})
}

// write runs the statements of one change, several in a transaction.
func (p *pool) write(ctx context.Context, list []sqlstore.Statement) error {
	if len(list) == 1 {
		_, err := p.pool.Exec(ctx, p.texts.SQL(list[0].Text), list[0].Args...)
		return p.typed(err)
	}
	return p.typed(pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		for _, s := range list {
			if _, err := tx.Exec(ctx, p.texts.SQL(s.Text), s.Args...); err != nil {
				return err
			}
		}
		return nil
	}))
}

// querier is what a pool, a connection and a transaction have in common.
type querier interface {
	Query(ctx context.Context, text string, args ...any) (pgx.Rows, error)
}

func read(ctx context.Context, on querier, text string, args []any, collect func(sqlstore.Rows) error) error {
	rows, err := on.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	return collect(rows)
}

// moment reads in a transaction that sees one state.
type moment struct {
	tx   pgx.Tx
	pool *pool
}

func (m moment) Read(ctx context.Context, text string, args []any, collect func(sqlstore.Rows) error) error {
	return m.pool.typed(read(ctx, m.tx, m.pool.texts.SQL(text), args, collect))
}

func (m moment) View(_ context.Context, reads func(sqlstore.Conn) error) error { return reads(m) }

// joinedConn runs statements in a transaction of the host, each call in a
// savepoint that travels with it.
type joinedConn struct {
	tx   pgx.Tx
	pool *pool
}

const (
	savepoint = "SAVEPOINT affiliate"
	release   = "RELEASE SAVEPOINT affiliate"
	undo      = "ROLLBACK TO SAVEPOINT affiliate; " + release
)

// Read runs a query.
func (j joinedConn) Read(ctx context.Context, text string, args []any, collect func(sqlstore.Rows) error) error {
	batch := &pgx.Batch{}
	batch.Queue(j.pool.texts.SQL(text), args...).Query(func(rows pgx.Rows) error { return collect(rows) })
	return j.send(ctx, batch)
}

// View reads without any isolation but that of the host's transaction.
func (j joinedConn) View(_ context.Context, reads func(sqlstore.Conn) error) error { return reads(j) }

func (j joinedConn) write(ctx context.Context, list []sqlstore.Statement) error {
	batch := &pgx.Batch{}
	for _, s := range list {
		batch.Queue(j.pool.texts.SQL(s.Text), s.Args...)
	}
	return j.send(ctx, batch)
}

// send runs statements between a savepoint and its release, in one round trip. If
// one fails, the transaction is taken back to where it was.
func (j joinedConn) send(ctx context.Context, statements *pgx.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	batch := &pgx.Batch{QueuedQueries: append([]*pgx.QueuedQuery{{SQL: savepoint}}, statements.QueuedQueries...)}
	batch.Queue(release)
	err := j.tx.SendBatch(ctx, batch).Close()
	if err == nil {
		return nil
	}
	var failed *pgconn.PgError
	if errors.As(err, &failed) { // else all was done, or the connection is lost
		_, undone := j.tx.Exec(context.WithoutCancel(ctx), undo)
		err = errors.Join(err, undone)
	}
	return j.pool.typed(err)
}
