package affiliatehttp

import (
	"context"
	"errors"
	"net/http"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/program"
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
	h.postAs(w, r, []Role{RoleServer, RoleOwner}, func(ctx context.Context, t *tenant, body *object) (int, any, *failure) {
		n := camelCase()
		in := body.conversion(n)
		if f := body.done(); f != nil {
			return 0, nil, f
		}
		var f *failure
		if in.Click, f = h.clickID(ctx, t, in.Click); f != nil {
			return 0, nil, f
		}
		return h.convert(ctx, t, in, n)
	})
}

// post serves a route of the host's servers.
func (h *Handler) post(w http.ResponseWriter, r *http.Request, do func(context.Context, *tenant, *object) (int, any, *failure)) {
	h.postAs(w, r, []Role{RoleServer}, do)
}

// postAs serves a route of callers with one of the roles.
func (h *Handler) postAs(w http.ResponseWriter, r *http.Request, roles []Role, do func(context.Context, *tenant, *object) (int, any, *failure)) {
	if !allow(w, r, http.MethodPost) {
		return
	}
	t, f := h.tenant(r)
	if f == nil {
		f = h.authorize(r, t, roles...)
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

// convert records a conversion that was read.
func (h *Handler) convert(ctx context.Context, t *tenant, in affiliate.Conversion, n names) (int, any, *failure) {
	result, err := t.eng.RecordConversion(ctx, in)
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
	setup, err := t.eng.Configuration(ctx)
	if err != nil {
		return h.failed(ctx, err, nil)
	}
	problems := strangers(setup, n.partner, in.Partner, n.program, in.Program)
	if len(problems) == 0 { // created since
		return unavailable()
	}
	return invalid(problems...)
}

// strangers are the partner and the program that a body names and that do not
// exist.
func strangers(setup *program.Configuration, partnerField, partner, programField, programID string) (problems []affiliate.Problem) {
	if _, ok := setup.Program(programID); programID != "" && !ok {
		problems = append(problems, affiliate.Problem{Field: programField, Message: "is not known"})
	}
	if _, ok := setup.Partner(partner); partner != "" && !ok {
		problems = append(problems, affiliate.Problem{Field: partnerField, Message: "is not known"})
	}
	return problems
}

// Conversion serves /v1/conversions/{externalId}: GET answers with the
// conversion, its credits, its commissions as they stand, and why; PATCH with
// {"amountCents","amendedAt"} gives it another amount, of which the latest by
// time counts. Errors: 401, 403, 404, 422, 503.
func (h *Handler) Conversion(w http.ResponseWriter, r *http.Request) {
	h.serveAs(w, r, []Role{RoleServer, RoleOwner}, actions{
		http.MethodGet: func(c *call) (int, any, *failure) {
			explanation, err := c.eng.Explain(c.ctx, c.id("externalId"))
			if err != nil {
				return 0, nil, c.failed(err, nil)
			}
			return http.StatusOK, explainedAnswerOf(explanation), nil
		},
		http.MethodPatch: amendConversion,
	})
}

// ExplainConversion serves GET /v1/conversions/{externalId}/explanation.txt: the
// explanation for people to read, as plain text. Errors: 401, 403, 404, 503.
func (h *Handler) ExplainConversion(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: func(c *call) (int, any, *failure) {
		explanation, err := c.eng.Explain(c.ctx, c.owning("externalId"))
		if err != nil {
			return 0, nil, c.failed(err, nil)
		}
		return http.StatusOK, file{contentType: "text/plain; charset=utf-8", data: []byte(explanation.String())}, nil
	}})
}

// AcceptClaim serves POST /v1/conversions/{externalId}/accept-claim, {"clickId"}: the
// owner takes the sign-up that a browser told of as true, by default the latest
// before the sale, and the sale is credited (see affiliate.Engine.AcceptClaim). It
// answers 200 with the decision. Errors: 400, 401, 403, 404, 413, 415, 422, 503.
func (h *Handler) AcceptClaim(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodPost: func(c *call) (int, any, *failure) {
		id, click := c.owning("externalId"), c.body.text("clickId")
		if f := c.body.done(); f != nil {
			return 0, nil, f
		}
		click, f := c.h.clickID(c.ctx, c.tenant, click)
		if f != nil {
			return 0, nil, f
		}
		result, err := c.eng.AcceptClaim(c.ctx, id, click)
		if err != nil {
			return 0, nil, c.failed(err, nil)
		}
		return http.StatusOK, conversionAnswerOf(result), nil
	}})
}

// amendmentAnswer is the answer to another amount.
type amendmentAnswer struct {
	ConversionID string `json:"conversionId"`
	Duplicate    bool   `json:"duplicate,omitempty"`
	Waiting      bool   `json:"waiting,omitempty"` // for its conversion
}

func amendConversion(c *call) (int, any, *failure) {
	id, at := c.id("externalId"), c.body.time("amendedAt")
	amount, given := c.body.minor("amountCents")
	if !given && !c.body.has("amountCents") {
		c.body.refuse("amountCents", "is required")
	}
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	result, err := c.eng.AmendConversion(c.ctx, id, amount, at)
	if err != nil {
		return 0, nil, c.failed(err, wireNames{"amount": "amountCents", "at": "amendedAt", "conversion": "externalId"})
	}
	return http.StatusOK, amendmentAnswer{id, result.Duplicate, result.Waiting}, nil
}
