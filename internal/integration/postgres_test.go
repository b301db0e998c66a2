package integration_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/storage/postgres"
	"github.com/goaffiliate/affiliate/storage/storagetest"
)

func TestPostgresConforms(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		conns := connect(t, driver, 16)
		storagetest.Run(t, storagetest.Harness{Open: func(t *testing.T) storage.Store {
			t.Helper()
			return conns.fresh(t)
		}})
	})
}

func TestPostgresIsLikeMemory(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		conns := connect(t, driver, 4)
		for seed := range uint64(3) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				storagetest.Differential(t, memory.New(), conns.fresh(t), seed)
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
