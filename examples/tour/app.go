package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/examples/auth"
)

// options are what the command line and the tests choose.
type options struct {
	file   string           // of the database
	base   string           // address of the shop, without a path
	apiKey string           // bearer token of a server, for what /v1 is told
	ownKey string           // bearer token of the owner, for the rest of /v1; empty: none
	owner  string           // e-mail address of who runs the shop
	sample bool             // load the sample data into a new database
	mailer auth.Mailer      // of links to sign in
	now    func() time.Time // nil: the wall clock
	newID  func(prefix string) string
	log    *slog.Logger
}

// ownerAddress is the owner's, unless the command line names another one.
const ownerAddress = "owner@example.com"

// app is the SaaS: its own orders, and the library beside them.
type app struct {
	options

	db      *sql.DB
	clock   *clock
	eng     *affiliate.Engine
	aff     *affiliatehttp.Handler
	who     *auth.Auth
	portal  http.Handler
	console http.Handler
	pages   *template.Template
	wake    chan struct{} // readable once somebody has signed up
}

// newApp wires everything up. It may be called again on the same file.
func newApp(ctx context.Context, opts options) (*app, error) {
	if opts.now == nil {
		opts.now = time.Now
	}
	if opts.newID == nil {
		opts.newID = newID
	}
	if opts.mailer == nil {
		opts.mailer = &auth.Outbox{}
	}
	opts.owner = cmp.Or(opts.owner, ownerAddress)
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	db, store, err := openStore(ctx, opts.file)
	if err != nil {
		return nil, err
	}
	a := &app{options: opts, db: db, pages: pages, clock: &clock{base: opts.now}, wake: make(chan struct{}, 1)}
	if a.clock.offset, err = a.savedOffset(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	a.eng, err = affiliate.New(store, affiliate.Config{Now: a.clock.now, Logger: opts.log})
	if err == nil {
		err = a.follow(ctx)
	}
	if err == nil {
		err = seed(ctx, a.eng, a.base)
	}
	if err == nil {
		err = a.loadSample(ctx, store)
	}
	if err == nil {
		err = a.connect(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return a, nil
}

// connect makes what stands between the Engine and browsers.
func (a *app) connect(ctx context.Context) error {
	cookies, err := a.secret(ctx, cookieKey)
	if err != nil {
		return err
	}
	// Whoever signs in does so at the time of the wall clock, whatever the shop's
	// own clock is wound to.
	a.who, err = auth.New(ctx, auth.Config{
		DB: a.db, Organization: a.eng.Organization(), Accounts: auth.Of(a.eng, a.owner), Mailer: a.mailer,
		BaseURL: a.base, Name: "Margin Notes", Insecure: insecure(a.base), Logger: a.log,
		ClientIP: clientIP(),
	})
	if err != nil {
		return err
	}
	if err := a.who.Keys.Adopt(ctx, "server", a.apiKey, auth.Record, auth.Read, auth.Postback); err != nil {
		return err
	}
	if err := a.who.Keys.Adopt(ctx, "owner", a.ownKey, auth.Manage); err != nil {
		return err
	}
	a.aff, err = affiliatehttp.New(a.eng, affiliatehttp.Config{
		Authenticate: a.who.Authenticate,
		Keys:         [][]byte{cookies},
		Insecure:     insecure(a.base),
		ClientIP:     clientIP(),
		Logger:       a.log,
	})
	if err != nil {
		return err
	}
	return a.connectPages(ctx)
}

func (a *app) connectPages(ctx context.Context) error {
	key, err := a.secret(ctx, pageKey)
	if err != nil {
		return err
	}
	a.portal, err = portal.New(a.eng, portal.Config{
		Authenticate: a.who.Partner, Session: a.who.Session, SignIn: a.who.SignInPath(), SignOut: a.who.SignOutPath(), SignOutToken: a.who.SignOutToken,
		Key: key, BaseURL: a.base, Insecure: insecure(a.base), Brand: portal.Brand{Name: "Margin Notes"}, Logger: a.log,
	})
	if err != nil {
		return err
	}
	a.console, err = console.New(a.eng, console.Config{
		Authenticate: a.who.Owner, Session: a.who.Session, SignIn: a.who.SignInPath(), SignOut: a.who.SignOutPath(), SignOutToken: a.who.SignOutToken,
		Key: key, BaseURL: a.base, PortalURL: a.base + "/portal", Insecure: insecure(a.base), Logger: a.log,
		Brand: console.Brand{Name: "Margin Notes"},
	})
	return err
}

// clientIP believes what a proxy on this machine, the one that speaks https, adds
// to X-Forwarded-For. Others: docs/guides/behind-a-proxy.md.
func clientIP() func(*http.Request) netip.Addr {
	return affiliatehttp.Forwarded(netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
}

// insecure is true on http://localhost; behind https cookies are Secure.
func insecure(base string) bool { return strings.HasPrefix(base, "http://") }

// routes mounts the shop's own pages and, where it wants them, the library's
// handlers.
func (a *app) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /r/{link}", a.aff.Redirect)
	mux.Handle("/affiliate.js", a.aff.Script())
	mux.Handle("/v1/", a.who.Sessions(a.aff.Routes()))
	for _, path := range []string{"/portal", "/portal/", "/v1/portal/"} {
		mux.Handle(path, a.who.Sessions(a.portal))
	}
	for _, path := range []string{"/admin", "/admin/"} {
		mux.Handle(path, a.who.Sessions(a.console))
	}
	mux.Handle("/signin", a.who)
	mux.Handle("/signin/", a.who)

	mux.HandleFunc("GET /style.css", style)
	mux.Handle("/", a.who.Sessions(a.who.Forms().Guard(a.ownPages())))
	// Other sites cannot post here on behalf of a visitor.
	return http.NewCrossOriginProtection().Handler(mux)
}

// ownPages are those of the shop. Every form on them carries its token.
func (a *app) ownPages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.landing)
	mux.HandleFunc("POST /signup", a.signUp)
	mux.HandleFunc("GET /verify", a.verifyPage)
	mux.HandleFunc("POST /verify", a.verify)
	mux.HandleFunc("GET /account", a.account)
	mux.HandleFunc("POST /checkout", a.checkout)
	mux.HandleFunc("POST /renew", a.renew)
	mux.HandleFunc("POST /refund", a.refund)

	own := func(pattern string, page http.HandlerFunc) { mux.Handle(pattern, a.ownerOnly(page)) }
	own("GET /owner", a.ownerPage)
	own("POST /owner/payouts", a.runPayouts)
	own("POST /owner/payouts/{id}/paid", a.markPaid)
	own("POST /owner/clock", a.skipTime)
	own("GET /owner/keys", a.keysPage)
	own("POST /owner/keys", a.issueKey)
	own("POST /owner/keys/{id}/revoke", a.revokeKey)
	own("GET /partners/{id}", a.partner)
	own("GET /conversions/{id}", a.conversion)
	return mux
}

// ownerOnly lets the owner pass, and sends others to sign in.
func (a *app) ownerOnly(page http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch _, err := a.who.Owner(r); {
		case err == nil:
			page(w, r)
		case r.Method == http.MethodGet:
			http.Redirect(w, r, a.who.SignInPath()+"?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		default:
			http.Error(w, "This is for the owner.", http.StatusForbidden)
		}
	})
}

// clock is the one clock of the example. The owner can wind it forward to see
// what a holdback and a payout run do.
type clock struct {
	base   func() time.Time
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().UTC().Add(c.offset)
}

func (c *clock) skip(d time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	return c.offset
}

func newID(prefix string) string { return prefix + rand.Text() }
