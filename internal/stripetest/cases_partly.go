package stripetest

// taxCases are of an invoice of 4999 cad and 650 of taxes, of which taxes are given
// back.
func taxCases() []Case {
	const invoice = "in_basil_tax_0001"
	paid, link := File("invoice.paid.tax-exclusive"), File("invoice_payment.paid", Set("data.object.invoice", invoice))
	refund := func(id string, amount int) Event {
		return File("refund.created", Set("data.object.id", id), Set("data.object.amount", amount))
	}
	sum := func(amount int) Event {
		return File("charge.refunded", Set("data.object.amount", 5649), Set("data.object.amount_captured", 5649), Set("data.object.amount_refunded", amount))
	}
	taxes := func(file string, refunds ...any) Event {
		return File(file, Set("data.object.invoice", invoice), Set("data.object.subtotal", 0), Set("data.object.total", 650),
			Set("data.object.total_excluding_tax", 0), Set("data.object.amount", 650), Set("data.object.refunds", refunds))
	}
	of := func(refund string) any { return map[string]any{"refund": refund, "amount_refunded": 650} }
	outside := taxes("credit_note.created.out-of-band")
	outside.Edits = append(outside.Edits, Set("data.object.out_of_band_amount", 650))
	return []Case{
		{
			Name: "taxes are refunded", Events: []Event{paid, link, taxes("credit_note.created.refund", of("re_tax")), refund("re_tax", 650), sum(650)},
			Earned: earned("ada cad 1000"),
		},
		{
			Name: "taxes are given back outside of Stripe", Events: []Event{paid, link, outside}, Earned: earned("ada cad 1000"),
		},
		{
			Name: "taxes are refunded, and a part of the payment",
			Events: []Event{
				paid, link, taxes("credit_note.created.refund", of("re_tax")), refund("re_tax", 650),
				refund("re_part", 2825), // half, with taxes, of what was paid
			}, Earned: earned("ada cad 500"),
		},
		{
			Name: "taxes are refunded, and then the rest",
			Events: []Event{
				paid, link, taxes("credit_note.created.refund", of("re_tax")), refund("re_tax", 650), refund("re_rest", 4999), sum(5649),
			},
		},
	}
}

// returnCases are of disputes whose money comes back in part.
func returnCases() []Case {
	moved := func(amounts ...int) Edit {
		list := []any{}
		for _, amount := range amounts {
			list = append(list, map[string]any{"id": "txn", "amount": amount, "fee": 1500, "net": amount - 1500, "currency": "cad"})
		}
		return Set("data.object.balance_transactions", list)
	}
	opened, withdrawn := File("charge.dispute.created", moved(-4999)), File("charge.dispute.funds_withdrawn", moved(-4999))
	back := func(amount int) Event {
		return File("charge.dispute.closed.lost", Set("type", "charge.dispute.funds_reinstated"), moved(-4999, amount))
	}
	closed := func(how string, amounts ...int) Event { return File("charge.dispute.closed."+how, moved(amounts...)) }
	with := func(more ...Event) []Event { return append([]Event{subscribed, firstInvoice, linked}, more...) }
	return []Case{
		{
			Name: "a dispute is lost, and a part comes back with it", Events: with(opened, withdrawn, closed("lost", -4999, 2000)),
			Earned: earned("ada cad 400"),
		},
		{
			Name: "a dispute is lost, and a part comes back later", Events: with(opened, closed("lost", -4999), back(2000)),
			After: each("", "ada cad 1000", "ada cad 1000", "", "", "ada cad 400"), Earned: earned("ada cad 400"),
		},
		{
			Name: "a dispute is lost, and two parts come back later", Events: with(closed("lost", -4999), back(1000), back(2000)),
			Earned: earned("ada cad 400"),
		},
		{
			Name: "a dispute is lost, and all of it comes back", Events: with(opened, closed("lost", -4999), back(4999)), Earned: earned("ada cad 1000"),
		},
		{
			Name: "a dispute is won for a part", Events: with(opened, closed("won", -4999, 2000)), Earned: earned("ada cad 400"),
		},
		{
			Name: "a dispute is won, before the money is back", Events: with(opened, closed("won", -4999)), Earned: earned("ada cad 1000"),
		},
		{
			Name:   "a dispute in a settlement currency", // half of it came back
			Events: with(File("charge.dispute.created", moved(-3600)), closed("lost", -3600, 1800)), Earned: earned("ada cad 500"),
		},
	}
}
