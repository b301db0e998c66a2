package affiliatehttp

import (
	"context"
	"net/http"

	"github.com/goaffiliate/affiliate"
)

// leadAnswer tells a browser nothing that it did not say itself: it must not
// learn which customers exist.
type leadAnswer struct {
	CustomerID string `json:"customerId"`
}

// lead is the body of a sign-up.
type lead struct{ customer, email, click, visitor, token string }

func leadOf(body *object) (lead, *failure) {
	l := lead{
		customer: body.required("customer_key"), email: body.text("email"), click: body.text("click_id"),
		visitor: body.text("visitor_id"), token: body.text("token"),
	}
	return l, body.done()
}

// TrackLead serves POST /v1/track/lead: somebody signed up. With an API key it is
// an identify and a signup conversion, once per customer, answered like a
// conversion. From a browser it is a claim, by the click of the caller's own cookie
// or token: it earns nothing until what the server says of the customer confirms
// it (see affiliate.Engine.RecordClaim), unless it comes with a token of
// SignCustomer. Errors: 400, 401, 403, 413, 415, 422, 429, 503.
func (h *Handler) TrackLead(w http.ResponseWriter, r *http.Request) {
	t, f := h.tenant(r)
	if f == nil && r.Method == http.MethodPost {
		var server bool
		if server, f = h.isServer(r, t); server || f != nil {
			serve(w, r, t, f, h.serverLead)
			return
		}
	}
	h.browser(w, r, h.browsers, func(ctx context.Context, t *tenant, body *object) (int, any, *failure) {
		if f := h.throttle(r, t, h.leads); f != nil {
			return 0, nil, f
		}
		l, f := leadOf(body)
		if f != nil {
			return 0, nil, f
		}
		visit, f := h.ownVisit(r, t, l.click)
		if f != nil {
			return 0, nil, f
		}
		if visit.Click == "" || isAutomatic(r) {
			return http.StatusOK, leadAnswer{l.customer}, nil
		}
		if err := h.browserLead(ctx, t, l, visit); err != nil {
			return 0, nil, h.failed(ctx, err, leadNames())
		}
		return http.StatusOK, leadAnswer{l.customer}, nil
	})
}

func leadNames() wireNames {
	return wireNames{"customer": "customer_key", "id": "customer_key", "click": "click_id", "visitor": "visitor_id", "email": "email"}
}

// isServer reports whether the host's own server calls. A caller who shows a key
// that is not valid is no browser either.
func (h *Handler) isServer(r *http.Request, t *tenant) (bool, *failure) {
	if h.cfg.Authenticate == nil {
		return false, nil
	}
	f := h.authorize(r, t, RoleServer)
	if f != nil && r.Header.Get("Authorization") == "" {
		return false, nil
	}
	return f == nil, f
}

// browserLead keeps a claim. The browser is told nothing of what became of it.
func (h *Handler) browserLead(ctx context.Context, t *tenant, l lead, v Visit) error {
	_, err := t.eng.RecordClaim(ctx, affiliate.Claim{
		Customer: l.customer, Click: v.Click, Visitor: v.Visitor, Referral: v.Referral, ClickAt: v.At, Email: l.email,
		Signed: h.vouched(t.eng, l), Unguessable: h.cfg.TrustLeads,
	})
	return err
}

// SignCustomer returns a token by which the host's server vouches for a customer
// on a page that it serves to that customer alone: Affiliate.signup(key, email,
// token) then signs the customer up at once, without another call from the server.
// It is good for Config.TokenMaxAge.
func (h *Handler) SignCustomer(eng *affiliate.Engine, customer string) string {
	return h.signer.seal(customerKind, Visit{Click: vouchedFor(eng, customer)}, eng.Now())
}

// vouched reports whether the lead came with the server's token for its customer.
func (h *Handler) vouched(eng *affiliate.Engine, l lead) bool {
	v, ok := h.signer.open(customerKind, l.token, eng.Now(), h.cfg.TokenMaxAge)
	return ok && v.Click == vouchedFor(eng, l.customer)
}

// vouchedFor is what a token says: a customer of one organization.
func vouchedFor(eng *affiliate.Engine, customer string) string {
	return eng.Organization() + "\x00" + customer
}

// serverLead records a sign-up as the host's server says.
func (h *Handler) serverLead(ctx context.Context, t *tenant, body *object) (int, any, *failure) {
	l, f := leadOf(body)
	if f != nil {
		return 0, nil, f
	}
	if l.click, f = h.clickID(ctx, t, l.click); f != nil {
		return 0, nil, f
	}
	result, err := t.eng.RecordLead(ctx, affiliate.Lead{
		Customer: l.customer, Click: l.click, Visitor: l.visitor, Email: l.email,
	})
	if err != nil {
		return 0, nil, h.failed(ctx, err, leadNames())
	}
	if result.Duplicate {
		return http.StatusOK, conversionAnswerOf(result), nil
	}
	return http.StatusCreated, conversionAnswerOf(result), nil
}
