package integration_test

import (
	"os"
	"testing"

	"github.com/goaffiliate/affiliate/internal/stripetest"
)

func TestStripeStatesOnSQLite(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		stripetest.States(t, migrated(t, driver, settings), os.DirFS(stripeEvents))
	})
}

func TestStripeStatesOnPostgres(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		stripetest.States(t, freshPostgres(t, driver, 16), os.DirFS(stripeEvents))
	})
}
