package storagetest

import (
	"fmt"
	"testing"

	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	Run(t, Harness{Open: func(*testing.T) storage.Store { return memory.New() }})
}

func TestMemoryDiffersInNothingFromItself(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { Differential(t, memory.New(), memory.New(), seed) })
	}
}
