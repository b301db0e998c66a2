package stripeadapter

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// NewLookup returns a Lookup that asks Stripe, by a client of NewAPI. Its key must
// be allowed to read payment intents, charges, invoices, checkout sessions and
// promotion codes. When Stripe is too busy, or does not answer, the error is
// ErrUnavailable, and the event is to be applied again.
func NewLookup(api *client.API) Lookup { return stripeLookup{api} }

// stripeLookup asks in version 2023-10-16, in which a payment still names its
// invoice, whatever the version of the account.
type stripeLookup struct{ api *client.API }

func (l stripeLookup) InvoiceOf(ctx context.Context, account, paymentIntent, charge string) (string, error) {
	if paymentIntent != "" {
		found, err := l.api.PaymentIntents.Get(paymentIntent, &stripe.PaymentIntentParams{Params: callParams(ctx, account)})
		if err := lookedUp("read payment intent", err); err != nil {
			return "", err
		}
		if found.Invoice != nil {
			return found.Invoice.ID, nil
		}
	}
	if charge == "" {
		return "", nil
	}
	found, err := l.api.Charges.Get(charge, &stripe.ChargeParams{Params: callParams(ctx, account)})
	if err := lookedUp("read charge", err); err != nil || found.Invoice == nil {
		return "", err
	}
	return found.Invoice.ID, nil
}

func (l stripeLookup) PromotionsOf(ctx context.Context, account, object string) ([]string, error) {
	var discounts []payload.Discount
	var err error
	switch {
	case strings.HasPrefix(object, "in_"):
		discounts, err = l.discounts(ctx, account, object)
	case strings.HasPrefix(object, "cs_"):
		discounts, err = l.session(ctx, account, object)
	}
	return promotionsOf(discounts), err
}

// discounts returns the discounts of an invoice: on the whole of it, and on single
// items.
func (l stripeLookup) discounts(ctx context.Context, account, invoice string) ([]payload.Discount, error) {
	raw, err := l.Invoice(ctx, account, invoice)
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	in, err := payload.ParseInvoice(raw)
	return in.Discounts, err
}

func (l stripeLookup) Invoice(ctx context.Context, account, id string) ([]byte, error) {
	params := &stripe.InvoiceParams{Params: callParams(ctx, account)}
	params.AddExpand("discounts")
	params.AddExpand("total_discount_amounts.discount")
	found, err := l.api.Invoices.Get(id, params)
	if err != nil {
		return nil, lookedUp("read invoice", err)
	}
	return found.LastResponse.RawJSON, nil
}

func (l stripeLookup) session(ctx context.Context, account, id string) ([]payload.Discount, error) {
	params := &stripe.CheckoutSessionParams{Params: callParams(ctx, account)}
	params.AddExpand("total_details.breakdown")
	found, err := l.api.CheckoutSessions.Get(id, params)
	if err != nil {
		return nil, lookedUp("read checkout session", err)
	}
	in, err := payload.ParseSession(found.LastResponse.RawJSON)
	return in.Discounts, err
}

func (l stripeLookup) Session(ctx context.Context, account, id string) ([]byte, error) {
	params := &stripe.CheckoutSessionParams{Params: callParams(ctx, account)}
	params.AddExpand("line_items")
	found, err := l.api.CheckoutSessions.Get(id, params)
	if err != nil {
		return nil, lookedUp("read checkout session", err)
	}
	return found.LastResponse.RawJSON, nil
}

func (l stripeLookup) CodeOf(ctx context.Context, account, promotionCode string) (string, error) {
	found, err := l.api.PromotionCodes.Get(promotionCode, &stripe.PromotionCodeParams{Params: callParams(ctx, account)})
	if err != nil {
		return "", lookedUp("read promotion code", err)
	}
	return found.Code, nil
}

// lookedUp is the error of reading one object: none if there is no such object.
func lookedUp(operation string, err error) error {
	if isMissing(err) {
		return nil
	}
	return readError(operation, err)
}

// readError is the error of a call that changes nothing. That Stripe is too busy is
// one more reason to ask again later.
func readError(operation string, err error) error {
	err = callError(operation, err)
	if errors.Is(err, ErrRateLimited) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
