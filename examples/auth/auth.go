package auth

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// Config holds what an Auth may be told. DB, Accounts, Mailer and BaseURL are
// required.
type Config struct {
	DB       *sql.DB  // SQLite; the tables begin with auth_
	Accounts Accounts // who may sign in, by address
	Mailer   Mailer

	// Organization is the one that API keys are for: the Engine's.
	Organization string

	BaseURL string // where browsers find the host, like https://example.com
	Prefix  string // what the host strips from paths, like "/aff"
	Name    string // of the host, in mails and on pages

	// Insecure leaves out the cookie's Secure attribute, for http://localhost.
	Insecure bool

	// ClientIP says where a request comes from, for the limit of links that are asked
	// for: needed behind a proxy, where all would share one address. Default:
	// affiliatehttp.RemoteIP.
	ClientIP func(*http.Request) netip.Addr

	Now    func() time.Time // default: time.Now
	Logger *slog.Logger     // default: discard; no address is ever logged
}

// Accounts says what the holder of an e-mail address may do. Found is false for an
// address that is nobody's.
type Accounts func(ctx context.Context, address string) (who affiliatehttp.Principal, found bool, err error)

// Of returns the accounts of an Engine: the owners that are named, and its
// partners by the address in their profile.
func Of(eng *affiliate.Engine, owners ...string) Accounts {
	return func(ctx context.Context, address string) (affiliatehttp.Principal, bool, error) {
		who := affiliatehttp.Principal{Organization: eng.Organization(), Role: affiliatehttp.RoleOwner}
		for i, owner := range owners {
			if strings.EqualFold(owner, address) {
				who.ID = fmt.Sprint("owner-", i+1)
				return who, true, nil
			}
		}
		setup, err := eng.Configuration(ctx)
		if err != nil {
			return affiliatehttp.Principal{}, false, err
		}
		for _, p := range setup.Partners() {
			if strings.EqualFold(p.Email, address) {
				who.Role, who.Partner, who.ID = affiliatehttp.RolePartner, p.ID, p.ID
				return who, true, nil
			}
		}
		return affiliatehttp.Principal{}, false, nil
	}
}

// Auth signs people in and lets programs in. It is safe for concurrent use.
type Auth struct {
	Config

	Keys *Keys

	sessions *scs.SessionManager
	pages    *template.Template
	mux      http.Handler
	wake     chan struct{}
}

//go:embed pages
var files embed.FS

const tables = `
CREATE TABLE IF NOT EXISTS auth_sessions (token TEXT PRIMARY KEY, data BLOB NOT NULL, expires INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS auth_requests (
	id INTEGER PRIMARY KEY, email TEXT NOT NULL, next TEXT NOT NULL, source TEXT NOT NULL, asked INTEGER NOT NULL,
	retry INTEGER NOT NULL DEFAULT 0, hash TEXT UNIQUE, account TEXT NOT NULL DEFAULT '', done INTEGER, used INTEGER);
CREATE INDEX IF NOT EXISTS auth_requests_email ON auth_requests (email);
CREATE INDEX IF NOT EXISTS auth_requests_source ON auth_requests (source);
CREATE TABLE IF NOT EXISTS auth_keys (
	id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, scopes TEXT NOT NULL, created INTEGER NOT NULL,
	expires INTEGER NOT NULL DEFAULT 0, revoked INTEGER NOT NULL DEFAULT 0, used INTEGER NOT NULL DEFAULT 0);`

// New creates the tables that are not there yet.
func New(ctx context.Context, cfg Config) (*Auth, error) {
	if cfg.DB == nil || cfg.Accounts == nil || cfg.Mailer == nil || !strings.HasPrefix(cfg.BaseURL, "http") {
		return nil, errors.New("auth: DB, Accounts, Mailer and BaseURL are required")
	}
	cfg.BaseURL, cfg.Name = strings.TrimSuffix(cfg.BaseURL, "/"), cmp.Or(cfg.Name, "the partner program")
	if cfg.ClientIP == nil {
		cfg.ClientIP = affiliatehttp.RemoteIP
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	pages, err := template.ParseFS(files, "pages/*.html")
	if err != nil {
		return nil, err
	}
	if _, err := cfg.DB.ExecContext(ctx, tables); err != nil {
		return nil, err
	}
	a := &Auth{Config: cfg, Keys: &Keys{DB: cfg.DB, Now: cfg.Now}, sessions: newSessions(cfg), pages: pages, wake: make(chan struct{}, 1)}
	a.mux = a.routes()
	return a, nil
}

// Authenticate is affiliatehttp.Config.Authenticate: an API key where the request
// has one, else the session.
func (a *Auth) Authenticate(r *http.Request) (affiliatehttp.Principal, error) {
	if r.Header.Get("Authorization") == "" {
		return a.Account(r)
	}
	scope, err := a.Keys.Check(r)
	if err != nil {
		return affiliatehttp.Principal{}, err
	}
	secret, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	who := affiliatehttp.Principal{Organization: a.Organization, Role: affiliatehttp.RoleServer, ID: idOf(secret)}
	if scope == Manage {
		who.Role = affiliatehttp.RoleOwner
	}
	return who, nil
}

// hashOf is what is stored of a secret that is too long to be guessed, and so
// needs no slow hash.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
