package sqlstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/goaffiliate/affiliate/storage"
)

// attempts bounds how often a statement that could not be serialized runs.
const attempts = 10

// Again runs a transaction that is one statement, and again after a little while
// if it could not be serialized. Nothing was written then, so that it is the same
// transaction.
func Again(ctx context.Context, run func() error) error {
	for n := 1; ; n++ {
		err := ended(ctx, run())
		if n == attempts || !errors.Is(err, storage.ErrSerialization) {
			return err
		}
		timer := time.NewTimer(time.Duration(rand.Int64N(int64(time.Millisecond) << n)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}
