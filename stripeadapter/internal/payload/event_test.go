package payload_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

func TestParseEvent(t *testing.T) {
	event, err := payload.ParseEvent([]byte(`{"id":"evt_1","object":"event","type":"invoice.paid","account":"acct_1","api_version":"2025-08-27.basil",
		"created":1756720800,"livemode":true,"data":{"object":{"id":"in_1"},"previous_attributes":{"status":"open"}},"request":"iar_1"}`))
	require.NoError(t, err)
	require.Equal(t, payload.Event{
		ID: "evt_1", Type: "invoice.paid", Account: "acct_1", Version: "2025-08-27.basil", Created: at(1756720800), Livemode: true,
		Object: []byte(`{"id":"in_1"}`), Previous: []byte(`{"status":"open"}`),
	}, event)

	event, err = payload.ParseEvent([]byte(`{"id":"evt_1","type":"x","account":null,"api_version":null,"data":{"object":{},"previous_attributes":null},"request":{"id":null}}`))
	require.NoError(t, err)
	require.Equal(t, payload.Event{ID: "evt_1", Type: "x", Object: []byte("{}")}, event)
}

func TestParseEventThin(t *testing.T) {
	for name, body := range map[string]string{
		"object": `{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.x","created":"2025-05-28T00:00:00.250Z"}`,
		"type":   `{"id":"evt_1","object":"event","type":"v2.core.account.updated","created":"2025-05-28T02:00:00.250+02:00","data":null}`,
	} {
		event, err := payload.ParseEvent([]byte(body))
		require.NoError(t, err, name)
		require.True(t, event.Thin)
		require.Empty(t, event.Object)
		require.Equal(t, time.Date(2025, 5, 28, 0, 0, 0, 250_000_000, time.UTC), event.Created)
	}
}

func TestParseEventMalformed(t *testing.T) {
	with := func(rest string) string { return `{"id":"evt_1","type":"x",` + rest + `}` }
	for body, field := range map[string]string{
		"": "not JSON", "null": "id", "[]": "array", "{": "not JSON", "{}": "id", `"evt_1"`: "string", "{} {}": "not JSON", "\xef\xbb\xbf{}": "not JSON",
		`{"type":"x","data":{"object":{}}}`: "id", `{"id":"evt_1","data":{"object":{}}}`: "type", `{"id":null,"type":"x"}`: "id",
		`{"id":1,"type":"x"}`: "id", `{"id":"evt_1","type":{}}`: "type",
		with(`"object":"event"`): "data", with(`"data":null`): "data", with(`"data":[]`): "data", with(`"data":"{}"`): "data",
		with(`"data":{}`): "data.object", with(`"data":{"object":null}`): "data.object", with(`"data":{"object":[]}`): "data.object",
		with(`"data":{"object":"in_1"}`): "data.object", with(`"data":{"object":1}`): "data.object",
		with(`"created":1.5`): "created", with(`"created":"yesterday"`): "created", with(`"created":-1`): "created",
		with(`"created":253402300800`): "created", with(`"created":1e3`): "created", with(`"created":true`): "created",
		with(`"livemode":"no"`): "livemode", with(`"account":7`): "account",
		`{"id":"evt_1","type":"x","data":` + strings.Repeat(`{"object":`, 20_000) + strings.Repeat("}", 20_000) + "}": "not JSON",
	} {
		event, err := payload.ParseEvent([]byte(body))
		if err == nil {
			err, event = event.Check(), payload.Event{}
		}
		require.ErrorIs(t, err, payload.ErrMalformed, "%.80s", body)
		require.ErrorContains(t, err, field, "%.80s", body)
		require.Zero(t, event)
	}
}

// TestAmounts holds every amount of every object to whole numbers of 64 bits.
func TestAmounts(t *testing.T) {
	for kind, fields := range map[string][]string{
		"invoice": {
			"total", "total_excluding_tax", "tax", "amount_shipping", "amount_paid", "amount_due", "amount_paid_off_stripe",
			"total_tax_amounts.[].amount", "total_taxes.[].amount", "total_discount_amounts.[].amount",
			"shipping_cost.amount_tax", "shipping_cost.amount_total", "payments.data.[].amount_paid",
		},
		"checkout.session": {
			"amount_total", "total_details.amount_tax", "total_details.amount_shipping", "total_details.amount_discount",
			"shipping_cost.amount_tax", "shipping_cost.amount_total", "currency_conversion.amount_total",
			"total_details.breakdown.discounts.[].amount",
		},
		"payment_intent":  {"amount_received"},
		"charge":          {"amount", "amount_captured", "amount_refunded", "refunds.data.[].amount"},
		"refund":          {"amount"},
		"dispute":         {"amount"},
		"invoice_payment": {"amount_paid"},
		"credit_note":     {"total", "amount", "out_of_band_amount", "pre_payment_amount", "post_payment_amount"},
	} {
		for _, field := range fields {
			for _, bad := range []string{"1.5", "10.0", "1e3", `"10"`, "9223372036854775808", "-9223372036854775809", "true", "{}", "[]"} {
				object := `{"id":"x_1",` + nest(field, bad) + `}`
				parsed, err := parse(kind, []byte(object))
				require.ErrorIs(t, err, payload.ErrMalformed, object)
				require.ErrorContains(t, err, strings.ReplaceAll(field, ".[]", "")+" ", object)
				require.Zero(t, parsed)
			}
			for _, good := range []string{"0", "-0", "7", "null"} {
				_, err := parse(kind, []byte(`{"id":"x_1",`+nest(field, good)+`}`))
				if field != "refunds.data.[].amount" { // there, the id is missing
					require.NoError(t, err)
				}
			}
		}
	}
}

// nest writes a path, where [] stands for a list, as JSON.
func nest(path, value string) string {
	name, rest, more := strings.Cut(path, ".")
	if !more {
		return `"` + name + `":` + value
	}
	if inner, isList := strings.CutPrefix(rest, "[]."); isList {
		return `"` + name + `":[{` + nest(inner, value) + `}]`
	}
	return `"` + name + `":{` + nest(rest, value) + `}`
}

func TestMalformedObjects(t *testing.T) {
	for kind := range shapes() {
		for _, object := range []string{"", "null", "[]", "{}", `{"id":null}`, `{"id":""}`, `{"id":1}`, `{"id":{"id":"x"}}`, `"x_1"`, `{"id":"x_1"`} {
			parsed, err := parse(kind, []byte(object))
			require.ErrorIs(t, err, payload.ErrMalformed, "%s %s", kind, object)
			require.Zero(t, parsed)
		}
	}
	for object, field := range map[string]string{
		`{"id":"in_1","customer":1}`:                                                                   "customer",
		`{"id":"in_1","customer":{"id":1}}`:                                                            "customer.id",
		`{"id":"in_1","metadata":"ref"}`:                                                               "metadata",
		`{"id":"in_1","metadata":[]}`:                                                                  "metadata",
		`{"id":"in_1","currency":1}`:                                                                   "currency",
		`{"id":"in_1","discounts":[1]}`:                                                                "discounts",
		`{"id":"in_1","status_transitions":{"paid_at":"soon"}}`:                                        "status_transitions.paid_at",
		`{"id":"in_1","parent":{"subscription_details":{"subscription":[]}}}`:                          "parent.subscription_details.subscription",
		`{"id":"in_1","total":-9223372036854775808,"tax":1}`:                                           "tax",
		`{"id":"in_1","total":-9223372036854775808,"total_taxes":[{"amount":1}]}`:                      "total_taxes",
		`{"id":"in_1","total":-9223372036854775808,"total_tax_amounts":[{"amount":1}]}`:                "total_tax_amounts",
		`{"id":"in_1","total":-9223372036854775808,"amount_shipping":1}`:                               "shipping_cost",
		`{"id":"in_1","total":1,"shipping_cost":{"amount_total":9223372036854775807,"amount_tax":-1}}`: "shipping_cost",
	} {
		parsed, err := payload.ParseInvoice([]byte(object))
		require.ErrorIs(t, err, payload.ErrMalformed, object)
		require.ErrorContains(t, err, "invoice: "+field+" ", object)
		require.Zero(t, parsed)
	}
	_, err := payload.ParseCharge([]byte(`{"id":"ch_1","refunds":{"data":[{"amount":1}]}}`))
	require.ErrorContains(t, err, "charge: refunds.data.id is missing")
	for object, field := range map[string]string{
		`{"id":"cs_1","amount_total":-9223372036854775808,"total_details":{"amount_tax":1}}`:                   "total_details.amount_tax",
		`{"id":"cs_1","amount_total":-9223372036854775808,"total_details":{"amount_shipping":1}}`:              "shipping_cost",
		`{"id":"cs_1","shipping_cost":{"amount_total":9223372036854775807,"amount_tax":-9223372036854775808}}`: "shipping_cost",
	} {
		_, err := payload.ParseSession([]byte(object))
		require.ErrorContains(t, err, "session: "+field+" is too large", object)
	}
}

// TestMalformedSaysNoValue: what is in a payload is nobody's but the customer's.
func TestMalformedSaysNoValue(t *testing.T) {
	_, err := payload.ParseCustomer([]byte(`{"id":"cus_1","email":{"secret@example.com":4242}}`))
	require.EqualError(t, err, "stripeadapter: malformed payload: customer: email must not be this object")
	_, err = payload.ParseRefund([]byte(`{"id":"re_1","amount":4242.5}`))
	require.EqualError(t, err, "stripeadapter: malformed payload: refund: amount must not be this number")
}
