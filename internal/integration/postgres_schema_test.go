package integration_test

import (
	"database/sql"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage/pgxstore"
	"github.com/goaffiliate/affiliate/storage/postgres"
)

func TestPostgresMigratesTwice(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		dsn := pgtest.DSN(t)
		schema := newSchema(t, dsn)
		s := openPostgres(t, driver, dsn, schema, 2)
		require.ErrorIs(t, s.Check(t.Context()), postgres.ErrSchema, "before the first")
		for range 3 {
			require.NoError(t, s.Migrate(t.Context()))
			require.NoError(t, s.Check(t.Context()))
		}
		require.Equal(t, 1, countRows(t, openDB(t, "pgx", dsn, 1), schema+".aff_schema_version"))
	})
}

func countRows(t *testing.T, db *sql.DB, table string) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRow("SELECT count(*) FROM "+table).Scan(&n))
	return n
}

// Several processes may migrate a new database at once.
func TestPostgresMigratesAtOnce(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	for range 5 {
		schema := newSchema(t, dsn)
		var wait sync.WaitGroup
		errs := make([]error, 12)
		for i := range errs {
			s := openPostgres(t, postgresDrivers[i%len(postgresDrivers)], dsn, schema, 1)
			wait.Go(func() { errs[i] = s.Migrate(t.Context()) })
		}
		wait.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
	}
}

// What the host's transaction migrates is committed or rolled back with it.
func TestPostgresMigrateTx(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	db, pool := openDB(t, "postgres", dsn, 2), openPool(t, dsn, 2)
	for _, keep := range []bool{false, true} {
		names := sqlstore.Names{Schema: newSchema(t, dsn), Prefix: "partner_"}
		s, err := postgres.New(db, postgres.Config(names))
		require.NoError(t, err)
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		require.NoError(t, s.MigrateTx(t.Context(), tx))
		_, err = tx.Exec("CREATE TABLE " + names.Schema + ".orders (id bigint)")
		require.NoError(t, err)
		if keep {
			require.NoError(t, tx.Commit())
			require.NoError(t, s.Check(t.Context()))
			require.Zero(t, countRows(t, db, names.Schema+".partner_clicks"))
		} else {
			require.NoError(t, tx.Rollback())
			require.ErrorIs(t, s.Check(t.Context()), postgres.ErrSchema)
		}

		names.Prefix = "pool_"
		p, err := pgxstore.New(pool, pgxstore.Config(names))
		require.NoError(t, err)
		failed := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
			if err := p.MigrateTx(t.Context(), tx); err != nil || keep {
				return err
			}
			return sql.ErrTxDone // as good as any
		})
		require.Equal(t, keep, failed == nil)
		require.Equal(t, keep, p.Check(t.Context()) == nil)
	}
}

// A migration that was applied and has changed since is refused, and so is a
// database that is ahead. The host's transaction stays usable.
func TestPostgresRefusesChangedMigrations(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	schema := newSchema(t, dsn)
	d, err := sqlstore.Postgres().In(sqlstore.Names{Schema: schema})
	require.NoError(t, err)
	db := openDB(t, "pgx", dsn, 1)
	migrate := func(files fs.FS) error {
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		in := sqlstore.On(tx)
		failed := sqlstore.Saved(t.Context(), in, func() error {
			return sqlstore.PostgresMigrations(files).Migrate(t.Context(), in, d)
		})
		_, err = tx.Exec("SELECT 1")
		require.NoError(t, err, "usable")
		require.NoError(t, tx.Commit())
		return failed
	}
	first := "-- +goose Up\nCREATE TABLE aff_a (x int); CREATE INDEX aff_a_x ON aff_a (x);\n-- +goose Down\nDROP TABLE aff_a;\n"
	second := "-- +goose Up\nINSERT INTO aff_a VALUES (1);\n"
	one := fstest.MapFS{"00001_first.sql": file(first)}
	two := fstest.MapFS{"00001_first.sql": file(first), "00002_second.sql": file(second)}
	require.NoError(t, migrate(one))
	require.NoError(t, migrate(two))
	require.NoError(t, migrate(two))
	require.Equal(t, 1, countRows(t, db, schema+".aff_a"), "the second ran once")
	require.ErrorIs(t, migrate(one), sqlstore.ErrSchema, "a database that is ahead")
	changed := fstest.MapFS{"00001_first.sql": file(first + "\n"), "00002_second.sql": file(second)}
	require.ErrorIs(t, migrate(changed), sqlstore.ErrSchema, "a file that has changed")
	broken := fstest.MapFS{
		"00001_first.sql": file(first), "00002_second.sql": file(second),
		"00003_third.sql": file("-- +goose Up\nCREATE TABLE aff_c (x int); INSERT INTO nowhere VALUES (1);\n"),
	}
	require.ErrorContains(t, migrate(broken), "00003_third.sql")
	_, err = db.Exec("SELECT * FROM " + schema + ".aff_c")
	require.Error(t, err, "a migration that fails leaves nothing")
}

// A host may run the files with a tool of its own.
func TestPostgresWithoutItsRunner(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewSchema(t)
	db := openDB(t, "pgx", dsn, 1)
	text, err := fs.ReadFile(postgres.Migrations(), "00001_init.sql")
	require.NoError(t, err)
	up, down, found := strings.Cut(string(text), "-- +goose Down\n")
	require.True(t, found)
	_, err = db.Exec(up)
	require.NoError(t, err)
	s, err := postgres.New(db, postgres.Config{})
	require.NoError(t, err)
	require.NoError(t, s.Check(t.Context()))
	_, err = db.Exec("ALTER TABLE aff_events DROP COLUMN type")
	require.NoError(t, err)
	require.ErrorIs(t, s.Check(t.Context()), postgres.ErrSchema)
	_, err = db.Exec(down)
	require.NoError(t, err)
	assert.Zero(t, countRows(t, db, "pg_tables WHERE schemaname = current_schema()"), "down removes what up made")
}

// Check sees settings with which an acknowledged commit can be lost.
func TestPostgresChecksSettings(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewSchema(t)
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		s := openPostgres(t, driver, dsn+"&synchronous_commit=off", newSchema(t, dsn), 1)
		err := s.Check(t.Context())
		require.ErrorIs(t, err, postgres.ErrSchema, "both problems are reported")
		require.ErrorIs(t, err, postgres.ErrSettings)
		require.ErrorContains(t, err, "synchronous_commit is off")
	})
}

func TestPostgresNames(t *testing.T) {
	t.Parallel()
	for _, cfg := range []postgres.Config{{Schema: `x"; DROP`}, {Schema: "Upper"}, {Prefix: "1_"}, {Prefix: strings.Repeat("a", 40)}} {
		_, err := postgres.New(nil, cfg)
		require.Error(t, err, cfg)
	}
}
