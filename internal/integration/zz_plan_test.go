package integration_test

import (
	"strings"
	"testing"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage/sqlite"
	"github.com/stretchr/testify/require"
)

func TestZZPlan(t *testing.T) {
	for _, d := range sqliteDrivers {
		db := openSQLite(t, d.name, d.settings)
		require.NoError(t, sqlite.New(db).Migrate(t.Context()))
		var v string
		require.NoError(t, db.QueryRow("select sqlite_version()").Scan(&v))
		t.Log(d.name, v)
		for _, text := range sqlstore.Texts(sqlstore.Dialect{List: `(SELECT value AS first FROM json_each(?)) AS list`, Pairs: `(SELECT value ->> 0 AS first, value ->> 1 AS second FROM json_each(?)) AS list`}) {
			if strings.HasPrefix(text, "INSERT") {
				continue
			}
			rows, err := db.Query("EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...)
			require.NoError(t, err)
			var plan []string
			for rows.Next() {
				var a, b, c int
				var s string
				require.NoError(t, rows.Scan(&a, &b, &c, &s))
				plan = append(plan, s)
			}
			t.Logf("%.150s\n   => %s", text, strings.Join(plan, "\n      "))
		}
	}
}
