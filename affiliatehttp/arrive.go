package affiliatehttp

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/sorted"
	"github.com/goaffiliate/affiliate/program"
)

// What the handlers find wrong with a click.
const (
	suspectVelocity = "velocity" // implausibly many from one network: what it earns starts under review
	flagEmbedded    = "embedded" // an image or a frame, which nobody clicked: it earns nothing
)

// Errors of a click that the configuration has no place for.
var (
	errNoLink        = errors.New("affiliatehttp: no such link")
	errNoDestination = errors.New("affiliatehttp: program without a destination")
)

// arrival is a visit that may be a click.
type arrival struct {
	link    string // key, or empty for a campaign without one
	visit   Visit  // before it
	tags    url.Values
	referer string
	cookie  bool // the visitor's id may be kept in one
}

// arrives reads what a request to the link's address, or to a page, tells.
func (h *Handler) arrives(t *tenant, r *http.Request, link string, tags url.Values) arrival {
	return arrival{link: link, visit: h.cookieVisit(r, t.eng.Now()), tags: tags, referer: r.Referer(), cookie: h.consents(r)}
}

// again reports whether this is the visitor's last click once more.
func (h *Handler) again(t *tenant, a arrival) bool {
	v := a.visit
	return v.Click != "" && v.Referral == a.link && t.eng.Now().Before(v.At.Add(h.cfg.ClickWindow))
}

// click makes the click of an arrival. A visitor without an id gets one where it
// can be kept.
func (h *Handler) click(t *tenant, r *http.Request, a arrival) affiliate.Click {
	in := affiliate.Click{
		At: t.eng.Now(), Link: a.link, Visitor: a.visit.Visitor, CampaignID: tag(a.tags.Get("campaignId")),
		Metadata: map[string]string{},
	}
	if in.Visitor == "" && a.cookie {
		in.Visitor, in.NewVisitor = h.cfg.NewVisitorID(), true
	}
	var few [8]string
	for _, name := range sorted.Keys(few[:0], a.tags) { // which of too many are kept is no matter of chance
		switch {
		case attribution.ValidSub(name):
			if in.Sub == nil {
				in.Sub = map[string]string{}
			}
			in.Sub[name] = tag(a.tags.Get(name))
		case strings.HasPrefix(name, "utm_") && tag(name) != "" && len(in.Metadata) < maxUTM:
			in.Metadata[name] = tag(a.tags.Get(name))
		}
	}
	if a.referer != "" {
		if from, err := url.Parse(a.referer); err == nil && from.Host != r.Host {
			in.Metadata["referrer"] = tag(strings.ToLower(from.Host)) // the site only: a page may be somebody's
		}
	}
	network := h.network(r)
	in.Metadata["network"] = h.salt.hash(network, in.At)
	if isEmbedded(r) {
		in.Flag = flagEmbedded
	} else if network.IsValid() {
		if ok, _ := h.velocity.allow(clickSource{t.eng.Organization(), a.link, network}, in.At); !ok {
			in.Suspect = suspectVelocity
		}
	}
	return in
}

// record stores a click, or queues it where the host asked for that.
func (h *Handler) record(ctx context.Context, t *tenant, in affiliate.Click, where func(*program.Configuration) (string, error)) outcome {
	if h.cfg.Queue <= 0 {
		return h.settled(ctx, t, t.clicks.record(ctx, t, in, where, h.cfg.ClickTimeout), where)
	}
	place, err := h.lately(ctx, t, where)
	if err != nil {
		return h.settled(ctx, t, outcome{err: err}, where)
	}
	in.ID, in.NewVisitor = newID(), false // both are known before the click is stored
	if !h.queue.push(t, in) {
		return h.settled(ctx, t, t.clicks.record(ctx, t, in, where, h.cfg.ClickTimeout), where)
	}
	return outcome{place: place, click: in.ID}
}

// settled counts a click that was lost, and says where to go all the same.
func (h *Handler) settled(ctx context.Context, t *tenant, out outcome, where func(*program.Configuration) (string, error)) outcome {
	if out.err == nil || errors.Is(out.err, errNoLink) || errors.Is(out.err, errNoDestination) {
		return out
	}
	failed := out.err
	out.click = ""
	if out.place, out.err = where(t.stale()); errors.Is(out.err, errNoLink) { // as far as is known
		out.err = errUnknown
	}
	if out.err == nil {
		h.lose(ctx, failed)
	}
	return out
}

// errUnknown: while the store is down nobody can tell whether there is such a link.
var errUnknown = errors.New("affiliatehttp: the store is down")

func (h *Handler) lose(ctx context.Context, err error) {
	h.lost.Add(1)
	h.cfg.Logger.ErrorContext(ctx, "affiliatehttp: click lost", "error", err)
}

// lately asks a configuration that is not older than setupAge, or the one as it stands
// if that refuses. If the store is down and the last one that could be read
// refuses, the error is the store's.
func (h *Handler) lately(ctx context.Context, t *tenant, where func(*program.Configuration) (string, error)) (string, error) {
	if known := t.known.Load(); known != nil && t.eng.Now().Sub(known.at) < setupAge {
		if place, err := where(known.Configuration); err == nil {
			return place, nil
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.cfg.ClickTimeout)
	defer cancel()
	setup, err := t.setup(ctx)
	place, refusal := where(setup)
	if refusal != nil {
		return "", cmp.Or(err, refusal)
	}
	return place, nil
}

// setupAge is how late a change of the configuration may show where clicks are queued.
const setupAge = time.Second

// visitOf is what a visitor is remembered by after a click. One that is flagged
// takes no earlier one's place, nor does one without a link that was not stored:
// without an id. One through a link is stored later (see Handler.restore).
func visitOf(in affiliate.Click, id string, before Visit) Visit {
	if in.Flag != "" || id == "" && in.Link == "" {
		before.Visitor = in.Visitor
		return before
	}
	v := Visit{Visitor: in.Visitor, Click: id, Referral: in.Link, At: in.At.Truncate(time.Second)}
	if id == "" {
		v.unstored, v.suspect = newID(), in.Suspect != ""
	}
	return v
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
