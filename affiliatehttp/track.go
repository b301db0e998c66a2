package affiliatehttp

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/goaffiliate/affiliate"
)

// trackAnswer is what the script is told of a visit. Without a click all but the
// visitor are empty. As long as the click is not stored, the token stands for it.
type trackAnswer struct {
	ClickID   string `json:"clickId"`
	Referral  string `json:"referral"`
	VisitorID string `json:"visitorId"`
	Token     string `json:"token"` // the cookie's value, for scripts whose cookies are blocked
}

// visited is a visitor without a cookie on a link.
type visited struct{ organization, visitor, link string }

// maxRecent is how many of them are remembered at least.
const maxRecent = 1 << 14

// TrackClick serves POST /v1/track/click, which the script calls when a page
// opens: it records the click that the page's address tells of, or ties the one
// of a redirect to this browser while it is fresh (see Config.TieMaxAge). What is
// unknown or stale is ignored; while the store cannot tell, the answer is 503. Else
// it answers 200 with the visitor's last click, and sets the cookie. Errors: 400,
// 403, 413, 415, 422, 429, 503.
//
// DELETE, when the visitor takes consent back, clears the cookies: 204.
func (h *Handler) TrackClick(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodDelete {
		if h.cors(w, r) {
			h.forget(w)
		}
		return
	}
	h.browser(w, r, h.browsers, func(ctx context.Context, t *tenant, body *object) (int, any, *failure) {
		code, visitor := body.text("aff"), body.text("visitorId")
		page, referrer := body.text("url"), body.text("referrer")
		campaign, sub := body.text("campaignId"), body.sub("sub")
		if visitor != "" && !ownVisitor(visitor) {
			body.refuse("visitorId", "must be %d to 64 characters of A-Z, a-z, 0-9, _ and -", minVisitor)
		}
		if f := body.done(); f != nil {
			return 0, nil, f
		}
		a := h.arrives(t, r, "", pageTags(page, campaign, sub))
		a.referer = referrer
		before := a.visit
		if before.Visitor == "" {
			a.visit = h.without(t, visitor, cmp.Or(code, h.code(a.tags)))
		}
		visit := a.visit
		if !isAutomatic(r) {
			var untied error
			visit, untied = h.land(ctx, t, r, a, cmp.Or(code, h.code(a.tags)))
			if untied != nil && visit == a.visit {
				return 0, nil, unavailable() // the script tries again, after it took the click out of the address
			}
		}
		if visit == (Visit{}) {
			return http.StatusOK, trackAnswer{}, nil
		}
		if visit != before && visit.Click+visit.unstored != "" {
			h.remember(w, r, visit, t.eng.Now())
		}
		h.recent.put(visited{t.eng.Organization(), visit.Visitor, visit.Referral}, visit)
		token := h.proof(t, visit)
		return http.StatusOK, trackAnswer{
			ClickID: visit.clickOr(token), Referral: visit.Referral, VisitorID: visit.Visitor, Token: token,
		}, nil
	})
}

// eventAnswer says whether a page's event was taken.
type eventAnswer struct {
	Recorded bool `json:"recorded"`
}

// TrackEvent serves POST /v1/track/event, {"name","click_id","visitor_id"}: a page
// reports one of Config.Events, which is recorded as a conversion of that type by
// the caller's own click's partner, without an amount, once for each click. Errors:
// 400, 403, 413, 415, 422, 429, 503.
func (h *Handler) TrackEvent(w http.ResponseWriter, r *http.Request) {
	h.browser(w, r, h.browsers, func(ctx context.Context, t *tenant, body *object) (int, any, *failure) {
		name, given := body.required("name"), body.text("click_id")
		body.text("visitor_id") // nothing that it could prove
		if name != "" && !slices.Contains(h.cfg.Events, name) {
			body.refuse("name", "is not one of the events that pages may report")
		}
		if f := body.done(); f != nil {
			return 0, nil, f
		}
		v, f := h.ownVisit(r, t, given)
		if f != nil {
			return 0, nil, f
		}
		if v.Click == "" || v.Referral == "" || isAutomatic(r) {
			return http.StatusOK, eventAnswer{}, nil
		}
		// By the code, not by the click: that belongs to whoever signs up with it.
		result, err := t.eng.RecordConversion(ctx, affiliate.Conversion{
			ID: "event:" + name + ":" + v.Click, Type: name, Referral: v.Referral, Metadata: map[string]string{"click": v.Click},
		})
		if err != nil {
			return 0, nil, h.failed(ctx, err, wireNames{"type": "name", "id": "name"})
		}
		return http.StatusOK, eventAnswer{!result.Duplicate}, nil
	})
}

// without returns the visit of somebody without a cookie, whose script keeps an
// id.
func (h *Handler) without(t *tenant, visitor, link string) Visit {
	if v, ok := h.recent.get(visited{t.eng.Organization(), visitor, link}); ok && visitor != "" {
		return v
	}
	return Visit{Visitor: visitor}
}

// proof returns what a script may keep in place of the cookie: it says where it
// came from as well, wherever a click id is taken.
func (h *Handler) proof(t *tenant, v Visit) string {
	if v.Click+v.unstored == "" {
		return ""
	}
	return h.signer.seal(cookieKind, v, t.eng.Now())
}

// pageTags are the parameters of a page's address, with what the script says
// itself in their place.
func pageTags(page, campaign string, sub map[string]string) url.Values {
	tags := url.Values{}
	if u, err := url.Parse(page); err == nil {
		tags = u.Query()
	}
	if campaign != "" {
		tags.Set("campaignId", campaign)
	}
	for name, value := range sub {
		tags.Set(name, value)
	}
	return tags
}
