package stripetest

import (
	"slices"

	"github.com/goaffiliate/affiliate/attribution"
)

// VersionCases are what the adapter must do with each generation of Stripe's API:
// pre-basil, basil, clover and dahlia, a folder each.
func VersionCases() []Case {
	all := slices.Concat(oldCases(), oldAmountCases(), reversalCases())
	for _, version := range []string{"basil", "clover", "dahlia"} {
		all = append(all, subscriptionCases(version)...)
	}
	return append(all,
		Case{
			Name: "dahlia: a customer who is an account", Events: []Event{File("dahlia/invoice.paid.customer_account")}, Earned: earned("ada usd 780"),
		},
		Case{
			Name: "dahlia: converted for the customer", Events: []Event{File("dahlia/checkout.session.completed.presentment")}, Earned: earned("ada usd 1800"),
		},
	)
}

// old is an event of a version before basil.
func old(name string, edits ...Edit) Event { return File("pre-basil/"+name, edits...) }

// one is a case of a single event.
func one(name, want string, e Event) Case {
	return Case{Name: name, Events: []Event{e}, Earned: earned(want)}
}

func oldCases() []Case {
	var (
		first    = old("invoice.paid.subscription_create")
		renewal  = old("invoice.paid.subscription_cycle")
		unpaid   = old("checkout.session.completed.unpaid")
		arrived  = old("checkout.session.async_payment_succeeded")
		code     = File("clover/promotion_code.updated.deactivated")
		withCode = old("checkout.session.completed.subscription", Set("data.object.invoice", "in_old_free_0001"),
			Set("data.object.discounts", []any{map[string]any{"coupon": "cpn_old_100", "promotion_code": "promo_ALEX10"}}))
		discounted = old("invoice.paid.promo-discount")
		bare       = Set("data.object.subscription_details.metadata", map[string]any{})
		inline     = Set("data.object.discount", map[string]any{"id": "di_old_2", "promotion_code": "promo_ALEX10"})
		lines      = Set("data.object.lines", nil)
	)
	return []Case{
		{Name: "11: the first invoice and a renewal", Events: []Event{first, renewal}, After: each("ada usd 780", "ada usd 1560"), Earned: earned("ada usd 1560")},
		one("12: a guest's single payment", "ada usd 800", old("checkout.session.completed.payment.client_reference_id")),
		{Name: "17: a delayed payment that arrives", Events: []Event{unpaid, arrived, arrived}, After: each("", "ada usd 400", "ada usd 400"), Earned: earned("ada usd 400")},
		{Name: "18: a delayed payment that fails", Events: []Event{unpaid, old("checkout.session.async_payment_failed")}},
		{Name: "a trial's invoice of nothing, then a renewal", Events: []Event{old("invoice.paid.zero-trial"), renewal}, Earned: earned("ada usd 780")},
		{
			Name: "24: all off by promo code, then a renewal", Events: []Event{code, withCode, old("invoice.paid.100-percent-off"), renewal},
			Earned: earned("alex usd 780"),
		},
		{
			Name: "24: all off by the code of a renewal, then another", Earned: earned("alex usd 780"),
			Events: []Event{code, old("invoice.paid.100-percent-off", inline), renewal},
		},
		{Name: "a code of a renewal of somebody who is bound", Events: []Event{code, first, old("invoice.paid.subscription_cycle", inline)}, Earned: earned("ada usd 1560")},
		{Name: "28: promo code and reference, promo first", Events: []Event{code, discounted}, Earned: earned("alex usd 624")},
		{
			Name: "28: promo code and reference, click first", Methods: []attribution.Method{attribution.Clicks, attribution.Promo, attribution.Match},
			Events: []Event{code, discounted}, Earned: earned("ada usd 624"),
		},
		{Name: "a session that tells neither invoice nor time", Events: []Event{
			old("checkout.session.completed.subscription", Set("data.object.client_reference_id", "ref_ADA123")),
			old("invoice.paid.subscription_create", bare, lines), old("invoice.paid.subscription_cycle", bare, lines),
		}, Earned: earned("ada usd 1560")},
	}
}

// oldAmountCases are what a payment of old comes to.
func oldAmountCases() []Case {
	return []Case{
		one("31: tax on top", "ada usd 780", old("invoice.paid.tax-exclusive")),
		one("31: tax on top, before there was a total without it", "ada usd 780", old("invoice.paid.2020-08-27")),
		one("32: tax inside", "ada usd 800", old("invoice.paid.tax-inclusive")),
		one("38: paid from the customer's balance in part", "ada usd 420", old("invoice.paid.customer-balance")),
		one("41: paid outside of Stripe", "ada usd 780", old("invoice.paid.out-of-band")),
		{
			Name:   "two invoices that name one payment intent", // which Stripe does not do
			Events: []Event{old("invoice.paid.subscription_create"), old("invoice.paid.customer-balance", Set("data.object.payment_intent", "pi_old_0001"))}, Earned: earned("ada usd 1200"),
		},
		one("43: yen", "ada jpy 1400", old("invoice.paid.jpy")),
		one("45: converted for the customer", "ada usd 1800", old("checkout.session.completed.payment.currency_conversion")),
		{
			Name: "53: a part of a payment with taxes",
			Events: []Event{
				old("invoice.paid.tax-exclusive"),
				File("clover/refund.created.1000", Set("data.object.charge", "ch_old_tax"),
					Set("data.object.payment_intent", "pi_old_tax"), Set("data.object.amount", 2340)),
			},
			After: each("ada usd 780", "ada usd 390"), Earned: earned("ada usd 390"),
		},
	}
}

// subscriptionCases are the life of a subscription in a version since basil.
func subscriptionCases(version string) []Case {
	file := func(name string, edits ...Edit) Event { return File(version+"/"+name, edits...) }
	session, first := file("checkout.session.completed.subscription"), file("invoice.paid.subscription_create")
	return []Case{
		{
			Name: version + ": a checkout, its invoice and a renewal", Events: []Event{session, first, file("invoice.paid.subscription_cycle")},
			After: each("", "ada usd 780", "ada usd 1560"), Earned: earned("ada usd 1560"),
		},
		{
			Name:   version + ": a quarter refunded",
			Events: []Event{session, file("charge.succeeded.for-invoice"), first, file("invoice_payment.paid"), file("refund.created.for-invoice")},
			After:  each("", "", "ada usd 780", "ada usd 780", "ada usd 585"), Earned: earned("ada usd 585"),
		},
		{Name: version + ": tax on top", Events: []Event{file("invoice.paid.tax-exclusive")}, Earned: earned("ada usd 780")},
		{
			Name: version + ": a promotion code that the session names", Earned: earned("alex usd 780"),
			Events: []Event{
				file("promotion_code.updated.deactivated"), first,
				file("checkout.session.completed.subscription", Set("data.object.client_reference_id", nil),
					Set("data.object.discounts", []any{map[string]any{"coupon": "cpn", "promotion_code": "promo_ALEX10"}})),
			},
		},
	}
}

func reversalCases() []Case {
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
		wholly         = File("clover/charge.refunded.cumulative-1500", Set("data.object.amount_refunded", 4000))
		openedAndAfter = func(e Event, name, want string) Case {
			after := each("ada usd 500", "ada usd 250", want)
			return Case{Name: name, Events: []Event{disputed, opened, e}, After: after, Earned: earned(want)}
		}
	)
	return []Case{
		{Name: "15: payment intent and charge", Events: []Event{paid, charged}, After: each("ada usd 800", "ada usd 800"), Earned: earned("ada usd 800")},
		{Name: "48: all of it", Events: []Event{paid, charged, wholly}, After: each("ada usd 800", "ada usd 800", "")},
		{
			Name: "49: two refunds, each told twice", Events: []Event{paid, thousand, sumOfThousand, five, sumOfBoth},
			After: each("ada usd 800", "ada usd 600", "ada usd 600", "ada usd 500", "ada usd 500"), Earned: earned("ada usd 500"),
		},
		{Name: "52: a refund before its payment", Events: []Event{thousand, paid}, After: each("", "ada usd 600"), Earned: earned("ada usd 600")},
		{
			Name:   "a refund that the charge lists",
			Events: []Event{disputed, File("pre-basil/charge.succeeded"), File("pre-basil/charge.refunded.partial")}, Earned: earned("ada usd 400"),
		},
		openedAndAfter(won, "61: won", "ada usd 500"),
		openedAndAfter(lost, "65: a part, lost", "ada usd 250"),
		openedAndAfter(reinstated, "the money comes back", "ada usd 500"),
	}
}
