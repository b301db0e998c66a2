package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
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
	snapshot *sql.TxOptions // of a transaction that reads one state throughout; nil: every deferred one does

	mu       sync.RWMutex
	prepared map[string]*sql.Stmt
	missed   map[string]bool // texts that a transaction would have liked to be prepared
}

// NewPool returns a pool over the host's database.
func NewPool(db *sql.DB, d Dialect, snapshot *sql.TxOptions) *Pool {
	return &Pool{DB: db, dialect: d, texts: NewFinisher(d), snapshot: snapshot, prepared: map[string]*sql.Stmt{}, missed: map[string]bool{}}
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
	if stmt, ok := p.Prepared(text); ok { //nolint:sqlclosecheck // it stays prepared
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

// miss remembers a text that runs in the host's transaction, in which nothing can
// be prepared for longer than it lasts.
func (p *Pool) miss(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.missed) < maxPrepared {
		p.missed[text] = true
	}
}

// catchUp prepares what was missed, where a connection may be taken.
func (p *Pool) catchUp(ctx context.Context) {
	p.mu.Lock()
	missed := slices.Collect(maps.Keys(p.missed))
	clear(p.missed)
	p.mu.Unlock()
	for _, text := range missed {
		if p.Full() {
			return
		}
		_, _ = p.Statement(ctx, text) //nolint:sqlclosecheck // it stays prepared; an error shows when it is used
	}
}

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
	p.catchUp(ctx)
	within := ctx
	if p.snapshot == nil { // a driver of SQLite watches each row by a goroutine; who collects looks at ctx
		within = context.WithoutCancel(ctx)
	}
	return Again(ctx, func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows, err := stmt.QueryContext(within, args...)
		return p.dialect.typed(gather(rows, err, collect))
	})
}

// View reads in a transaction of its own.
func (p *Pool) View(ctx context.Context, reads func(Conn) error) error {
	if p.snapshot == nil {
		return p.viewDeferred(ctx, reads)
	}
	tx, err := p.DB.BeginTx(ctx, p.snapshot)
	if err != nil {
		return p.dialect.typed(err)
	}
	defer func() { _ = tx.Rollback() }() // it only read
	return reads(moment{tx, p})
}

// viewDeferred begins by a statement of its own, as the DSN may have the driver's
// take a lock.
func (p *Pool) viewDeferred(ctx context.Context, reads func(Conn) error) error {
	conn, err := p.DB.Conn(ctx)
	if err != nil {
		return p.dialect.typed(err)
	}
	defer func() { _ = conn.Close() }() // which only gives it back
	if _, err := conn.ExecContext(ctx, "BEGIN DEFERRED"); err != nil {
		return p.dialect.typed(err)
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }() // it only read
	return reads(moment{conn, p})
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
	on   conn
	pool *Pool
}

func (m moment) Read(ctx context.Context, text string, args []any, collect func(Rows) error) error {
	rows, err := m.on.QueryContext(ctx, m.pool.texts.SQL(text), args...)
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
