package payload_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// shape is one way in which a version writes an object.
type shape struct {
	name   string
	object string
	want   any
}

func shapes() map[string][]shape {
	return map[string][]shape{
		"invoice": append(append(invoiceIDs(), invoiceAmounts()...), invoiceMore()...), "checkout.session": append(sessionFacts(), sessionAmounts()...),
		"payment_intent": intents(), "charge": charges(), "refund": refunds(), "dispute": disputes(),
		"customer": customers(), "subscription": subscriptions(), "invoice_payment": invoicePayments(),
		"credit_note": creditNotes(), "promotion_code": promotionCodes(), "account": accounts(),
	}
}

func TestShapes(t *testing.T) {
	for kind, list := range shapes() {
		for _, s := range list {
			t.Run(kind+" "+s.name, func(t *testing.T) {
				got, err := parse(kind, []byte(s.object))
				require.NoError(t, err)
				require.Equal(t, s.want, got)
			})
		}
	}
}

func at(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

func sessionFacts() []shape {
	type S = payload.Session
	return []shape{
		{"bare", `{"id":"cs_1"}`, S{ID: "cs_1"}},
		{
			"of subscriptions",
			`{"id":"cs_1","mode":"subscription","status":"complete","payment_status":"paid","customer":"cus_1","subscription":"sub_1",
			"invoice":"in_1","client_reference_id":"ref_ADA123","created":1756720800,"currency":"CAD","amount_total":4999,"metadata":{"k":"v"},
			"customer_details":{"email":"a@example.com"},"customer_email":"b@example.com"}`,
			S{
				ID: "cs_1", Mode: "subscription", Status: "complete", PaymentStatus: "paid", Customer: "cus_1", Subscription: "sub_1",
				Invoice: "in_1", ClientReference: "ref_ADA123", Created: at(1756720800), Currency: "cad", Total: 4999, Charged: 4999, Net: 4999,
				Metadata: map[string]string{"k": "v"}, Email: "a@example.com",
			},
		},
		{"account as customer", `{"id":"cs_1","customer":null,"customer_account":"acct_1"}`, S{ID: "cs_1", Customer: "acct_1"}},
		{
			"expanded", `{"id":"cs_1","customer":{"id":"cus_1"},"subscription":{"id":"sub_1"},"invoice":{"id":"in_1"},"payment_intent":{"id":"pi_1"}}`,
			S{ID: "cs_1", Customer: "cus_1", Subscription: "sub_1", Invoice: "in_1", PaymentIntent: "pi_1"},
		},
		{"typed email", `{"id":"cs_1","customer_details":{"email":null},"customer_email":"b@example.com"}`, S{ID: "cs_1", Email: "b@example.com"}},
		{
			"discounts", `{"id":"cs_1","discounts":[{"coupon":null,"promotion_code":"promo_1"},{"coupon":"c2","promotion_code":null},{"coupon":null,"promotion_code":null}]}`,
			S{ID: "cs_1", Discounted: true, Discounts: []payload.Discount{{PromotionCode: "promo_1"}, {Coupon: "c2"}}},
		},
		{
			"expanded discounts and the same in the breakdown",
			`{"id":"cs_1","discounts":[{"coupon":{"id":"c1"},"promotion_code":{"id":"promo_1","code":"ALEX10"}}],
			"total_details":{"amount_discount":1000,"breakdown":{"discounts":[{"amount":1000,"discount":{"id":"di_1","coupon":{"id":"c1"},"promotion_code":"promo_1"}}]}}}`,
			S{ID: "cs_1", Discounted: true, Discounts: []payload.Discount{{ID: "di_1", Coupon: "c1", PromotionCode: "promo_1", Code: "ALEX10"}}},
		},
		{
			"two codes of one coupon", `{"id":"cs_1","discounts":[{"coupon":"c1","promotion_code":"promo_1"},{"coupon":"c1","promotion_code":"promo_2"}]}`,
			S{ID: "cs_1", Discounted: true, Discounts: []payload.Discount{{Coupon: "c1", PromotionCode: "promo_1"}, {Coupon: "c1", PromotionCode: "promo_2"}}},
		},
		{
			"one coupon told twice, and another", `{"id":"cs_1","discounts":[{"coupon":"c1"}],"total_details":{"breakdown":{"discounts":[{"discount":{"id":"di_1","coupon":{"id":"c1"}}},{"discount":{"id":"di_2","coupon":"c2"}}]}}}`,
			S{ID: "cs_1", Discounted: true, Discounts: []payload.Discount{{ID: "di_1", Coupon: "c1"}, {ID: "di_2", Coupon: "c2"}}},
		},
		{
			"breakdown alone", `{"id":"cs_1","total_details":{"amount_discount":10,"breakdown":{"discounts":[{"amount":10,"discount":{"id":"di_1","source":{"coupon":"c1"},"promotion_code":"promo_1"}}]}}}`,
			S{ID: "cs_1", Discounted: true, Discounts: []payload.Discount{{ID: "di_1", Coupon: "c1", PromotionCode: "promo_1"}}},
		},
		{"nulls", `{"id":"cs_1","customer_details":null,"discounts":null,"total_details":null,"shipping_cost":null,"currency_conversion":null,"metadata":null,"amount_total":null,"currency":null,"created":null}`, S{ID: "cs_1"}},
	}
}

func sessionAmounts() []shape {
	type S = payload.Session
	return []shape{
		{
			"tax and shipping of total_details", `{"id":"cs_1","amount_total":5500,"total_details":{"amount_tax":600,"amount_shipping":400,"amount_discount":500}}`,
			S{ID: "cs_1", Total: 5500, Charged: 5500, Net: 4500, Discounted: true},
		},
		{
			"shipping_cost before tax", `{"id":"cs_1","amount_total":6779,"total_details":{"amount_tax":780,"amount_shipping":9},"shipping_cost":{"amount_subtotal":1000,"amount_tax":130,"amount_total":1130}}`,
			S{ID: "cs_1", Total: 6779, Charged: 6779, Net: 4999},
		},
		{"more tax than total", `{"id":"cs_1","amount_total":100,"total_details":{"amount_tax":101}}`, S{ID: "cs_1", Total: 100, Charged: 100}},
		{"negative tax", `{"id":"cs_1","amount_total":100,"total_details":{"amount_tax":-1}}`, S{ID: "cs_1", Total: 100, Charged: 100, Net: 100}},
		{
			"adaptive pricing before 2025-03-31", `{"id":"cs_1","currency":"eur","amount_total":9210,"currency_conversion":{"source_currency":"USD","amount_total":10000,"fx_rate":"0.921"}}`,
			S{ID: "cs_1", Currency: "usd", Total: 10000, Charged: 9210, Net: 10000},
		},
		{
			"adaptive pricing with tax: 10000 × 8210 / 9210 = 8914.2", `{"id":"cs_1","currency":"eur","amount_total":9210,"total_details":{"amount_tax":1000},"currency_conversion":{"source_currency":"usd","amount_total":10000}}`,
			S{ID: "cs_1", Currency: "usd", Total: 10000, Charged: 9210, Net: 8914},
		},
		{
			"adaptive pricing rounds half away: 5 × 5 / 10 = 2.5", `{"id":"cs_1","currency":"eur","amount_total":10,"total_details":{"amount_tax":5},"currency_conversion":{"source_currency":"usd","amount_total":5}}`,
			S{ID: "cs_1", Currency: "usd", Total: 5, Charged: 10, Net: 3},
		},
		{
			"adaptive pricing of nothing", `{"id":"cs_1","currency":"eur","amount_total":0,"currency_conversion":{"source_currency":"usd","amount_total":10}}`,
			S{ID: "cs_1", Currency: "usd", Total: 10},
		},
		{
			"adaptive pricing since", `{"id":"cs_1","currency":"usd","amount_total":10000,"presentment_details":{"presentment_amount":9210,"presentment_currency":"eur"}}`,
			S{ID: "cs_1", Currency: "usd", Total: 10000, Charged: 10000, Net: 10000},
		},
	}
}

func intents() []shape {
	type P = payload.PaymentIntent
	return []shape{
		{"bare", `{"id":"pi_1"}`, P{ID: "pi_1"}},
		{
			"2020", `{"id":"pi_1","customer":"cus_1","invoice":"in_1","status":"succeeded","amount":2000,"amount_received":1900,"currency":"usd","created":1756720800,
			"metadata":{"k":"v"},"receipt_email":null,"charges":{"data":[{"id":"ch_1","billing_details":{"email":"a@example.com"}},{"id":"ch_2"}]}}`,
			P{
				ID: "pi_1", Customer: "cus_1", Invoice: "in_1", Billing: true, Status: "succeeded", Amount: 2000, Received: 1900, Currency: "usd", Created: at(1756720800),
				Metadata: map[string]string{"k": "v"}, Charges: []string{"ch_1", "ch_2"}, Email: "a@example.com",
			},
		},
		{"latest_charge", `{"id":"pi_1","latest_charge":"ch_2","receipt_email":"b@example.com","charges":{"data":[{"id":"ch_1","receipt_email":"a@example.com"},{"id":"ch_2"}]}}`, P{ID: "pi_1", Charges: []string{"ch_2", "ch_1"}, Email: "b@example.com"}},
		{"expanded", `{"id":"pi_1","latest_charge":{"id":"ch_1"},"invoice":{"id":"in_1"},"customer_account":{"id":"acct_1"}}`, P{ID: "pi_1", Charges: []string{"ch_1"}, Invoice: "in_1", Billing: true, Customer: "acct_1"}},
		{"of no invoice", `{"id":"pi_1","invoice":null}`, P{ID: "pi_1", Alone: true}},
		{"of a subscription, from B on", `{"id":"pi_1","description":"Subscription update"}`, P{ID: "pi_1", Billing: true}},
		{"of an invoice, from B on", `{"id":"pi_1","description":"Payment for Invoice"}`, P{ID: "pi_1", Billing: true}},
		{"described by the host", `{"id":"pi_1","description":"Payment for invoice 7"}`, P{ID: "pi_1"}},
	}
}

func charges() []shape {
	type C = payload.Charge
	return []shape{
		{"bare", `{"id":"ch_1"}`, C{ID: "ch_1"}},
		{
			"A", `{"id":"ch_1","payment_intent":"pi_1","invoice":"in_1","customer":"cus_1","amount":500,"amount_captured":400,"captured":true,"amount_refunded":100,"currency":"USD",
			"created":1756720800,"paid":true,"billing_details":{"email":"a@example.com"},"receipt_email":"b@example.com","metadata":{"k":"v"}}`,
			C{
				ID: "ch_1", PaymentIntent: "pi_1", Invoice: "in_1", Customer: "cus_1", Amount: 500, Captured: 400, Refunded: 100, Currency: "usd",
				Created: at(1756720800), Paid: true, Email: "a@example.com", Metadata: map[string]string{"k": "v"},
			},
		},
		{"only reserved", `{"id":"ch_1","amount":500,"captured":false,"paid":true}`, C{ID: "ch_1", Amount: 500, Paid: true}},
		{"captured, no amount", `{"id":"ch_1","amount":500,"captured":true}`, C{ID: "ch_1", Amount: 500, Captured: 500}},
		{"receipt", `{"id":"ch_1","billing_details":{"email":null},"receipt_email":"b@example.com"}`, C{ID: "ch_1", Email: "b@example.com"}},
		{"expanded", `{"id":"ch_1","payment_intent":{"id":"pi_1"},"invoice":{"id":"in_1"},"customer":{"id":"cus_1"}}`, C{ID: "ch_1", PaymentIntent: "pi_1", Invoice: "in_1", Customer: "cus_1"}},
		{
			"with its refunds", `{"id":"ch_1","refunds":{"data":[{"id":"re_1","amount":5,"status":"succeeded"},{"id":"re_2","charge":"ch_2"}]}}`,
			C{ID: "ch_1", Refunds: []payload.Refund{{ID: "re_1", Charge: "ch_1", Amount: 5, Status: "succeeded"}, {ID: "re_2", Charge: "ch_2"}}},
		},
		{"no refunds", `{"id":"ch_1","refunds":{}}`, C{ID: "ch_1"}},
	}
}

func refunds() []shape {
	type R = payload.Refund
	return []shape{
		{"bare", `{"id":"re_1"}`, R{ID: "re_1"}},
		{
			"all", `{"id":"re_1","object":"refund","charge":"ch_1","payment_intent":"pi_1","amount":500,"currency":"CAD","status":"pending","created":1756720800}`,
			R{ID: "re_1", Charge: "ch_1", PaymentIntent: "pi_1", Amount: 500, Currency: "cad", Status: "pending", Created: at(1756720800)},
		},
		{"expanded", `{"id":"re_1","charge":{"id":"ch_1"},"payment_intent":{"id":"pi_1"},"status":null}`, R{ID: "re_1", Charge: "ch_1", PaymentIntent: "pi_1"}},
		{"of money that moved", `{"id":"re_1","balance_transaction":"txn_1"}`, R{ID: "re_1", Moved: true}},
		{"of money that did not", `{"id":"re_1","balance_transaction":null}`, R{ID: "re_1"}},
	}
}

func disputes() []shape {
	type D = payload.Dispute
	return []shape{
		{
			"all", `{"id":"dp_1","charge":"ch_1","payment_intent":"pi_1","amount":500,"currency":"CAD","status":"lost","created":1756720800}`,
			D{ID: "dp_1", Charge: "ch_1", PaymentIntent: "pi_1", Amount: 500, Currency: "cad", Status: "lost", Created: at(1756720800)},
		},
		{"expanded", `{"id":"dp_1","charge":{"id":"ch_1"},"payment_intent":null}`, D{ID: "dp_1", Charge: "ch_1"}},
	}
}

func customers() []shape {
	type C = payload.Customer
	return []shape{
		{"all", `{"id":"cus_1","email":"a@example.com","created":1756720800,"metadata":{"k":"v"}}`, C{ID: "cus_1", Email: "a@example.com", Created: at(1756720800), Metadata: map[string]string{"k": "v"}}},
		{"deleted", `{"id":"cus_1","email":null,"metadata":{}}`, C{ID: "cus_1"}},
		{"metadata that is no text", `{"id":"cus_1","metadata":{"a":"1","b":2,"c":null,"d":{"e":"f"},"g":["h"],"i":true,"j":""}}`, C{ID: "cus_1", Metadata: map[string]string{"a": "1", "j": ""}}},
		{"time of v2", `{"id":"cus_1","created":"2025-09-01T12:00:00.000+02:00"}`, C{ID: "cus_1", Created: at(1756720800)}},
	}
}

func subscriptions() []shape {
	type S = payload.Subscription
	return []shape{
		{
			"A", `{"id":"sub_1","customer":"cus_1","status":"active","created":1756720800,"currency":"CAD","metadata":{"k":"v"},"discount":{"id":"di_1","coupon":{"id":"c1"},"promotion_code":"promo_1"}}`,
			S{
				ID: "sub_1", Customer: "cus_1", Status: "active", Created: at(1756720800), Currency: "cad", Metadata: map[string]string{"k": "v"},
				Discounts: []payload.Discount{{ID: "di_1", Coupon: "c1", PromotionCode: "promo_1"}},
			},
		},
		{"from B on", `{"id":"sub_1","customer_account":"acct_1","discounts":["di_1","di_2"]}`, S{ID: "sub_1", Customer: "acct_1", Discounts: []payload.Discount{{ID: "di_1"}, {ID: "di_2"}}}},
		{"trial", `{"id":"sub_1","status":"active","trial_start":1756720800}`, S{ID: "sub_1", Status: "active", Trial: true}},
		{"trialing", `{"id":"sub_1","status":"trialing","trial_start":null}`, S{ID: "sub_1", Status: "trialing", Trial: true}},
		{"currency of the price", `{"id":"sub_1","items":{"data":[{"price":null},{"price":{"currency":"EUR"},"plan":{"currency":"usd"}}]}}`, S{ID: "sub_1", Currency: "eur"}},
		{"currency of the plan of an item", `{"id":"sub_1","items":{"data":[{"plan":{"currency":"eur"}}]},"plan":{"currency":"usd"}}`, S{ID: "sub_1", Currency: "eur"}},
		{"currency of the plan", `{"id":"sub_1","plan":{"currency":"eur"}}`, S{ID: "sub_1", Currency: "eur"}},
	}
}

func invoicePayments() []shape {
	type P = payload.InvoicePayment
	return []shape{
		{
			"of an intent", `{"id":"inpay_1","invoice":"in_1","status":"paid","amount_paid":950,"currency":"USD","payment":{"type":"payment_intent","payment_intent":"pi_1"}}`,
			P{ID: "inpay_1", Invoice: "in_1", PaymentIntent: "pi_1", Status: "paid", Paid: 950, Currency: "usd"},
		},
		{"of a charge", `{"id":"inpay_1","invoice":{"id":"in_1"},"amount_paid":null,"payment":{"type":"charge","charge":{"id":"ch_1"}}}`, P{ID: "inpay_1", Invoice: "in_1", Charge: "ch_1"}},
	}
}

func creditNotes() []shape {
	type C = payload.CreditNote
	return []shape{
		{
			"A", `{"id":"cn_1","invoice":"in_1","customer":"cus_1","status":"issued","type":"post_payment","refund":"re_1","total":500,"amount":400,"currency":"USD","created":1756720800}`,
			C{
				ID: "cn_1", Invoice: "in_1", Customer: "cus_1", Status: "issued", Type: "post_payment", Refunds: []string{"re_1"}, Total: 500,
				PrePayment: -1, PostPayment: -1, Currency: "usd", Created: at(1756720800),
			},
		},
		{
			"of taxes, A", `{"id":"cn_1","subtotal":0,"total":100,"tax_amounts":[{"amount":60},{"amount":40}]}`,
			C{ID: "cn_1", Total: 100, TaxOnly: true, PrePayment: -1, PostPayment: -1},
		},
		{
			"of taxes, from B on", `{"id":"cn_1","total":100,"total_excluding_tax":0,"total_taxes":[{"amount":100}]}`,
			C{ID: "cn_1", Total: 100, TaxOnly: true, PrePayment: -1, PostPayment: -1},
		},
		{
			"of nothing", `{"id":"cn_1","total":0,"total_excluding_tax":0}`,
			C{ID: "cn_1", PrePayment: -1, PostPayment: -1},
		},
		{
			"from B on", `{"id":"cn_1","type":"mixed","refund":null,"refunds":[{"refund":"re_1","amount_refunded":5},{"refund":{"id":"re_2"}},{"refund":null}],"amount":400,"out_of_band_amount":100,"pre_payment_amount":0,"post_payment_amount":300}`,
			C{ID: "cn_1", Type: "mixed", Refunds: []string{"re_1", "re_2"}, Total: 400, OutOfBand: 100, PostPayment: 300},
		},
		{"void", `{"id":"cn_1","status":"void"}`, C{ID: "cn_1", Status: "void", Voided: true, PrePayment: -1, PostPayment: -1}},
		{"voided_at", `{"id":"cn_1","voided_at":1756720800,"out_of_band_amount":null}`, C{ID: "cn_1", Voided: true, PrePayment: -1, PostPayment: -1}},
	}
}

func promotionCodes() []shape {
	type P = payload.PromotionCode
	return []shape{
		{"A and B", `{"id":"promo_1","code":"ALEX10","active":true,"coupon":{"id":"c1"},"created":1756720800}`, P{ID: "promo_1", Code: "ALEX10", Active: true, Coupon: "c1", Created: at(1756720800)}},
		{"from C on", `{"id":"promo_1","code":"ALEX10","active":false,"promotion":{"coupon":"c1","type":"coupon"}}`, P{ID: "promo_1", Code: "ALEX10", Coupon: "c1"}},
	}
}

func accounts() []shape {
	type A = payload.Account
	return []shape{
		{"ready", `{"id":"acct_1","payouts_enabled":true,"capabilities":{"transfers":"active"}}`, A{ID: "acct_1", PayoutsEnabled: true, TransfersActive: true}},
		{"not yet", `{"id":"acct_1","payouts_enabled":false,"capabilities":{"transfers":"pending"}}`, A{ID: "acct_1"}},
		{"no capabilities", `{"id":"acct_1"}`, A{ID: "acct_1"}},
	}
}
