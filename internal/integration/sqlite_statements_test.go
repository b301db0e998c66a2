package integration_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
)

// TestSQLitePlans prepares every statement and looks at how it finds its rows: by
// a key or an index, and never through all rows of an organization unless it
// asks for all of them.
func TestSQLitePlans(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		db := openSQLite(t, driver, settings)
		require.NoError(t, newSQLite(t, db).Migrate(t.Context()))
		texts := sqlstore.Texts(sqlstore.SQLite())
		require.Greater(t, len(texts), 100)
		for _, text := range texts {
			for _, step := range planOf(t, db, text) {
				whole := strings.HasSuffix(step, "(org=?)") && strings.Count(text, "?") > 1
				assert.False(t, whole || strings.HasPrefix(step, "SCAN aff_"), "%s\n%s", text, step)
			}
		}
	})
}

func planOf(t *testing.T, db *sql.DB, text string) (steps []string) {
	t.Helper()
	stmt, err := db.PrepareContext(t.Context(), "EXPLAIN QUERY PLAN "+text)
	require.NoError(t, err, text)
	defer func() { require.NoError(t, stmt.Close()) }()
	rows, err := stmt.QueryContext(t.Context(), make([]any, strings.Count(text, "?"))...)
	require.NoError(t, err, text)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	require.NoError(t, rows.Err())
	return steps
}

// TestSQLiteStatements counts what one conversion costs.
func TestSQLiteStatements(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		db, count := counted(t, driver, "file:"+filepath.Join(t.TempDir(), "test.db")+settings)
		s := newSQLite(t, db)
		require.NoError(t, s.Migrate(t.Context()))
		for n := range 1001 { // the last one meets known anchors
			require.NoError(t, record(t.Context(), s, n, 1))
			if n < 1000 {
				count.take()
			}
		}
		var verbs []string
		for _, text := range count.take() {
			words := strings.Fields(strings.Replace(text, "INSERT OR FAIL", "INSERT", 1))
			verbs = append(verbs, strings.Join(words[:min(3, len(words))], " "))
		}
		assert.Equal(t, []string{
			"SELECT kind, key,", "SELECT id, at,", "SELECT key, at,",
			"BEGIN", "INSERT INTO aff_anchors", "UPDATE aff_anchors SET", "UPDATE aff_anchors SET",
			"INSERT INTO aff_conversions", "INSERT INTO aff_entries", "INSERT INTO aff_notes", "INSERT INTO aff_events", "COMMIT",
		}, verbs)

		require.NoError(t, record(t.Context(), s, 1001, 64))
		many := count.take()
		assert.LessOrEqual(t, len(many), 64, strings.Join(many, "\n"))
	})
}
