package stripetest

import (
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// made is a customer c as Stripe tells of it when it is made.
func made(name, ref string, after time.Duration) Event {
	return File("customer.created", Set("id", "evt_made_"+name), Set("data.object.id", "cus_"+name), Set("data.object.created", at(after)),
		Set("created", at(after)), Set("data.object.metadata", map[string]any{"affiliate_ref": ref}))
}

// edited is an update of an object, which has a referral code; previous is what
// its metadata had before.
func edited(of Event, kind, id, ref string, after time.Duration, previous map[string]any) Event {
	edits := append([]Edit{}, of.Edits...)
	edits = append(edits, Set("id", id), Set("type", kind), Set("created", at(after)),
		Set("data.object.metadata", map[string]any{"affiliate_ref": ref, "plan": "pro"}))
	if previous != nil {
		edits = append(edits, Set("data.previous_attributes", map[string]any{"metadata": previous}))
	}
	return Event{of.File, edits}
}

// editedCases are of metadata that somebody edits later: that reaches what is paid
// after it, and moves nothing that was there before.
func editedCases() []Case {
	const ada, alex = "ref_ADA123", "ref_ALEX456"
	perSale := stripeadapter.Config{WithoutLifecycle: true}
	was := func(ref any) map[string]any { return map[string]any{"affiliate_ref": ref} }
	customer := made("e", ada, 0)
	changed := edited(customer, "customer.updated", "evt_edit", alex, 40*time.Minute, was(ada))
	other := edited(customer, "customer.updated", "evt_other", alex, 50*time.Minute, map[string]any{"plan": "basic"})
	sub := File("customer.subscription.created", Set("id", "evt_sub_e"), Set("data.object.id", "sub_e"), Set("data.object.customer", "cus_e"),
		Set("data.object.metadata", map[string]any{"affiliate_ref": ada}))
	moved := edited(sub, "customer.subscription.updated", "evt_moved", alex, 40*time.Minute, was(ada))
	first, second := invoiceOf("e", "e1", 31*time.Minute), invoiceOf("e", "e2", 60*time.Minute, Set("data.object.billing_reason", "subscription_cycle"))
	cases := []Case{
		{Name: "a customer's metadata edited after the first sale", Events: []Event{customer, first, changed, second}, Earned: earned("ada cad 2000")},
		{Name: "a subscription's metadata edited after the first sale", Events: []Event{sub, first, moved, second}, Earned: earned("ada cad 2000")},
		{Name: "edited after the first sale, nothing but sales is told", Config: perSale, Events: []Event{customer, first, changed, second}, Earned: earned("ada cad 2000")},
		{Name: "edited before the first sale", Config: perSale, Events: []Event{customer, changed, second}, Earned: earned("alex cad 1000")},
		{Name: "a subscription's edited before the first sale", Config: perSale, Events: []Event{sub, moved, second}, Earned: earned("alex cad 1000")},
		{Name: "edited, and how it was is told by the edit alone", Config: perSale, Events: []Event{changed, first, second}, Earned: earned("ada cad 2000")},
		{
			Name: "a reference that is added after the sale", Config: perSale,
			Events: []Event{edited(customer, "customer.updated", "evt_add", alex, 40*time.Minute, was(nil)), first}, Earned: nil,
		},
		{
			Name: "added after the first sale, before the second", Config: perSale,
			Events: []Event{edited(customer, "customer.updated", "evt_add", alex, 40*time.Minute, was(nil)), first, second}, Earned: earned("alex cad 1000"),
		},
		{Name: "another key that changes dates nothing anew", Config: perSale, Events: []Event{other, first, second}, Earned: earned("alex cad 2000")},
		{Name: "another key that changes after an edit", Config: perSale, Events: []Event{customer, changed, other, first, second}, Earned: earned("ada cad 2000")},
		{
			Name: "an update that tells nothing of what was before", Config: perSale,
			Events: []Event{customer, edited(customer, "customer.updated", "evt_bare", alex, 40*time.Minute, nil), first, second}, Earned: earned("ada cad 2000"),
		},
		{
			Name:   "who came by a promo code stays with it whatever is edited",
			Events: []Event{known(), invoiceOf("e", "e1", 31*time.Minute, Set("data.object.discount", promo("promo_ALEX10"))), edited(customer, "customer.updated", "evt_edit", ada, 40*time.Minute, was(nil)), second},
			Earned: earned("alex cad 2000"),
		},
	}
	for _, model := range []attribution.Model{attribution.FirstClick, attribution.Linear} {
		for _, binding := range []attribution.BindingMode{attribution.Sticky, attribution.PerConversion} {
			want := earned("ada cad 2000")
			if binding == attribution.PerConversion && model == attribution.Linear {
				want = earned("ada cad 1500", "alex cad 500")
			}
			cases = append(cases, Case{
				Name: "edited between two sales, by " + string(model) + " and " + string(binding), Config: perSale, Model: model, Binding: binding,
				Events: []Event{customer, first, changed, second}, Earned: want,
			})
		}
	}
	return append(cases, Case{
		Name: "edited between two sales that each look for themselves", Config: perSale, Binding: attribution.PerConversion,
		Events: []Event{customer, first, changed, second}, Earned: earned("ada cad 1000", "alex cad 1000"),
	})
}

// promo is a discount of a promotion code, as an invoice has it in old versions.
func promo(id string) map[string]any { return map[string]any{"id": "di_" + id, "promotion_code": id} }

// scatteredCases are of references and codes that are on another object than the
// money, which is told later, or earlier.
func scatteredCases() []Case {
	noInvoice, noTime := Set("data.object.invoice", nil), Set("data.object.created", nil)
	withCode := File("checkout.session.completed.promotion_code", noInvoice)
	first, renewal := File("invoice.paid.promo-first"), File("invoice.paid.promo-renewal")
	intent := File("payment_intent.succeeded", Set("data.object.metadata.affiliate_ref", "ref_ADA123"))
	return []Case{
		{
			Name: "a session without its invoice, between a renewal and the first invoice", Events: []Event{known(), renewal, withCode, first},
			After: each("", "", "", "alex cad 1800"), Earned: earned("alex cad 1800"),
		},
		{
			Name: "the same, and the session does not tell when it was made", Events: []Event{known(), renewal, File(withCode.File, noInvoice, noTime), first},
			Earned: earned("alex cad 1800"),
		},
		{
			Name:   "a referral code on a session without its invoice, and a renewal first",
			Events: []Event{secondMonth, File(subscribed.File, noInvoice), firstInvoice}, Earned: earned("ada cad 2000"),
		},
		{
			Name: "a payment intent with a reference, which turns out to pay an invoice", Events: []Event{intent, linked},
			After: each("ada cad 1000", ""),
		},
		{
			Name: "a payment intent with the reference of an invoice", Events: []Event{intent, linked, firstInvoice},
			After: each("ada cad 1000", "", "ada cad 1000"), Earned: earned("ada cad 1000"),
		},
		{
			Name: "a payment intent with the reference of an invoice, refunded", Events: []Event{intent, linked, firstInvoice, File("refund.created")},
			Earned: earned("ada cad 800"),
		},
		{
			Name:   "a delayed payment by a session that does not tell when it was made",
			Events: []Event{File("checkout.session.completed.unpaid", noTime), File("checkout.session.async_payment_succeeded", noTime)},
			Earned: earned("ada usd 900"),
		},
		{
			Name: "the same of a customer, who pays again",
			Events: []Event{
				File("checkout.session.completed.unpaid", noTime, Set("data.object.customer", "cus_late")),
				File("checkout.session.async_payment_succeeded", noTime, Set("data.object.customer", "cus_late")),
				invoiceOf("late", "late", 60*24*time.Hour),
			},
			Earned: earned("ada cad 1000", "ada usd 900"),
		},
		{
			Name: "a session that does not tell when it was made, and its invoice", Events: []Event{File(subscribed.File, noTime), firstInvoice, secondMonth},
			Earned: earned("ada cad 2000"),
		},
		{
			Name: "a session that does not tell when it was made, nor its invoice", Events: []Event{File(subscribed.File, noTime, noInvoice), firstInvoice, secondMonth},
			Earned: earned("ada cad 2000"),
		},
	}
}
