package integration_test

import (
	"os"
	"testing"

	"github.com/goaffiliate/affiliate/internal/simulation"
	"github.com/goaffiliate/affiliate/storage"
)

// TestMeetOnSQLite lets facts meet on SQLite: some pairs of each kind, and a
// thousand when AFFILIATE_SOAK is set.
func TestMeetOnSQLite(t *testing.T) {
	n := 100
	if os.Getenv("AFFILIATE_SOAK") != "" {
		n = 1000
	}
	d := sqliteDrivers[1] // in C, which the race detector does not slow down
	simulation.Meet(t, func(t *testing.T) (storage.Store, simulation.Host) {
		t.Helper()
		return migrated(t, d.name, d.settings), simulation.Direct
	}, n, 64)
}
