package integration_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/storage/pgxstore"
	"github.com/goaffiliate/affiliate/storage/postgres"
	"github.com/goaffiliate/affiliate/storage/storagetest"
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

// openPostgres opens a store in a schema, with so many connections at most.
func openPostgres(tb testing.TB, driver, dsn, schema string, conns int) pgStore {
	tb.Helper()
	if driver == "pgxpool" {
		s, err := pgxstore.New(openPool(tb, dsn, conns), pgxstore.Config{Schema: schema})
		require.NoError(tb, err)
		return s
	}
	s, err := postgres.New(openDB(tb, driver, dsn, conns), postgres.Config{Schema: schema})
	require.NoError(tb, err)
	return s
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

// freshPostgres returns a store in a schema of its own.
func freshPostgres(tb testing.TB, driver string, conns int) pgStore {
	tb.Helper()
	dsn := pgtest.DSN(tb)
	s := openPostgres(tb, driver, dsn, newSchema(tb, dsn), conns)
	require.NoError(tb, s.Migrate(tb.Context()))
	return s
}

func TestPostgresConforms(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		storagetest.Run(t, storagetest.Harness{Open: func(t *testing.T) storage.Store {
			t.Helper()
			return freshPostgres(t, driver, 16)
		}})
	})
}

func TestPostgresIsLikeMemory(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		for seed := range uint64(3) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				storagetest.Differential(t, memory.New(), freshPostgres(t, driver, 4), seed)
			})
		}
	})
}

// Every statement can be prepared, with and without a name for the tables.
func TestPostgresStatements(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"pgx", "postgres"} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			dsn := pgtest.DSN(t)
			names := sqlstore.Names{Schema: newSchema(t, dsn), Prefix: "partner_"}
			d, err := sqlstore.Postgres().In(names)
			require.NoError(t, err)
			db := openDB(t, driver, dsn, 1)
			s, err := postgres.New(db, postgres.Config(names))
			require.NoError(t, err)
			require.NoError(t, s.Migrate(t.Context()))
			for _, text := range sqlstore.Texts(d) {
				stmt, err := db.Prepare(text)
				require.NoError(t, err, text)
				require.NoError(t, stmt.Close()) //nolint:sqlclosecheck // a loop
			}
		})
	}
}
