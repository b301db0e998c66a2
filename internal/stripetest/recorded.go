package stripetest

import "github.com/goaffiliate/affiliate/attribution"

// RecordedCases are what the adapter must do with deliveries that Stripe made, which
// are not part of this repository. See TestRecordedCases of package stripeadapter.
func RecordedCases() []Case {
	old := func(name string, edits ...Edit) Event { return File("pre-basil/"+name, edits...) }
	var (
		first    = old("invoice.paid.subscription_create")
		renewal  = old("invoice.paid.subscription_cycle")
		unpaid   = old("checkout.session.completed.unpaid")
		arrived  = old("checkout.session.async_payment_succeeded")
		code     = File("clover/promotion_code.updated.deactivated", Set("data.object.id", "promo_ALEX10"), Set("data.object.code", "ALEX10"))
		withCode = old("checkout.session.completed.subscription",
			Set("data.object.customer", "cus_test_old0001"), Set("data.object.subscription", "sub_test_old0001"), Set("data.object.invoice", "in_old_free_0001"),
			Set("data.object.discounts", []any{map[string]any{"coupon": "Z4OV52SU", "promotion_code": "promo_ALEX10"}}))
		discounted = old("invoice.paid.promo-discount")
		inline     = Set("data.object.discount", map[string]any{"id": "di_old_2", "promotion_code": "promo_ALEX10"})
	)
	one := func(name, want string, e Event) Case {
		return Case{Name: name, Events: []Event{e}, Earned: earned(want)}
	}
	return append([]Case{
		{Name: "11: the first invoice and a renewal", Events: []Event{first, renewal}, After: each("ada usd 980", "ada usd 1960"), Earned: earned("ada usd 1960")},
		one("12: a guest's single payment", "ada usd 900", old("checkout.session.completed.payment.client_reference_id")),
		{Name: "17: a delayed payment that arrives", Events: []Event{unpaid, arrived, arrived}, After: each("", "ada usd 900", "ada usd 900"), Earned: earned("ada usd 900")},
		{Name: "18: a delayed payment that fails", Events: []Event{unpaid, old("checkout.session.async_payment_failed")}},
		{Name: "a trial's invoice of nothing, then a renewal", Events: []Event{old("invoice.paid.zero-trial"), renewal}, Earned: earned("ada usd 980")},
		{
			Name: "24: all off by promo code, then a renewal", Events: []Event{code, withCode, old("invoice.paid.100-percent-off"), renewal},
			Earned: earned("alex usd 980"),
		},
		{Name: "24: all off by the code of a renewal, then another", Events: []Event{code, old("invoice.paid.100-percent-off", inline), renewal}, Earned: earned("alex usd 980")},
		{Name: "a code of a renewal of somebody who is bound", Events: []Event{code, first, old("invoice.paid.subscription_cycle", inline)}, Earned: earned("ada usd 1960")},
		{Name: "28: promo code and reference, promo first", Events: []Event{code, discounted}, Earned: earned("alex usd 784")},
		{
			Name: "28: promo code and reference, click first", Methods: []attribution.Method{attribution.Clicks, attribution.Promo, attribution.Match},
			Events: []Event{code, discounted}, Earned: earned("ada usd 784"),
		},
		one("31: tax on top", "ada usd 980", old("invoice.paid.tax-exclusive")),
		one("32: tax inside", "ada usd 1000", old("invoice.paid.tax-inclusive")),
		one("38: paid from the customer's balance in part", "ada usd 380", old("invoice.paid.customer-balance")),
		{
			Name:   "two invoices that name one payment intent", // which Stripe does not do, but its fixtures do
			Events: []Event{first, old("invoice.paid.customer-balance")}, Earned: earned("ada usd 1360"),
		},
		one("43: yen", "ada jpy 1000", old("invoice.paid.jpy")),
		one("45: converted for the customer", "ada usd 2000", old("checkout.session.completed.payment.currency_conversion")),
		{
			Name: "53: a part of a payment with taxes",
			Events: []Event{
				old("invoice.paid.tax-exclusive"),
				File("clover/refund.created.1000", Set("data.object.charge", "ch_test_old0001"),
					Set("data.object.payment_intent", "pi_test_old0001"), Set("data.object.amount", 2940)),
			},
			After: each("ada usd 980", "ada usd 490"), Earned: earned("ada usd 490"),
		},
	}, recordedReversals()...)
}

func recordedReversals() []Case {
	var (
		paid           = File("clover/payment_intent.succeeded.metadata")
		charged        = File("clover/charge.succeeded.standalone")
		thousand       = File("clover/refund.created.1000")
		sumOfThousand  = File("clover/charge.refunded.cumulative-1000")
		five           = File("clover/refund.created.500")
		sumOfBoth      = File("clover/charge.refunded.cumulative-1500")
		disputed       = File("pre-basil/payment_intent.succeeded")
		opened         = File("pre-basil/charge.dispute.created")
		won, lost      = File("pre-basil/charge.dispute.closed.won"), File("pre-basil/charge.dispute.closed.lost")
		reinstated     = File("pre-basil/charge.dispute.funds_reinstated")
		wholly         = File("clover/charge.refunded.cumulative-1500", Set("data.object.amount_refunded", 3000))
		openedAndAfter = func(e Event, name, want string) Case {
			after := each("ada usd 400", "ada usd 200", want)
			return Case{Name: name, Events: []Event{disputed, opened, e}, After: after, Earned: earned(want)}
		}
	)
	return []Case{
		{Name: "15: payment intent and charge", Events: []Event{paid, charged}, After: each("ada usd 600", "ada usd 600"), Earned: earned("ada usd 600")},
		{Name: "48: all of it", Events: []Event{paid, charged, wholly}, After: each("ada usd 600", "ada usd 600", "")},
		{
			Name: "49: two refunds, each told twice", Events: []Event{paid, thousand, sumOfThousand, five, sumOfBoth},
			After: each("ada usd 600", "ada usd 400", "ada usd 400", "ada usd 300", "ada usd 300"), Earned: earned("ada usd 300"),
		},
		{Name: "52: a refund before its payment", Events: []Event{thousand, paid}, After: each("", "ada usd 400"), Earned: earned("ada usd 400")},
		openedAndAfter(won, "61: won", "ada usd 400"),
		openedAndAfter(lost, "65: a part, lost", "ada usd 200"),
		openedAndAfter(reinstated, "the money comes back", "ada usd 400"),
	}
}
