package payout_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

func TestWhatIsDueIsApartFromWhatComesNext(t *testing.T) {
	for name, c := range map[string]struct {
		due, matured, minimum, next int64
		issuable                    bool
	}{
		"both":                       {due: 17_184, matured: 19_184, next: 2_000, issuable: true},
		"due alone":                  {due: 17_184, matured: 17_184, next: 0},
		"the next one alone":         {matured: 2_000, next: 2_000, issuable: true},
		"below the minimum":          {matured: 2_000, minimum: 5_000, next: 2_000},
		"refunds after what is due":  {due: 17_184, matured: 16_000, next: -1_184},
		"at the minimum":             {due: 5_000, matured: 10_000, minimum: 5_000, next: 5_000, issuable: true},
		"less than nothing, no less": {matured: -300, next: -300},
	} {
		u, err := payout.AheadOf(day(1), day(31), c.due, c.matured, c.minimum)
		require.NoError(t, err, name)
		require.Equal(t, payout.Upcoming{Cutoff: day(1), Due: c.due, NextCutoff: day(31), Next: c.next, Minimum: c.minimum}, u, name)
		require.Equal(t, c.issuable, u.NextIssuable(), name)
	}
	_, err := payout.AheadOf(day(1), day(31), math.MaxInt64, math.MinInt64, 0)
	require.ErrorIs(t, err, money.ErrOverflow)
}
