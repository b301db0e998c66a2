package payout_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/payout"
)

func TestMoveEveryPair(t *testing.T) {
	all := []payout.Status{payout.Issued, payout.Processing, payout.Paid, payout.Failed, payout.Canceled, "", "lost"}
	allowed := map[[2]payout.Status]bool{
		{payout.Issued, payout.Processing}: true, {payout.Issued, payout.Paid}: true, {payout.Issued, payout.Failed}: true,
		{payout.Issued, payout.Canceled}: true, {payout.Processing, payout.Paid}: true,
		{payout.Processing, payout.Failed}: true, {payout.Processing, payout.Canceled}: true,
	}
	for _, from := range all {
		for _, to := range all {
			err := payout.Transition(from, to)
			if allowed[[2]payout.Status{from, to}] {
				require.NoError(t, err, "%s to %s", from, to)
				continue
			}
			require.ErrorIs(t, err, payout.ErrInvalidTransition, "%s to %s", from, to)
			var typed *payout.TransitionError
			require.ErrorAs(t, err, &typed)
			require.Equal(t, payout.TransitionError{From: from, To: to}, *typed)
		}
	}
	require.EqualError(t, payout.Transition(payout.Paid, payout.Failed), `invalid transition: from "paid" to "failed"`)
}

func TestStatusGroups(t *testing.T) {
	for status, want := range map[payout.Status][2]bool{
		payout.Issued: {true, false}, payout.Processing: {true, false}, payout.Paid: {false, false},
		payout.Failed: {false, true}, payout.Canceled: {false, true}, "": {false, false},
	} {
		require.Equal(t, want, [2]bool{status.Open(), status.Returned()}, status)
	}
}
