package integration_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/internal/simulation"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/pgxstore"
	"github.com/goaffiliate/affiliate/storage/postgres"
)

// TestMeetOnPostgres lets facts meet on PostgreSQL, from 64 connections at READ
// COMMITTED: by themselves, and each in a transaction of the host. There are some
// pairs of each kind, and a thousand when AFFILIATE_SOAK is set.
func TestMeetOnPostgres(t *testing.T) {
	t.Parallel()
	n := 60
	if os.Getenv("AFFILIATE_SOAK") != "" {
		n = 1000
	}
	for _, driver := range postgresDrivers {
		t.Run(driver, func(t *testing.T) {
			simulation.Meet(t, func(t *testing.T) (storage.Store, simulation.Host) {
				t.Helper()
				return freshPostgres(t, driver, 64), simulation.Direct
			}, n, 64)
		})
		t.Run(driver+" joined", func(t *testing.T) {
			simulation.Meet(t, func(t *testing.T) (storage.Store, simulation.Host) {
				t.Helper()
				return joinedPostgres(t, driver)
			}, n, 64)
		})
	}
}

// joinedPostgres returns a store, and a host that begins a transaction of its own
// for every fact, writes a row in it, and begins again if it could not be
// serialized.
func joinedPostgres(t *testing.T, driver string) (storage.Store, simulation.Host) {
	t.Helper()
	dsn := pgtest.DSN(t)
	schema := newSchema(t, dsn)
	var store pgStore
	var try func(ctx context.Context, f func(storage.Store) error) error
	if driver == "pgxpool" {
		pool := openPool(t, dsn, 64)
		s, err := pgxstore.New(pool, pgxstore.Config{Schema: schema})
		require.NoError(t, err)
		store, try = s, func(ctx context.Context, f func(storage.Store) error) error {
			return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, "INSERT INTO "+schema+".orders DEFAULT VALUES"); err != nil {
					return err
				}
				return f(s.Join(tx))
			})
		}
	} else {
		db := openDB(t, driver, dsn, 64)
		s, err := postgres.New(db, postgres.Config{Schema: schema})
		require.NoError(t, err)
		store, try = s, func(ctx context.Context, f func(storage.Store) error) error {
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			defer func() { _ = tx.Rollback() }() // which does nothing after Commit
			if _, err := tx.ExecContext(ctx, "INSERT INTO "+schema+".orders DEFAULT VALUES"); err != nil {
				return err
			}
			if err := f(s.Join(tx)); err != nil {
				return err
			}
			return tx.Commit()
		}
	}
	require.NoError(t, store.Migrate(t.Context()))
	_, err := openDB(t, "pgx", dsn, 1).Exec("CREATE TABLE " + schema + ".orders (id bigserial PRIMARY KEY)")
	require.NoError(t, err)
	return store, func(ctx context.Context, eng *affiliate.Engine, happen func(*affiliate.Engine) error) error {
		for {
			err := try(ctx, func(s storage.Store) error { return happen(eng.Within(s)) })
			if !errors.Is(err, storage.ErrSerialization) {
				return err
			}
		}
	}
}
