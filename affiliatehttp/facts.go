package affiliatehttp

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/goaffiliate/affiliate"
)

// Identify serves POST /v1/identify: a visitor or a click is a known customer,
// two ids are one customer, or a customer has an e-mail address. It answers 200,
// with "duplicate": true on a repeat. Errors: 400, 401, 403, 413, 415, 422, 503.
func (h *Handler) Identify(w http.ResponseWriter, r *http.Request) {
	h.post(w, r, func(ctx context.Context, t *tenant, body *object) (int, any, *failure) {
		in := affiliate.Identify{
			Customer: body.required("externalCustomerId"), Alias: body.text("alias"), Click: body.text("clickId"),
			Visitor: body.text("visitorId"), Email: body.text("email"),
		}
		if f := body.done(); f != nil {
			return 0, nil, f
		}
		var f *failure
		if in.Click, f = h.clickID(ctx, t, in.Click); f != nil {
			return 0, nil, f
		}
		result, err := t.eng.Identify(ctx, in)
		if err != nil {
			return 0, nil, h.failed(ctx, err, wireNames{"customer": "externalCustomerId", "visitor": "visitorId", "click": "clickId"})
		}
		return http.StatusOK, identifyAnswer{CustomerID: in.Customer, Duplicate: result.Duplicate}, nil
	})
}

// RecordRefund serves POST /v1/refunds. Without amountCents all that is left of
// the conversion is refunded. It answers 201, with "waiting": true if the
// conversion is not known yet, and 200 with "duplicate": true on a repeat.
// Errors: 400, 401, 403, 409, 413, 415, 422, 503.
func (h *Handler) RecordRefund(w http.ResponseWriter, r *http.Request) {
	h.post(w, r, func(ctx context.Context, t *tenant, body *object) (int, any, *failure) {
		in := affiliate.Refund{
			ID: body.required("externalRefundId"), Conversion: body.required("externalConversionId"), At: body.time("refundedAt"),
		}
		var given bool
		in.Amount, given = body.minor("amountCents")
		in.All = !given
		if f := body.done(); f != nil {
			return 0, nil, f
		}
		return h.refund(ctx, t, in, wireNames{
			"id": "externalRefundId", "conversion": "externalConversionId", "amount": "amountCents", "at": "refundedAt",
		})
	})
}

// refund records a refund that was read.
func (h *Handler) refund(ctx context.Context, t *tenant, in affiliate.Refund, n wireNames) (int, any, *failure) {
	result, err := t.eng.RecordRefund(ctx, in)
	if err != nil {
		return 0, nil, h.failed(ctx, err, n)
	}
	answer := refundAnswer{RefundID: in.ID, ConversionID: in.Conversion, Duplicate: result.Duplicate, Waiting: result.Waiting}
	if result.Duplicate {
		return http.StatusOK, answer, nil
	}
	return http.StatusCreated, answer, nil
}

// allow answers 405 unless the request's method is one of these.
func allow(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, m := range methods {
		if r.Method == m {
			return true
		}
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	fail(http.StatusMethodNotAllowed, CodeMethodNotAllowed, "this route takes "+strings.Join(methods, " or ")).write(w)
	return false
}

// tail returns the path's last segment: under http.ServeMux by its name, under
// another router by its place.
func tail(r *http.Request, name string) string { return segment(r, name, 0) }

// segment returns the path's segment that is so many before the last.
func segment(r *http.Request, name string, before int) string {
	if value := r.PathValue(name); value != "" {
		return value
	}
	parts := strings.Split(r.URL.EscapedPath(), "/")
	if before >= len(parts) {
		return ""
	}
	value, err := url.PathUnescape(parts[len(parts)-1-before])
	if err != nil {
		return ""
	}
	return value
}
