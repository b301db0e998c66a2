package affiliatehttp

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/program"
)

// Redirect serves GET /r/{link}: it records the click, keeps the visitor's id in
// a first-party cookie, and answers 302 to the link's destination with the click
// id added. ?to= deep-links within the program's hosts; campaignId and sub1 to
// sub30 are stored with the click.
//
// HEAD, prefetches and link previews are redirected without a click. An unknown
// link is 404. A store that fails costs the click, not the visit: see
// LostClicks.
func (h *Handler) Redirect(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "strict-origin-when-cross-origin")
	w.Header().Set("X-Robots-Tag", "noindex")
	// A visitor who moves on at once has clicked all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), h.cfg.ClickTimeout)
	defer cancel()

	setup, err := h.setup(ctx)
	link, known := setup.Link(tail(r, "link"))
	switch {
	case !known && err != nil:
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		http.Error(w, "Please try again in a moment.", http.StatusServiceUnavailable)
		return
	case !known:
		http.Error(w, "There is no such link.", http.StatusNotFound)
		return
	}
	query := r.URL.Query()
	target, ok := h.target(setup, link, query.Get("to"))
	if !ok {
		h.cfg.Logger.WarnContext(ctx, "affiliatehttp: program without a destination", "program", link.Program)
		http.Error(w, "There is no such page.", http.StatusNotFound)
		return
	}
	if isVisit(r) {
		if click, ok := h.click(ctx, link, h.visitor(w, r), query, err); ok {
			target = withParam(target, h.cfg.ClickParam, click)
		}
	}
	http.Redirect(w, r, target, http.StatusFound)
}

// LostClicks returns how many visitors were redirected without their click
// being stored, since the Handler was made.
func (h *Handler) LostClicks() int64 { return h.lost.Load() }

// setup returns the set-up as it stands or, if the store fails, as it was last
// read, with the error.
func (h *Handler) setup(ctx context.Context) (*program.Setup, error) {
	setup, err := h.eng.Setup(ctx)
	if err == nil {
		h.known.Store(setup)
		return setup, nil
	}
	if setup = h.known.Load(); setup == nil {
		setup = program.Empty()
	}
	return setup, err
}

// target is where a link leads: the deep link asked for, else its own
// destination, both only within the program's hosts, else the program's.
func (h *Handler) target(setup *program.Setup, link program.Link, to string) (string, bool) {
	of, ok := setup.Program(link.Program)
	if !ok {
		return "", false
	}
	settings, ok := of.At(h.eng.Now())
	if !ok {
		return "", false
	}
	for _, address := range []string{to, link.URL} {
		if u, ok := CheckDeepLink(address, settings.DeepLinkDomains); ok {
			return u.String(), true
		}
	}
	return checkDestination(settings.DestinationURL)
}

// click records a click and returns its id. It is lost if the store failed
// before or fails now.
func (h *Handler) click(ctx context.Context, link program.Link, visitor string, query url.Values, before error) (id string, ok bool) {
	in := affiliate.Click{
		Link: link.Key, Visitor: visitor, CampaignID: tag(query.Get("campaignId")),
		Sub: map[string]string{}, Metadata: map[string]string{},
	}
	for name := range query {
		switch {
		case attribution.ValidSub(name):
			in.Sub[name] = tag(query.Get(name))
		case strings.HasPrefix(name, "utm_") && tag(name) != "" && len(in.Metadata) < maxUTM:
			in.Metadata[name] = tag(query.Get(name))
		}
	}
	var result affiliate.ClickResult
	err := before
	if err == nil {
		result, err = h.eng.RecordClick(ctx, in)
	}
	if err != nil {
		h.lost.Add(1)
		h.cfg.Logger.ErrorContext(ctx, "affiliatehttp: click lost", "link", link.Key, "error", err)
		return "", false
	}
	return result.ClickID, true
}

// maxUTM is how many utm_* parameters of an address are kept.
const maxUTM = 20

// maxTag is how long a campaign id or sub field of an address may be.
const maxTag = 255

// tag returns a value that can be stored, else nothing: a bad tag costs neither
// the visit nor the click.
func tag(value string) string {
	if len(value) > maxTag || !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return ""
	}
	return value
}
