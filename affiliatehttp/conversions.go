package affiliatehttp

import (
	"context"
	"errors"
	"net/http"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
)

// names are the fields of a conversion in one of its two spellings.
type names struct {
	id, customer, click, promo, referral string
	program, partner, eventType          string
	amount, currency, at                 string
	campaign, sub, metadata              string
}

func camelCase() names {
	return names{
		id: "externalConversionId", customer: "externalCustomerId", click: "clickId", promo: "promoCode",
		referral: "referralCode", program: "programId", partner: "partnerId", eventType: "eventType",
		amount: "amountCents", currency: "currency", at: "convertedAt", campaign: "campaignId", sub: "sub", metadata: "metadata",
	}
}

// snakeCase has no partner: a sale is attributed.
func snakeCase() names {
	return names{
		id: "transaction_id", customer: "customer_key", click: "click_id", promo: "promo_code",
		referral: "referral_code", program: "program_id", eventType: "event_type",
		amount: "amount_cents", currency: "currency", at: "converted_at", campaign: "campaign_id", sub: "sub", metadata: "metadata",
	}
}

func (n names) wire() wireNames {
	return wireNames{
		"id": n.id, "type": n.eventType, "customer": n.customer, "amount": n.amount, "currency": n.currency, "at": n.at,
		"program": n.program, "promoCode": n.promo, "referral": n.referral, "click": n.click, "partner": n.partner,
		"campaignId": n.campaign, "sub": n.sub, "metadata": n.metadata,
	}
}

// RecordConversion serves POST /v1/conversions: 201 with the decision, 200 with
// "duplicate": true on a repeat. A conversion that nobody is credited for is no
// error. Errors: 400, 401, 403, 409, 413, 415, 422, 503.
func (h *Handler) RecordConversion(w http.ResponseWriter, r *http.Request) {
	h.post(w, r, func(ctx context.Context, t *tenant, body *object) (int, any, *failure) {
		n := camelCase()
		in := body.conversion(n)
		if f := body.done(); f != nil {
			return 0, nil, f
		}
		in.Click = h.clickID(in.Click, t.eng.Now())
		return h.convert(ctx, t, in, n)
	})
}

// post serves a route of the host's servers.
func (h *Handler) post(w http.ResponseWriter, r *http.Request, do func(context.Context, *tenant, *object) (int, any, *failure)) {
	if !allow(w, r, http.MethodPost) {
		return
	}
	t, f := h.tenant(r)
	if f == nil {
		f = h.authorize(r, t)
	}
	serve(w, r, t, f, do)
}

// serve reads a body, unless something failed before, and answers.
func serve(w http.ResponseWriter, r *http.Request, t *tenant, f *failure, do func(context.Context, *tenant, *object) (int, any, *failure)) {
	var text []byte
	if f == nil {
		text, f = readBody(w, r)
	}
	var body *object
	if f == nil {
		body, f = parse(text)
	}
	var status int
	var answer any
	if f == nil {
		status, answer, f = do(r.Context(), t, body)
	}
	if f != nil {
		f.write(w)
		return
	}
	writeJSON(w, status, "application/json", answer)
}

// conversion takes the fields that both spellings have.
func (o *object) conversion(n names) affiliate.Conversion {
	in := affiliate.Conversion{
		ID: o.required(n.id), Customer: o.text(n.customer), Click: o.text(n.click), PromoCode: o.text(n.promo),
		Referral: o.text(n.referral), Program: o.text(n.program), Type: o.chosen(n.eventType),
		Currency: o.currency(n.currency), At: o.time(n.at), CampaignID: o.text(n.campaign),
		Sub: o.sub(n.sub), Metadata: o.metadata(n.metadata),
	}
	if n.partner != "" {
		in.Partner = o.text(n.partner)
	}
	var given bool
	if in.Amount, given = o.minor(n.amount); !given && !o.has(n.amount) && (in.Type == "" || in.Type == attribution.InvoicePaid) {
		o.refuse(n.amount, "is required for %s", attribution.InvoicePaid)
	}
	if in.Customer+in.Click+in.PromoCode+in.Referral == "" && !o.has(n.customer) {
		o.refuse(n.customer, "one of %s, %s, %s or %s is required", n.customer, n.click, n.promo, n.referral)
	} else if in.Customer+in.Click+in.PromoCode+in.Referral == "" && len(o.problems) == 0 {
		o.refuse(n.customer, "must not be empty without %s, %s or %s", n.click, n.promo, n.referral)
	}
	return in
}

// convert records a conversion that was read. Whoever pays is a real customer.
func (h *Handler) convert(ctx context.Context, t *tenant, in affiliate.Conversion, n names) (int, any, *failure) {
	result, err := t.eng.RecordConversion(ctx, in)
	if err == nil {
		err = ConfirmLead(ctx, t.eng, in.Customer)
	}
	switch {
	case errors.Is(err, affiliate.ErrNotFound):
		return 0, nil, h.unknown(ctx, t, in, n)
	case err != nil:
		return 0, nil, h.failed(ctx, err, n.wire())
	case result.Duplicate:
		return http.StatusOK, conversionAnswerOf(result), nil
	}
	return http.StatusCreated, conversionAnswerOf(result), nil
}

// unknown tells which of the things that a conversion names does not exist.
func (h *Handler) unknown(ctx context.Context, t *tenant, in affiliate.Conversion, n names) *failure {
	setup, err := t.eng.Setup(ctx)
	if err != nil {
		return h.failed(ctx, err, nil)
	}
	var problems []affiliate.Problem
	if _, ok := setup.Program(in.Program); in.Program != "" && !ok {
		problems = append(problems, affiliate.Problem{Field: n.program, Message: "is not known"})
	}
	if _, ok := setup.Partner(in.Partner); in.Partner != "" && !ok {
		problems = append(problems, affiliate.Problem{Field: n.partner, Message: "is not known"})
	}
	if len(problems) == 0 { // created since
		return unavailable()
	}
	return invalid(problems...)
}

// Conversion serves GET /v1/conversions/{externalId}: the conversion, its
// credits, its commissions as they stand, and why. Errors: 401, 403, 404, 503.
func (h *Handler) Conversion(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	t, f := h.tenant(r)
	if f == nil {
		f = h.authorize(r, t)
	}
	if f != nil {
		f.write(w)
		return
	}
	explanation, err := t.eng.Explain(r.Context(), tail(r, "externalId"))
	if err != nil {
		h.failed(r.Context(), err, nil).write(w)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", explainedAnswerOf(explanation))
}
