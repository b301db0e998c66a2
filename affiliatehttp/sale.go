package affiliatehttp

import (
	"context"
	"net/http"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
)

// TrackSale serves POST /v1/track/sale, the same as RecordConversion in
// snake_case. What it has beyond that is stored in the conversion's metadata
// under its own name. Errors: 400, 401, 403, 409, 413, 415, 422, 503.
func (h *Handler) TrackSale(w http.ResponseWriter, r *http.Request) {
	h.post(w, r, func(ctx context.Context, t *tenant, body *object) (int, any, *failure) {
		n := snakeCase()
		in := body.conversion(n)
		body.sale(&in)
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

// sale takes the fields that only a sale has.
func (o *object) sale(in *affiliate.Conversion) {
	extra := map[string]string{
		"sale_type":             o.chosen("sale_type"),
		"is_recurring":          o.flag("is_recurring"),
		"subscription_id":       o.text("subscription_id"),
		"subscription_interval": o.text("subscription_interval"),
		"product_id":            o.text("product_id"),
		"line_items":            o.list("line_items"),
	}
	if kind := extra["sale_type"]; in.Type == "" && kind != "" {
		if kind != "payment" && kind != "subscription" {
			o.refuse("sale_type", "must be payment or subscription unless event_type says more")
		}
		in.Type = attribution.InvoicePaid
	}
	for name, value := range extra {
		if _, taken := in.Metadata[name]; taken {
			o.refuse("metadata."+name, "is a field of its own")
		}
		in.Metadata[name] = value // empty ones are dropped by the Engine
	}
}
