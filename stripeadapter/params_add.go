package stripeadapter

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/stripe/stripe-go/v76"
)

// Errors of putting a reference on what is sent to Stripe. Nothing was added.
var (
	// ErrMetadata: with the reference, Stripe would refuse the metadata.
	ErrMetadata = errors.New("stripeadapter: the reference does not fit into the metadata")
	// ErrMode: a checkout session has no mode yet.
	ErrMode = errors.New("stripeadapter: the mode of the checkout session is not set")
)

// AddToCheckout puts a reference on a checkout session before it is created: on the
// session itself, as metadata and client_reference_id, and as metadata on what comes
// out of it, for Stripe copies none of it there: the subscription, whose invoices
// carry it on, or the payment intent and, where there is to be one, the invoice. A
// session that would leave its buyer a guest is told to create a customer, so that
// later payments are known to be the same customer's.
//
// The mode must be set before. What is set already is left as it is. It returns
// ErrMode and ErrMetadata.
func (k Keys) AddToCheckout(p *stripe.CheckoutSessionParams, ref Reference) error {
	next, add := *p, k.pairs(ref)
	if err := add.to(&next.Metadata, &next.Params); err != nil {
		return err
	}
	mode := stripe.CheckoutSessionMode(stripe.StringValue(p.Mode))
	switch mode {
	case stripe.CheckoutSessionModeSubscription:
		if err := add.toSubscription(&next); err != nil {
			return err
		}
	case stripe.CheckoutSessionModePayment:
		if err := add.toPayment(&next); err != nil {
			return err
		}
	case stripe.CheckoutSessionModeSetup:
	default:
		return fmt.Errorf("%w: %q", ErrMode, mode)
	}
	if mode != stripe.CheckoutSessionModeSubscription && next.Customer == nil && next.CustomerCreation == nil {
		next.CustomerCreation = stripe.String(string(stripe.CheckoutSessionCustomerCreationAlways))
	}
	if value := ref.ClientReference(); value != "" && next.ClientReferenceID == nil {
		next.ClientReferenceID = &value
	}
	*p = next
	return nil
}

// AddToSubscription puts a reference on a subscription that is created or updated
// without a checkout session. Its invoices carry it on. What is set already is left
// as it is. It returns ErrMetadata.
func (k Keys) AddToSubscription(p *stripe.SubscriptionParams, ref Reference) error {
	return k.pairs(ref).to(&p.Metadata, &p.Params)
}

// AddToPaymentIntent puts a reference on a payment intent that is created without a
// checkout session or an invoice: without one on it, such a payment counts for a
// customer who was led here before, and else as nobody's. What is set already is left
// as it is. It returns ErrMetadata.
func (k Keys) AddToPaymentIntent(p *stripe.PaymentIntentParams, ref Reference) error {
	return k.pairs(ref).to(&p.Metadata, &p.Params)
}

// AddToCustomer puts a reference on a customer: the place for a free trial, where
// the first payment comes long after. What is set already is left as it is, and an id
// of a conversion is left out. It returns ErrMetadata.
func (k Keys) AddToCustomer(p *stripe.CustomerParams, ref Reference) error {
	ref.Conversion = ""
	return k.pairs(ref).to(&p.Metadata, &p.Params)
}

// pairs are metadata to add.
type pairs [][2]string

func (k Keys) pairs(ref Reference) pairs {
	k = k.withDefaults()
	list := pairs{
		{k.Click[0], ref.Click},
		{k.Referral[0], ref.Referral},
		{k.Customer[0], ref.Customer},
		{k.Promo[0], ref.PromoCode},
		{k.Conversion[0], ref.Conversion},
	}
	return slices.DeleteFunc(list, func(pair [2]string) bool { return pair[1] == "" })
}

// to adds to the metadata of an object's parameters, or to the deprecated metadata
// if the host uses that, for stripe-go refuses both at once.
func (l pairs) to(metadata *map[string]string, params *stripe.Params) error {
	if params.Metadata != nil { //nolint:staticcheck // deprecated, and used by hosts
		metadata = &params.Metadata //nolint:staticcheck // deprecated, and used by hosts
	}
	return l.into(metadata)
}

// into puts a larger copy in the place of a map, which may be another object's, too.
func (l pairs) into(metadata *map[string]string) error {
	next := maps.Clone(*metadata)
	for _, pair := range l {
		if _, set := next[pair[0]]; set {
			continue
		}
		if !validKey(pair[0]) {
			return fmt.Errorf("%w: %q is no key", ErrMetadata, pair[0])
		}
		if utf8.RuneCountInString(pair[1]) > maxMetadataValue {
			return fmt.Errorf("%w: %s has more than %d characters", ErrMetadata, pair[0], maxMetadataValue)
		}
		if next == nil {
			next = map[string]string{}
		}
		if next[pair[0]] = pair[1]; len(next) > maxMetadata {
			return fmt.Errorf("%w: it would have more than %d keys", ErrMetadata, maxMetadata)
		}
	}
	*metadata = next
	return nil
}

func (l pairs) toSubscription(p *stripe.CheckoutSessionParams) error {
	if len(l) == 0 {
		return nil
	}
	var data stripe.CheckoutSessionSubscriptionDataParams
	if p.SubscriptionData != nil {
		data = *p.SubscriptionData
	}
	p.SubscriptionData = &data
	return l.into(&data.Metadata)
}

func (l pairs) toPayment(p *stripe.CheckoutSessionParams) error {
	if len(l) == 0 {
		return nil
	}
	var intent stripe.CheckoutSessionPaymentIntentDataParams
	if p.PaymentIntentData != nil {
		intent = *p.PaymentIntentData
	}
	p.PaymentIntentData = &intent
	if err := l.into(&intent.Metadata); err != nil {
		return err
	}
	if p.InvoiceCreation == nil || !stripe.BoolValue(p.InvoiceCreation.Enabled) {
		return nil
	}
	creation := *p.InvoiceCreation
	var invoice stripe.CheckoutSessionInvoiceCreationInvoiceDataParams
	if creation.InvoiceData != nil {
		invoice = *creation.InvoiceData
	}
	creation.InvoiceData, p.InvoiceCreation = &invoice, &creation
	return l.into(&invoice.Metadata)
}
