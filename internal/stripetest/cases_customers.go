package stripetest

import "time"

const hour = time.Hour

// at is a time of an event, in seconds, so long after the first of the fixtures.
func at(after time.Duration) int64 { return 1_756_720_800 + int64(after/time.Second) }

// subscribes is a checkout of a customer's subscription, by the referral code of
// ada, and its first invoice, half an hour after the first of the fixtures.
func subscribes(name string, edits ...Edit) (session, invoice Event) {
	session = File("checkout.session.completed.client_reference_id", append([]Edit{
		Set("id", "evt_session_"+name), Set("data.object.id", "cs_"+name), Set("data.object.customer", "cus_"+name),
		Set("data.object.subscription", "sub_"+name), Set("data.object.invoice", "in_"+name), Set("data.object.created", at(hour/2)),
	}, edits...)...)
	return session, invoiceOf(name, name, hour/2+time.Minute)
}

// invoiceOf is an invoice of a customer's subscription of 4999 cad.
func invoiceOf(customer, name string, after time.Duration, edits ...Edit) Event {
	return File("invoice.paid.subscription_create", append([]Edit{
		Set("id", "evt_invoice_"+name), Set("data.object.id", "in_"+name), Set("data.object.customer", "cus_"+customer),
		Set("data.object.parent.subscription_details.subscription", "sub_"+customer),
		Set("data.object.created", at(after)), Set("data.object.status_transitions.paid_at", at(after)),
	}, edits...)...)
}

// customerCases are of one customer of the host's whom Stripe knows as two.
func customerCases() []Case {
	user := Set("data.object.metadata.affiliate_customer_key", "user_8")
	session, first := subscribes("b", user)
	created := func(name string, after time.Duration) Event {
		return File("customer.created", Set("data.object.id", "cus_"+name), Set("data.object.created", at(after)), Set("created", at(after)),
			Set("data.object.metadata", map[string]any{"affiliate_ref": "ref_ALEX456", "affiliate_customer_key": "user_8"}))
	}
	return []Case{
		{
			Name:   "two customers of Stripe's are one of the host's: who led here first keeps both",
			Events: []Event{session, first, created("a", hour), invoiceOf("a", "a", 2*hour)},
			After:  each("", "ada cad 1000", "ada cad 1000", "ada cad 2000"), Earned: earned("ada cad 2000"),
		},
		{
			Name:   "two customers of Stripe's are one of the host's: the sign-up came first",
			Events: []Event{session, first, created("a", 0), invoiceOf("a", "a", 2*hour)},
			After:  each("", "ada cad 1000", "alex cad 1000", "alex cad 2000"), Earned: earned("alex cad 2000"),
		},
	}
}
