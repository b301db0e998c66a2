package stripetest

// captureCases are of payments of which only a part was captured: Stripe shows the
// rest as refunded.
func captureCases() []Case {
	authorized := func(refunded int) []Edit {
		return []Edit{
			Set("data.object.amount", 10000), Set("data.object.amount_captured", 6000), Set("data.object.amount_refunded", refunded),
		}
	}
	charge := func(file, kind string, refunded int, more ...Edit) Event {
		return File(file, append(append(authorized(refunded), Set("type", kind)), more...)...)
	}
	const alone = "charge.succeeded.alone"
	intent := File("payment_intent.succeeded.metadata", Set("data.object.amount", 10000), Set("data.object.amount_received", 6000))
	captured := charge(alone, "charge.captured", 4000)
	rest := File("refund.created.alone-1000", Set("data.object.id", "re_rest"), Set("data.object.amount", 4000),
		Set("data.object.balance_transaction", nil))
	real := func(amount int) Event {
		return File("refund.created.alone-500", Set("data.object.id", "re_real"), Set("data.object.amount", amount))
	}
	bare := []Edit{Set("data.object.payment_intent", nil), Set("data.object.metadata", map[string]any{"affiliate_ref": "ref_ADA123"})}
	return []Case{
		{
			Name:   "a part was captured: the rest is no refund",
			Events: []Event{intent, captured, charge(alone, "charge.refunded", 4000)},
			After:  each("ada usd 1200", "ada usd 1200", "ada usd 1200"), Earned: earned("ada usd 1200"),
		},
		{
			Name:   "a part was captured: the rest is no refund, told by a refund either",
			Events: []Event{intent, rest, captured}, Earned: earned("ada usd 1200"),
		},
		{
			Name:   "a part was captured, and of that a part refunded",
			Events: []Event{intent, captured, real(1500), charge(alone, "charge.refunded", 5500)},
			After:  each("ada usd 1200", "ada usd 1200", "ada usd 900", "ada usd 900"), Earned: earned("ada usd 900"),
		},
		{
			Name:   "a part was captured, and of that a part refunded, told by refunds only",
			Events: []Event{intent, rest, real(1500)}, Earned: earned("ada usd 900"),
		},
		{
			Name:   "a part was captured, and as much as the rest refunded",
			Events: []Event{intent, rest, captured, real(4000), charge(alone, "charge.refunded", 8000)}, Earned: earned("ada usd 400"),
		},
		{
			Name:   "a part was captured, and all of it refunded",
			Events: []Event{intent, captured, rest, real(6000), charge(alone, "charge.refunded", 10000)},
		},
		{
			Name: "a part of a charge without a payment intent was captured",
			Events: []Event{
				charge(alone, "charge.succeeded", 0, append(bare, Set("data.object.amount_captured", 0), Set("data.object.captured", false))...),
				charge(alone, "charge.captured", 4000, bare...), charge(alone, "charge.refunded", 4000, bare...),
				charge(alone, "charge.refunded", 7000, append(bare, Set("created", at(48*hour)))...),
			},
			After: each("", "ada usd 1200", "ada usd 1200", "ada usd 600"), Earned: earned("ada usd 600"),
		},
		{
			Name:   "an authorization that was canceled",
			Events: []Event{charge(alone, "charge.refunded", 10000, append(bare, Set("data.object.amount_captured", 0), Set("data.object.captured", false))...)},
		},
	}
}
