package site

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	_ "modernc.org/sqlite" // the driver is the host's choice

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/examples/auth"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/sqlite"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// Options say where a site is and whom it believes.
type Options struct {
	File   string // of the database
	Base   string // like https://example.com
	Prefix string // below which the router mounts Routes, like "/aff"
	APIKey string // of the host's backend
	Secret string // whsec_… of Stripe's webhook
	Mailer auth.Mailer
	Logger *slog.Logger
}

// Site is a host without a router.
type Site struct {
	Options

	Engine    *affiliate.Engine
	Affiliate *affiliatehttp.Handler // Capture is its middleware for the host's own pages
	Auth      *auth.Auth

	db *sql.DB
}

// Open wires everything up. It may be called again on the same file.
func Open(ctx context.Context, opts Options) (*Site, error) {
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: opts.File}).EscapedPath(), RawQuery: url.Values{"_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)",
	}}.Encode()}).String()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	s := &Site{Options: opts, db: db}
	if err := s.connect(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", opts.File, err), db.Close())
	}
	return s, nil
}

// Close closes the database.
func (s *Site) Close() error { return s.db.Close() }

func (s *Site) connect(ctx context.Context) error {
	store, err := sqlite.New(s.db, sqlite.Config{})
	if err != nil {
		return err
	}
	if err := store.Migrate(ctx); err != nil {
		return err
	}
	if s.Engine, err = affiliate.New(store, affiliate.Config{Logger: s.Logger}); err != nil {
		return err
	}
	if err := s.seed(ctx); err != nil {
		return err
	}
	s.Auth, err = auth.New(ctx, auth.Config{
		DB: s.db, Organization: s.Engine.Organization(), Accounts: auth.Of(s.Engine), Mailer: s.Mailer,
		BaseURL: s.Base, Prefix: s.Prefix, Name: "Margin Notes", Insecure: s.insecure(), Logger: s.Logger,
		ClientIP: clientIP(),
	})
	if err != nil {
		return err
	}
	if err := s.Auth.Keys.Adopt(ctx, "backend", s.APIKey, auth.Record, auth.Read); err != nil {
		return err
	}
	mount, err := s.mount()
	if err != nil {
		return err
	}
	s.Affiliate, err = affiliatehttp.New(s.Engine, affiliatehttp.Config{
		Authenticate: s.Auth.Authenticate, Mount: mount, Insecure: s.insecure(), Logger: s.Logger,
		ClientIP: clientIP(),
	})
	return err
}

// clientIP believes what a proxy on this machine, the one that speaks https, adds
// to X-Forwarded-For. Others: docs/guides/behind-a-proxy.md.
func clientIP() func(*http.Request) netip.Addr {
	return affiliatehttp.Forwarded(netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
}

// insecure is true on http://localhost; behind https cookies are Secure.
func (s *Site) insecure() bool { return strings.HasPrefix(s.Base, "http://") }

// mount returns what other packages serve beside the routes of affiliatehttp.
func (s *Site) mount() (map[string]http.Handler, error) {
	stripe, err := stripeadapter.New(s.Engine, stripeadapter.Config{Secrets: []string{s.Secret}, TestMode: true, Logger: s.Logger})
	if err != nil {
		return nil, err
	}
	webhook, err := stripe.Handler()
	if err != nil {
		return nil, err
	}
	pages, err := portal.New(s.Engine, portal.Config{
		Authenticate: s.Auth.Partner, Session: s.Auth.Session, SignIn: s.Auth.SignInPath(), SignOut: s.Auth.SignOutPath(), SignOutToken: s.Auth.SignOutToken,
		Key:     []byte(rand.Text() + rand.Text()), // a lasting one in a real host: bookmarks depend on it
		BaseURL: s.Base + s.Prefix, Prefix: s.Prefix, Insecure: s.insecure(), Brand: portal.Brand{Name: "Margin Notes"}, Logger: s.Logger,
	})
	if err != nil {
		return nil, err
	}
	partners := s.Auth.Sessions(pages)
	return map[string]http.Handler{
		"/stripe/webhook": webhook, "/signin": s.Auth, "/signin/": s.Auth,
		"/portal": partners, "/portal/": partners, "/v1/portal/": partners,
	}, nil
}

// Routes is everything of the library, at paths without the prefix.
func (s *Site) Routes() http.Handler { return s.Affiliate.Routes() }

// Landing is the text of the host's one page.
func (s *Site) Landing(r *http.Request) string {
	if code := affiliatehttp.FromRequest(r).Referral; code != "" {
		return "Margin Notes. A partner sent you: " + code + "\n"
	}
	return "Margin Notes. Try " + s.Prefix + "/r/ada first.\n"
}

// seed creates a program that pays a fifth for a year, and two partners, in a new
// database. In one that exists everything is the owner's.
func (s *Site) seed(ctx context.Context) error {
	setup, err := s.Engine.Configuration(ctx)
	if err != nil {
		return err
	}
	if _, ok := setup.Program("main"); ok {
		return nil
	}
	destination := s.Base + "/"
	for _, id := range []string{"ada", "bob"} {
		profile := program.Profile{Name: new(strings.ToUpper(id[:1]) + id[1:]), Email: new(id + "@example.com")}
		if _, err := s.Engine.CreatePartner(ctx, id, profile, affiliate.Always()); err != nil {
			return err
		}
	}
	rule := commission.Rule{
		ID: "sale", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20", Recurring: true, Months: 12,
	}
	offer := program.SettingsChange{Title: new("Margin Notes"), DestinationURL: &destination, Rules: []commission.Rule{rule}}
	if _, err := s.Engine.CreateProgram(ctx, "main", offer, affiliate.Always()); err != nil {
		return err
	}
	for _, id := range []string{"ada", "bob"} {
		if _, err := s.Engine.ApprovePartnership(ctx, id, "main", affiliate.Always()); err != nil {
			return err
		}
		if _, err := s.Engine.AddLink(ctx, affiliate.Link{Key: id, Partner: id, Program: "main", EffectiveAt: affiliate.Always()}); err != nil {
			return err
		}
	}
	return nil
}
