package integration_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/storage/storagetest"
)

// A host may allow a single connection.
func TestSQLiteOnOneConnection(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		db := openSQLite(t, driver, settings)
		db.SetMaxOpenConns(1)
		s := newSQLite(t, db)
		require.NoError(t, s.Migrate(t.Context()))
		storagetest.Differential(t, memory.New(), s, 99)
	})
}

// Another process that writes makes a commit wait, and fail once the busy
// timeout is over. Then nothing is written and nothing is left locked.
func TestSQLiteBusy(t *testing.T) {
	t.Parallel()
	for _, d := range []struct{ driver, settings string }{
		{"sqlite", "?_pragma=busy_timeout(300)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"},
		{"sqlite3", "?_busy_timeout=300&_journal_mode=WAL&_synchronous=FULL"},
	} {
		t.Run(d.driver, func(t *testing.T) {
			t.Parallel()
			file := "file:" + filepath.Join(t.TempDir(), "test.db") + d.settings
			db, err := sql.Open(d.driver, file)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			s := newSQLite(t, db)
			require.NoError(t, s.Migrate(t.Context()))

			other, err := sql.Open(d.driver, file)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, other.Close()) })
			conn, err := other.Conn(t.Context())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, conn.Close()) })
			_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
			require.NoError(t, err)

			changes := []storage.Change{conversionChange(1, nil)}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err = s.Commit(ctx, benchOrg, changes)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			_, err = s.Commit(t.Context(), benchOrg, changes)
			require.Error(t, err)
			rows, err := s.Rows(t.Context(), benchOrg)
			require.NoError(t, err)
			assert.Empty(t, rows)

			_, err = conn.ExecContext(t.Context(), "ROLLBACK")
			require.NoError(t, err)
			outcomes, err := s.Commit(t.Context(), benchOrg, changes)
			require.NoError(t, err)
			assert.Equal(t, []storage.Outcome{storage.Committed}, outcomes)
		})
	}
}
