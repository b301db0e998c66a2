package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/mail"

	"github.com/stripe/stripe-go/v76"

	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// errStripe: Stripe did not do what it was asked for.
var errStripe = errors.New("stripe")

const trialDays = 14

// reference is who led a visitor here: the click of the cookie, and the shop's own
// key, so that payments under Stripe's id are known to be the same customer's.
func (a *app) reference(w http.ResponseWriter, r *http.Request) stripeadapter.Reference {
	visit := affiliatehttp.FromRequest(r)
	return stripeadapter.Reference{Click: visit.Click, Referral: visit.Referral, Customer: a.user(w, r)}
}

// session is what is bought, before anybody knows who led here.
func (a *app) session(plan string) (*stripe.CheckoutSessionParams, bool) {
	mode, price := stripe.CheckoutSessionModeSubscription, a.goods.Pro
	switch plan {
	case "pro":
	case "pack":
		mode, price = stripe.CheckoutSessionModePayment, a.goods.Pack
	default:
		return nil, false
	}
	return &stripe.CheckoutSessionParams{
		Mode:                stripe.String(string(mode)),
		LineItems:           []*stripe.CheckoutSessionLineItemParams{{Price: &price, Quantity: stripe.Int64(1)}},
		AllowPromotionCodes: stripe.Bool(true), // or customers cannot type the codes of partners
		SuccessURL:          stripe.String(a.base + "/thanks"),
		CancelURL:           stripe.String(a.base + "/"),
	}, true
}

// checkout sends a buyer to Stripe. A reference that does not fit costs a partner's
// commission, not the sale.
func (a *app) checkout(w http.ResponseWriter, r *http.Request) {
	params, ok := a.session(r.FormValue("plan"))
	if !ok {
		http.Error(w, "There is no such plan.", http.StatusUnprocessableEntity)
		return
	}
	if err := stripeadapter.DefaultKeys().AddToCheckout(params, a.reference(w, r)); err != nil {
		a.log.ErrorContext(r.Context(), "checkout without a reference", "error", err)
	}
	params.Context = r.Context()
	session, err := a.stripe.CheckoutSessions.New(params)
	switch {
	case err != nil:
		a.fail(w, r, fmt.Errorf("%w: %w", errStripe, err))
	case session.URL == "":
		a.fail(w, r, fmt.Errorf("%w: the session %s has no address", errStripe, session.ID))
	default:
		http.Redirect(w, r, session.URL, http.StatusSeeOther)
	}
}

// trial starts a subscription that is paid later, without a session at Stripe: the
// customer carries the reference until then.
func (a *app) trial(w http.ResponseWriter, r *http.Request) {
	address, err := mail.ParseAddress(r.FormValue("email"))
	if err != nil {
		http.Error(w, "Please enter an e-mail address.", http.StatusUnprocessableEntity)
		return
	}
	params := &stripe.CustomerParams{Email: &address.Address}
	if err := stripeadapter.DefaultKeys().AddToCustomer(params, a.reference(w, r)); err != nil {
		a.log.ErrorContext(r.Context(), "customer without a reference", "error", err)
	}
	params.Context = r.Context()
	customer, err := a.stripe.Customers.New(params)
	if err == nil {
		subscription := &stripe.SubscriptionParams{
			Customer: &customer.ID, Items: []*stripe.SubscriptionItemsParams{{Price: &a.goods.Pro}}, TrialPeriodDays: stripe.Int64(trialDays),
		}
		subscription.Context = r.Context()
		_, err = a.stripe.Subscriptions.New(subscription)
	}
	if err != nil {
		a.fail(w, r, fmt.Errorf("%w: %w", errStripe, err))
		return
	}
	http.Redirect(w, r, "/thanks", http.StatusSeeOther)
}
