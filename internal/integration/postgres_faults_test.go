package integration_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/storage"
)

// faulty is a host behind a proxy, and one on the same tables that does without it.
type faulty struct {
	*host
	proxy  *pgtest.Proxy
	direct *host
	eng    *affiliate.Engine
}

func newFaulty(t *testing.T, driver string) *faulty {
	t.Helper()
	dsn := pgtest.NewSchema(t)
	direct := newPostgresHost(t, "pgxpool", dsn, 4)
	shop(t, direct.store, "known", "other")
	proxy := pgtest.NewProxy(t, dsn)
	host := newPostgresHost(t, driver, proxy.DSN(), 4)
	eng, err := affiliate.New(host.store, affiliate.Config{})
	require.NoError(t, err)
	return &faulty{host, proxy, direct, eng}
}

// alone records a sale in a transaction that is the store's.
func (f *faulty) alone(ctx context.Context, id string) error { return sell(ctx, f.eng, id, "known") }

// joined records a sale in a transaction of the host.
func (f *faulty) joined(ctx context.Context, id string) error {
	return f.within(ctx, func(tx *hostTx) error { return sell(ctx, f.eng.Within(tx.store), id, "known") })
}

// commitStatement is in the statement that commits a sale, and in no other.
const commitStatement = "INSERT INTO aff_conversions"

// TestPostgresLosesConnections loses the connection at each request that a sale
// makes, in each way. The error is typed, the sale is there as a whole or not at
// all, and doing it again ends in one sale.
func TestPostgresLosesConnections(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		for name, harm := range map[string]pgtest.Harm{
			"request": pgtest.LoseRequest, "both": pgtest.LoseBoth, "answer": pgtest.LoseAnswer,
		} {
			f := newFaulty(t, driver)
			t.Run(name+" alone", func(t *testing.T) {
				f.loseEach(t, harm, f.alone, func(err error) { require.ErrorIs(t, err, storage.ErrUnavailable) })
			})
			f = newFaulty(t, driver)
			t.Run(name+" joined", func(t *testing.T) {
				f.loseEach(t, harm, f.joined, func(error) {}) // the begin and the end are the host's own
			})
		}
	})
}

// loseEach loses each request in turn, until there are no more of them.
func (f *faulty) loseEach(t *testing.T, harm pgtest.Harm, record func(ctx context.Context, id string) error, typed func(error)) {
	t.Helper()
	for n := 0; ; n++ {
		require.Less(t, n, 60)
		id := fmt.Sprint("in_", n)
		struck := f.proxy.Inject(pgtest.Fault{After: n, Harm: harm})
		err := record(t.Context(), id)
		if err != nil { // with lib/pq, database/sql does it again by itself
			typed(err)
			conversions, entries := sold(t, f.direct.store, id)
			require.Equal(t, conversions, entries, "no partial rows")
		}
		for range 5 { // the pool may have connections that are lost, too
			if err = record(t.Context(), id); err == nil {
				break
			}
			typed(err)
		}
		require.NoError(t, err, "again")
		requireSold(t, f.direct.store, id, true)
		if !struck() {
			require.Greater(t, n, 1, "requests that were struck")
			return
		}
	}
}

// An answer that is lost leaves the fate of a commit open; the sale that is done
// again finds itself.
func TestPostgresLosesTheAnswerOfACommit(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		f := newFaulty(t, driver)
		struck := f.proxy.Inject(pgtest.Fault{On: commitStatement, Harm: pgtest.LoseAnswer})
		err := f.alone(t.Context(), "in_1")
		require.True(t, struck())
		if driver != "postgres" { // as above
			require.ErrorIs(t, err, storage.ErrUnavailable)
		}
		requireSold(t, f.direct.store, "in_1", true)
		res, err := f.eng.RecordConversion(t.Context(), affiliate.Conversion{ID: "in_1", Customer: "known", Amount: 1000, Currency: "usd"})
		require.NoError(t, err)
		assert.True(t, res.Duplicate)
		require.Len(t, res.Commissions, 1)
		requireSold(t, f.direct.store, "in_1", true)

		f.proxy.Inject(pgtest.Fault{On: "COMMIT", Harm: pgtest.LoseAnswer})
		require.Error(t, f.joined(t.Context(), "in_2"))
		requireSold(t, f.direct.store, "in_2", true)
		require.NoError(t, f.joined(t.Context(), "in_2"))
		requireSold(t, f.direct.store, "in_2", true)
	})
}

// What cannot be serialized the store does again, some times.
func TestPostgresRepeatsWhatCannotBeSerialized(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		f := newFaulty(t, driver)
		for _, state := range []string{"40001", "40P01"} {
			for _, statement := range []string{commitStatement, "SELECT kind, key, version"} {
				id := state + statement
				last := f.refuse(9, statement, state)
				require.NoError(t, f.alone(t.Context(), id))
				require.True(t, last())
				requireSold(t, f.direct.store, id, true)

				id += " in vain"
				last = f.refuse(10, statement, state)
				require.ErrorIs(t, f.alone(t.Context(), id), storage.ErrSerialization)
				require.True(t, last())
				requireSold(t, f.direct.store, id, false)
				require.NoError(t, f.alone(t.Context(), id))
				requireSold(t, f.direct.store, id, true)
			}
		}
	})
}

// refuse has the server refuse a statement some times, and tells whether it did
// the last time.
func (f *faulty) refuse(times int, statement, state string) (last func() bool) {
	for range times {
		last = f.proxy.Inject(pgtest.Fault{On: statement, Harm: pgtest.Refuse, State: state})
	}
	return last
}

// The errors of the server are those of package storage. Nothing of the sale is
// written, and a transaction of the host can go on.
func TestPostgresTypesErrors(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		f := newFaulty(t, driver)
		for state, want := range map[string]error{
			"40001": storage.ErrSerialization, "40P01": storage.ErrSerialization,
			"55P03": storage.ErrTimeout, "57014": storage.ErrTimeout,
			"53100": storage.ErrFull, "25006": storage.ErrReadOnly,
			"53300": storage.ErrUnavailable, "57P01": storage.ErrUnavailable, "08006": storage.ErrUnavailable,
		} {
			if !errors.Is(want, storage.ErrSerialization) { // which the store repeats
				f.refuse(1, commitStatement, state)
				require.ErrorIs(t, f.alone(t.Context(), state), want, "%s alone", state)
				requireSold(t, f.direct.store, state, false)
				require.NoError(t, f.alone(t.Context(), state))
				requireSold(t, f.direct.store, state, true)
			}
			f.refusedInside(t, state, want)
		}
	})
}

// refusedInside has a sale and a read refused in a transaction of the host, which
// then sells all the same.
func (f *faulty) refusedInside(t *testing.T, state string, want error) {
	t.Helper()
	id, before := state+" joined", state+" before"
	tx := begin(t, f.host)
	within := f.eng.Within(tx.store)
	require.NoError(t, sell(t.Context(), within, before, "known"))
	for _, statement := range []string{commitStatement, "SELECT kind, key, version"} {
		f.refuse(1, statement, state)
		require.ErrorIs(t, sell(t.Context(), within, id, "other"), want, "%s joined", state)
		requireSold(t, tx.store, id, false)
	}
	require.NoError(t, tx.order(t.Context(), id))
	require.NoError(t, sell(t.Context(), within, id, "other"))
	requireSold(t, f.direct.store, id, false)
	require.NoError(t, tx.commit())
	requireSold(t, f.direct.store, id, true)
	requireSold(t, f.direct.store, before, true)
}
