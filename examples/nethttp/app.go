package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// options are what the command line and the tests choose.
type options struct {
	file   string           // of the database
	base   string           // address of the shop, without a path
	apiKey string           // bearer token of /v1
	now    func() time.Time // nil: the wall clock
	newID  func(prefix string) string
	log    *slog.Logger
}

// app is the SaaS: its own orders, and the library beside them.
type app struct {
	options

	db    *sql.DB
	clock *clock
	eng   *affiliate.Engine
	aff   *affiliatehttp.Handler
	pages *template.Template
}

// newApp wires everything up. It may be called again on the same file.
func newApp(ctx context.Context, opts options) (*app, error) {
	if opts.now == nil {
		opts.now = time.Now
	}
	if opts.newID == nil {
		opts.newID = newID
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	db, store, err := openStore(ctx, opts.file)
	if err != nil {
		return nil, err
	}
	a := &app{options: opts, db: db, pages: pages, clock: &clock{base: opts.now}}
	if a.clock.offset, err = a.savedOffset(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	a.eng, err = affiliate.New(store, affiliate.Config{Now: a.clock.now, Logger: opts.log})
	if err == nil {
		err = seed(ctx, a.eng, a.base)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	a.aff = affiliatehttp.New(a.eng, affiliatehttp.Config{
		Authenticate: a.authenticate,
		Insecure:     true, // this example speaks http; leave it out behind https
		Logger:       opts.log,
	})
	return a, nil
}

// routes mounts the shop's own pages and, where it wants them, the library's
// handlers.
func (a *app) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /r/{link}", a.aff.Redirect)
	mux.Handle("/v1/", a.aff.Routes())

	mux.HandleFunc("GET /{$}", a.landing)
	mux.HandleFunc("POST /signup", a.signUp)
	mux.HandleFunc("GET /account", a.account)
	mux.HandleFunc("POST /checkout", a.checkout)
	mux.HandleFunc("POST /renew", a.renew)
	mux.HandleFunc("POST /refund", a.refund)

	mux.HandleFunc("GET /owner", a.owner)
	mux.HandleFunc("POST /owner/payouts", a.runPayouts)
	mux.HandleFunc("POST /owner/payouts/{id}/paid", a.markPaid)
	mux.HandleFunc("POST /owner/clock", a.skipTime)
	mux.HandleFunc("GET /partners/{id}", a.partner)
	mux.HandleFunc("GET /conversions/{id}", a.conversion)
	mux.HandleFunc("GET /style.css", style)
	// Forms of other sites cannot post here on behalf of a visitor.
	return http.NewCrossOriginProtection().Handler(mux)
}

// authenticate lets the holder of the API key in. Hashing first makes the
// comparison take the same time whatever the length.
func (a *app) authenticate(r *http.Request) (affiliatehttp.Principal, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	got, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(a.apiKey))
	if !ok || a.apiKey == "" || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
		return affiliatehttp.Principal{}, errors.New("no such API key")
	}
	return affiliatehttp.Principal{Organization: a.eng.Organization(), Role: affiliatehttp.RoleServer}, nil
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
