package integration_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

const stripeEvents = "../../stripeadapter/testdata/events"

// stripeOrders is in how many orders a case is delivered besides the written one.
func stripeOrders() int {
	if atLength() {
		return stripetest.Orders(2)
	}
	return 1
}

func TestStripeOnSQLite(t *testing.T) {
	t.Parallel()
	d := sqliteDrivers[1] // in C, which the race detector does not slow down
	stripetest.Run(t, stripetest.Cases(), os.DirFS(stripeEvents), stripeOrders(), migrated(t, d.name, d.settings))
	t.Run("at once", func(t *testing.T) { deliverAtOnce(t, migrated(t, d.name, d.settings)) })
}

func TestStripeOnPostgres(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		if driver == postgresDrivers[0] {
			stripetest.Run(t, stripetest.Cases(), os.DirFS(stripeEvents), stripeOrders(), freshPostgres(t, driver, 4))
		}
		t.Run("at once", func(t *testing.T) { deliverAtOnce(t, freshPostgres(t, driver, 16)) })
	})
}

// deliverAtOnce delivers one payment in mixed types of events, fifty times at
// once.
func deliverAtOnce(t *testing.T, store storage.Store) {
	t.Helper()
	host := stripetest.NewHost(t, store, os.DirFS(stripeEvents), stripeadapter.Config{})
	events := []stripetest.Event{
		stripetest.File("checkout.session.completed.client_reference_id"), stripetest.File("invoice.paid.subscription_create"),
		stripetest.File("invoice.payment_succeeded.subscription_create"), stripetest.File("invoice_payment.paid"),
		stripetest.File("invoice.paid.subscription_create.2023-10-16"), stripetest.File("customer.subscription.created"),
		stripetest.File("payment_intent.succeeded", stripetest.Set("data.object.metadata.affiliate_ref", "ref_ADA123")),
		stripetest.File("refund.created"), stripetest.File("charge.refunded"),
	}
	bodies := make([][]byte, len(events))
	for i, e := range events {
		bodies[i] = e.Body(t, host.Events)
	}
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			_, err := host.Adapter.Apply(t.Context(), bodies[i%len(bodies)])
			assert.NoError(t, err)
		})
	}
	all.Wait()
	require.Equal(t, []string{"ada cad 800"}, stripetest.Earned(t, host.Engine))
	require.Len(t, stripetest.Standing(t, host.Engine), 1)
	host.Verify(t)
}

// A renewal that a webhook tells of costs as many round trips as one that the host
// records itself.
func TestStripeRoundTrips(t *testing.T) {
	t.Parallel()
	proxy := pgtest.NewProxy(t, pgtest.NewSchema(t))
	store := newPostgresHost(t, postgresDrivers[0], proxy.DSN(), 1).store
	host := stripetest.NewHost(t, store, os.DirFS(stripeEvents), stripeadapter.Config{})
	for base, file := range []string{"invoice.paid.subscription_cycle", "invoice.paid.subscription_create.2023-10-16"} {
		host.Deliver(t, stripetest.File("checkout.session.completed.client_reference_id"), stripetest.File("invoice.paid.subscription_create"))
		renewal := func(i int) stripetest.Event {
			id := fmt.Sprint(file, i)
			return stripetest.File(file, stripetest.Set("data.object.id", "in_"+id), stripetest.Set("data.object.payment_intent", "pi_"+id),
				stripetest.Set("data.object.charge", nil), stripetest.Set("data.object.status_transitions.paid_at", 1760000000+1000*base+i))
		}
		for i := range 3 { // statements are prepared
			host.Deliver(t, renewal(i))
		}
		proxy.Take()
		host.Deliver(t, renewal(3))
		trips := proxy.Take()
		assert.Equal(t, 2, countTrips(trips), "%s:\n%s", file, describe(trips))
	}
}

// The host's own row and what an event says are committed or vanish together, over
// one connection.
func TestStripeInTheHostsTransaction(t *testing.T) {
	t.Parallel()
	eachHost(t, hosts, 1, func(t *testing.T, h *host) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		host := stripetest.NewHost(t, h.store, os.DirFS(stripeEvents), stripeadapter.Config{})
		body := stripetest.File("invoice.paid.subscription_cycle.metadata").Body(t, host.Events)
		take := func(order string, then error) error {
			return h.within(ctx, func(tx *hostTx) error {
				adapter := host.Adapter.Within(host.Within(tx.store))
				if _, err := adapter.Apply(ctx, []byte("[]")); !errors.Is(err, stripeadapter.ErrMalformed) {
					return fmt.Errorf("no event: %w", err)
				}
				_, err := adapter.Apply(ctx, body)
				return errors.Join(err, tx.order(ctx, order), then)
			})
		}
		failure := errors.New("the host thinks better of it")
		require.ErrorIs(t, take("o1", failure), failure)
		require.Empty(t, stripetest.Earned(t, host.Engine))
		require.NoError(t, take("o1", nil))
		require.NoError(t, take("o2", nil), "once more")
		require.Equal(t, []string{"ada cad 1000"}, stripetest.Earned(t, host.Engine))
		orders, err := h.orders(ctx)
		require.NoError(t, err)
		require.Len(t, orders, 2)
	})
}
