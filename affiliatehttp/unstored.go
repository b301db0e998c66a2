package affiliatehttp

import (
	"context"
	"net/http"
	"time"

	"github.com/goaffiliate/affiliate"
)

// A click that is made while the store is down is kept by the visitor: the signed
// cookie says which link it was, when, and the id it will have. Whoever comes with
// that cookie once the store is back, the visitor or the host's server, brings the
// click along, and it is stored as it was made. What came with it (sub1 to sub30,
// campaignId, utm_*) is lost.

// restore returns a visit whose click is stored: it stores one that could not be
// when it was made. A visit to what turns out to be no link is nobody's. The error is
// the store's, with the visit as it was.
func (h *Handler) restore(ctx context.Context, t *tenant, v Visit) (Visit, error) {
	if v.unstored == "" {
		return v, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.cfg.ClickTimeout)
	defer cancel()
	in := affiliate.Click{ID: v.unstored, At: v.At, Link: v.Referral, Visitor: v.Visitor}
	if v.suspect {
		in.Suspect = suspectVelocity
	}
	result, err := t.eng.RecordLateClick(ctx, in)
	switch {
	case err == nil:
		v.Click, v.unstored, v.suspect = result.ClickID, "", false
		return v, nil
	case unfit(err):
		return Visit{Visitor: v.Visitor}, nil
	}
	t.failed.Store(t.eng.Now().UnixNano())
	return v, err
}

// tryRestore is restore for pages, which wait for a store that is down only now and
// then.
func (h *Handler) tryRestore(ctx context.Context, t *tenant, v Visit) Visit {
	if t.eng.Now().Sub(time.Unix(0, t.failed.Load())) < restoreAgain {
		return v
	}
	v, err := h.restore(ctx, t, v)
	if err != nil {
		h.cfg.Logger.ErrorContext(ctx, "affiliatehttp: click still not stored", "error", err)
	}
	return v
}

// restoreAgain is how long pages go without trying after the store failed.
const restoreAgain = 10 * time.Second

// clickID returns the click id that a field of a body gives: itself, or the one in a
// signed value, whose click is stored by then.
func (h *Handler) clickID(ctx context.Context, t *tenant, text string) (string, *failure) {
	v, ok := h.signed(text, t.eng.Now())
	if !ok {
		return text, nil
	}
	v, err := h.restore(ctx, t, v)
	if err != nil {
		return "", h.failed(ctx, err, nil)
	}
	return v.Click, nil
}

// ownVisit returns the visit that a browser can prove: by its cookie or a token.
// If it gives a click that is another one, there is none.
func (h *Handler) ownVisit(r *http.Request, t *tenant, given string) (Visit, *failure) {
	v, ok := h.signed(given, t.eng.Now())
	if !ok {
		if v = h.cookieVisit(r, t.eng.Now()); given != "" && given != v.Click {
			return Visit{}, nil
		}
	}
	v, err := h.restore(r.Context(), t, v)
	if err != nil {
		return Visit{}, h.failed(r.Context(), err, nil)
	}
	return v, nil
}
