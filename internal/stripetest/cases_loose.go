package stripetest

// looseCases are of payment intents that say of nobody who led their customer here.
func looseCases() []Case {
	loose := func(edits ...Edit) Event {
		return File("payment_intent.succeeded", append([]Edit{
			Set("id", "evt_loose"), Set("data.object.id", "pi_loose"), Set("data.object.latest_charge", "ch_loose"),
			Set("data.object.amount", 3000), Set("data.object.amount_received", 3000), Set("data.object.created", at(24*hour)),
		}, edits...)...)
	}
	given := File("refund.created", Set("data.object.id", "re_loose"), Set("data.object.amount", 1500),
		Set("data.object.payment_intent", "pi_loose"), Set("data.object.charge", "ch_loose"))
	of := func(customer string) Edit { return Set("data.object.customer", customer) }
	created := File("customer.created", Set("data.object.metadata", map[string]any{"affiliate_ref": "ref_ADA123"}))
	link := File("invoice_payment.paid", Set("data.object.invoice", "in_basil_0002"), Set("data.object.payment.payment_intent", "pi_loose"))
	return []Case{
		{
			Name: "a bound customer pays without metadata", Events: []Event{subscribed, firstInvoice, loose()},
			After: each("", "ada cad 1000", "ada cad 1600"), Earned: earned("ada cad 1600"),
		},
		{
			Name: "a bound customer pays without metadata, and gets a part back", Events: []Event{subscribed, firstInvoice, loose(), given},
			Earned: earned("ada cad 1300"),
		},
		{
			Name: "a customer with a reference pays without metadata", Events: []Event{created, loose()}, Earned: earned("ada cad 600"),
		},
		{
			Name: "a customer with a reference pays without metadata, no sign-up told", Config: withoutLifecycle(), Events: []Event{created, loose()},
			Earned: earned("ada cad 600"),
		},
		{Name: "a customer whom nobody led here pays without metadata", Events: []Event{File("customer.created"), loose(), given}},
		{Name: "another customer pays without metadata", Events: []Event{subscribed, firstInvoice, loose(of("cus_other"))}, Earned: earned("ada cad 1000")},
		{Name: "a guest pays without metadata", Events: []Event{subscribed, firstInvoice, loose(of(""))}, Earned: earned("ada cad 1000")},
		{
			Name: "a bound customer pays before the binding", Events: []Event{subscribed, firstInvoice, loose(Set("data.object.created", at(-hour)))},
			Earned: earned("ada cad 1000"),
		},
		{
			Name: "the payment intent of an invoice of a bound customer", Events: []Event{subscribed, firstInvoice, secondMonth, loose(), link},
			Earned: earned("ada cad 2000"),
		},
		{
			Name:   "the payment intent of an invoice of a bound customer, by its description",
			Events: []Event{subscribed, firstInvoice, secondMonth, loose(Set("data.object.description", "Subscription update"))}, Earned: earned("ada cad 2000"),
		},
		{
			Name: "the payment intent of a checkout of a bound customer",
			Events: []Event{
				subscribed, firstInvoice, File("checkout.session.completed.payment", of("cus_basil_0001"), Set("data.object.payment_intent", "pi_loose"),
					Set("data.object.client_reference_id", nil)), loose(Set("data.object.amount", 6779), Set("data.object.amount_received", 6779)),
			}, Earned: earned("ada cad 2000"),
		},
	}
}
