package stripeadapter_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/stripeadapter"
)

// story makes a history at a fake Stripe, and the events that told of it.
type story struct {
	*fakeHistory
	at     int64 // what time it is; it goes on an hour with every step
	events [][]byte
}

func newStory() *story {
	return &story{fakeHistory: newFakeHistory(), at: time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC).Unix()}
}

func (s *story) later() int64 {
	s.at += 3600
	return s.at
}

// tell makes or changes an object, and the event of that.
func (s *story) tell(event, kind string, o object) {
	s.put(kind, o)
	s.announce(event, kind, o)
}

func (s *story) announce(event, kind string, o object) {
	body, err := json.Marshal(object{
		"id": fmt.Sprint("evt_", len(s.events)), "object": "event", "type": event, "api_version": "2023-10-16", "created": s.at,
		"livemode": s.live, "data": object{"object": s.render(kind, o, nil)},
	})
	if err != nil {
		panic(err)
	}
	s.events = append(s.events, body)
}

func (s *story) customer(id string, metadata object) {
	s.tell("customer.created", "customers", object{"id": id, "created": s.later(), "email": id + "@example.com", "metadata": metadata})
}

func (s *story) subscription(id, customer string, trial bool) {
	o := object{"id": id, "customer": customer, "status": "active", "created": s.later(), "currency": "cad", "metadata": object{}}
	if trial {
		o["trial_start"] = s.at
	}
	s.tell("customer.subscription.created", "subscriptions", o)
}

// session is a checkout that is complete.
func (s *story) session(id string, fields object) {
	o := object{
		"id": id, "created": s.later(), "status": "complete", "payment_status": "paid", "currency": "cad", "metadata": object{},
		"total_details": object{"amount_discount": 0, "amount_tax": 0},
	}
	for name, value := range fields {
		o[name] = value
	}
	s.tell("checkout.session.completed", "checkout/sessions", o)
}

// invoice is one that is paid, by a payment intent and a charge of its own.
func (s *story) invoice(name, customer, subscription, reason string, net, tax int64, fields object) {
	id, intent, charge := "in_"+name, any("pi_"+name), any("ch_"+name)
	if net == 0 {
		intent, charge = nil, nil
	}
	created := s.later()
	o := object{
		"id": id, "customer": customer, "subscription": subscription, "billing_reason": reason, "currency": "cad", "status": "paid",
		"created": created, "customer_email": customer + "@example.com", "metadata": object{}, "total": net + tax,
		"total_excluding_tax": net, "amount_paid": net + tax, "amount_due": net + tax, "paid_out_of_band": false,
		"payment_intent": intent, "charge": charge, "discounts": []any{}, "status_transitions": object{"paid_at": created + 60},
	}
	for name, value := range fields {
		o[name] = value
	}
	if net > 0 {
		s.payment(name, id, customer, net+tax, nil)
	}
	s.tell("invoice.paid", "invoices", o)
}

// payment is a payment intent with its charge.
func (s *story) payment(name string, invoice, customer any, amount int64, metadata object) {
	s.tell("payment_intent.succeeded", "payment_intents", object{
		"id": "pi_" + name, "created": s.at, "customer": customer, "invoice": invoice, "latest_charge": "ch_" + name,
		"status": "succeeded", "amount_received": amount, "currency": "cad", "metadata": metadata,
	})
	s.charge(name, "pi_"+name, invoice, customer, amount, metadata)
}

func (s *story) charge(name string, intent, invoice, customer any, amount int64, metadata object) {
	s.tell("charge.succeeded", "charges", object{
		"id": "ch_" + name, "created": s.at, "payment_intent": intent, "invoice": invoice, "customer": customer, "paid": true,
		"status": "succeeded", "amount": amount, "amount_captured": amount, "captured": true, "amount_refunded": int64(0),
		"currency": "cad", "metadata": metadata,
	})
}

// refund gives a part of a charge back.
func (s *story) refund(id, name string, amount int64) {
	charge := s.find("charges", "ch_"+name)
	s.tell("refund.created", "refunds", object{
		"id": id, "created": s.later(), "charge": charge["id"], "payment_intent": charge["payment_intent"], "amount": amount,
		"currency": "cad", "status": "succeeded",
	})
	charge["amount_refunded"] = charge["amount_refunded"].(int64) + amount
	s.announce("charge.refunded", "charges", charge)
}

// bounce makes a refund fail.
func (s *story) bounce(id string) {
	refund := s.find("refunds", id)
	charge := s.find("charges", refund["charge"].(string))
	s.later()
	refund["status"] = "failed"
	charge["amount_refunded"] = charge["amount_refunded"].(int64) - refund["amount"].(int64)
	s.announce("refund.failed", "refunds", refund)
}

// dispute is opened and ends in a status.
func (s *story) dispute(id, name string, amount int64, status string) {
	o := object{
		"id": id, "created": s.later(), "charge": "ch_" + name, "payment_intent": s.find("charges", "ch_"+name)["payment_intent"],
		"amount": amount, "currency": "cad", "status": "needs_response", "balance_transactions": []any{object{"id": "txn_" + id, "created": s.at}},
	}
	s.tell("charge.dispute.created", "disputes", o)
	if status == "needs_response" {
		return
	}
	s.later()
	o["status"] = status
	if status == "won" {
		o["balance_transactions"] = []any{object{"id": "txn_" + id, "created": o["created"]}, object{"id": "txn_won" + id, "created": s.at}}
	}
	s.announce("charge.dispute.closed", "disputes", o)
}

// note is a credit note of what was given back outside of Stripe.
func (s *story) note(id, name string, amount int64, void bool) {
	o := object{
		"id": id, "created": s.later(), "invoice": "in_" + name, "customer": s.find("invoices", "in_"+name)["customer"], "status": "issued",
		"type": "post_payment", "total": amount, "amount": amount, "out_of_band_amount": amount, "currency": "cad",
	}
	s.tell("credit_note.created", "credit_notes", o)
	if void {
		o["status"], o["voided_at"] = "void", s.later()
		s.announce("credit_note.voided", "credit_notes", o)
	}
}

// wholeStory is a history with something of everything.
func wholeStory() *story {
	s := newStory()
	ref := object{stripeadapter.DefaultKeys().Referral[0]: "ref_ADA123"}
	s.customer("cus_trial", object{"_afficoneRef": "ref_ADA123", "affiliate_customer_key": "user_7"})
	s.subscription("sub_trial", "cus_trial", true)
	s.invoice("trial0", "cus_trial", "sub_trial", "subscription_create", 0, 0, nil)
	s.invoice("trial1", "cus_trial", "sub_trial", "subscription_cycle", 4900, 980, nil)

	s.customer("cus_sub", object{})
	s.session("cs_sub", object{
		"mode": "subscription", "customer": "cus_sub", "subscription": "sub_s", "invoice": "in_s1", "client_reference_id": "ref_ADA123", "amount_total": 5000,
	})
	s.subscription("sub_s", "cus_sub", false)
	for i, reason := range []string{"subscription_create", "subscription_cycle", "subscription_cycle", "subscription_cycle", "subscription_cycle", "subscription_cycle"} {
		s.invoice(fmt.Sprint("s", i+1), "cus_sub", "sub_s", reason, 5000, 500, nil)
	}
	s.refund("re_s2a", "s2", 1100)
	s.refund("re_s2b", "s2", 550)
	s.dispute("du_lost", "s3", 5500, "lost")
	s.note("cn_1", "s4", 1100, false)
	s.note("cn_2", "s5", 1100, true)
	s.dispute("du_won", "s6", 5500, "won")

	s.payment("once", nil, nil, 3000, object{})
	s.session("cs_once", object{"mode": "payment", "payment_intent": "pi_once", "client_reference_id": "ref_ADA123", "amount_total": 3000, "customer": nil})
	s.later()
	s.charge("legacy", nil, nil, nil, 2500, ref)
	s.refund("re_legacy", "legacy", 500)
	s.later()
	s.payment("ref", nil, "cus_ref", 6000, ref)
	s.refund("re_ref", "ref", 1000)
	s.refund("re_failed", "ref", 2000)
	s.bounce("re_failed")

	s.promoted()
	s.noise()
	return s
}

// promoted is a subscription that began with a promo code. Which one, neither the
// session nor the first invoice tells by itself.
func (s *story) promoted() {
	s.put("promotion_codes", object{"id": "promo_alex", "object": "promotion_code", "code": "alex10", "active": true})
	s.put("discounts", object{"id": "di_1", "object": "discount", "coupon": object{"id": "ten"}, "promotion_code": "promo_alex"})
	discounted := []any{object{"amount": 500, "discount": "di_1"}}
	s.customer("cus_promo", object{})
	s.session("cs_promo", object{
		"mode": "subscription", "customer": "cus_promo", "subscription": "sub_promo", "invoice": "in_promo1", "amount_total": 4500,
		"total_details":            object{"amount_discount": 500},
		"*total_details.breakdown": object{"discounts": []any{object{"amount": 500, "discount": object{"id": "di_1", "promotion_code": "promo_alex"}}}},
	})
	s.subscription("sub_promo", "cus_promo", false)
	fields := object{"discounts": []any{"di_1"}, "total_discount_amounts": discounted}
	s.invoice("promo1", "cus_promo", "sub_promo", "subscription_create", 4500, 0, fields)
	fields["discount"] = object{"id": "di_1", "coupon": object{"id": "ten"}, "promotion_code": "promo_alex"}
	s.invoice("promo2", "cus_promo", "sub_promo", "subscription_cycle", 4500, 0, fields)
}

// noise is what earns nobody anything.
func (s *story) noise() {
	s.customer("cus_none", object{"plan": "basic"})
	s.invoice("none", "cus_none", "sub_none", "subscription_create", 9900, 0, nil)
	s.later()
	s.payment("nobody", nil, nil, 700, object{"order": "7"})
	s.put("payment_intents", object{"id": "pi_open", "created": s.later(), "status": "requires_payment_method", "metadata": object{}})
	s.put("checkout/sessions", object{"id": "cs_expired", "created": s.later(), "status": "expired", "mode": "payment", "client_reference_id": "ref_ADA123"})
	s.put("charges", object{"id": "ch_failed", "created": s.later(), "status": "failed", "paid": false, "payment_intent": "pi_open"})
}
