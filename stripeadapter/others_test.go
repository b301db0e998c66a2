package stripeadapter_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// TestARefundThatTheHostRecordsLater counts once, too, from the next that Stripe
// tells of the payment on.
func TestARefundThatTheHostRecordsLater(t *testing.T) {
	host := stripetest.NewHost(t, memory.New(), fixtures(), stripeadapter.Config{})
	host.Deliver(t, stripetest.File("checkout.session.completed.client_reference_id"), stripetest.File("invoice.paid.subscription_create"),
		stripetest.File("invoice_payment.paid"), stripetest.File("refund.created"))
	_, err := host.RecordRefund(t.Context(), affiliate.Refund{ID: "re_basil_0001", Conversion: "in_basil_0001", Amount: 1000})
	require.NoError(t, err)
	host.Deliver(t, stripetest.File("charge.refunded"))
	assert.Equal(t, []string{"ada cad 800"}, stripetest.Earned(t, host.Engine))
	host.Verify(t)
}

// TestAnAmountThatTheHostAmends is what refunds and disputes are a part of.
func TestAnAmountThatTheHostAmends(t *testing.T) {
	host := stripetest.NewHost(t, memory.New(), fixtures(), stripeadapter.Config{})
	host.Deliver(t, stripetest.File("checkout.session.completed.client_reference_id"), stripetest.File("invoice.paid.subscription_create"),
		stripetest.File("invoice_payment.paid"))
	_, err := host.AmendConversion(t.Context(), "in_basil_0001", 4000, stripetest.Now())
	require.NoError(t, err)
	host.Deliver(t, stripetest.File("charge.dispute.created"), stripetest.File("charge.dispute.closed.won"))
	assert.Equal(t, []string{"ada cad 800"}, stripetest.Earned(t, host.Engine))
	host.Deliver(t, stripetest.File("charge.refunded", stripetest.Set("data.object.amount_refunded", 4999)))
	assert.Empty(t, stripetest.Earned(t, host.Engine))
	host.Verify(t)
}
