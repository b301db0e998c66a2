package stripetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
)

// order is a sale of 4999 cad by the referral code of ada, as the host records it.
func order(id string) affiliate.Conversion {
	return affiliate.Conversion{
		ID: id, Customer: "user_8", Amount: 4999, Currency: "cad", Referral: "ref_ADA123", At: time.Unix(at(hour), 0),
	}
}

// hostRecords is what the host does before Stripe tells anything.
func hostRecords(conv affiliate.Conversion, more ...any) func(testing.TB, *Host) {
	return func(tb testing.TB, h *Host) {
		tb.Helper()
		_, err := h.RecordConversion(tb.Context(), conv)
		require.NoError(tb, err)
		for _, fact := range more {
			switch f := fact.(type) {
			case affiliate.Refund:
				f.Conversion, f.At = conv.ID, time.Unix(at(48*hour), 0)
				_, err = h.RecordRefund(tb.Context(), f)
			case affiliate.Dispute:
				f.Conversion, f.At = conv.ID, time.Unix(at(48*hour), 0)
				_, err = h.RecordDispute(tb.Context(), f)
			}
			require.NoError(tb, err)
		}
	}
}

// hostCases are of hosts who record under Stripe's ids what Stripe tells as well.
func hostCases() []Case {
	const invoice, checkout, refund = "in_basil_0001", "cs_test_basil_payment_0001", "re_basil_0001"
	paid := []Event{subscribed, firstInvoice, linked}
	with := func(more ...Event) []Event { return append(append([]Event{}, paid...), more...) }
	refunded, sum := File("refund.created"), File("charge.refunded")
	all := []Edit{Set("data.object.amount", 4999)}
	sumOfAll := File("charge.refunded", Set("data.object.amount_refunded", 4999))
	return []Case{
		{
			Name: "the host recorded the invoice itself", Before: hostRecords(order(invoice)),
			Events: with(), After: each("ada cad 1000", "ada cad 1000", "ada cad 1000"), Earned: earned("ada cad 1000"),
		},
		{
			Name: "the host recorded the invoice and a refund itself", Before: hostRecords(order(invoice), affiliate.Refund{ID: refund, Amount: 1000}),
			Events: with(refunded, sum), Earned: earned("ada cad 800"),
		},
		{
			Name: "the host recorded one of two refunds itself", Before: hostRecords(order(invoice), affiliate.Refund{ID: refund, Amount: 1000}),
			Events: with(refunded, sum, File("refund.created", Set("data.object.id", "re_2"), Set("data.object.amount", 1500))), Earned: earned("ada cad 500"),
		},
		{
			Name:   "the host recorded one of two refunds itself, which together are all",
			Before: hostRecords(order(invoice), affiliate.Refund{ID: refund, Amount: 998}), // of 1000 by Stripe
			Events: with(refunded, File("refund.created", Set("data.object.id", "re_2"), Set("data.object.amount", 3999)), sumOfAll),
		},
		{
			Name: "the host recorded a refund of all itself", Before: hostRecords(order(invoice), affiliate.Refund{ID: refund, All: true}),
			Events: with(File("refund.created", all...), sumOfAll),
		},
		{
			Name: "the host recorded a refund of all itself, with its amount", Before: hostRecords(order(invoice), affiliate.Refund{ID: refund, Amount: 4999}),
			Events: with(File("refund.created", all...), sumOfAll),
		},
		{
			Name: "the host recorded a refund of all under an id of its own", Before: hostRecords(order(invoice), affiliate.Refund{ID: "refund-1", All: true}),
			Events: with(File("refund.created", all...), sumOfAll),
		},
		{
			Name: "the host recorded a refund without taxes", Before: hostRecords(order(checkout), affiliate.Refund{ID: refund, Amount: 2499}),
			Events: []Event{
				File("checkout.session.completed.payment", Set("data.object.id", checkout)),
				File("refund.created", Set("data.object.payment_intent", "pi_basil_payment_0001"), Set("data.object.amount", 3389)),
			}, Earned: earned("ada cad 500"),
		},
		{
			Name: "the host recorded a refund that fails at Stripe", Before: hostRecords(order(invoice), affiliate.Refund{ID: refund, Amount: 1000}),
			Events: with(refunded, File("refund.created", Set("type", "refund.failed"), Set("data.object.status", "failed"))), Earned: earned("ada cad 1000"),
		},
	}
}

// hostDisputeCases are of hosts who record disputes themselves.
func hostDisputeCases() []Case {
	dispute := func(amount int64) func(testing.TB, *Host) {
		d := affiliate.Dispute{ID: "dp_basil_0001", Amount: amount, All: amount == 0, Status: commission.DisputeOpen}
		return hostRecords(order("in_basil_0001"), d)
	}
	with := func(more ...Event) []Event { return append([]Event{subscribed, firstInvoice, linked}, more...) }
	part := Set("data.object.amount", 1000)
	opened, lost, won := File("charge.dispute.created"), File("charge.dispute.closed.lost"), File("charge.dispute.closed.won")
	return []Case{
		{Name: "the host recorded a dispute that is lost", Before: dispute(0), Events: with(opened, lost)},
		{
			Name: "the host recorded a dispute of a part that is lost", Before: dispute(1000),
			Events: with(File("charge.dispute.created", part), File("charge.dispute.closed.lost", part)), Earned: earned("ada cad 800"),
		},
		{Name: "the host recorded a dispute that is won", Before: dispute(0), Events: with(opened, won), Earned: earned("ada cad 1000")},
	}
}

// namedCases are of hosts who put the id under which they record a payment into its
// metadata. Whoever is first, it counts once.
func namedCases() []Case {
	named := Set("data.object.metadata.affiliate_conversion", "order-77")
	ofSubscription := Set("data.object.parent.subscription_details.metadata.affiliate_conversion", "order-77")
	before := hostRecords(order("order-77"))
	checkout := File("checkout.session.completed.payment", named)
	session := File("checkout.session.completed.client_reference_id", named)
	intent := File("payment_intent.succeeded.metadata", named, Set("data.object.currency", "cad"),
		Set("data.object.amount", 4999), Set("data.object.amount_received", 4999))
	other := File("payment_intent.succeeded.metadata", named, Set("id", "evt_other"), Set("data.object.id", "pi_other"), Set("data.object.latest_charge", "ch_other"))
	return []Case{
		{Name: "a checkout that names the host's order", Before: before, Events: []Event{checkout}, Earned: earned("ada cad 1000")},
		{Name: "a checkout that names an order of which the host says nothing", Events: []Event{checkout}, Earned: earned("ada cad 1000")},
		{
			Name: "a checkout and its payment intent that name the host's order", Before: before,
			Events: []Event{checkout, File("payment_intent.succeeded.metadata", named, Set("data.object.id", "pi_basil_payment_0001"))},
			Earned: earned("ada cad 1000"),
		},
		{Name: "a payment intent that names the host's order", Before: before, Events: []Event{intent, chargeAlone}, Earned: earned("ada cad 1000")},
		{Name: "a payment intent that names the host's order is refunded", Before: before, Events: []Event{intent, File("refund.created.alone-500", Set("data.object.amount", 2500))}, Earned: earned("ada cad 500")},
		{Name: "an invoice that names the host's order", Before: before, Events: []Event{subscribed, File("invoice.paid.subscription_create", named)}, Earned: earned("ada cad 1000")},
		{
			Name: "a subscription's checkout that names the host's order", Before: before,
			Events: []Event{session, firstInvoice, secondMonth}, Earned: earned("ada cad 2000"),
		},
		{
			Name: "a subscription's checkout that names an order, without its invoice", Before: before,
			Events: []Event{File("checkout.session.completed.client_reference_id", named, Set("data.object.invoice", nil)), firstInvoice},
			Earned: earned("ada cad 1000"),
		},
		{
			Name: "a subscription that names the host's order, on all its invoices", Before: before,
			Events: []Event{subscribed, File("invoice.paid.subscription_create", ofSubscription), File("invoice.paid.subscription_cycle", ofSubscription)},
			Earned: earned("ada cad 2000"),
		},
		{
			Name: "two payments that name one order: the first that comes has it", Events: []Event{intent, other},
			Earned: earned("ada cad 1000", "ada usd 600"), Fixed: true,
		},
		{
			Name: "an id that cannot be one", Events: []Event{File("checkout.session.completed.payment", Set("data.object.metadata.affiliate_conversion", "a\nb"))},
			Earned: earned("ada cad 1000"),
		},
	}
}
