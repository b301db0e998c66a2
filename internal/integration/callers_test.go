package integration_test

import (
	"os"
	"testing"

	"github.com/goaffiliate/affiliate/internal/simulation"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// atLength reports whether tests that repeat what others show run in full: when
// AFFILIATE_CHECK or AFFILIATE_SOAK is set.
func atLength() bool {
	return os.Getenv("AFFILIATE_CHECK") != "" || os.Getenv("AFFILIATE_SOAK") != ""
}

// rounds is how often the callers meet: some times, and a hundred when
// AFFILIATE_SOAK is set.
func rounds() int {
	if os.Getenv("AFFILIATE_SOAK") != "" {
		return 100
	}
	return 2
}

// Callers that do the same thing at the same moment and give no time end as if they
// had come one after the other, on every store.
func TestCallersMeet(t *testing.T) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		simulation.MeetCallers(t, memory.New(), rounds())
	})
	for _, d := range sqliteDrivers {
		t.Run(d.name, func(t *testing.T) {
			simulation.MeetCallers(t, migrated(t, d.name, d.settings), rounds())
		})
	}
	for _, driver := range postgresDrivers {
		t.Run(driver, func(t *testing.T) {
			simulation.MeetCallers(t, freshPostgres(t, driver, 16), rounds())
		})
	}
}
