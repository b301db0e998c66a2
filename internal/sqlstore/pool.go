package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// maxPrepared bounds the statements that stay prepared. Those of common shapes
// come first, and are far fewer.
const maxPrepared = 512

// Pool runs statements on the host's database. It is safe for concurrent use.
type Pool struct {
	DB       *sql.DB
	dialect  Dialect
	texts    *Finisher
	snapshot *sql.TxOptions // of a transaction that reads one state throughout

	mu       sync.RWMutex
	prepared map[string]*sql.Stmt
}

// NewPool returns a pool over the host's database.
func NewPool(db *sql.DB, d Dialect, snapshot *sql.TxOptions) *Pool {
	return &Pool{DB: db, dialect: d, texts: NewFinisher(d), snapshot: snapshot, prepared: map[string]*sql.Stmt{}}
}

// Prepared returns the statement of a text that was prepared before.
func (p *Pool) Prepared(text string) (*sql.Stmt, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	stmt, ok := p.prepared[text]
	return stmt, ok
}

// Statement returns a prepared statement. They live as long as the database; too
// many is an error. A statement that is not prepared yet takes a connection: ask
// for it before holding one.
func (p *Pool) Statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, ok := p.Prepared(text); ok {
		return stmt, nil
	}
	stmt, err := p.DB.PrepareContext(ctx, p.texts.SQL(text))
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", p.dialect.typed(err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other, ok := p.prepared[text]; ok {
		return other, stmt.Close() //nolint:sqlclosecheck // the other one serves
	}
	p.prepared[text] = stmt
	return stmt, nil
}

// SQL returns the statement of a text with question marks.
func (p *Pool) SQL(text string) string { return p.texts.SQL(text) }

// Full reports whether no further statement should stay prepared.
func (p *Pool) Full() bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return len(p.prepared) >= maxPrepared
}

// Read runs a query with its prepared statement.
func (p *Pool) Read(ctx context.Context, text string, args []any, collect func(Rows) error) error {
	stmt, err := p.Statement(ctx, text) //nolint:sqlclosecheck // it stays prepared
	if err != nil {
		return err
	}
	return Again(ctx, func() error {
		rows, err := stmt.QueryContext(ctx, args...) //nolint:sqlclosecheck,rowserrcheck // gather does both
		return p.dialect.typed(gather(rows, err, collect))
	})
}

// View reads in a transaction of its own.
func (p *Pool) View(ctx context.Context, reads func(Conn) error) error {
	tx, err := p.DB.BeginTx(ctx, p.snapshot)
	if err != nil {
		return p.dialect.typed(err)
	}
	defer func() { _ = tx.Rollback() }() // it only read
	return reads(moment{tx, p})
}

// gather collects what a query found.
func gather(rows *sql.Rows, err error, collect func(Rows) error) error {
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error is that of Err
	return collect(rows)
}

// moment reads in a transaction that sees one state.
type moment struct {
	tx   *sql.Tx
	pool *Pool
}

func (m moment) Read(ctx context.Context, text string, args []any, collect func(Rows) error) error {
	rows, err := m.tx.QueryContext(ctx, m.pool.texts.SQL(text), args...) //nolint:sqlclosecheck,rowserrcheck // gather does both
	return m.pool.dialect.typed(gather(rows, err, collect))
}

func (m moment) View(_ context.Context, reads func(Conn) error) error { return reads(m) }

// typed wraps a driver's error in one of package storage, if it is one of those.
func (d Dialect) typed(err error) error {
	if err == nil || d.Typed == nil {
		return err
	}
	return d.Typed(err)
}
