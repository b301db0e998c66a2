package integration_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/sqlite"
)

// What the host's transaction migrates, under a prefix of its choice, is committed
// or rolled back with it.
func TestSQLiteMigrateTx(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		db := openSQLite(t, driver, settings)
		s, err := sqlite.New(db, sqlite.Config{Prefix: "partner_"})
		require.NoError(t, err)
		for _, keep := range []bool{false, true} {
			tx, err := db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			require.NoError(t, s.MigrateTx(t.Context(), tx))
			_, err = tx.Exec("CREATE TABLE orders (id INTEGER)")
			require.NoError(t, err)
			if !keep {
				require.NoError(t, tx.Rollback())
				require.ErrorIs(t, s.Check(t.Context()), sqlite.ErrSchema)
				continue
			}
			require.NoError(t, tx.Commit())
			require.NoError(t, s.Check(t.Context()))
		}
		require.NoError(t, sell(t.Context(), shop(t, s, "known"), "in_1", "known"))
		require.Equal(t, 1, countRows(t, db, "partner_conversions"))
	})
	_, err := sqlite.New(nil, sqlite.Config{Prefix: "a b"})
	require.Error(t, err)
}

// A database without space returns a typed error and holds no part of what did not
// fit; with space, the same again ends in one effect.
func TestSQLiteFull(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		db := openSQLite(t, driver, settings)
		db.SetMaxOpenConns(1) // the limit is the connection's
		s := newSQLite(t, db)
		require.NoError(t, s.Migrate(t.Context()))
		eng := shop(t, s, "known")
		var pages int
		require.NoError(t, db.QueryRow("PRAGMA page_count").Scan(&pages))
		_, err := db.Exec(fmt.Sprint("PRAGMA max_page_count = ", pages+8))
		require.NoError(t, err)
		n := 0
		for ; err == nil && n < 10_000; n++ {
			err = sell(t.Context(), eng, fmt.Sprint("in_", n), "known")
		}
		require.ErrorIs(t, err, storage.ErrFull)
		last := fmt.Sprint("in_", n-1)
		requireSold(t, s, last, false)
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		require.ErrorIs(t, sell(t.Context(), eng.Within(s.Join(tx)), last, "known"), storage.ErrFull)
		if err := tx.Rollback(); err != nil { // SQLite may have ended it by itself
			require.ErrorContains(t, err, "no transaction is active")
		}
		_, err = db.Exec("PRAGMA max_page_count = 1000000")
		require.NoError(t, err)
		require.NoError(t, errors.Join(sell(t.Context(), eng, last, "known"), sell(t.Context(), eng, last, "known")))
		requireSold(t, s, last, true)
	})
}
