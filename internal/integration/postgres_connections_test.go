package integration_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/pgxstore"
	"github.com/goaffiliate/affiliate/storage/postgres"
)

// postgresDrivers are the drivers that the stores are tested with. The first two
// are database/sql's names of them.
var postgresDrivers = []string{"pgx", "postgres", "pgxpool"}

// eachPostgres runs a test with every driver.
func eachPostgres(t *testing.T, f func(t *testing.T, driver string)) {
	t.Helper()
	for _, driver := range postgresDrivers {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			f(t, driver)
		})
	}
}

// schemas makes names of schemas, no two of which are the same.
var schemas atomic.Int64

// newSchema returns the name of a schema that is dropped in the end.
func newSchema(tb testing.TB, dsn string) string {
	tb.Helper()
	name := fmt.Sprintf("affiliate_test_%d_%d", os.Getpid(), schemas.Add(1))
	tb.Cleanup(func() {
		db, err := sql.Open("pgx", dsn)
		require.NoError(tb, err)
		defer func() { require.NoError(tb, db.Close()) }()
		_, err = db.Exec("DROP SCHEMA IF EXISTS " + name + " CASCADE")
		require.NoError(tb, err)
	})
	return name
}

// pgStore is a store on PostgreSQL with what is behind it.
type pgStore interface {
	storage.Store
	Migrate(ctx context.Context) error
	Check(ctx context.Context) error
}

// connections are what stores in different schemas share: beginning a connection
// takes a server longer than most tests, and so does making the tables.
type connections struct {
	dsn  string
	db   *sql.DB       // nil with the driver pgxpool
	pool *pgxpool.Pool // nil with any other
	root testing.TB    // when it ends, the schemas are dropped

	mu    sync.Mutex
	empty []string // schemas that a store has left
}

// connect opens at most n connections with a driver, as they are needed.
func connect(tb testing.TB, driver string, n int) *connections {
	tb.Helper()
	return connectTo(tb, driver, pgtest.DSN(tb), n)
}

func connectTo(tb testing.TB, driver, dsn string, n int) *connections {
	tb.Helper()
	c := &connections{dsn: dsn, root: tb}
	if driver == "pgxpool" {
		c.pool = openPool(tb, dsn, n)
	} else {
		c.db = openDB(tb, driver, dsn, n)
	}
	return c
}

// open returns the store in a schema.
func (c *connections) open(tb testing.TB, schema string) pgStore {
	tb.Helper()
	if c.pool != nil {
		s, err := pgxstore.New(c.pool, pgxstore.Config{Schema: schema})
		require.NoError(tb, err)
		return s
	}
	s, err := postgres.New(c.db, postgres.Config{Schema: schema})
	require.NoError(tb, err)
	return s
}

// fresh returns a new store in which there is nothing. When the test ends its
// schema is emptied for the next one.
func (c *connections) fresh(tb testing.TB) pgStore {
	tb.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var schema string
	if last := len(c.empty) - 1; last >= 0 {
		schema, c.empty = c.empty[last], c.empty[:last]
	} else {
		schema = newSchema(c.root, c.dsn)
		require.NoError(tb, c.open(tb, schema).Migrate(tb.Context()))
	}
	if tb != c.root {
		tb.Cleanup(func() {
			c.exec(tb, `DO $$ DECLARE name text; BEGIN
				FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '`+schema+`' AND tablename <> 'aff_schema_version' LOOP
					EXECUTE format('DELETE FROM %I.%I', '`+schema+`', name);
				END LOOP; END $$`)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.empty = append(c.empty, schema)
		})
	}
	return c.open(tb, schema)
}

// exec runs a statement that has no parameters.
func (c *connections) exec(tb testing.TB, statement string) {
	tb.Helper()
	var err error
	if c.pool != nil {
		_, err = c.pool.Exec(context.Background(), statement)
	} else {
		_, err = c.db.Exec(statement)
	}
	require.NoError(tb, err)
}

// openPostgres opens a store in a schema, with so many connections at most.
func openPostgres(tb testing.TB, driver, dsn, schema string, conns int) pgStore {
	tb.Helper()
	return connectTo(tb, driver, dsn, conns).open(tb, schema)
}

func openDB(tb testing.TB, driver, dsn string, conns int) *sql.DB {
	tb.Helper()
	db, err := sql.Open(driver, dsn)
	require.NoError(tb, err)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db
}

func openPool(tb testing.TB, dsn string, conns int) *pgxpool.Pool {
	tb.Helper()
	cfg, err := pgxpool.ParseConfig(dsn)
	require.NoError(tb, err)
	cfg.MaxConns = int32(conns)
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	require.NoError(tb, err)
	tb.Cleanup(pool.Close)
	return pool
}

// freshPostgres returns a store in a schema of its own, on connections of its own.
func freshPostgres(tb testing.TB, driver string, conns int) pgStore {
	tb.Helper()
	return connect(tb, driver, conns).fresh(tb)
}
