package stripeadapter_test

import (
	"net/http"
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

// TestTheHostRecordsADifferentAmount: what it says stands, and the event is on the list
// until somebody looked at it or the host amends its conversion.
func TestTheHostRecordsADifferentAmount(t *testing.T) {
	h := newHearing(t, memory.New())
	_, err := h.RecordConversion(t.Context(), affiliate.Conversion{
		ID: "order-77", Customer: "user_8", Amount: 6779, Currency: "cad", Referral: "ref_ADA123", At: stripetest.Now(),
	})
	require.NoError(t, err)
	body := h.body("checkout.session.completed.payment", stripetest.Set("data.object.metadata.affiliate_conversion", "order-77"))
	for range 2 {
		require.Equal(t, http.StatusOK, h.deliver(body))
		assert.Equal(t, []string{"ada cad 1356"}, h.earned(), "the first that came stands")
		aside := h.aside()
		require.Len(t, aside, 1)
		assert.Equal(t, stripeadapter.HostDiffers, aside[0].Reason)
		assert.Equal(t, "conversion order-77: the host recorded 6779 cad, Stripe tells 4999 cad", aside[0].Detail)
	}
	last := h.results[len(h.results)-1]
	assert.Equal(t, stripeadapter.Applied, last.Outcome)
	assert.Equal(t, stripeadapter.HostDiffers, last.Reason)
	assert.Equal(t, []string{"order-77"}, last.Conversions)

	_, err = h.AmendConversion(t.Context(), "order-77", 4999, stripetest.Now())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, h.deliver(body))
	assert.Empty(t, h.aside())
	assert.Equal(t, []string{"ada cad 1000"}, h.earned())
	h.Verify(t)
}

// TestTheHostRecordsAfterTheWebhook under the id that it gave Stripe.
func TestTheHostRecordsAfterTheWebhook(t *testing.T) {
	named := stripetest.Set("data.object.metadata.affiliate_conversion", "order-77")
	for _, events := range [][]stripetest.Event{
		{stripetest.File("checkout.session.completed.payment", named)},
		{ // the invoice comes before its name
			stripetest.File("invoice.paid.subscription_create"),
			stripetest.File("checkout.session.completed.client_reference_id", named),
		},
	} {
		host := stripetest.NewHost(t, memory.New(), fixtures(), stripeadapter.Config{})
		host.Deliver(t, events...)
		require.Equal(t, []string{"ada cad 1000"}, stripetest.Earned(t, host.Engine))
		_, err := host.RecordConversion(t.Context(), affiliate.Conversion{
			ID: "order-77", Customer: "user_8", Amount: 4999, Currency: "cad", Referral: "ref_ADA123",
		})
		require.ErrorIs(t, err, affiliate.ErrConflict, "the webhook was first")
		host.Deliver(t, events...)
		assert.Equal(t, []string{"ada cad 1000"}, stripetest.Earned(t, host.Engine))
		host.Verify(t)
	}
}
