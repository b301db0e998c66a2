package integration_test

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/storage/postgres"
)

// A host may partition the clicks by the time in their ids, with a tool of its
// own. Clicks whose id it chose go to the default partition.
func TestPostgresPartitionedClicks(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	schema := newSchema(t, dsn)
	text, err := fs.ReadFile(postgres.Migrations(), "00001_init.sql")
	require.NoError(t, err)
	up, _, _ := strings.Cut(string(text), "-- +goose Down\n")
	before, after, found := strings.Cut(up, ");\nCREATE INDEX aff_clicks_visitor")
	require.True(t, found)
	up = before + `) PARTITION BY RANGE (id);
CREATE TABLE aff_clicks_2026_11 PARTITION OF aff_clicks FOR VALUES FROM ('01a19467-e800') TO ('01a22ee6-b000');
CREATE TABLE aff_clicks_other PARTITION OF aff_clicks DEFAULT;
CREATE INDEX aff_clicks_visitor` + after
	db := openDB(t, "pgx", dsn, 4)
	_, err = db.Exec("CREATE SCHEMA " + schema + "; SET search_path = " + schema + "; " + up + "; RESET search_path")
	require.NoError(t, err)
	s, err := postgres.New(db, postgres.Config{Schema: schema})
	require.NoError(t, err)
	require.NoError(t, s.Check(t.Context()))
	eng, clock := monthly(t, s)
	clock.Set(time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC))
	for range 2 {
		_, err := eng.RecordClick(t.Context(), affiliate.Click{ID: "mine", Partner: "ada", Program: "main", Visitor: "v", At: may(1)})
		require.NoError(t, err)
	}
	_, err = eng.RecordClick(t.Context(), affiliate.Click{Partner: "ada", Program: "main", Visitor: "w", At: may(1)})
	require.NoError(t, err)
	var other int
	require.NoError(t, db.QueryRow("SELECT count(*) FROM "+schema+".aff_clicks_other WHERE id = 'mine'").Scan(&other))
	require.Equal(t, 1, other)
	result, err := eng.PurgeClicks(t.Context(), affiliate.Purge{})
	require.NoError(t, err)
	require.Equal(t, 2, result.Purged)
}
