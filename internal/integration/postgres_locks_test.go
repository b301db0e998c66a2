package integration_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/storage"
)

// pgShop is a host with a customer "known" and another one.
func pgShop(t *testing.T, driver, dsn string, conns int) (pgHost, *affiliate.Engine) {
	t.Helper()
	host := newPgHost(t, driver, dsn, conns)
	require.NoError(t, host.Migrate(t.Context()))
	return host, shop(t, host, "known", "other")
}

// hold has another transaction hold a customer, until release.
func hold(t *testing.T, host pgHost, eng *affiliate.Engine, customer string) (release func()) {
	t.Helper()
	tx, err := host.begin(t.Context(), sql.LevelDefault)
	require.NoError(t, err)
	require.NoError(t, sell(t.Context(), eng.Within(tx.store), "in_held", customer))
	return func() { require.NoError(t, tx.rollback(t.Context())) }
}

// A commit waits for a transaction that holds the customer, but not longer than
// the database or the context allow. Nothing is written then.
func TestPostgresWaits(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		dsn := pgtest.NewSchema(t)
		holder, holding := pgShop(t, driver, dsn, 2)
		for _, test := range []struct {
			name, setting string
			patience      time.Duration
			want          error
		}{
			{"lock_timeout", "&lock_timeout=200ms", time.Minute, storage.ErrTimeout},
			{"statement_timeout", "&statement_timeout=200ms", time.Minute, storage.ErrTimeout},
			{"deadline", "", 200 * time.Millisecond, context.DeadlineExceeded},
		} {
			t.Run(test.name, func(t *testing.T) {
				waiter := newPgHost(t, driver, dsn+test.setting, 2)
				eng, err := affiliate.New(waiter, affiliate.Config{})
				require.NoError(t, err)
				release := hold(t, holder, holding, "known")
				ctx, cancel := context.WithTimeout(t.Context(), test.patience)
				defer cancel()
				require.ErrorIs(t, sell(ctx, eng, test.name, "known"), test.want)
				ctx, cancel = context.WithTimeout(t.Context(), test.patience)
				defer cancel()
				waitsInside(t, ctx, waiter, eng, test.name, test.want)
				release()

				requireSold(t, holder, test.name, false)
				require.NoError(t, sell(t.Context(), eng, test.name, "known"))
				requireSold(t, holder, test.name, true)
				requireSold(t, holder, "in_held", false)
			})
		}
	})
}

// waitsInside lets a transaction of the host wait in vain. Where a statement ended
// by itself, the host sells to somebody else.
func waitsInside(t *testing.T, ctx context.Context, host pgHost, eng *affiliate.Engine, id string, want error) {
	t.Helper()
	tx, err := host.begin(t.Context(), sql.LevelDefault)
	require.NoError(t, err)
	within := eng.Within(tx.store)
	require.ErrorIs(t, sell(ctx, within, id, "known"), want)
	if ctx.Err() != nil {
		_ = tx.rollback(t.Context()) // the connection may have gone with the context
		return
	}
	require.NoError(t, sell(t.Context(), within, id+" instead", "other"))
	require.NoError(t, tx.commit(t.Context()))
	requireSold(t, host, id+" instead", true)
}

// Two transactions of the host that sell to two customers in opposite order end
// each other's wait. One of them gets an error, and its host starts again.
func TestPostgresDeadlock(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		host, eng := pgShop(t, driver, pgtest.NewSchema(t), 4)
		var met, wait sync.WaitGroup
		met.Add(2)
		var mu sync.Mutex
		deadlocks := 0
		for i, customers := range [][]string{{"known", "other"}, {"other", "known"}} {
			wait.Go(func() {
				meet := sync.OnceFunc(func() { met.Done(); met.Wait() })
				for {
					err := sellBoth(t.Context(), host, eng, fmt.Sprint("in_", i), customers, meet)
					if err == nil {
						return
					}
					if !assert.ErrorIs(t, err, storage.ErrSerialization) {
						return
					}
					mu.Lock()
					deadlocks++
					mu.Unlock()
				}
			})
		}
		wait.Wait()
		assert.Equal(t, 1, deadlocks)
		for i := range 2 {
			requireSold(t, host, fmt.Sprint("in_", i, " known"), true)
			requireSold(t, host, fmt.Sprint("in_", i, " other"), true)
		}
	})
}

// sellBoth sells to two customers in one transaction, and meets somebody between.
func sellBoth(ctx context.Context, host pgHost, eng *affiliate.Engine, id string, customers []string, meet func()) error {
	tx, err := host.begin(ctx, sql.LevelDefault)
	if err != nil {
		return err
	}
	within := eng.Within(tx.store)
	err = sell(ctx, within, id+" "+customers[0], customers[0])
	meet()
	if err == nil {
		err = sell(ctx, within, id+" "+customers[1], customers[1])
	}
	if err != nil {
		return errors.Join(err, tx.rollback(ctx))
	}
	return tx.commit(ctx)
}

// A transaction with a snapshot from before another sale cannot be serialized.
// The host can go on with it, but has to start again to sell.
func TestPostgresSnapshots(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		host, eng := pgShop(t, driver, pgtest.NewSchema(t), 2)
		for _, level := range []sql.IsolationLevel{sql.LevelRepeatableRead, sql.LevelSerializable} {
			inside := level.String()
			for attempt := range 2 {
				tx, err := host.begin(t.Context(), level)
				require.NoError(t, err)
				require.NoError(t, tx.exec(t.Context(), "SELECT count(*) FROM aff_anchors")) // the snapshot
				within := eng.Within(tx.store)
				if attempt == 0 {
					require.NoError(t, sell(t.Context(), eng, inside+" outside", "known"))
					require.ErrorIs(t, sell(t.Context(), within, inside, "known"), storage.ErrSerialization)
					requireSold(t, host, inside, false)
				} else {
					require.NoError(t, sell(t.Context(), within, inside, "known"))
				}
				require.NoError(t, tx.exec(t.Context(), "CREATE TABLE IF NOT EXISTS order_log (n integer)"))
				require.NoError(t, tx.commit(t.Context()))
			}
			requireSold(t, host, inside, true)
			requireSold(t, host, inside+" outside", true)
			require.NoError(t, exec(t, host, "SELECT * FROM order_log"), "what the host did has stayed")
		}
	})
}

// exec runs a statement in a transaction of the host.
func exec(t *testing.T, host pgHost, text string) error {
	t.Helper()
	tx, err := host.begin(t.Context(), sql.LevelDefault)
	require.NoError(t, err)
	return errors.Join(tx.exec(t.Context(), text), tx.commit(t.Context()))
}

// A database may serialize by default, and many may sell to one customer.
func TestPostgresSerializes(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		host, eng := pgShop(t, driver, pgtest.NewSchema(t)+"&default_transaction_isolation=serializable", 8)
		var wait sync.WaitGroup
		for worker := range 8 {
			wait.Go(func() {
				for n := range 8 {
					id := fmt.Sprintf("in_%d_%d", worker, n)
					for err := errors.New("not yet"); err != nil; {
						err = sell(t.Context(), eng, id, "known")
						if err != nil && !assert.ErrorIs(t, err, storage.ErrSerialization) {
							return
						}
					}
				}
			})
		}
		wait.Wait()
		rows, err := host.Rows(t.Context(), affiliate.DefaultOrganization)
		require.NoError(t, err)
		assert.Len(t, rows.Conversions, 64)
		assert.Len(t, rows.Entries, 64)
	})
}
