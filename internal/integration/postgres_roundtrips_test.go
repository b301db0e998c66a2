package integration_test

import (
	"database/sql"
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
		host := newPgHost(t, driver, proxy.DSN(), 1)
		require.NoError(t, host.Migrate(t.Context()))
		eng := shop(t, host, "known")
		sale := 0
		alone := func() {
			sale++
			require.NoError(t, sell(t.Context(), eng, fmt.Sprint("in_", sale), "known"))
		}
		joined := func() {
			sale++
			tx, err := host.begin(t.Context(), sql.LevelDefault)
			require.NoError(t, err)
			require.NoError(t, sell(t.Context(), eng.Within(tx.store), fmt.Sprint("in_", sale), "known"))
			require.NoError(t, tx.commit(t.Context()))
		}
		for name, record := range map[string]func(){"alone": alone, "joined": joined} {
			for range 2 { // statements are prepared at first
				record()
			}
			proxy.Take()
			record()
			trips := proxy.Take()
			assert.LessOrEqual(t, countTrips(trips), 2, "%s:\n%s", name, describe(trips))
			assert.NotZero(t, countTrips(trips), name)
		}
		for n := range sale {
			requireSold(t, host, fmt.Sprint("in_", n+1), true)
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
