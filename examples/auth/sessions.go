package auth

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// How long a session lives: unused, and at most.
const (
	sessionIdle = 30 * time.Minute
	sessionLife = 12 * time.Hour
)

// Names of what a session holds.
const (
	heldAddress = "address"
	heldAccount = "account"
)

// ErrNoSession is the error of a request that nobody signed in for.
var ErrNoSession = errors.New("auth: not signed in")

func newSessions(cfg Config) *scs.SessionManager {
	m := scs.New()
	m.Store = sessionStore{cfg.DB, cfg.Now}
	m.HashTokenInStore = true
	m.IdleTimeout, m.Lifetime = sessionIdle, sessionLife
	m.Cookie.Name, m.Cookie.Secure = "__Host-session", true // a browser takes it over https only, and from no sub-domain
	if cfg.Insecure {
		m.Cookie.Name, m.Cookie.Secure = "session", false
	}
	m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path = true, http.SameSiteLaxMode, "/"
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		cfg.Logger.ErrorContext(r.Context(), "auth: session not read or not kept", "error", err)
		http.Error(w, "Please try again in a moment.", http.StatusServiceUnavailable)
	}
	return m
}

type loaded struct{}

// Sessions is the middleware that reads and keeps sessions. Everything that asks
// for an account goes behind it.
func (a *Auth) Sessions(next http.Handler) http.Handler {
	load := a.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), loaded{}, true)))
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(loaded{}) != nil { // by the same middleware further out
			next.ServeHTTP(w, r)
			return
		}
		load.ServeHTTP(w, r)
	})
}

// Account returns who is signed in. The account must still be the one that signed
// in, and the address must still be the account's.
func (a *Auth) Account(r *http.Request) (affiliatehttp.Principal, error) {
	ctx := r.Context()
	if ctx.Value(loaded{}) == nil {
		return affiliatehttp.Principal{}, ErrNoSession
	}
	address := a.sessions.GetString(ctx, heldAddress)
	if address == "" {
		return affiliatehttp.Principal{}, ErrNoSession
	}
	who, found, err := a.Accounts(ctx, address)
	switch {
	case err != nil:
		return affiliatehttp.Principal{}, err
	case !found, accountKey(who) != a.sessions.GetString(ctx, heldAccount):
		return affiliatehttp.Principal{}, ErrNoSession
	}
	return who, nil
}

// Partner is portal.Config.Authenticate.
func (a *Auth) Partner(r *http.Request) (string, error) {
	who, err := a.Account(r)
	if err == nil && who.Role != affiliatehttp.RolePartner {
		err = ErrNoSession
	}
	return who.Partner, err
}

// Owner is console.Config.Authenticate.
func (a *Auth) Owner(r *http.Request) (affiliatehttp.Principal, error) {
	who, err := a.Account(r)
	if err == nil && who.Role != affiliatehttp.RoleOwner {
		err = affiliatehttp.ErrForbidden
	}
	return who, err
}

// Session names the session, for the tokens of forms.
func (a *Auth) Session(r *http.Request) string {
	if r.Context().Value(loaded{}) == nil {
		return ""
	}
	return a.sessions.Token(r.Context())
}

// signIn begins a session for an account. The token is a new one, so that one
// which somebody else has put into the browser is worth nothing.
func (a *Auth) signIn(ctx context.Context, address string, who affiliatehttp.Principal) error {
	if err := a.sessions.RenewToken(ctx); err != nil {
		return err
	}
	a.sessions.Put(ctx, heldAddress, address)
	a.sessions.Put(ctx, heldAccount, accountKey(who))
	return nil
}

// accountKey writes an account as text.
func accountKey(who affiliatehttp.Principal) string {
	text, err := json.Marshal([]string{who.Organization, string(who.Role), who.Partner})
	if err != nil { // strings can always be written
		return ""
	}
	return string(text)
}

// sessionStore keeps sessions in the database.
type sessionStore struct {
	db  *sql.DB
	now func() time.Time
}

var _ scs.CtxStore = sessionStore{}

// FindCtx returns what a session holds, if it has not expired.
func (s sessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT data FROM auth_sessions WHERE token = ? AND expires > ?`, token, s.now().UnixMicro()).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx stores a session and forgets those that have expired.
func (s sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	if _, err := s.db.ExecContext(ctx, `DELETE FROM auth_sessions WHERE expires <= ?`, s.now().UnixMicro()); err != nil {
		return err
	}
	_, err := s.db.ExecContext(ctx, `INSERT INTO auth_sessions (token, data, expires) VALUES (?, ?, ?)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires = excluded.expires`, token, data, expiry.UnixMicro())
	return err
}

// DeleteCtx ends a session.
func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM auth_sessions WHERE token = ?`, token)
	return err
}

// Find, Commit and Delete are asked for by the interface, and never called.
func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx.
func (s sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx.
func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
