package stripetest

import (
	"testing"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// Case is a sequence of events and what it comes to.
type Case struct {
	Name    string
	Config  stripeadapter.Config
	Methods []attribution.Method // of the program; empty: the default
	Model   attribution.Model
	Binding attribution.BindingMode
	Before  func(testing.TB, *Host) // what the host did before; nil: nothing
	Events  []Event
	After   []string // what is earned after each event, in this order; empty: not looked at
	Earned  []string // in the end, in any order of delivery
	Fixed   bool     // only this order: what it says depends on it
}

// earned is short for what one partner has earned.
func earned(list ...string) []string { return list }

func each(after ...string) []string { return after }

var (
	subscribed   = File("checkout.session.completed.client_reference_id")
	firstInvoice = File("invoice.paid.subscription_create")
	secondMonth  = File("invoice.paid.subscription_cycle")
	thirdMonth   = File("invoice.paid.subscription_cycle.metadata")
	intentAlone  = File("payment_intent.succeeded.metadata")
	chargeAlone  = File("charge.succeeded.alone")
	linked       = File("invoice_payment.paid")
)

func withoutLifecycle() stripeadapter.Config { return stripeadapter.Config{WithoutLifecycle: true} }

// Cases are what the adapter must do.
func Cases() []Case {
	var all []Case
	for _, list := range [][]Case{
		identityCases(), paymentCases(), startCases(), amountCases(), refundCases(), invoiceRefundCases(), disputeCases(),
		customerCases(), captureCases(), checkoutCaptureCases(), hostCases(), hostDisputeCases(), namedCases(), taxCases(), returnCases(),
		looseCases(), editedCases(), scatteredCases(),
	} {
		all = append(all, list...)
	}
	return all
}

func identityCases() []Case {
	return []Case{
		{
			Name: "1 and 2: session and first invoice", Events: []Event{subscribed, firstInvoice},
			After: each("", "ada cad 1000"), Earned: earned("ada cad 1000"),
		},
		{
			Name: "2: invoice before session", Events: []Event{firstInvoice, subscribed},
			After: each("", "ada cad 1000"), Earned: earned("ada cad 1000"),
		},
		{
			Name:   "3: payment_succeeded and paid are one payment",
			Events: []Event{subscribed, File("invoice.payment_succeeded.subscription_create"), firstInvoice}, Earned: earned("ada cad 1000"),
		},
		{
			Name:   "5: two event ids for one invoice",
			Events: []Event{subscribed, firstInvoice, File("invoice.paid.subscription_create", Set("id", "evt_other"))}, Earned: earned("ada cad 1000"),
		},
		{
			Name:   "7: one event from endpoints of two versions",
			Events: []Event{subscribed, firstInvoice, File("invoice.paid.subscription_create.2023-10-16")}, Earned: earned("ada cad 1000"),
		},
		{
			Name: "8: a renewal without metadata", Events: []Event{subscribed, firstInvoice, secondMonth},
			After: each("", "ada cad 1000", "ada cad 2000"), Earned: earned("ada cad 2000"),
		},
		{
			Name: "8: the whole life of a subscription", Events: []Event{
				File("customer.created"), subscribed, File("customer.subscription.created"), firstInvoice, secondMonth, thirdMonth,
			}, Earned: earned("ada cad 3000"),
		},
		{
			Name: "10: a renewal with metadata and nothing before", Events: []Event{thirdMonth}, Earned: earned("ada cad 1000"),
		},
		{
			Name: "12: a guest's single payment", Events: []Event{File("checkout.session.completed.payment")}, Earned: earned("ada cad 1000"),
		},
		{
			Name:   "14: a single payment with an invoice",
			Events: []Event{File("checkout.session.completed.payment.invoice"), File("invoice.paid.payment")},
			After:  each("", "ada cad 1000"), Earned: earned("ada cad 1000"),
		},
	}
}

func paymentCases() []Case {
	return []Case{
		{Name: "15: payment intent and charge", Events: []Event{intentAlone, chargeAlone}, Earned: earned("ada usd 600")},
		{Name: "16: a payment intent without reference", Events: []Event{File("payment_intent.succeeded"), File("charge.succeeded")}},
		{
			Name:   "17: a delayed payment that arrives",
			Events: []Event{File("checkout.session.completed.unpaid"), File("checkout.session.async_payment_succeeded")},
			After:  each("", "ada usd 900"), Earned: earned("ada usd 900"),
		},
		{
			Name:   "18: a delayed payment that fails",
			Events: []Event{File("checkout.session.completed.unpaid"), File("checkout.session.async_payment_failed")},
		},
		{
			Name: "20: a session in mode setup, then an invoice of the customer", Events: []Event{File("checkout.session.completed.setup"), secondMonth},
			Earned: earned("ada cad 1000"),
		},
		{
			Name: "21: an id of the merchant's own, then a reference on the customer",
			Events: []Event{
				File("checkout.session.completed.client_reference_id", Set("data.object.client_reference_id", "order-77")),
				firstInvoice, File("customer.created", Set("data.object.metadata._afficoneRef", "ref_ADA123")),
			},
			After: each("", "", "ada cad 1000"), Earned: earned("ada cad 1000"),
		},
		{
			Name:   "76: the last invoice of a subscription that was deleted",
			Events: []Event{subscribed, File("customer.subscription.deleted"), firstInvoice}, Earned: earned("ada cad 1000"),
		},
		{
			Name: "a payment intent of a checkout, both with the reference",
			Events: []Event{
				File("checkout.session.completed.payment"),
				File("payment_intent.succeeded.metadata", Set("data.object.id", "pi_basil_payment_0001"), Set("data.object.customer", nil),
					Set("data.object.amount_received", 6779), Set("data.object.amount", 6779), Set("data.object.currency", "cad")),
			}, Earned: earned("ada cad 1000"),
		},
		{
			Name: "a payment intent of an invoice, both with the reference",
			Events: []Event{
				subscribed, firstInvoice, linked,
				File("payment_intent.succeeded", Set("data.object.metadata.affiliate_ref", "ref_ADA123")),
			}, Earned: earned("ada cad 1000"),
		},
		{
			Name: "the customer of the host under its own key",
			Events: []Event{
				File("payment_intent.succeeded.metadata", Set("data.object.metadata.affitor_customer_key", "user_7")),
				File("invoice.paid.subscription_cycle", Set("data.object.parent.subscription_details.metadata.affitor_customer_key", "user_7")),
			}, Earned: earned("ada cad 1000", "ada usd 600"),
		},
	}
}

func startCases() []Case {
	ref := Set("data.object.metadata._afficoneRef", "ref_ADA123")
	return []Case{
		{
			Name: "22: a trial with the reference on the customer",
			Events: []Event{
				File("customer.created.metadata"), File("customer.subscription.created.trial"), File("invoice.paid.zero-trial"),
				File("invoice.paid.trial-renewal"),
			},
			After: each("", "", "", "ada cad 1000"), Earned: earned("ada cad 1000"),
		},
		{
			Name:   "23: a trial with the reference on the session",
			Events: []Event{File("checkout.session.completed.trial"), File("invoice.paid.zero-trial"), File("invoice.paid.trial-renewal"), File("invoice.paid.trial-renewal.second")},
			After:  each("", "", "ada cad 1000", "ada cad 2000"), Earned: earned("ada cad 2000"),
		},
		{
			Name:   "24: a first month for free by promo code, then a renewal",
			Events: []Event{File("checkout.session.completed.promotion_code.free"), File("invoice.paid.free"), File("invoice.paid.free-renewal"), known()},
			Earned: earned("alex cad 1000"),
		},
		{
			Name: "26: a promo code on the session", Events: []Event{known(), File("checkout.session.completed.promotion_code"), File("invoice.paid.promo-first")},
			Earned: earned("alex cad 800"),
		},
		{
			Name: "26: a promo code on the session, then a renewal",
			Events: []Event{
				File("checkout.session.completed.promotion_code"), File("invoice.paid.promo-first"), File("invoice.paid.promo-renewal"), known(),
			},
			After: each("", "", "", "alex cad 1800"), Earned: earned("alex cad 1800"),
		},
		{
			Name: "27: a promotion code that nobody tells of", Events: []Event{known(), File("invoice.paid.promo-first")},
		},
		{
			Name:   "28: promo code and reference, promo first",
			Events: []Event{known(), File("checkout.session.completed.promotion_code", ref), File("invoice.paid.promo-first.2023-10-16")},
			Earned: earned("alex cad 800"),
		},
		{
			Name: "28: promo code and reference, click first", Methods: []attribution.Method{attribution.Clicks, attribution.Promo, attribution.Match},
			Events: []Event{known(), File("checkout.session.completed.promotion_code", ref), File("invoice.paid.promo-first.2023-10-16")},
			Earned: earned("ada cad 800"),
		},
		{
			Name: "30: a code in lower case, deactivated later",
			Events: []Event{
				File("promotion_code.updated.deactivated", Set("data.object.code", "alex10")),
				File("checkout.session.completed.promotion_code"), File("invoice.paid.promo-first"), File("invoice.paid.promo-renewal"),
			}, Earned: earned("alex cad 1800"),
		},
	}
}

// in is an invoice of so much in a currency.
func in(currency string, amount int) []Edit {
	edits := []Edit{Set("data.object.currency", currency)}
	for _, field := range []string{"total", "total_excluding_tax", "subtotal", "subtotal_excluding_tax", "amount_paid", "amount_due"} {
		edits = append(edits, Set("data.object."+field, amount))
	}
	return edits
}

// known tells which code a promotion code is.
func known() Event { return File("promotion_code.updated.deactivated") }

func amountCases() []Case {
	one := func(name, file, want string) Case {
		return Case{Name: name, Events: []Event{File(file)}, Earned: earned(want)}
	}
	ignore := stripeadapter.Config{OutOfBand: stripeadapter.IgnoreOutOfBand}
	return []Case{
		one("34: tax on top", "invoice.paid.tax-exclusive", "ada cad 1000"),
		one("32: tax inside", "invoice.paid.tax-inclusive", "ada cad 1000"),
		one("35: shipping", "invoice.paid.shipping", "ada cad 1000"),
		one("38: paid from the customer's balance in part", "invoice.paid.customer-balance", "ada cad 380"),
		one("41: out of band", "invoice.paid.out-of-band", "ada cad 1000"),
		one("41: out of band, old version", "invoice.paid.out-of-band.2023-10-16", "ada cad 1000"),
		{Name: "41: out of band, ignored", Config: ignore, Events: []Event{File("invoice.paid.out-of-band.2023-10-16")}},
		{Name: "41: out of band, ignored, told by payments", Config: ignore, Events: []Event{File("invoice.paid.out-of-band.payments")}},
		one("43: yen", "invoice.paid.jpy", "ada jpy 1000"),
		{Name: "a currency that Stripe writes with two digits more", Events: []Event{File("invoice.paid.jpy", in("isk", 500_000)...)}, Earned: earned("ada isk 1000")},
		{Name: "a currency that Stripe writes with two digits less", Events: []Event{File("invoice.paid.jpy", in("mga", 5000)...)}, Earned: earned("ada mga 100000")},
		one("45: converted for the customer, old", "checkout.session.completed.payment.currency_conversion", "ada usd 2000"),
		one("46: converted for the customer, new", "checkout.session.completed.payment.presentment", "ada usd 2000"),
		{
			Name: "a currency that nobody knows", Events: []Event{File("invoice.paid.jpy", Set("data.object.currency", "usdc"))},
		},
	}
}

func refundCases() []Case {
	thousand, fifteen := File("charge.refunded.alone-1000"), File("charge.refunded.alone-1500")
	first, second := File("refund.created.alone-1000"), File("refund.created.alone-500")
	pending, failed := File("refund.created.alone-pending"), File("refund.failed.alone")
	return []Case{
		{
			Name:   "48: all of it",
			Events: []Event{intentAlone, File("charge.refunded.alone-1500", Set("data.object.amount_refunded", 3000))},
			After:  each("ada usd 600", ""),
		},
		{
			Name: "49: two refunds, each told twice", Events: []Event{intentAlone, first, thousand, second, fifteen},
			After: each("ada usd 600", "ada usd 400", "ada usd 400", "ada usd 300", "ada usd 300"), Earned: earned("ada usd 300"),
		},
		{
			Name: "51: a refund that fails", Events: []Event{intentAlone, pending, failed, File("refund.created.alone-pending", Set("type", "refund.updated"))},
			After: each("ada usd 600", "ada usd 300", "ada usd 600", "ada usd 600"), Earned: earned("ada usd 600"),
		},
		{
			Name: "51: a refund that fails after the charge told of it",
			Events: []Event{
				intentAlone, pending, fifteen, failed,
			}, After: each("ada usd 600", "ada usd 300", "ada usd 300", "ada usd 600"), Earned: earned("ada usd 600"),
		},
		{
			Name: "52: a refund before its payment", Events: []Event{first, intentAlone},
			After: each("", "ada usd 400"), Earned: earned("ada usd 400"),
		},
		{
			Name: "53: a part of a payment with taxes",
			Events: []Event{
				File("checkout.session.completed.payment"),
				File("refund.created", Set("data.object.payment_intent", "pi_basil_payment_0001"), Set("data.object.amount", 3390)),
			}, After: each("ada cad 1000", "ada cad 500"), Earned: earned("ada cad 500"),
		},
	}
}

func invoiceRefundCases() []Case {
	third := func(n, amount int) Event {
		id := []string{"re_1", "re_2", "re_3"}[n]
		return File("refund.created", Set("data.object.id", id), Set("data.object.amount", amount))
	}
	return []Case{
		{
			Name: "54: three thirds", Events: []Event{subscribed, firstInvoice, linked, third(0, 1666), third(1, 1666), third(2, 1667)},
			After: each("", "ada cad 1000", "ada cad 1000", "ada cad 667", "ada cad 333", ""),
		},
		{
			Name: "one refund, told four times",
			Events: []Event{
				subscribed, firstInvoice, linked, File("refund.created"), File("charge.refunded"), File("credit_note.created.refund"),
			}, After: each("", "ada cad 1000", "ada cad 1000", "ada cad 800", "ada cad 800", "ada cad 800"), Earned: earned("ada cad 800"),
		},
		{
			Name: "56: to the customer's balance", Events: []Event{subscribed, firstInvoice, File("credit_note.created.balance"), File("invoice.paid.customer-balance")},
			After: each("", "ada cad 1000", "ada cad 1000", "ada cad 1380"), Earned: earned("ada cad 1380"),
		},
		{
			Name: "57: only the reference number of a refund changes",
			Events: []Event{
				subscribed, firstInvoice, linked, File("refund.created"), File("charge.refund.updated"),
				File("charge.refund.updated", Set("type", "refund.updated")),
			}, Earned: earned("ada cad 800"),
		},
		{
			Name: "given back outside of Stripe", Events: []Event{subscribed, firstInvoice, File("credit_note.created.out-of-band")},
			After: each("", "ada cad 1000", "ada cad 800"), Earned: earned("ada cad 800"),
		},
		{
			Name:   "given back outside of Stripe, and voided",
			Events: []Event{subscribed, firstInvoice, File("credit_note.created.out-of-band"), File("credit_note.voided.out-of-band")},
			After:  each("", "ada cad 1000", "ada cad 800", "ada cad 1000"), Earned: earned("ada cad 1000"),
		},
		{
			Name: "a refund of an invoice of an old version",
			Events: []Event{
				subscribed, File("invoice.paid.subscription_create.2023-10-16"), File("charge.refunded"),
			}, Earned: earned("ada cad 800"),
		},
	}
}

func disputeCases() []Case {
	opened, withdrawn := File("charge.dispute.created"), File("charge.dispute.funds_withdrawn")
	won, lost := File("charge.dispute.closed.won"), File("charge.dispute.closed.lost")
	return []Case{
		{
			Name: "61: won", Events: []Event{subscribed, firstInvoice, linked, opened, won},
			After: each("", "ada cad 1000", "ada cad 1000", "", "ada cad 1000"), Earned: earned("ada cad 1000"),
		},
		{
			Name: "62: lost", Events: []Event{subscribed, firstInvoice, linked, opened, withdrawn, lost},
			After: each("", "ada cad 1000", "ada cad 1000", "", "", ""),
		},
		{
			Name: "64: an inquiry", Events: []Event{subscribed, firstInvoice, linked, File("charge.dispute.created.inquiry"), File("charge.dispute.closed.inquiry")},
			Earned: earned("ada cad 1000"),
		},
		{
			Name: "65: a part, lost",
			Events: []Event{
				subscribed, firstInvoice, linked, File("charge.dispute.created", Set("data.object.amount", 1000)),
				File("charge.dispute.closed.lost", Set("data.object.amount", 1000)),
			}, Earned: earned("ada cad 800"),
		},
		{
			Name: "the money comes back before it is decided",
			Events: []Event{
				subscribed, firstInvoice, linked, opened, File("charge.dispute.funds_withdrawn", Set("type", "charge.dispute.funds_reinstated")),
			}, Earned: earned("ada cad 1000"),
		},
	}
}
