package affiliatehttp

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/script"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/program"
)

// Handler serves Engines over HTTP. Its methods are safe for concurrent use.
type Handler struct {
	cfg     Config
	script  *script.Handler
	signer  signer
	salt    dailySalt
	queue   queue
	lost    atomic.Int64
	proxied sync.Once // said that addresses are not known

	cookies, scriptCookies cookieFrame

	browsers *limiter[netip.Prefix]
	leads    *limiter[netip.Prefix]
	velocity *limiter[clickSource]
	recent   *recent[visited, Visit] // of visitors without a cookie

	mu      sync.Mutex
	tenants map[string]*tenant // by organization
}

// tenant is an Engine with what the handlers keep about it.
type tenant struct {
	eng    *affiliate.Engine
	known  atomic.Pointer[knownSetup]
	places *recent[string, string] // the owner's destinations, checked
	clicks committer
	failed atomic.Int64 // when a click could last not be restored, in Unix nanoseconds
}

// knownSetup is the configuration as it was last read, for when the store is down.
type knownSetup struct {
	*program.Configuration
	at time.Time
}

// New returns the handlers of an Engine, which may be nil with Config.Resolve.
// The error unwraps to affiliate.ErrInvalidInput and names every field that
// cannot be used.
func New(eng *affiliate.Engine, cfg Config) (*Handler, error) {
	h := &Handler{cfg: cfg.withDefaults(), tenants: map[string]*tenant{}}
	var problems problem.List
	if eng == nil && cfg.Resolve == nil {
		problems.Add("resolve", "must be set where there is no Engine")
	}
	h.cfg.check(&problems)
	h.script = h.cfg.newScript(&problems)
	if err := problems.Err(affiliate.ErrInvalidInput); err != nil {
		return nil, err
	}
	var lasting bool
	if h.signer, lasting = newSigner(cfg.Keys); !lasting {
		h.cfg.Logger.Warn("affiliatehttp: no Config.Keys: cookies will not outlive this process")
	}
	h.cookies, h.scriptCookies = h.cfg.cookieFrame(h.cfg.CookieName, true), h.cfg.cookieFrame(h.cfg.ScriptCookie, false)
	h.browsers = newLimiter[netip.Prefix](h.cfg.BrowserLimit)
	h.leads = newLimiter[netip.Prefix](h.cfg.LeadLimit)
	h.velocity = newLimiter[clickSource](h.cfg.VelocityLimit)
	h.recent = newRecent[visited, Visit](maxRecent)
	h.queue.limit = h.cfg.Queue
	h.queue.wake = make(chan struct{}, 1)
	if h.cfg.Resolve == nil {
		h.cfg.Resolve = func(*http.Request) (*affiliate.Engine, error) { return eng, nil }
	}
	return h, nil
}

// Script serves the tracking script, GET /affiliate.js, as Config says. Routes
// serves it, too. Pages take its version and its integrity from here.
func (h *Handler) Script() *script.Handler { return h.script }

// scriptPath is where Routes serves the script.
const scriptPath = "/affiliate.js"

// Routes serves every handler of this package at its path in docs/http.md, and
// answers 404 elsewhere.
func (h *Handler) Routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range h.routes() {
		mux.HandleFunc(r.pattern, r.serve)
	}
	for pattern, handler := range h.cfg.Mount {
		mux.Handle(pattern, handler)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { notFound("no such route").write(w) })
	return mux
}

// route is a path with what serves it, whatever the method.
type route struct {
	pattern string
	serve   http.HandlerFunc
}

// routes is the one list of them; openapi.json documents each.
func (h *Handler) routes() []route {
	return []route{
		{"/r/{link}", h.Redirect},
		{scriptPath, h.script.ServeHTTP},
		{"/v1/openapi.json", h.OpenAPI},

		{"/v1/conversions", h.Conversions},
		{"/v1/conversions/{externalId}", h.Conversion},
		{"/v1/conversions/{externalId}/accept-claim", h.AcceptClaim},
		{"/v1/conversions/{externalId}/explanation.txt", h.ExplainConversion},
		{"/v1/identify", h.Identify},
		{"/v1/postback", h.Postback},
		{"/v1/refunds", h.RecordRefund},
		{"/v1/track/click", h.TrackClick},
		{"/v1/track/event", h.TrackEvent},
		{"/v1/track/lead", h.TrackLead},
		{"/v1/track/sale", h.TrackSale},

		{"/v1/organization", h.Organization},
		{"/v1/programs", h.Programs},
		{"/v1/programs/{programId}", h.Program},
		{"/v1/programs/{programId}/end", h.EndProgram},
		{"/v1/programs/{programId}/adopt", h.AdoptTerms},
		{"/v1/partners", h.Partners},
		{"/v1/partners/{partnerId}", h.Partner},
		{"/v1/partners/{partnerId}/suspend", h.SuspendPartner},
		{"/v1/partners/{partnerId}/reinstate", h.ReinstatePartner},
		{"/v1/partners/{partnerId}/balances", h.PartnerBalances},
		{"/v1/partners/{partnerId}/commissions", h.PartnerCommissions},
		{"/v1/partnerships", h.Partnerships},
		{"/v1/partnerships/{partnerId}/{programId}", h.Partnership},
		{"/v1/partnerships/{partnerId}/{programId}/override", h.Override},
		{"/v1/links", h.Links},
		{"/v1/links/{key}", h.Link},
		{"/v1/codes", h.Codes},
		{"/v1/codes/{code}", h.Code},
		{"/v1/codes/{code}/retire", h.RetireCode},
		{"/v1/adjustments", h.Adjustments},
		{"/v1/customers", h.Customers},
		{"/v1/customers/{customerId}", h.Customer},
		{"/v1/stats", h.Stats},
		{"/v1/commissions", h.Commissions},
		{"/v1/commissions/{commissionId}/reject", h.RejectCommission},
		{"/v1/commissions/{commissionId}/hold", h.HoldCommission},
		{"/v1/commissions/{commissionId}/release", h.ReleaseCommission},
		{"/v1/payout-runs", h.PayoutRuns},
		{"/v1/payouts", h.Payouts},
		{"/v1/payouts/{payoutId}", h.Payout},
		{"/v1/payouts/{payoutId}/statement", h.Statement},
		{"/v1/payouts/{payoutId}/statement.csv", h.StatementCSV},
		{"/v1/payouts/{payoutId}/statement.html", h.StatementHTML},
	}
}

// tenant returns the organization that a request is for.
func (h *Handler) tenant(r *http.Request) (*tenant, *failure) {
	eng, err := h.cfg.Resolve(r)
	switch {
	case errors.Is(err, affiliate.ErrNotFound), err == nil && eng == nil:
		return nil, notFound("no such organization")
	case err != nil:
		h.cfg.Logger.ErrorContext(r.Context(), "affiliatehttp: no engine", "error", err)
		return nil, unavailable()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.tenants[eng.Organization()]
	if t == nil || t.eng != eng {
		t = &tenant{eng: eng, places: newRecent[string, string](maxPlaces), clicks: committer{commits: eng.Commits()}}
		h.tenants[eng.Organization()] = t
	}
	return t, nil
}

// setup returns the configuration as it stands or, if the store fails, as it was last
// read, with the error.
func (t *tenant) setup(ctx context.Context) (*program.Configuration, error) {
	setup, err := t.eng.Configuration(ctx)
	if err == nil {
		t.known.Store(&knownSetup{setup, t.eng.Now()})
		return setup, nil
	}
	return t.stale(), err
}

// stale returns the configuration as it was last read.
func (t *tenant) stale() *program.Configuration {
	if known := t.known.Load(); known != nil {
		return known.Configuration
	}
	return program.Empty()
}

// LostClicks returns how many visitors went on without their click being known to
// be stored, since the Handler was made. The cookies of those who came through a
// link keep it: it is stored when they, or the host's server, come with it later.
func (h *Handler) LostClicks() int64 { return h.lost.Load() }
