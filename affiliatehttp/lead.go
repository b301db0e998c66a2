package affiliatehttp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
)

// leadAnswer tells a browser nothing that it did not say itself: it must not
// learn which customers exist.
type leadAnswer struct {
	CustomerID string `json:"customerId"`
}

// lead is the body of a sign-up.
type lead struct{ customer, email, click, visitor string }

func leadOf(body *object) (lead, *failure) {
	l := lead{body.required("customer_key"), body.text("email"), body.text("click_id"), body.text("visitor_id")}
	return l, body.done()
}

// signupID is the external id of a customer's signup conversion.
func signupID(customer string) string { return "signup:" + customer }

// TrackLead serves POST /v1/track/lead: somebody signed up. With an API key it is
// an identify and a signup conversion, once per customer, answered like a
// conversion. From a browser it ties the click of the caller's own cookie or token
// to a customer whom nobody has told of yet, one for each click, and the signup
// earns once the host's server tells of the customer (see ConfirmLead), or at once
// with Config.TrustLeads. Errors: 400, 401, 403, 413, 415, 422, 429, 503.
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
		if l.click = h.ownVisit(r, t, l.click).Click; l.click == "" || isAutomatic(r) {
			return http.StatusOK, leadAnswer{l.customer}, nil
		}
		if err := h.browserLead(ctx, t, l); err != nil {
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

// ownVisit returns the visit that a browser can prove: by its cookie or a token.
// If it gives a click that is another one, there is none.
func (h *Handler) ownVisit(r *http.Request, t *tenant, given string) Visit {
	if v, ok := h.signed(given, t.eng.Now()); ok {
		return v
	}
	if v := h.cookieVisit(r, t.eng.Now()); given == "" || given == v.Click {
		return v
	}
	return Visit{}
}

// leadDoc is kept of a sign-up that only a browser told of.
type leadDoc struct {
	At   time.Time `json:"at"`
	Done bool      `json:"done"` // the signup is recorded
}

func leadKey(customer string) string {
	sum := sha256.Sum256([]byte(customer)) // any length
	return "lead/" + hex.EncodeToString(sum[:])
}

// browserLead ties a click to a new customer. What may not be is left alone.
func (h *Handler) browserLead(ctx context.Context, t *tenant, l lead) error {
	now := t.eng.Now()
	return t.eng.Atomically(ctx, func(b *affiliate.Batch) error {
		if known, err := b.HasCustomer(l.customer); err != nil || known {
			return err
		}
		if owners, err := b.CustomersOf(l.click); err != nil || len(owners) > 0 {
			return err
		}
		_, err := b.Identify(affiliate.Identify{Customer: l.customer, Click: l.click, Email: l.email, At: now})
		if err != nil {
			return err
		}
		doc := leadDoc{At: now, Done: h.cfg.TrustLeads}
		if doc.Done {
			if err := signUp(b, l.customer, now); err != nil {
				return err
			}
		}
		return putLead(b, l.customer, doc)
	})
}

func putLead(b *affiliate.Batch, customer string, doc leadDoc) error {
	data, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return b.PutDocument(leadKey(customer), data)
}

// signUp records a signup, unless there is one.
func signUp(b *affiliate.Batch, customer string, at time.Time) error {
	if _, found, err := b.Conversion(signupID(customer)); err != nil || found {
		return err
	}
	_, err := b.RecordConversion(affiliate.Conversion{ID: signupID(customer), Type: attribution.Signup, Customer: customer, At: at})
	return err
}

// ConfirmLead says that a customer is real: a sign-up that only a browser told of
// is recorded as of then, and may earn. The routes for servers do so when they
// tell of a customer; a host that calls the Engine itself may do so where it makes
// an account or takes a payment. Without such a sign-up it does nothing.
func ConfirmLead(ctx context.Context, eng *affiliate.Engine, customer string) error {
	if customer == "" {
		return nil
	}
	return eng.Atomically(ctx, func(b *affiliate.Batch) error { return confirm(b, customer) })
}

func confirm(b *affiliate.Batch, customer string) error {
	data, err := b.Document(leadKey(customer))
	if err != nil || data == nil {
		return err
	}
	var doc leadDoc
	if err := json.Unmarshal(data, &doc); err != nil || doc.Done {
		return err
	}
	if err := signUp(b, customer, doc.At); err != nil {
		return err
	}
	doc.Done = true
	return putLead(b, customer, doc)
}

// serverLead records a sign-up as the host's server says.
func (h *Handler) serverLead(ctx context.Context, t *tenant, body *object) (int, any, *failure) {
	l, f := leadOf(body)
	if f != nil {
		return 0, nil, f
	}
	l.click = h.clickID(l.click, t.eng.Now())
	var known bool
	err := t.eng.Atomically(ctx, func(b *affiliate.Batch) error {
		_, err := b.Identify(affiliate.Identify{Customer: l.customer, Click: l.click, Visitor: l.visitor, Email: l.email})
		if err != nil {
			return err
		}
		if _, known, err = b.Conversion(signupID(l.customer)); err != nil {
			return err
		}
		if err := confirm(b, l.customer); err != nil {
			return err
		}
		return signUp(b, l.customer, time.Time{})
	})
	if err != nil {
		return 0, nil, h.failed(ctx, err, leadNames())
	}
	result, err := t.eng.Conversion(ctx, signupID(l.customer))
	switch {
	case errors.Is(err, affiliate.ErrNotFound):
		return 0, nil, unavailable()
	case err != nil:
		return 0, nil, h.failed(ctx, err, nil)
	}
	if result.Duplicate = known; known {
		return http.StatusOK, conversionAnswerOf(result), nil
	}
	return http.StatusCreated, conversionAnswerOf(result), nil
}
