package simulation_test

import (
	"testing"

	"github.com/goaffiliate/affiliate/internal/simulation"
	"github.com/goaffiliate/affiliate/storage/memory"
)

func TestCallersMeetInMemory(t *testing.T) {
	simulation.MeetCallers(t, memory.New(), 10)
}
