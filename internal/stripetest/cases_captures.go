package stripetest

// captureCases are of payments of which only a part was captured: Stripe shows the
// rest as refunded.
func captureCases() []Case {
	authorized := func(refunded int) []Edit {
		return []Edit{
			Set("data.object.amount", 10000), Set("data.object.amount_captured", 6000), Set("data.object.amount_refunded", refunded),
		}
	}
	charge := func(kind string, refunded int, more ...Edit) Event {
		return File("charge.succeeded.alone", append(append(authorized(refunded), Set("type", kind)), more...)...)
	}
	intent := File("payment_intent.succeeded.metadata", Set("data.object.amount", 10000), Set("data.object.amount_received", 6000))
	captured := charge("charge.captured", 4000)
	rest := File("refund.created.alone-1000", Set("data.object.id", "re_rest"), Set("data.object.amount", 4000),
		Set("data.object.balance_transaction", nil))
	real := func(amount int) Event {
		return File("refund.created.alone-500", Set("data.object.id", "re_real"), Set("data.object.amount", amount))
	}
	bare := []Edit{Set("data.object.payment_intent", nil), Set("data.object.metadata", map[string]any{"affiliate_ref": "ref_ADA123"})}
	return []Case{
		{
			Name:   "a part was captured: the rest is no refund",
			Events: []Event{intent, captured, charge("charge.refunded", 4000)},
			After:  each("ada usd 1200", "ada usd 1200", "ada usd 1200"), Earned: earned("ada usd 1200"),
		},
		{
			Name:   "a part was captured: the rest is no refund, told by a refund either",
			Events: []Event{intent, rest, captured}, Earned: earned("ada usd 1200"),
		},
		{
			Name:   "a part was captured, and of that a part refunded",
			Events: []Event{intent, captured, real(1500), charge("charge.refunded", 5500)},
			After:  each("ada usd 1200", "ada usd 1200", "ada usd 900", "ada usd 900"), Earned: earned("ada usd 900"),
		},
		{
			Name:   "a part was captured, and of that a part refunded, told by refunds only",
			Events: []Event{intent, rest, real(1500)}, Earned: earned("ada usd 900"),
		},
		{
			Name:   "a part was captured, and as much as the rest refunded",
			Events: []Event{intent, rest, captured, real(4000), charge("charge.refunded", 8000)}, Earned: earned("ada usd 400"),
		},
		{
			Name:   "a part was captured, and all of it refunded",
			Events: []Event{intent, captured, rest, real(6000), charge("charge.refunded", 10000)},
		},
		{
			Name: "a part of a charge without a payment intent was captured",
			Events: []Event{
				charge("charge.succeeded", 0, append(bare, Set("data.object.amount_captured", 0), Set("data.object.captured", false))...),
				charge("charge.captured", 4000, bare...), charge("charge.refunded", 4000, bare...),
				charge("charge.refunded", 7000, append(bare, Set("created", at(48*hour)))...),
			},
			After: each("", "ada usd 1200", "ada usd 1200", "ada usd 600"), Earned: earned("ada usd 600"),
		},
		{
			Name:   "an authorization that was canceled",
			Events: []Event{charge("charge.refunded", 10000, append(bare, Set("data.object.amount_captured", 0), Set("data.object.captured", false))...)},
		},
	}
}

// checkoutCaptureCases are of checkouts that reserve the money, which is captured
// later: the session, which alone has the reference, never says that it was paid.
func checkoutCaptureCases() []Case {
	const file = "checkout.session.completed.payment" // 4999 of 6779 cad
	unpaid := []Edit{Set("data.object.payment_status", "unpaid"), Set("data.object.payment_intent", "pi_held"), Set("data.object.id", "cs_held")}
	session := File(file, unpaid...)
	named := File(file, append(unpaid, Set("data.object.customer", "cus_held"))...)
	intent := func(received int, edits ...Edit) Event {
		return File("payment_intent.succeeded", append(edits, Set("data.object.id", "pi_held"), Set("data.object.customer", nil),
			Set("data.object.latest_charge", "ch_held"), Set("data.object.capture_method", "manual"),
			Set("data.object.amount", 6779), Set("data.object.amount_received", received))...)
	}
	charge := func(kind string, amount, refunded int, edits ...Edit) Event {
		return File("charge.succeeded", append(edits, Set("type", kind), Set("data.object.id", "ch_held"), Set("data.object.customer", nil),
			Set("data.object.payment_intent", "pi_held"), Set("data.object.amount", 6779), Set("data.object.captured", amount > 0),
			Set("data.object.amount_captured", amount), Set("data.object.amount_refunded", refunded))...)
	}
	reserved, captured := charge("charge.succeeded", 0, 0), charge("charge.captured", 6779, 0)
	of := Set("data.object.customer", "cus_held")
	all := func(name string, want string, events ...Event) Case {
		return Case{Name: "a checkout that is captured later: " + name, Events: events, Earned: earned(want)}
	}
	return []Case{
		{
			Name:   "a checkout that is captured later",
			Events: []Event{session, reserved, captured, intent(6779)}, After: each("", "", "ada cad 1000", "ada cad 1000"), Earned: earned("ada cad 1000"),
		},
		all("told by the charge alone", "ada cad 1000", session, captured),
		all("told by the payment intent alone", "ada cad 1000", session, intent(6779)),
		all("by a customer", "ada cad 1000", named, charge("charge.captured", 6779, 0, of), intent(6779, of)),
		all("a half of it", "ada cad 500", session, charge("charge.captured", 3390, 3389), intent(3390)),
		all("a half of it, and a half of that refunded", "ada cad 250", session, charge("charge.captured", 3390, 3389), intent(3390),
			charge("charge.refunded", 3390, 3389+1695, Set("created", at(48*hour)))),
		{Name: "a checkout that is never captured", Events: []Event{session, reserved}},
		{Name: "a payment that nobody refers to", Events: []Event{intent(6779), captured}},
	}
}
