package integration_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/pgxstore"
	"github.com/goaffiliate/affiliate/storage/postgres"
	"github.com/goaffiliate/affiliate/storage/sqlite"
	"github.com/goaffiliate/affiliate/storage/storagetest"
)

// host is an application with a store in its own database, where it has a table
// of orders.
type host struct {
	store  storage.Store
	begin  func(ctx context.Context) (*hostTx, error)
	orders func(ctx context.Context) ([]string, error) // that are committed
}

// hostTx is a transaction of the host.
type hostTx struct {
	store    storage.Store // joined
	order    func(ctx context.Context, id string) error
	commit   func() error
	rollback func() error
}

// hosts are the kinds of hosts, by database and driver.
var hosts = append([]string{"sqlite", "sqlite3"}, postgresDrivers...)

// eachHost runs a test with every kind of host, with so many connections.
func eachHost(t *testing.T, kinds []string, conns int, f func(t *testing.T, h *host)) {
	t.Helper()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f(t, newHost(t, kind, conns))
		})
	}
}

func newHost(t *testing.T, kind string, conns int) *host {
	t.Helper()
	for _, d := range sqliteDrivers {
		if d.name == kind {
			settings := d.settings + map[string]string{"sqlite": "&_txlock=immediate", "sqlite3": "&_txlock=immediate"}[kind]
			db := openSQLite(t, d.name, settings)
			db.SetMaxOpenConns(conns)
			s, err := sqlite.New(db, sqlite.Config{})
			require.NoError(t, err)
			require.NoError(t, s.Migrate(t.Context()))
			return sqlHost(t, db, "?", s, s.Join)
		}
	}
	return newPostgresHost(t, kind, pgtest.NewSchema(t), conns)
}

// newPostgresHost returns a host with its tables where the connections of a URL
// look for them. There may be several.
func newPostgresHost(t *testing.T, driver, dsn string, conns int) *host {
	t.Helper()
	if driver == "pgxpool" {
		pool := openPool(t, dsn, conns)
		s, err := pgxstore.New(pool, pgxstore.Config{})
		require.NoError(t, err)
		require.NoError(t, s.Migrate(t.Context()))
		return pgxHost(t, pool, s)
	}
	db := openDB(t, driver, dsn, conns)
	s, err := postgres.New(db, postgres.Config{})
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
	return sqlHost(t, db, "$1", s, s.Join)
}

const createOrders = "CREATE TABLE IF NOT EXISTS orders (id TEXT NOT NULL PRIMARY KEY)"

func sqlHost(t *testing.T, db *sql.DB, parameter string, s storage.Store, join func(*sql.Tx) storage.Store) *host {
	t.Helper()
	_, err := db.Exec(createOrders)
	require.NoError(t, err)
	h := &host{store: s}
	h.begin = func(ctx context.Context) (*hostTx, error) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		order := func(ctx context.Context, id string) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO orders VALUES ("+parameter+")", id)
			return err
		}
		return &hostTx{join(tx), order, tx.Commit, tx.Rollback}, nil
	}
	h.orders = func(ctx context.Context) (ids []string, err error) {
		rows, err := db.QueryContext(ctx, "SELECT id FROM orders")
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
		return ids, rows.Err()
	}
	return h
}

func pgxHost(t *testing.T, pool *pgxpool.Pool, s *pgxstore.Store) *host {
	t.Helper()
	_, err := pool.Exec(t.Context(), createOrders)
	require.NoError(t, err)
	h := &host{store: s}
	h.begin = func(ctx context.Context) (*hostTx, error) {
		tx, err := pool.BeginTx(ctx, pgx.TxOptions{})
		if err != nil {
			return nil, err
		}
		order := func(ctx context.Context, id string) error {
			_, err := tx.Exec(ctx, "INSERT INTO orders VALUES ($1)", id)
			return err
		}
		end := context.WithoutCancel(ctx)
		return &hostTx{
			s.Join(tx), order,
			func() error { return tx.Commit(end) },
			func() error { return tx.Rollback(end) },
		}, nil
	}
	h.orders = func(ctx context.Context) ([]string, error) {
		rows, err := pool.Query(ctx, "SELECT id FROM orders")
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	}
	return h
}

// within runs a function in a transaction that is committed if it succeeds.
func (h *host) within(ctx context.Context, f func(tx *hostTx) error) error {
	tx, err := h.begin(ctx)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		_ = tx.rollback() // what it could add is not why
		return err
	}
	return tx.commit()
}

// conforming returns the host as the conformance suite knows it.
func (h *host) conforming(conns int) storagetest.Host {
	return storagetest.Host{
		Store: h.store,
		Begin: func(ctx context.Context) (storagetest.HostTx, error) {
			tx, err := h.begin(ctx)
			if err != nil {
				return storagetest.HostTx{}, err
			}
			return storagetest.HostTx{Store: tx.store, Mark: tx.order, Commit: tx.commit, Rollback: tx.rollback}, nil
		},
		Marks: h.orders, Single: conns == 1,
	}
}

// TestHostsConform runs the cases of hosts, over several connections and over
// one.
func TestHostsConform(t *testing.T) {
	t.Parallel()
	for _, conns := range []int{1, 4} {
		for _, kind := range hosts {
			t.Run(fmt.Sprint(kind, " ", conns), func(t *testing.T) {
				t.Parallel()
				storagetest.RunHost(t, func(t *testing.T) storagetest.Host {
					t.Helper()
					return newHost(t, kind, conns).conforming(conns)
				})
			})
		}
	}
}
