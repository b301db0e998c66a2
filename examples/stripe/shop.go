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
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/client"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// options are what the command line and the tests choose.
type options struct {
	file      string // of the database
	base      string // address of the shop, without a path
	key       string // sk_… or rk_…
	secret    string // whsec_…
	cookieKey string // 32 bytes or more, from openssl rand -hex 32; without it cookies end with the process
	stripeAPI string // empty: Stripe's
	goods     goods

	transport http.RoundTripper // to Stripe; nil: the network
	now       func() time.Time  // nil: the wall clock
	newID     func(prefix string) string
	log       *slog.Logger
}

// goods are what there is to buy, as Stripe calls it. Link and Button are optional.
type goods struct{ Pro, Pack, Link, Button, Publishable string }

// missing names what the shop cannot be opened without.
func (o options) missing() []string {
	var list []string
	for _, need := range [][2]string{
		{"STRIPE_SECRET_KEY", o.key}, {"STRIPE_WEBHOOK_SECRET", o.secret}, {"STRIPE_PRICE_PRO", o.goods.Pro}, {"STRIPE_PRICE_PACK", o.goods.Pack},
	} {
		if need[1] == "" {
			list = append(list, need[0])
		}
	}
	return list
}

// app is the SaaS, and the library in it.
type app struct {
	options

	db      *sql.DB
	eng     *affiliate.Engine
	stripe  *client.API
	aff     *affiliatehttp.Handler
	rewards *stripeadapter.Provisioner
	pages   *template.Template
}

// newApp wires everything up. It may be called again on the same file.
func newApp(ctx context.Context, opts options) (*app, error) {
	if opts.now == nil {
		opts.now = time.Now
	}
	if opts.newID == nil {
		opts.newID = func(prefix string) string { return prefix + rand.Text() }
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	db, store, err := openStore(ctx, opts.file)
	if err != nil {
		return nil, err
	}
	a := &app{options: opts, db: db, pages: pages}
	api := stripeadapter.APIOptions{Logger: a.log, URL: a.stripeAPI}
	if a.transport != nil {
		api.HTTPClient = &http.Client{Transport: a.transport, Timeout: 30 * time.Second}
	}
	a.stripe = stripeadapter.NewAPI(a.key, api)
	// The Engine refuses a reward that Stripe cannot carry out.
	a.eng, err = affiliate.New(store, affiliate.Config{Now: opts.now, Logger: opts.log, Rewards: stripeadapter.ProvisionerConfig{API: a.stripe}})
	if err == nil {
		err = seed(ctx, a.eng, opts.base)
	}
	if err == nil {
		err = a.connect()
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return a, nil
}

// connect makes what stands between the Engine, Stripe and browsers.
func (a *app) connect() error {
	adapter, err := stripeadapter.New(a.eng, stripeadapter.Config{
		Secrets:  []string{a.secret},
		TestMode: !strings.Contains(a.key, "_live_"),
		Lookup:   stripeadapter.NewLookup(a.stripe),
	})
	if err != nil {
		return err
	}
	webhook, err := adapter.Handler()
	if err != nil {
		return err
	}
	a.rewards, err = stripeadapter.NewProvisioner(stripeadapter.ProvisionerConfig{
		API: a.stripe, Organization: a.eng.Organization(), Label: "Pro Shop", States: stripeadapter.EngineStates(a.eng), Now: a.eng.Now, Logger: a.log,
	})
	if err != nil {
		return err
	}
	a.aff, err = affiliatehttp.New(a.eng, affiliatehttp.Config{
		Insecure: strings.HasPrefix(a.base, "http://"), // localhost; behind https cookies are Secure
		// The proxy that speaks https runs on this machine: docs/guides/behind-a-proxy.md.
		ClientIP: affiliatehttp.Forwarded(netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")),
		Keys:     a.cookieKeys(),
		Mount:    map[string]http.Handler{"/stripe/webhook": webhook},
		Logger:   a.log,
	})
	return err
}

func (a *app) cookieKeys() [][]byte {
	if a.cookieKey == "" {
		return nil
	}
	return [][]byte{[]byte(a.cookieKey)}
}

// routes serves the shop's own pages and forms, and everything of the library
// beside them: links, the script and its calls, the webhook.
func (a *app) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", a.aff.Routes())
	own := func(pattern string, page http.HandlerFunc) { mux.Handle(pattern, a.aff.Capture(page)) }
	own("GET /{$}", a.pricing)
	own("POST /checkout", a.checkout)
	own("POST /trial", a.trial)
	own("GET /thanks", a.thanks)
	mux.HandleFunc("GET /partners/{id}", a.partner)
	mux.HandleFunc("GET /style.css", style)
	// Forms of other sites cannot post here on behalf of a visitor. Stripe is no
	// browser, and passes.
	return http.NewCrossOriginProtection().Handler(mux)
}

// userCookie holds the shop's own key of whoever buys here. A real shop has
// sign-ups and sessions.
const userCookie = "shop_user"

// user returns the key of the visitor, who gets one with the first form.
func (a *app) user(w http.ResponseWriter, r *http.Request) string {
	if cookie, err := r.Cookie(userCookie); err == nil && strings.HasPrefix(cookie.Value, "user_") && len(cookie.Value) <= 64 {
		return cookie.Value
	}
	key := a.newID("user_")
	http.SetCookie(w, &http.Cookie{
		Name: userCookie, Value: key, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: !strings.HasPrefix(a.base, "http://"), SameSite: http.SameSiteLaxMode,
	})
	return key
}

func (a *app) fail(w http.ResponseWriter, r *http.Request, err error) {
	a.log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
	status := http.StatusInternalServerError
	if errors.Is(err, errStripe) {
		status = http.StatusBadGateway
	}
	http.Error(w, cmp.Or(http.StatusText(status), "Error")+": it has been logged.", status)
}
