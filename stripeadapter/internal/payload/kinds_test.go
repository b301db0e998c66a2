package payload_test

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

var errNoParser = errors.New("no parser")

// kindOf returns what the object of an event is, by the type of the event alone.
func kindOf(eventType string) string {
	for _, of := range []struct{ prefix, kind string }{
		{"checkout.session.", "checkout.session"},
		{"invoice.", "invoice"},
		{"invoice_payment.", "invoice_payment"},
		{"payment_intent.", "payment_intent"},
		{"charge.refund.updated", "refund"},
		{"refund.", "refund"},
		{"charge.dispute.", "dispute"},
		{"charge.", "charge"},
		{"credit_note.", "credit_note"},
		{"customer.subscription.", "subscription"},
		{"customer.", "customer"},
		{"promotion_code.", "promotion_code"},
		{"account.updated", "account"},
	} {
		if strings.HasPrefix(eventType, of.prefix) {
			return of.kind
		}
	}
	return eventType
}

func parse(kind string, object []byte) (any, error) {
	switch kind {
	case "checkout.session":
		return payload.ParseSession(object)
	case "invoice":
		return payload.ParseInvoice(object)
	case "invoice_payment":
		return payload.ParseInvoicePayment(object)
	case "payment_intent":
		return payload.ParsePaymentIntent(object)
	case "refund":
		return payload.ParseRefund(object)
	case "dispute":
		return payload.ParseDispute(object)
	case "charge":
		return payload.ParseCharge(object)
	case "credit_note":
		return payload.ParseCreditNote(object)
	case "subscription":
		return payload.ParseSubscription(object)
	case "customer":
		return payload.ParseCustomer(object)
	case "promotion_code":
		return payload.ParsePromotionCode(object)
	case "account":
		return payload.ParseAccount(object)
	}
	return nil, errNoParser
}

// objectsIn returns the objects of a file: of an event, of a response of the API,
// or a bare one.
func objectsIn(file []byte) (event payload.Event, kinds []string, objects [][]byte, err error) {
	var bare struct {
		Object string          `json:"object"`
		Data   json.RawMessage `json:"data"`
	}
	if err = json.Unmarshal(file, &bare); err != nil {
		return event, nil, nil, err
	}
	switch bare.Object {
	case "event", "v2.core.event":
		if event, err = payload.ParseEvent(file); err == nil && !event.Thin {
			kinds, objects = []string{kindOf(event.Type)}, [][]byte{event.Object}
		}
		return event, kinds, objects, err
	case "list":
		var items []json.RawMessage
		err = json.Unmarshal(bare.Data, &items)
		for _, item := range items {
			_, k, o, itemErr := objectsIn(item)
			kinds, objects, err = append(kinds, k...), append(objects, o...), errors.Join(err, itemErr)
		}
		return event, kinds, objects, err
	}
	return event, []string{bare.Object}, [][]byte{file}, nil
}
