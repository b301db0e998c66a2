package affiliatehttp

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/program"
)

// Capture is a middleware for the host's own pages that does what the script
// does, without one: a visit with ?aff=, ?via= or ?ref= of a known link, with
// campaignId or with sub1 to sub30 is recorded as a click, one with ?cref= ties
// the click of a redirect to this browser while it is fresh (see Config.TieMaxAge),
// and FromRequest tells the page. All
// other requests pass untouched. If the store fails, so do they: the page matters
// more than the click (see LostClicks).
func (h *Handler) Capture(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, f := h.tenant(r)
		if f != nil {
			next.ServeHTTP(w, r)
			return
		}
		visit := h.Visit(r)
		if isVisit(r) && !isEmbedded(r) {
			visit = h.capture(w, r, t)
		}
		if visit != (Visit{}) {
			r = visit.with(r)
		}
		next.ServeHTTP(w, r)
	})
}

// capture records the click of a page, if it is one, and returns the visit.
func (h *Handler) capture(w http.ResponseWriter, r *http.Request, t *tenant) Visit {
	a := h.arrives(t, r, "", r.URL.Query())
	before := a.visit
	visit, _ := h.land(r.Context(), t, r, a, h.code(a.tags)) // what failed is logged; the page goes on
	if visit != before {
		h.remember(w, r, visit, t.eng.Now())
		w.Header().Set("Cache-Control", "private") // the answer has a visitor's cookie
	}
	return visit
}

// code returns the referral code of an address.
func (h *Handler) code(query url.Values) string {
	for _, name := range h.cfg.CodeParams {
		if code := query.Get(name); code != "" {
			return code
		}
	}
	return ""
}

// land makes of a page's address what it says: the tie to a click that is
// recorded already, a new click, or nothing. It returns the visit after it. The
// error says that the store could not tell whether there is a click to tie.
func (h *Handler) land(ctx context.Context, t *tenant, r *http.Request, a arrival, code string) (Visit, error) {
	a.visit = h.tryRestore(ctx, t, a.visit)
	var untied error
	if id := a.tags.Get(h.cfg.ClickParam); id != "" {
		v, err := h.tie(ctx, t, id, a)
		switch {
		case err == nil:
			return v, nil
		case !errors.Is(err, affiliate.ErrNotFound):
			untied = err
			h.cfg.Logger.ErrorContext(ctx, "affiliatehttp: click not tied", "error", err)
		}
	}
	return h.coded(ctx, t, r, a, code), untied
}

// coded makes a click of the code or the campaign of a page's address, if it has
// one. It returns the visit after it.
func (h *Handler) coded(ctx context.Context, t *tenant, r *http.Request, a arrival, code string) Visit {
	known, err := h.known(ctx, t, code)
	if a.link = code; err != nil && a.visit.Referral == "" { // it may be one: an address is all that says so
		h.lose(ctx, err)
		return visitOf(h.click(t, r, a), "", a.visit)
	}
	if !known {
		if a.link = ""; !isCampaign(a.tags) {
			return a.visit
		}
	}
	if h.again(t, a) {
		return a.visit
	}
	in := h.click(t, r, a)
	out := h.record(ctx, t, in, func(setup *program.Configuration) (string, error) {
		if _, ok := setup.Link(in.Link); !ok && in.Link != "" {
			return "", errNoLink
		}
		return "", nil
	})
	if out.err != nil || out.click == "" && in.Link == "" {
		return a.visit
	}
	return visitOf(in, out.click, a.visit)
}

// known reports whether a code is a link's. The error is the store's, while nobody
// can tell.
func (h *Handler) known(ctx context.Context, t *tenant, code string) (bool, error) {
	if !program.ValidLinkKey(code) {
		return false, nil
	}
	_, err := h.lately(ctx, t, func(setup *program.Configuration) (string, error) {
		if _, ok := setup.Link(code); !ok {
			return "", errNoLink
		}
		return "", nil
	})
	if errors.Is(err, errNoLink) {
		return false, nil
	}
	return err == nil, err
}

// isCampaign reports whether an address names a campaign without a partner. Then
// its clicks are for match rules.
func isCampaign(tags url.Values) bool {
	for name := range tags {
		if (name == "campaignId" || attribution.ValidSub(name)) && tag(tags.Get(name)) != "" {
			return true
		}
	}
	return false
}

// tie returns the visit of a click that was recorded elsewhere, by a redirect on
// another host or before there was consent. The click must exist, and be fresh: an
// address is copied and opened again by anybody. It says what was clicked, never by
// whom, so the visitor stays this browser's own; nor does it take the place of a
// later click.
// It returns ErrNotFound where there is nothing to tie.
func (h *Handler) tie(ctx context.Context, t *tenant, id string, a arrival) (Visit, error) {
	now := t.eng.Now()
	_, issued := h.signer.open(tokenKind, id, now, h.cfg.TokenMaxAge) // as fresh as the token
	id, f := h.clickID(ctx, t, id)
	switch {
	case f != nil:
		return a.visit, errUnknown
	case id == "":
		return a.visit, affiliate.ErrNotFound
	case id == a.visit.Click:
		return a.visit, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.cfg.ClickTimeout)
	defer cancel()
	click, err := h.clicked(ctx, t, id)
	if err != nil {
		return a.visit, err
	}
	if click.Flag != "" || click.At.Before(a.visit.At) || !issued && now.After(click.At.Add(h.cfg.TieMaxAge)) {
		return a.visit, affiliate.ErrNotFound
	}
	v := Visit{Visitor: a.visit.Visitor, Click: id, Referral: click.Link, At: click.At.Truncate(time.Second)}
	if v.Visitor == "" && a.cookie {
		v.Visitor = h.cfg.NewVisitorID()
	}
	return v, nil
}

// clicked returns a click that is stored, or waits to be.
func (h *Handler) clicked(ctx context.Context, t *tenant, id string) (attribution.Click, error) {
	if in, ok := h.queue.find(id); ok {
		return attribution.Click{At: in.At, Link: in.Link, Flag: in.Flag}, nil
	}
	return t.eng.Click(ctx, id)
}
