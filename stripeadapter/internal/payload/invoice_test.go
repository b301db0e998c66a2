package payload_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

type invoice = payload.Invoice

func invoiceIDs() []shape {
	sub := func(id string) invoice { return invoice{ID: "in_1", Subscription: id} }
	return []shape{
		{"bare", `{"id":"in_1"}`, invoice{ID: "in_1"}},
		{
			"facts", `{"id":"in_1","customer":"cus_1","status":"paid","billing_reason":"subscription_cycle","currency":"CAD","created":1756720800,
			"status_transitions":{"paid_at":1756720900},"customer_email":"a@example.com","unknown":{"x":[1.5]}}`,
			invoice{
				ID: "in_1", Customer: "cus_1", Status: "paid", BillingReason: "subscription_cycle", Currency: "cad",
				Created: at(1756720800), PaidAt: at(1756720900), Email: "a@example.com",
			},
		},
		{"account as customer", `{"id":"in_1","customer":null,"customer_account":"acct_1"}`, invoice{ID: "in_1", Customer: "acct_1"}},
		{"customer before account", `{"id":"in_1","customer":{"id":"cus_1"},"customer_account":"acct_1"}`, invoice{ID: "in_1", Customer: "cus_1"}},

		{"subscription of the parent", `{"id":"in_1","subscription":"sub_2","parent":{"subscription_details":{"subscription":"sub_1"}}}`, sub("sub_1")},
		{"subscription", `{"id":"in_1","subscription":{"id":"sub_1"},"lines":{"data":[{"subscription":"sub_2"}]},"parent":null}`, sub("sub_1")},
		{
			"subscription of an item's line", `{"id":"in_1","lines":{"data":[{"subscription":"sub_3","parent":{"invoice_item_details":{"subscription":"sub_2"}}},
			{"parent":{"subscription_item_details":{"subscription":"sub_1"}}}]}}`, sub("sub_1"),
		},
		{
			"subscription of an invoice item's line", `{"id":"in_1","lines":{"data":[{"subscription":"sub_2"},
			{"parent":{"subscription_item_details":null,"invoice_item_details":{"subscription":{"id":"sub_1"}}}}]}}`, sub("sub_1"),
		},
		{"subscription of a line", `{"id":"in_1","subscription":null,"lines":{"data":[{"subscription":null},{"subscription":"sub_1"}]}}`, sub("sub_1")},

		{"payment of A", `{"id":"in_1","payment_intent":"pi_1","charge":"ch_1"}`, invoice{ID: "in_1", PaymentIntents: []string{"pi_1"}, Charges: []string{"ch_1"}}},
		{"expanded payment of A", `{"id":"in_1","payment_intent":{"id":"pi_1","latest_charge":"ch_1"},"charge":{"id":"ch_1"}}`, invoice{ID: "in_1", PaymentIntents: []string{"pi_1"}, Charges: []string{"ch_1"}}},
		{
			"payments from B on", `{"id":"in_1","payments":{"has_more":true,"data":[{"status":"paid","payment":{"payment_intent":"pi_1"}},{"status":"open","payment":{"charge":{"id":"ch_1"}}},
			{"status":"canceled","payment":{"payment_intent":"pi_2"}},{"status":"paid","payment":{"payment_intent":"pi_1"}}]}}`,
			invoice{ID: "in_1", PaymentIntents: []string{"pi_1"}, Charges: []string{"ch_1"}},
		},
	}
}

func invoiceMore() []shape {
	meta := func(own, all map[string]string) invoice { return invoice{ID: "in_1", OwnMetadata: own, Metadata: all} }
	type m = map[string]string
	type d = payload.Discount
	discounts := func(list ...d) invoice { return invoice{ID: "in_1", Discounted: true, Discounts: list} }
	return []shape{
		{"own metadata", `{"id":"in_1","metadata":{"a":"1"}}`, meta(m{"a": "1"}, m{"a": "1"})},
		{
			"the former counts", `{"id":"in_1","metadata":{"a":"own","b":"own","c":"own","d":"own"},"parent":{"subscription_details":{"metadata":{"a":"parent"}}},
			"subscription_details":{"metadata":{"a":"details","b":"details"}},"lines":{"data":[{"type":"subscription","metadata":{"a":"line","b":"line","c":"line"}}]}}`,
			meta(m{"a": "own", "b": "own", "c": "own", "d": "own"}, m{"a": "parent", "b": "details", "c": "line", "d": "own"}),
		},
		{"null snapshots", `{"id":"in_1","parent":{"subscription_details":null},"subscription_details":{"metadata":null},"metadata":{}}`, invoice{ID: "in_1"}},
		{
			"lines of subscriptions only", `{"id":"in_1","lines":{"data":[{"type":"invoiceitem","metadata":{"a":"0"}},{"parent":{"type":"invoice_item_details"},"metadata":{"a":"0"}},
			{"parent":{"type":"subscription_item_details"},"metadata":{"a":"1"}},{"type":"subscription","metadata":{"a":"2","b":"2"}}]}}`,
			meta(nil, m{"a": "1", "b": "2"}),
		},

		{
			"discount of A", `{"id":"in_1","discount":{"id":"di_1","coupon":{"id":"c1"},"promotion_code":"promo_1"},"discounts":["di_1"],"total_discount_amounts":[{"amount":5,"discount":"di_1"}]}`,
			discounts(d{ID: "di_1", Coupon: "c1", PromotionCode: "promo_1"}),
		},
		{"discount with an expanded code", `{"id":"in_1","discount":{"id":"di_1","coupon":"c1","promotion_code":{"id":"promo_1","code":"ALEX10"}}}`, discounts(d{ID: "di_1", Coupon: "c1", PromotionCode: "promo_1", Code: "ALEX10"})},
		{"ids only", `{"id":"in_1","discounts":["di_1","di_2"]}`, discounts(d{ID: "di_1"}, d{ID: "di_2"})},
		{"expanded", `{"id":"in_1","discounts":[{"id":"di_1","coupon":{"id":"c1"},"promotion_code":"promo_1"}]}`, discounts(d{ID: "di_1", Coupon: "c1", PromotionCode: "promo_1"})},
		{"expanded from C on", `{"id":"in_1","discounts":[{"id":"di_1","source":{"coupon":"c1","type":"coupon"},"promotion_code":null}]}`, discounts(d{ID: "di_1", Coupon: "c1"})},
		{"expanded coupon from C on", `{"id":"in_1","discounts":[{"id":"di_1","source":{"coupon":{"id":"c1"}}}]}`, discounts(d{ID: "di_1", Coupon: "c1"})},
		{"expanded in the amounts", `{"id":"in_1","discounts":["di_1"],"total_discount_amounts":[{"amount":5,"discount":{"id":"di_1","promotion_code":"promo_1"}}]}`, discounts(d{ID: "di_1", PromotionCode: "promo_1"})},
		{"an amount alone", `{"id":"in_1","total_discount_amounts":[{"amount":5,"discount":null}]}`, invoice{ID: "in_1", Discounted: true}},
		{"none", `{"id":"in_1","discount":null,"discounts":[],"total_discount_amounts":[{"amount":0}]}`, invoice{ID: "in_1"}},
		{"null lists", `{"id":"in_1","discounts":null,"total_discount_amounts":null,"lines":null,"payments":null,"total_taxes":null,"total_tax_amounts":null,"shipping_cost":null}`, invoice{ID: "in_1"}},
	}
}

func invoiceAmounts() []shape {
	of := func(total, net int64) invoice { return invoice{ID: "in_1", Total: total, Net: net} }
	paid := func(paid, due int64) invoice { return invoice{ID: "in_1", Total: 100, Net: 100, Paid: paid, Due: due} }
	outside := func(i invoice, of int64) invoice {
		i.OutOfBand, i.OutOfBandPaid, i.OutOfBandKnown = true, of, true
		return i
	}
	known := func(i invoice) invoice { i.OutOfBandKnown = true; return i }
	return []shape{
		{"total_excluding_tax", `{"id":"in_1","total":5880,"total_excluding_tax":4900,"tax":1}`, of(5880, 4900)},
		{"tax", `{"id":"in_1","total":5880,"total_excluding_tax":null,"tax":980,"total_tax_amounts":[{"amount":1}]}`, of(5880, 4900)},
		{"no tax", `{"id":"in_1","total":5880,"tax":0,"total_tax_amounts":[{"amount":1}]}`, of(5880, 5880)},
		{"total_tax_amounts", `{"id":"in_1","total":5880,"tax":null,"total_tax_amounts":[{"amount":900,"inclusive":false},{"amount":80}],"total_taxes":[{"amount":1}]}`, of(5880, 4900)},
		{"total_taxes", `{"id":"in_1","total":5880,"total_tax_amounts":[],"total_taxes":[{"amount":980,"tax_behavior":"inclusive"}]}`, of(5880, 4900)},
		{"amount_shipping", `{"id":"in_1","total":5000,"amount_shipping":400}`, of(5000, 4600)},
		{"shipping_cost before tax", `{"id":"in_1","total":6779,"total_excluding_tax":5999,"amount_shipping":9,"shipping_cost":{"amount_subtotal":7,"amount_tax":130,"amount_total":1130}}`, of(6779, 4999)},
		{"shipping below 0", `{"id":"in_1","total":100,"total_excluding_tax":80,"shipping_cost":{"amount_tax":30,"amount_total":10}}`, of(100, 80)},
		{"amount_shipping below 0", `{"id":"in_1","total":100,"total_excluding_tax":80,"amount_shipping":-5}`, of(100, 80)},
		{"shipping above net", `{"id":"in_1","total":100,"total_excluding_tax":80,"amount_shipping":90}`, of(100, 0)},
		{"net above total", `{"id":"in_1","total":100,"total_excluding_tax":101}`, of(100, 100)},
		{"credit", `{"id":"in_1","total":-500,"total_excluding_tax":-400,"amount_paid":0,"amount_due":0}`, of(-500, 0)},

		{"all", `{"id":"in_1","total":100,"amount_paid":100,"amount_due":100}`, paid(100, 100)},
		{"overpaid", `{"id":"in_1","total":100,"amount_paid":130,"amount_due":100}`, paid(100, 100)},
		{"customer's balance", `{"id":"in_1","total":100,"amount_paid":40,"amount_due":40}`, paid(40, 40)},
		{"negative", `{"id":"in_1","total":100,"amount_paid":-5,"amount_due":null}`, paid(0, 0)},

		{"not out of band", `{"id":"in_1","total":100,"amount_paid":100,"amount_due":100,"paid_out_of_band":false}`, known(paid(100, 100))},
		{"out of band in A", `{"id":"in_1","total":100,"amount_paid":0,"amount_due":100,"paid_out_of_band":true}`, outside(paid(0, 100), 0)},
		{"out of band, mixed", `{"id":"in_1","total":100,"amount_paid":100,"amount_due":100,"paid_out_of_band":true}`, outside(paid(100, 100), 100)},
		{"off Stripe", `{"id":"in_1","total":100,"amount_paid":100,"amount_due":100,"amount_paid_off_stripe":30}`, outside(paid(100, 100), 30)},
		{"nothing off Stripe", `{"id":"in_1","total":100,"amount_paid":100,"amount_due":100,"amount_paid_off_stripe":0}`, known(paid(100, 100))},
		{"payments are none", `{"id":"in_1","total":100,"amount_paid":100,"amount_due":100,"payments":{"data":[],"has_more":false}}`, outside(paid(100, 100), 100)},
		{"payments are records", `{"id":"in_1","total":100,"amount_paid":100,"amount_due":100,"payments":{"data":[{"status":"paid","amount_paid":100,"payment":{"type":"payment_record","payment_record":"pr_1"}}]}}`, outside(paid(100, 100), 100)},
		{"payments are in part", `{"id":"in_1","total":100,"amount_paid":100,"payments":{"data":[{"status":"paid","amount_paid":70,"payment":{"type":"payment_intent"}},{"status":"open","amount_paid":null},{"status":"open","amount_paid":10,"payment":{"type":"payment_intent"}},{"status":"paid","amount_paid":30,"payment":{"type":"payment_record"}}]}}`, outside(paid(100, 0), 30)},
		{"payments are all", `{"id":"in_1","total":100,"amount_paid":130,"payments":{"data":[{"status":"paid","amount_paid":130}]}}`, known(paid(100, 0))},
		{"payments go on", `{"id":"in_1","total":100,"amount_paid":100,"payments":{"data":[],"has_more":true}}`, paid(100, 0)},
	}
}

func TestInvoiceBase(t *testing.T) {
	for _, c := range []struct {
		name                     string
		of                       invoice
		base, gross              int64
		baseThrough, grossThough int64
	}{
		{"all", invoice{Total: 5880, Net: 4900, Paid: 5880}, 4900, 5880, 4900, 5880},
		{"part", invoice{Total: 4900, Net: 4900, Paid: 1900}, 1900, 1900, 1900, 1900},
		{"part with tax: 4900 × 1900 / 5880 = 1583.3", invoice{Total: 5880, Net: 4900, Paid: 1900}, 1583, 1900, 1583, 1900},
		{"half away from zero: 5 × 5 / 10", invoice{Total: 10, Net: 5, Paid: 5}, 3, 5, 3, 5},
		{"nothing paid", invoice{Total: 100, Net: 100}, 0, 0, 0, 0},
		{"nothing due", invoice{}, 0, 0, 0, 0},
		{"credit", invoice{Total: -100, Paid: 50}, 0, 0, 0, 0},
		{"outside in A", invoice{Total: 5649, Net: 4999, Due: 5649, OutOfBand: true, OutOfBandKnown: true}, 4999, 5649, 0, 0},
		{"outside in A after a balance", invoice{Total: 100, Net: 100, Due: 40, OutOfBand: true, OutOfBandKnown: true}, 40, 40, 0, 0},
		{"due above total", invoice{Total: 100, Net: 100, Due: 140, OutOfBand: true}, 100, 100, 0, 0},
		{"outside from B on", invoice{Total: 100, Net: 80, Paid: 100, OutOfBand: true, OutOfBandPaid: 100}, 80, 100, 0, 0},
		{"outside in part", invoice{Total: 100, Net: 80, Paid: 100, OutOfBand: true, OutOfBandPaid: 30}, 80, 100, 56, 70},
		{"not told", invoice{Total: 100, Net: 80, Paid: 100}, 80, 100, 80, 100},
		{"beyond 64 bits", invoice{Total: math.MaxInt64, Net: math.MaxInt64 - 1, Paid: math.MaxInt64 - 2}, math.MaxInt64 - 3, math.MaxInt64 - 2, math.MaxInt64 - 3, math.MaxInt64 - 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, gross, err := c.of.Base(true)
			require.NoError(t, err)
			require.Equal(t, [2]int64{c.base, c.gross}, [2]int64{base, gross})
			base, gross, err = c.of.Base(false)
			require.NoError(t, err)
			require.Equal(t, [2]int64{c.baseThrough, c.grossThough}, [2]int64{base, gross})
		})
	}
}

// TestInvoiceBaseExact compares with twice the quotient in big integers.
func TestInvoiceBaseExact(t *testing.T) {
	amounts := []int64{1, 2, 3, 7, 99, 4999, 1<<31 + 1, 1<<62 - 57, math.MaxInt64}
	for _, total := range amounts {
		for _, net := range amounts {
			for _, paid := range amounts {
				if net > total || paid > total {
					continue
				}
				base, _, err := invoice{Total: total, Net: net, Paid: paid}.Base(true)
				require.NoError(t, err)
				twice := new(big.Int).Mul(big.NewInt(net), big.NewInt(paid))
				twice.Mul(twice, big.NewInt(2)).Add(twice, big.NewInt(total))
				want := twice.Div(twice, new(big.Int).Mul(big.NewInt(total), big.NewInt(2)))
				require.Equal(t, want.String(), fmt.Sprint(base), "%d × %d / %d", net, paid, total)
			}
		}
	}
}
