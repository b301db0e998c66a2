package integration_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	_ "github.com/mattn/go-sqlite3"
	_ "modernc.org/sqlite"

	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/storage/sqlite"
	"github.com/goaffiliate/affiliate/storage/storagetest"
)

// sqliteDrivers are the drivers that the store is tested with, and how each
// spells the settings of a connection.
var sqliteDrivers = []struct{ name, settings string }{
	{"sqlite", "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"},
	{"sqlite3", "?_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL"},
}

// eachSQLite runs a test with every driver.
func eachSQLite(t *testing.T, f func(t *testing.T, driver, settings string)) {
	t.Helper()
	for _, d := range sqliteDrivers {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			f(t, d.name, d.settings)
		})
	}
}

// openSQLite opens a database in a new file.
func openSQLite(tb testing.TB, driver, settings string) *sql.DB {
	tb.Helper()
	db, err := sql.Open(driver, "file:"+filepath.Join(tb.TempDir(), "test.db")+settings)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db
}

// newSQLite returns a store over a database.
func newSQLite(tb testing.TB, db *sql.DB) *sqlite.Store {
	tb.Helper()
	s, err := sqlite.New(db, sqlite.Config{})
	require.NoError(tb, err)
	return s
}

// migrated returns a store over a new file.
func migrated(tb testing.TB, driver, settings string) *sqlite.Store {
	tb.Helper()
	s := newSQLite(tb, openSQLite(tb, driver, settings))
	require.NoError(tb, s.Migrate(tb.Context()))
	require.NoError(tb, s.Check(tb.Context()))
	return s
}

func TestSQLiteConforms(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		storagetest.Run(t, storagetest.Harness{Open: func(t *testing.T) storage.Store {
			t.Helper()
			return migrated(t, driver, settings)
		}})
	})
}

func TestSQLiteIsLikeMemory(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		for seed := range uint64(3) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				storagetest.Differential(t, memory.New(), migrated(t, driver, settings), seed)
			})
		}
	})
}
