package integration_test

import (
	"context"
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

// hold has a transaction of a host hold a customer, until release.
func hold(t *testing.T, h *host, eng *affiliate.Engine, customer string) (release func()) {
	t.Helper()
	tx := begin(t, h)
	require.NoError(t, sell(t.Context(), eng.Within(tx.store), "in_held", customer))
	return func() { require.NoError(t, tx.rollback()) }
}

// A commit waits for a transaction that holds the customer, but not longer than
// the database or the context allow. Nothing is written then.
func TestPostgresWaits(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		dsn := pgtest.NewSchema(t)
		holder := newPostgresHost(t, driver, dsn, 2)
		holding := shop(t, holder.store, "known", "other")
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
				waiter := newPostgresHost(t, driver, dsn+test.setting, 2)
				eng, err := affiliate.New(waiter.store, affiliate.Config{})
				require.NoError(t, err)
				release := hold(t, holder, holding, "known")
				ctx, cancel := context.WithTimeout(t.Context(), test.patience)
				defer cancel()
				require.ErrorIs(t, sell(ctx, eng, test.name, "known"), test.want)
				waitInside(t, test.patience, waiter, eng, test.name, test.want)
				release()

				requireSold(t, holder.store, test.name, false)
				require.NoError(t, sell(t.Context(), eng, test.name, "known"))
				requireSold(t, holder.store, test.name, true)
				requireSold(t, holder.store, "in_held", false)
			})
		}
	})
}

// waitInside lets a transaction of the host wait in vain. Where the statement ended
// by itself, the host sells to somebody else.
func waitInside(t *testing.T, patience time.Duration, h *host, eng *affiliate.Engine, id string, want error) {
	t.Helper()
	tx := begin(t, h)
	within := eng.Within(tx.store)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.ErrorIs(t, sell(ctx, within, id, "known"), want)
	if ctx.Err() != nil {
		_ = tx.rollback() // the connection may have gone with the context
		return
	}
	require.NoError(t, sell(t.Context(), within, id+" instead", "other"))
	require.NoError(t, tx.commit())
	requireSold(t, h.store, id+" instead", true)
}

// Two transactions of the host that sell to two customers in opposite order end
// each other's wait. One of them gets an error, and its host starts again.
func TestPostgresDeadlock(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		h := newPostgresHost(t, driver, pgtest.NewSchema(t), 4)
		eng := shop(t, h.store, "known", "other")
		var met, wait sync.WaitGroup
		met.Add(2)
		var mu sync.Mutex
		deadlocks := 0
		for i, customers := range [][]string{{"known", "other"}, {"other", "known"}} {
			wait.Go(func() {
				meet := sync.OnceFunc(func() { met.Done(); met.Wait() })
				for {
					err := sellBoth(t.Context(), h, eng, fmt.Sprint("in_", i), customers, meet)
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
		assert.Positive(t, deadlocks)
		for i := range 2 {
			requireSold(t, h.store, fmt.Sprint("in_", i, " known"), true)
			requireSold(t, h.store, fmt.Sprint("in_", i, " other"), true)
		}
	})
}

// sellBoth sells to two customers in one transaction, and meets somebody between.
func sellBoth(ctx context.Context, h *host, eng *affiliate.Engine, id string, customers []string, meet func()) error {
	tx, err := h.begin(ctx)
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
		return errors.Join(err, tx.rollback())
	}
	return tx.commit()
}

// A transaction with a snapshot from before another sale cannot be serialized.
// The host can go on with it, but has to start again to sell.
func TestPostgresSnapshots(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		for _, level := range []string{"repeatable%20read", "serializable"} {
			h := newPostgresHost(t, driver, pgtest.NewSchema(t)+"&default_transaction_isolation="+level, 2)
			eng := shop(t, h.store, "known")
			tx := begin(t, h)
			within := eng.Within(tx.store)
			require.NoError(t, tx.order(t.Context(), "order 1")) // the snapshot
			require.NoError(t, sell(t.Context(), eng, "in_outside", "known"))
			require.ErrorIs(t, sell(t.Context(), within, "in_1", "known"), storage.ErrSerialization)
			requireSold(t, tx.store, "in_1", false)
			require.NoError(t, tx.order(t.Context(), "order 2"))
			require.NoError(t, tx.commit())
			orders, err := h.orders(t.Context())
			require.NoError(t, err)
			require.Len(t, orders, 2)

			require.NoError(t, h.within(t.Context(), func(tx *hostTx) error {
				return sell(t.Context(), eng.Within(tx.store), "in_1", "known")
			}))
			requireSold(t, h.store, "in_1", true)
			requireSold(t, h.store, "in_outside", true)
		}
	})
}

// A database may serialize by default, and many may sell to one customer.
func TestPostgresSerializes(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		h := newPostgresHost(t, driver, pgtest.NewSchema(t)+"&default_transaction_isolation=serializable", 8)
		eng := shop(t, h.store, "known")
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
		rows, err := h.store.Rows(t.Context(), affiliate.DefaultOrganization)
		require.NoError(t, err)
		assert.Len(t, rows.Conversions, 64)
		assert.Len(t, rows.Entries, 64)
	})
}
