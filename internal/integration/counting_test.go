package integration_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// statements counts what reaches a database.
type statements struct {
	mu   sync.Mutex
	list []string
}

func (s *statements) add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, text)
}

// take returns what was counted and starts again.
func (s *statements) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.list
	s.list = nil
	return list
}

// counted opens the database of an existing handle's driver once more, with every
// statement counted.
func counted(tb testing.TB, name, dsn string) (*sql.DB, *statements) {
	tb.Helper()
	db, err := sql.Open(name, dsn)
	require.NoError(tb, err)
	require.NoError(tb, db.Close())
	count := &statements{}
	db = sql.OpenDB(connector{db.Driver(), dsn, count})
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db, count
}

type connector struct {
	driver driver.Driver
	dsn    string
	count  *statements
}

func (c connector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.dsn)
	return countingConn{conn, c.count}, err
}

func (c connector) Driver() driver.Driver { return c.driver }

// countingConn passes on what both SQLite drivers implement.
type countingConn struct {
	driver.Conn
	count *statements
}

func (c countingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	return countingStmt{stmt, query, c.count}, err
}

func (c countingConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	c.count.add("BEGIN")
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
	return countingTx{tx, c.count}, err
}

func (c countingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.count.add(query)
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c countingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.count.add(query)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

type countingStmt struct {
	driver.Stmt
	query string
	count *statements
}

func (s countingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.count.add(s.query)
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (s countingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.count.add(s.query)
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}

type countingTx struct {
	driver.Tx
	count *statements
}

func (t countingTx) Commit() error {
	t.count.add("COMMIT")
	return t.Tx.Commit()
}

func (t countingTx) Rollback() error {
	t.count.add("ROLLBACK")
	return t.Tx.Rollback()
}
