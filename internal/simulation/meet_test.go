package simulation_test

import (
	"testing"

	"github.com/goaffiliate/affiliate/internal/simulation"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

func TestMeetInMemory(t *testing.T) {
	simulation.Meet(t, func(*testing.T) (storage.Store, simulation.Host) {
		return memory.New(), simulation.Direct
	}, pairs, 64)
}
