package affiliate_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

func newEngine(t *testing.T, store storage.Store) *affiliate.Engine {
	t.Helper()
	clock := affiliatetest.NewClock(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	eng, err := affiliate.New(store, affiliate.Config{Now: clock.Now})
	require.NoError(t, err)
	ctx := t.Context()
	rules := []commission.Rule{{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: "20"}}
	require.NoError(t, errOf(eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: home(), Rules: rules}, affiliate.Always())))
	require.NoError(t, errOf(eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always())))
	require.NoError(t, errOf(eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always())))
	return eng
}

// TestSameConversionFromManyGoroutines records one conversion 64 times at once:
// one is recorded, all others are told that it is a duplicate, and the same id
// with another amount is a conflict that changes nothing.
func TestSameConversionFromManyGoroutines(t *testing.T) {
	store := memory.New()
	eng := newEngine(t, store)
	in := affiliate.Conversion{ID: "in_1", Customer: "cus_1", Amount: 4900, Partner: "ada"}
	var duplicates, first int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			res, err := eng.RecordConversion(context.WithoutCancel(t.Context()), in)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				t.Error(err)
			case res.Duplicate:
				duplicates++
			default:
				first++
			}
		})
	}
	all.Wait()
	require.Equal(t, 1, first)
	require.Equal(t, 63, duplicates)
	page, err := eng.Commissions(t.Context(), "ada", "", 0)
	require.NoError(t, err)
	require.Len(t, page.Commissions, 1)
	require.EqualValues(t, 980, page.Commissions[0].Amount)

	before := dump(t, store)
	in.Amount = 5000
	_, err = eng.RecordConversion(t.Context(), in)
	require.True(t, errors.Is(err, affiliate.ErrConflict), err)
	require.Equal(t, before, dump(t, store))
}

func dump(t *testing.T, store storage.Store) string {
	t.Helper()
	rows, err := store.Rows(t.Context(), affiliate.DefaultOrganization)
	require.NoError(t, err)
	data, err := rows.Canonical()
	require.NoError(t, err)
	return string(data)
}
