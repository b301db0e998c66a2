package stripeadapter_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

func newHost(t *testing.T, rules ...commission.Rule) *stripetest.Host {
	t.Helper()
	h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), stripeadapter.Config{})
	if len(rules) > 0 {
		require.NoError(t, errOf(h.OverrideTerms(t.Context(), "ada", "main", program.TermsChange{Rules: rules}, affiliate.Always().Add(time.Second))))
	}
	return h
}

// TestCase23FirstPaid: a trial is nobody's first.
func TestCase23FirstPaid(t *testing.T) {
	h := newHost(t,
		commission.Rule{ID: "start", Trigger: commission.First, Type: commission.Percent, Value: "50"},
		commission.Rule{ID: "then", Trigger: commission.Subsequent, Type: commission.Percent, Value: "20", Recurring: true})
	h.Deliver(t, stripetest.File("checkout.session.completed.trial"), stripetest.File("invoice.paid.zero-trial"))
	require.Empty(t, stripetest.Earned(t, h.Engine))
	h.Deliver(t, stripetest.File("invoice.paid.trial-renewal"))
	require.Equal(t, []string{"ada cad 2500"}, stripetest.Earned(t, h.Engine), "half of 4999 is 2499.5")
	h.Deliver(t, stripetest.File("invoice.paid.trial-renewal.second"))
	require.Equal(t, []string{"ada cad 3500"}, stripetest.Earned(t, h.Engine))
}

// TestFixedCommission: 10.00 of one's own currency, whatever the sale is in.
func TestFixedCommission(t *testing.T) {
	h := newHost(t, commission.Rule{ID: "bounty", Trigger: commission.Every, Type: commission.Fixed, Value: "1000", Currency: "usd"})
	h.Deliver(t, stripetest.File("checkout.session.completed.client_reference_id"), stripetest.File("invoice.paid.subscription_create"))
	require.Equal(t, []string{"ada usd 1000"}, stripetest.Earned(t, h.Engine))
}

// TestCase60RefundAfterPayout: what was paid out stays paid, and the next payout is
// that much smaller.
func TestCase60RefundAfterPayout(t *testing.T) {
	h := newHost(t)
	ctx := t.Context()
	h.Deliver(t, stripetest.File("checkout.session.completed.client_reference_id"),
		stripetest.File("invoice.paid.subscription_create"), stripetest.File("invoice_payment.paid"))
	issued, err := h.RunPayouts(ctx, affiliate.PayoutRun{At: stripetest.Now()})
	require.NoError(t, err)
	require.Len(t, issued, 1)
	require.EqualValues(t, 1000, issued[0].Amount)
	for _, status := range []payout.Status{payout.Processing, payout.Paid} {
		_, err = h.MovePayout(ctx, issued[0].ID, status, stripetest.Now())
		require.NoError(t, err)
	}
	statement, err := h.Statement(ctx, issued[0].ID)
	require.NoError(t, err)

	h.Deliver(t, stripetest.File("refund.created", stripetest.Set("data.object.amount", 4999)))
	balances, err := h.Balances(ctx, "ada", stripetest.Now())
	require.NoError(t, err)
	require.Len(t, balances, 1)
	require.EqualValues(t, 1000, balances[0].Paid)
	require.EqualValues(t, -1000, balances[0].Payable, "owed back")
	again, err := h.Statement(ctx, issued[0].ID)
	require.NoError(t, err)
	require.Equal(t, statement, again, "a statement never changes")
	h.Deliver(t, stripetest.File("invoice.paid.subscription_cycle"))
	balances, err = h.Balances(ctx, "ada", stripetest.Now())
	require.NoError(t, err)
	require.Zero(t, balances[0].Payable)
	h.Verify(t)
}
