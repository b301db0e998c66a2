package integration_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/simulation"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/pgxstore"
	"github.com/goaffiliate/affiliate/storage/postgres"
)

// TestMeetOnPostgres lets facts meet on PostgreSQL, from 64 connections at READ
// COMMITTED: by themselves, and each in a transaction of the host. There are some
// pairs of each kind, and a thousand when AFFILIATE_SOAK is set. Within transactions
// they meet over one driver, and over all when AFFILIATE_CHECK is set.
func TestMeetOnPostgres(t *testing.T) {
	t.Parallel()
	n := 32 // of two facts each: all connections are busy at once
	if os.Getenv("AFFILIATE_SOAK") != "" {
		n = 1000
	}
	for _, driver := range postgresDrivers {
		t.Run(driver, func(t *testing.T) {
			conns := connect(t, driver, 64)
			simulation.Meet(t, func(t *testing.T) (storage.Store, simulation.Host) {
				t.Helper()
				return conns.fresh(t), simulation.Direct
			}, n, 64)
			if driver != postgresDrivers[0] && !atLength() {
				return
			}
			t.Run("joined", func(t *testing.T) {
				simulation.Meet(t, func(t *testing.T) (storage.Store, simulation.Host) {
					t.Helper()
					return joinedPostgres(t, conns)
				}, n, 64)
			})
		})
	}
}

// joinedPostgres returns a store, and a host that begins a transaction of its own
// for every fact, writes a row in it, and begins again if it could not be
// serialized.
func joinedPostgres(t *testing.T, conns *connections) (storage.Store, simulation.Host) {
	t.Helper()
	schema := newSchema(t, conns.dsn)
	store := conns.open(t, schema)
	var try func(ctx context.Context, f func(storage.Store) error) error
	switch s := store.(type) {
	case *pgxstore.Store:
		try = func(ctx context.Context, f func(storage.Store) error) error {
			return pgx.BeginFunc(ctx, conns.pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, "INSERT INTO "+schema+".orders DEFAULT VALUES"); err != nil {
					return err
				}
				return f(s.Join(tx))
			})
		}
	case *postgres.Store:
		try = func(ctx context.Context, f func(storage.Store) error) error {
			tx, err := conns.db.BeginTx(ctx, nil)
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
	conns.exec(t, "CREATE TABLE "+schema+".orders (id bigserial PRIMARY KEY)")
	return store, func(ctx context.Context, eng *affiliate.Engine, happen func(*affiliate.Engine) error) error {
		for {
			err := try(ctx, func(s storage.Store) error { return happen(eng.Within(s)) })
			if !errors.Is(err, storage.ErrSerialization) {
				return err
			}
		}
	}
}
