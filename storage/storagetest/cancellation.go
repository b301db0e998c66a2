package storagetest

import (
	"context"
	"errors"

	"github.com/goaffiliate/affiliate/storage"
)

func cancellationCases() []check {
	return []check{
		{"a canceled Commit writes nothing", commitCanceled},
		{"a canceled read", readsCanceled},
	}
}

func commitCanceled(t T, s storage.Store) {
	write(t, s, aClick("x"))
	before := dump(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, changes := range [][]storage.Change{{everything(1)}, {everything(1), everything(2)}, {aClick("x")}} {
		if _, err := s.Commit(ctx, org, changes); !errors.Is(err, context.Canceled) {
			t.Errorf("Commit of %d changes: %v, want the context's error", len(changes), err)
		}
	}
	if after := dump(t, s); after != before {
		t.Errorf("a canceled Commit wrote\n%s", after)
	}
	write(t, s, everything(1))
}

func readsCanceled(t T, s storage.Store) {
	c := met()
	write(t, s, c)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, read := range probeOf(c).reads() {
		if _, err := read.call(ctx, s, org); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want the context's error", read.name, err)
		}
	}
}
