package integration_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
)

// A conversion of a customer who is known costs two round trips, however the host
// calls, besides the begin and the end of a transaction and of savepoints.
func TestPostgresRoundTrips(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		proxy := pgtest.NewProxy(t, pgtest.NewSchema(t))
		host := newPostgresHost(t, driver, proxy.DSN(), 1)
		eng := shop(t, host.store, "known")
		sale := 0
		next := func() string {
			sale++
			return fmt.Sprint("in_", sale)
		}
		alone := func() error { return sell(t.Context(), eng, next(), "known") }
		joined := func() error {
			return host.within(t.Context(), func(tx *hostTx) error {
				return sell(t.Context(), eng.Within(tx.store), next(), "known")
			})
		}
		for _, test := range []struct {
			name   string
			record func() error
		}{{"only ever joined", joined}, {"alone", alone}, {"joined", joined}} {
			for range 2 { // statements are prepared at first, those of transactions by what comes after
				require.NoError(t, test.record())
				_, err := eng.Settle(t.Context(), 0)
				require.NoError(t, err)
			}
			proxy.Take()
			require.NoError(t, test.record())
			trips := proxy.Take()
			assert.LessOrEqual(t, countTrips(trips), 2, "%s:\n%s", test.name, describe(trips))
			assert.NotZero(t, countTrips(trips), test.name)
		}
		for n := range sale {
			requireSold(t, host.store, fmt.Sprint("in_", n+1), true)
		}
	})
}

// countTrips counts those that do more than begin or end a transaction or a
// savepoint.
func countTrips(trips []pgtest.Trip) (n int) {
	for _, trip := range trips {
		if len(trip.Prepared) > 0 || slices.ContainsFunc(trip.Executed, isWork) {
			n++
		}
	}
	return n
}

func isWork(statement string) bool {
	verb, _, _ := strings.Cut(strings.ToUpper(statement), " ")
	return !slices.Contains([]string{"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}, verb)
}

func describe(trips []pgtest.Trip) string {
	var b strings.Builder
	for _, trip := range trips {
		for _, text := range trip.Prepared {
			fmt.Fprintf(&b, "prepare %.100s; ", text)
		}
		for _, text := range trip.Executed {
			fmt.Fprintf(&b, "%.100s; ", text)
		}
		b.WriteString("\n")
	}
	return b.String()
}
