package affiliatehttp

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/goaffiliate/affiliate/program"
)

// Redirect serves GET /r/{link}: it records the click, keeps the visitor and the
// click in a signed first-party cookie, and answers 302 to the link's destination
// with the click id added. ?to= deep-links within the program's hosts; campaignId,
// sub1 to sub30 and utm_* are stored with the click. The same visitor on the same
// link within Config.ClickWindow is the same click.
//
// HEAD, prefetches and link previews are redirected without a click. An unknown
// link is 404. A store that fails costs neither the visit nor the partner: the
// cookie keeps the click until it can be stored (see also LostClicks).
func (h *Handler) Redirect(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Robots-Tag", "noindex")
	t, f := h.tenant(r)
	if f != nil {
		plain(w, f)
		return
	}
	query := r.URL.Query()
	key, to := tail(r, "link"), query.Get("to")
	where := func(setup *program.Configuration) (string, error) { return t.target(setup, key, to) }
	if !isVisit(r) {
		h.redirect(w, h.look(r.Context(), t, where))
		return
	}
	a := h.arrives(t, r, key, query)
	before := a.visit
	a.visit = h.tryRestore(r.Context(), t, before)
	var out outcome
	if h.again(t, a) {
		if out = h.look(r.Context(), t, where); out.err == nil {
			out.click = a.visit.Click
		}
		if a.visit != before {
			h.remember(w, r, a.visit, t.eng.Now())
		}
	} else {
		in := h.click(t, r, a)
		out = h.record(r.Context(), t, in, where)
		unseen := errors.Is(out.err, errUnknown) && program.ValidLinkKey(key)
		if (out.err == nil || unseen) && in.Flag != flagEmbedded {
			h.remember(w, r, visitOf(in, out.click, a.visit), in.At)
		}
	}
	h.redirect(w, out)
}

// look asks the configuration without recording anything.
func (h *Handler) look(ctx context.Context, t *tenant, where func(*program.Configuration) (string, error)) outcome {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.cfg.ClickTimeout)
	defer cancel()
	setup, err := t.setup(ctx)
	var out outcome
	out.place, out.err = where(setup)
	if err != nil && errors.Is(out.err, errNoLink) {
		out.err = errUnknown
	}
	return out
}

// redirect answers what became of a visit.
func (h *Handler) redirect(w http.ResponseWriter, out outcome) {
	switch {
	case errors.Is(out.err, errNoLink):
		http.Error(w, "There is no such link.", http.StatusNotFound)
	case errors.Is(out.err, errNoDestination):
		http.Error(w, "There is no such page.", http.StatusNotFound)
	case out.err != nil:
		plain(w, unavailable())
	default:
		if out.click != "" {
			out.place = withParam(out.place, h.cfg.ClickParam, out.click)
		}
		w.Header().Set("Location", out.place)
		w.WriteHeader(http.StatusFound)
	}
}

// plain answers a visitor, who has no use for JSON.
func plain(w http.ResponseWriter, f *failure) {
	text := "There is no such link."
	if f.Status != http.StatusNotFound {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		text = "Please try again in a moment."
	}
	http.Error(w, text, f.Status)
}

// target is where a link leads: the deep link asked for, else its own
// destination, both only within the program's hosts, else the program's.
func (t *tenant) target(setup *program.Configuration, key, to string) (string, error) {
	link, ok := setup.Link(key)
	if !ok || setup.Waits(link.Program, t.eng.Now()) {
		return "", errNoLink
	}
	of, ok := setup.Program(link.Program)
	if !ok {
		return "", errNoDestination
	}
	settings, ok := of.At(t.eng.Now())
	if !ok {
		return "", errNoDestination
	}
	for _, address := range []string{to, link.URL} {
		if u, ok := CheckDeepLink(address, settings.DeepLinkDomains); ok {
			return u.String(), nil
		}
	}
	place, ok := t.places.get(settings.DestinationURL)
	if !ok {
		place, _ = checkDestination(settings.DestinationURL)
		t.places.put(settings.DestinationURL, place)
	}
	if place == "" {
		return "", errNoDestination
	}
	return place, nil
}

// maxPlaces is how many destinations are remembered at least.
const maxPlaces = 1 << 8
