package integration_test

import (
	"database/sql"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage/sqlite"
)

func TestSQLiteMigratesTwice(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		db := openSQLite(t, driver, settings)
		s := newSQLite(t, db)
		require.ErrorIs(t, s.Check(t.Context()), sqlite.ErrSchema, "before the first")
		for range 3 {
			require.NoError(t, s.Migrate(t.Context()))
			require.NoError(t, s.Check(t.Context()))
		}
		var versions int
		require.NoError(t, db.QueryRow("SELECT count(*) FROM aff_schema_version").Scan(&versions))
		assert.Equal(t, 1, versions)
	})
}

// Two handles have pools, and so locks, of their own, as two processes have.
func TestSQLiteMigratesAtOnce(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		file := "file:" + filepath.Join(t.TempDir(), "test.db") + settings
		var wait sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			db, err := sql.Open(driver, file)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			wait.Go(func() { errs[i] = newSQLite(t, db).Migrate(t.Context()) })
		}
		wait.Wait()
		for _, err := range errs {
			assert.NoError(t, err)
		}
	})
}

// migrate runs migrations from files, with the settings of the SQLite store.
func migrate(t *testing.T, db *sql.DB, files fs.FS) error {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	err = sqlstore.Migrations{Files: files}.Migrate(t.Context(), sqlstore.On(tx), sqlstore.SQLite())
	if err != nil {
		require.NoError(t, tx.Rollback())
		return err
	}
	return tx.Commit()
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

const (
	firstFile  = "-- +goose Up\nCREATE TABLE a (x); CREATE TABLE b (x);\n-- +goose Down\nDROP TABLE a;\n"
	secondFile = "-- +goose Up\nINSERT INTO a VALUES (1);\n"
)

func TestSQLiteMigrationsInOrder(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		db := openSQLite(t, driver, settings)
		one := fstest.MapFS{"00001_first.sql": file(firstFile)}
		two := fstest.MapFS{"00001_first.sql": file(firstFile), "00002_second.sql": file(secondFile)}
		require.NoError(t, migrate(t, db, one))
		require.NoError(t, migrate(t, db, two))
		require.NoError(t, migrate(t, db, two))
		var n int
		require.NoError(t, db.QueryRow("SELECT count(*) FROM a").Scan(&n))
		assert.Equal(t, 1, n, "the second ran once")
		require.ErrorIs(t, migrate(t, db, one), sqlstore.ErrSchema, "a database that is ahead")

		changed := fstest.MapFS{"00001_first.sql": file(firstFile + "\n"), "00002_second.sql": file(secondFile)}
		require.ErrorIs(t, migrate(t, db, changed), sqlstore.ErrSchema, "a file that has changed")

		broken := fstest.MapFS{
			"00001_first.sql": file(firstFile), "00002_second.sql": file(secondFile),
			"00003_third.sql": file("-- +goose Up\nCREATE TABLE c (x); INSERT INTO nowhere VALUES (1);\n"),
		}
		require.ErrorContains(t, migrate(t, db, broken), "00003_third.sql")
		_, err := db.Exec("SELECT * FROM c")
		require.Error(t, err, "a migration that fails leaves nothing")

		for name, bad := range map[string]fstest.MapFS{
			"a gap":     {"00002_second.sql": file(secondFile)},
			"no marker": {"00001_first.sql": file("CREATE TABLE a (x);")},
		} {
			require.Error(t, migrate(t, db, bad), name)
		}
	})
}

func TestSQLiteChecks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, driver, settings, want string }{
		{"journal", "sqlite", "?_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)", "journal_mode is delete, not wal"},
		{"synchronous", "sqlite", "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)", "synchronous is 1"},
		{"timeout", "sqlite", "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(0)", "busy_timeout is 0"},
		{"encoding", "sqlite", "?_pragma=encoding('UTF-16le')&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)", "encoding is UTF-16le"},
		{"journal, mattn", "sqlite3", "?_busy_timeout=5000&_synchronous=FULL", "journal_mode is delete, not wal"},
		{"synchronous, mattn", "sqlite3", "?_busy_timeout=5000&_journal_mode=WAL&_synchronous=OFF", "synchronous is 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSQLite(t, openSQLite(t, test.driver, test.settings))
			err := s.Check(t.Context())
			require.ErrorIs(t, err, sqlite.ErrSchema, "both problems are reported")
			require.ErrorIs(t, err, sqlite.ErrSettings)
			require.NoError(t, s.Migrate(t.Context()))
			err = s.Check(t.Context())
			require.ErrorContains(t, err, test.want)
			require.NotErrorIs(t, err, sqlite.ErrSchema)
			assert.Equal(t, 1, strings.Count(err.Error(), "sqlite: wrong settings"), err)
		})
	}
}

// A host may run the files with a tool of its own.
func TestSQLiteWithoutItsRunner(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		db := openSQLite(t, driver, settings)
		text, err := fs.ReadFile(sqlite.Migrations(), "00001_init.sql")
		require.NoError(t, err)
		up, down, found := strings.Cut(string(text), "-- +goose Down\n")
		require.True(t, found)
		_, err = db.Exec(up)
		require.NoError(t, err)
		s := newSQLite(t, db)
		require.NoError(t, s.Check(t.Context()))
		_, err = db.Exec("ALTER TABLE aff_events DROP COLUMN type")
		require.NoError(t, err)
		require.ErrorIs(t, s.Check(t.Context()), sqlite.ErrSchema)

		_, err = db.Exec(down)
		require.NoError(t, err)
		var tables int
		require.NoError(t, db.QueryRow("SELECT count(*) FROM sqlite_master").Scan(&tables))
		assert.Zero(t, tables, "down removes what up made")
	})
}
