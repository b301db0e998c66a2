package stripeadapter_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/form"

	"github.com/goaffiliate/affiliate/stripeadapter"
)

// checkout are the parameters of a session with what a host may have set already.
// The maps and structs are new ones each time.
func checkout(mode stripe.CheckoutSessionMode) *stripe.CheckoutSessionParams {
	p := &stripe.CheckoutSessionParams{
		Mode:       stripe.String(string(mode)),
		SuccessURL: stripe.String("https://shop.example/thanks"),
		CancelURL:  stripe.String("https://shop.example/cart"), // older versions of the API need it
		Metadata:   map[string]string{"order": "7"},
	}
	switch mode {
	case stripe.CheckoutSessionModeSubscription:
		p.SubscriptionData = &stripe.CheckoutSessionSubscriptionDataParams{
			TrialPeriodDays: stripe.Int64(14), Metadata: map[string]string{"plan": "pro"},
		}
	case stripe.CheckoutSessionModePayment:
		p.PaymentIntentData = &stripe.CheckoutSessionPaymentIntentDataParams{
			StatementDescriptor: stripe.String("SHOP"), Metadata: map[string]string{"plan": "pro"},
		}
		p.InvoiceCreation = &stripe.CheckoutSessionInvoiceCreationParams{
			Enabled: stripe.Bool(true),
			InvoiceData: &stripe.CheckoutSessionInvoiceCreationInvoiceDataParams{
				Footer: stripe.String("Thanks"), Metadata: map[string]string{"plan": "pro"},
			},
		}
	default:
		p.PaymentMethodTypes = stripe.StringSlice([]string{"card"})
	}
	if mode != stripe.CheckoutSessionModeSetup {
		p.LineItems = []*stripe.CheckoutSessionLineItemParams{{Price: stripe.String("price_1"), Quantity: stripe.Int64(1)}}
	}
	return p
}

var modes = []stripe.CheckoutSessionMode{
	stripe.CheckoutSessionModeSubscription, stripe.CheckoutSessionModePayment, stripe.CheckoutSessionModeSetup,
}

func with(metadata map[string]string, key, value string) map[string]string {
	metadata = maps.Clone(metadata)
	metadata[key] = value
	return metadata
}

// sent is what stripe-go makes of parameters.
func sent(p any) map[string]string {
	var body form.Values
	form.AppendTo(&body, p)
	fields := map[string]string{}
	for key, values := range body.ToValues() {
		fields[key] = strings.Join(values, ",")
	}
	return fields
}

// metadataAt is the metadata that is sent at a place.
func metadataAt(p any, place string) map[string]string {
	found := map[string]string{}
	for key, value := range sent(p) {
		if name, ok := strings.CutPrefix(key, place+"["); ok {
			found[strings.TrimSuffix(name, "]")] = value
		}
	}
	return found
}

func TestAddToCheckout(t *testing.T) {
	places := map[stripe.CheckoutSessionMode][]string{
		stripe.CheckoutSessionModeSubscription: {"subscription_data[metadata]"},
		stripe.CheckoutSessionModePayment:      {"payment_intent_data[metadata]", "invoice_creation[invoice_data][metadata]"},
		stripe.CheckoutSessionModeSetup:        nil,
	}
	for _, mode := range modes {
		t.Run(string(mode), func(t *testing.T) {
			p := checkout(mode)
			require.NoError(t, stripeadapter.Keys{}.AddToCheckout(p, everything()))
			require.Equal(t, with(ourMetadata(), "order", "7"), metadataAt(p, "metadata"))
			require.Equal(t, "ada", *p.ClientReferenceID)
			for _, place := range places[mode] {
				require.Equal(t, with(ourMetadata(), "plan", "pro"), metadataAt(p, place), place)
			}
			if mode == stripe.CheckoutSessionModeSubscription {
				require.Nil(t, p.CustomerCreation, "Stripe refuses it, and creates one anyway")
			} else {
				require.Equal(t, "always", *p.CustomerCreation)
			}
			before, after := sent(checkout(mode)), sent(p)
			for key, value := range before {
				require.Equal(t, value, after[key], "what was set stays")
			}
			once := sent(p)
			require.NoError(t, stripeadapter.Keys{}.AddToCheckout(p, stripeadapter.Reference{
				Click: "c2", Referral: "bea", Customer: "u2", PromoCode: "BEA10",
			}))
			require.Equal(t, once, sent(p), "the first reference stays")
		})
	}
}

// TestAddToCheckoutFromScratch checks sessions on which nothing is set but the mode.
func TestAddToCheckoutFromScratch(t *testing.T) {
	for mode, want := range map[stripe.CheckoutSessionMode]map[string]string{
		stripe.CheckoutSessionModeSubscription: {
			"mode": "subscription", "client_reference_id": "c1", "metadata[affiliate_click_id]": "c1",
			"subscription_data[metadata][affiliate_click_id]": "c1",
		},
		stripe.CheckoutSessionModePayment: {
			"mode": "payment", "client_reference_id": "c1", "metadata[affiliate_click_id]": "c1",
			"payment_intent_data[metadata][affiliate_click_id]": "c1", "customer_creation": "always",
		},
		stripe.CheckoutSessionModeSetup: {
			"mode": "setup", "client_reference_id": "c1", "metadata[affiliate_click_id]": "c1", "customer_creation": "always",
		},
	} {
		p := &stripe.CheckoutSessionParams{Mode: stripe.String(string(mode))}
		require.NoError(t, stripeadapter.Keys{}.AddToCheckout(p, stripeadapter.Reference{Click: "c1"}))
		require.Equal(t, want, sent(p))
	}
}

// TestAddToCheckoutWithoutReference checks that a session that nobody led to stays as
// it is, but for its customer, who may come back.
func TestAddToCheckoutWithoutReference(t *testing.T) {
	for _, mode := range modes {
		p, want := checkout(mode), checkout(mode)
		require.NoError(t, stripeadapter.Keys{}.AddToCheckout(p, stripeadapter.Reference{}))
		if mode != stripe.CheckoutSessionModeSubscription {
			want.CustomerCreation = stripe.String("always")
		}
		require.Equal(t, want, p)
	}
}

// TestAddToCheckoutLeavesWhatIsSet checks the fields that a host may use otherwise.
func TestAddToCheckoutLeavesWhatIsSet(t *testing.T) {
	p := checkout(stripe.CheckoutSessionModePayment)
	p.ClientReferenceID, p.Customer = stripe.String("cart_7"), stripe.String("cus_1")
	p.InvoiceCreation.Enabled = stripe.Bool(false)
	require.NoError(t, stripeadapter.Keys{}.AddToCheckout(p, everything()))
	require.Equal(t, "cart_7", *p.ClientReferenceID)
	require.Nil(t, p.CustomerCreation, "Stripe refuses it next to a customer")
	require.Equal(t, map[string]string{"plan": "pro"}, p.InvoiceCreation.InvoiceData.Metadata, "there will be no invoice")

	p = checkout(stripe.CheckoutSessionModePayment)
	p.CustomerCreation = stripe.String("if_required")
	p.Metadata["affiliate_ref"] = ""
	require.NoError(t, stripeadapter.Keys{}.AddToCheckout(p, everything()))
	require.Equal(t, "if_required", *p.CustomerCreation)
	require.Empty(t, p.Metadata["affiliate_ref"])
	require.Equal(t, "c1", p.Metadata["affiliate_click_id"])

	p = checkout(stripe.CheckoutSessionModePayment)
	require.NoError(t, stripeadapter.Keys{}.AddToCheckout(p, stripeadapter.Reference{Referral: "zoë"}))
	require.Nil(t, p.ClientReferenceID, "it would not be taken")
	require.Equal(t, "zoë", p.Metadata["affiliate_ref"])
}

// TestAddSharesNoMaps checks that parameters a host uses for many customers do not
// carry the reference of the first to the next.
func TestAddSharesNoMaps(t *testing.T) {
	for _, mode := range modes {
		template := checkout(mode)
		p := *template
		require.NoError(t, stripeadapter.Keys{}.AddToCheckout(&p, everything()))
		require.Equal(t, checkout(mode), template)
	}
	shared := map[string]string{"plan": "pro"}
	require.NoError(t, stripeadapter.Keys{}.AddToCustomer(&stripe.CustomerParams{Metadata: shared}, everything()))
	require.Equal(t, map[string]string{"plan": "pro"}, shared)
}

// adders puts a reference on each other kind of parameters.
var adders = map[string]struct {
	fresh func() any
	add   func(k stripeadapter.Keys, p any, ref stripeadapter.Reference) error
}{
	"subscription": {
		func() any { return &stripe.SubscriptionParams{} },
		func(k stripeadapter.Keys, p any, ref stripeadapter.Reference) error {
			return k.AddToSubscription(p.(*stripe.SubscriptionParams), ref)
		},
	},
	"payment intent": {
		func() any { return &stripe.PaymentIntentParams{} },
		func(k stripeadapter.Keys, p any, ref stripeadapter.Reference) error {
			return k.AddToPaymentIntent(p.(*stripe.PaymentIntentParams), ref)
		},
	},
	"customer": {
		func() any { return &stripe.CustomerParams{} },
		func(k stripeadapter.Keys, p any, ref stripeadapter.Reference) error {
			return k.AddToCustomer(p.(*stripe.CustomerParams), ref)
		},
	},
	"checkout": {
		func() any { return &stripe.CheckoutSessionParams{Mode: stripe.String("setup")} },
		func(k stripeadapter.Keys, p any, ref stripeadapter.Reference) error {
			return k.AddToCheckout(p.(*stripe.CheckoutSessionParams), ref)
		},
	},
}

// TestAddInEachPlace checks the objects that are made without a checkout session,
// with each of stripe-go's two metadata fields.
func TestAddInEachPlace(t *testing.T) {
	for name, of := range adders {
		t.Run(name, func(t *testing.T) {
			p := of.fresh()
			require.NoError(t, of.add(stripeadapter.Keys{}, p, stripeadapter.Reference{}))
			require.Empty(t, metadataAt(p, "metadata"))
			require.NoError(t, of.add(stripeadapter.Keys{}, p, everything()))
			require.Equal(t, ourMetadata(), metadataAt(p, "metadata"))

			deprecated := of.fresh()
			deprecated.(interface{ GetParams() *stripe.Params }).GetParams().AddMetadata("order", "7")
			require.NoError(t, of.add(stripeadapter.Keys{}, deprecated, everything()))
			require.Equal(t, with(ourMetadata(), "order", "7"), metadataAt(deprecated, "metadata"))

			keys := stripeadapter.Keys{Click: []string{"clk", "old"}, Customer: []string{"user"}}
			own := of.fresh()
			require.NoError(t, of.add(keys, own, everything()))
			require.Equal(t, everything(), keys.Read(metadataAt(own, "metadata")))
			require.Equal(t, "c1", metadataAt(own, "metadata")["clk"])
		})
	}
}

// TestAddLimits checks that what Stripe would refuse is refused here, and that
// nothing was added then.
func TestAddLimits(t *testing.T) {
	full := func(n int) map[string]string {
		m := map[string]string{}
		for i := range n {
			m[fmt.Sprintf("key%d", i)] = "x"
		}
		return m
	}
	long := stripeadapter.Reference{Referral: "ada", Click: strings.Repeat("ü", 501)}
	for name, of := range adders {
		t.Run(name, func(t *testing.T) {
			for keys, ref := range map[*stripeadapter.Keys]stripeadapter.Reference{
				{}:                            long,
				{Promo: []string{"promo[0]"}}: everything(),
				{Referral: []string{""}}:      everything(),
				{Customer: []string{strings.Repeat("k", 41)}}: everything(),
			} {
				p := of.fresh()
				require.ErrorIs(t, of.add(*keys, p, ref), stripeadapter.ErrMetadata)
				require.Equal(t, of.fresh(), p)
			}
			fits := of.fresh()
			require.NoError(t, of.add(stripeadapter.Keys{}, fits, stripeadapter.Reference{Click: strings.Repeat("ü", 500)}))

			for n, want := range map[int]error{46: nil, 47: stripeadapter.ErrMetadata} {
				p := of.fresh()
				params := p.(interface{ GetParams() *stripe.Params }).GetParams()
				for key, value := range full(n) {
					params.AddMetadata(key, value)
				}
				require.ErrorIs(t, of.add(stripeadapter.Keys{}, p, everything()), want)
				if want != nil {
					require.Equal(t, full(n), metadataAt(p, "metadata"))
				}
			}
		})
	}
	for _, mode := range modes[:2] {
		fill := func() *stripe.CheckoutSessionParams {
			p := checkout(mode)
			if mode == stripe.CheckoutSessionModePayment {
				p.InvoiceCreation.InvoiceData.Metadata = full(50)
			} else {
				p.SubscriptionData.Metadata = full(50)
			}
			return p
		}
		p := fill()
		require.ErrorIs(t, stripeadapter.Keys{}.AddToCheckout(p, everything()), stripeadapter.ErrMetadata)
		require.Equal(t, fill(), p, "the last place is full, and nothing was added to the first")
	}
}

func TestAddToCheckoutNeedsAMode(t *testing.T) {
	for _, mode := range []*string{nil, stripe.String("other")} {
		p := &stripe.CheckoutSessionParams{Mode: mode}
		require.ErrorIs(t, stripeadapter.Keys{}.AddToCheckout(p, everything()), stripeadapter.ErrMode)
		require.Equal(t, &stripe.CheckoutSessionParams{Mode: mode}, p)
	}
}

// TestStripeMockTakesReferences sends each of them to stripe-mock.
func TestStripeMockTakesReferences(t *testing.T) {
	api := newFaultProxy(t, forward(startStripeMock(t))).api("sk_test_1")
	for _, mode := range modes {
		p := checkout(mode)
		require.NoError(t, stripeadapter.Keys{}.AddToCheckout(p, everything()))
		_, err := api.CheckoutSessions.New(p)
		require.NoError(t, err, mode)
	}
	customer := &stripe.CustomerParams{}
	customer.Params.AddMetadata("order", "7")
	require.NoError(t, stripeadapter.Keys{}.AddToCustomer(customer, everything()))
	_, err := api.Customers.New(customer)
	require.NoError(t, err)

	intent := &stripe.PaymentIntentParams{Amount: stripe.Int64(1000), Currency: stripe.String("usd")}
	require.NoError(t, stripeadapter.Keys{}.AddToPaymentIntent(intent, everything()))
	_, err = api.PaymentIntents.New(intent)
	require.NoError(t, err)

	subscription := &stripe.SubscriptionParams{
		Customer: stripe.String("cus_1"), Items: []*stripe.SubscriptionItemsParams{{Price: stripe.String("price_1")}},
	}
	require.NoError(t, stripeadapter.Keys{}.AddToSubscription(subscription, everything()))
	_, err = api.Subscriptions.New(subscription)
	require.NoError(t, err)
}

func TestTheHostsIDOfAPayment(t *testing.T) {
	keys, ref := stripeadapter.DefaultKeys(), stripeadapter.Reference{Conversion: "order-77"}
	want := map[string]string{"affiliate_conversion": "order-77"}
	checkout := &stripe.CheckoutSessionParams{
		Mode: stripe.String("payment"), InvoiceCreation: &stripe.CheckoutSessionInvoiceCreationParams{Enabled: stripe.Bool(true)},
	}
	require.NoError(t, keys.AddToCheckout(checkout, ref))
	require.Equal(t, want, checkout.Metadata)
	require.Equal(t, want, checkout.PaymentIntentData.Metadata)
	require.Equal(t, want, checkout.InvoiceCreation.InvoiceData.Metadata)
	intent := &stripe.PaymentIntentParams{}
	require.NoError(t, keys.AddToPaymentIntent(intent, ref))
	require.Equal(t, want, intent.Metadata)
	customer := &stripe.CustomerParams{}
	require.NoError(t, keys.AddToCustomer(customer, ref))
	require.Empty(t, customer.Metadata, "who may pay more than once")
	require.Equal(t, ref, keys.Read(want))
}
