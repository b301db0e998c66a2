package integration_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// requireStoreError has a sale fail with an error of the database under a code, and
// store nothing.
func requireStoreError(t *testing.T, err error, want error, code string) {
	t.Helper()
	require.ErrorIs(t, err, want)
	require.Equal(t, code, affiliate.ErrorCode(err))
	require.Empty(t, affiliate.Problems(err))
}

// A database that takes no writes, such as a standby, is read from, and says so where
// something is to be written.
func TestPostgresReadOnly(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		dsn := pgtest.NewSchema(t)
		writable := newPostgresHost(t, "pgxpool", dsn, 2)
		require.NoError(t, sell(t.Context(), shop(t, writable.store, "known"), "in_1", "known"))

		standby := openPostgres(t, driver, dsn+"&default_transaction_read_only=on", "", 2)
		eng, err := affiliate.New(standby, affiliate.Config{})
		require.NoError(t, err)
		_, err = eng.Payouts(t.Context(), "")
		require.NoError(t, err)
		requireStoreError(t, sell(t.Context(), eng, "in_2", "known"), affiliate.ErrReadOnly, "read_only")
		requireSold(t, writable.store, "in_2", false)
	})
}

func TestSQLiteReadOnly(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		file := "file:" + filepath.Join(t.TempDir(), "test.db")
		db, err := sql.Open(driver, file+settings)
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		s := newSQLite(t, db)
		require.NoError(t, s.Migrate(t.Context()))
		require.NoError(t, sell(t.Context(), shop(t, s, "known"), "in_1", "known"))

		reader, err := sql.Open(driver, file+"?mode=ro")
		require.NoError(t, err)
		defer func() { require.NoError(t, reader.Close()) }()
		eng, err := affiliate.New(newSQLite(t, reader), affiliate.Config{})
		require.NoError(t, err)
		_, err = eng.Payouts(t.Context(), "")
		require.NoError(t, err)
		requireStoreError(t, sell(t.Context(), eng, "in_2", "known"), affiliate.ErrReadOnly, "read_only")
		requireSold(t, s, "in_2", false)
	})
}

// A statement that somebody cancels at the server is no timeout.
func TestPostgresCanceledStatement(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		dsn := pgtest.NewSchema(t)
		h := newPostgresHost(t, driver, dsn, 4)
		eng := shop(t, h.store, "known")
		release := hold(t, h, eng, "known")
		failed := make(chan error, 1)
		go func() { failed <- sell(context.WithoutCancel(t.Context()), eng, "in_1", "known") }()
		db := openDB(t, "pgx", dsn, 1)
		var err error
		require.Eventually(t, func() bool {
			_, canceled := db.Exec(`SELECT pg_cancel_backend(l.pid) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
				WHERE NOT l.granted AND EXISTS (SELECT FROM pg_locks AS mine JOIN pg_class AS c ON c.oid = mine.relation
				WHERE mine.pid = l.pid AND c.relnamespace = current_schema::regnamespace)`)
			require.NoError(t, canceled)
			select {
			case err = <-failed:
				return true
			default:
				return false
			}
		}, 30*time.Second, 20*time.Millisecond)
		requireStoreError(t, err, affiliate.ErrCanceled, "canceled")
		release()
		requireSold(t, h.store, "in_1", false)
		require.NoError(t, sell(t.Context(), eng, "in_1", "known"))
	})
}

// A context that ends is an error of its own, on every store, before and while the
// database works.
func TestCanceledContextOnEveryStore(t *testing.T) {
	t.Parallel()
	stores := map[string]func(t *testing.T) storage.Store{
		"memory": func(*testing.T) storage.Store { return memory.New() },
	}
	for _, d := range sqliteDrivers {
		stores[d.name] = func(t *testing.T) storage.Store { t.Helper(); return migrated(t, d.name, d.settings) }
	}
	for _, driver := range postgresDrivers {
		stores[driver] = func(t *testing.T) storage.Store { t.Helper(); return freshPostgres(t, driver, 2) }
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			eng := shop(t, store, "known")
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			err := sell(ctx, eng, "in_1", "known")
			requireStoreError(t, err, affiliate.ErrCanceled, "canceled")
			require.ErrorIs(t, err, context.Canceled)
			requireSold(t, store, "in_1", false)
			_, err = eng.Payouts(ctx, "")
			requireStoreError(t, err, affiliate.ErrCanceled, "canceled")

			// It ends somewhere on the way; what comes of the sale is open, but not what
			// the error says.
			for i := range 20 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i*100)*time.Microsecond)
				if err := sell(ctx, eng, "in_on_the_way", "known"); err != nil {
					requireStoreError(t, err, affiliate.ErrCanceled, "canceled")
					require.ErrorIs(t, err, context.DeadlineExceeded)
				}
				cancel()
			}
			require.NoError(t, sell(t.Context(), eng, "in_on_the_way", "known"))
			requireSold(t, store, "in_on_the_way", true)
		})
	}
}
