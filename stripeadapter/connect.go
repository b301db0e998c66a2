package stripeadapter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/problem"
)

// Errors of connecting accounts.
var (
	// ErrState: the state of a callback was not made here for this session, or
	// is too old. Nothing was exchanged; let the user start again.
	ErrState = errors.New("stripeadapter: the state does not fit")
	// ErrDenied: the user did not want to connect.
	ErrDenied = errors.New("stripeadapter: the connection was denied")
	// ErrGrant: the authorization code is used up, too old, or of the other
	// mode. Let the user start again.
	ErrGrant = errors.New("stripeadapter: the authorization code is not valid")
	// ErrNotConnected: the account is not, or no longer, connected.
	ErrNotConnected = errors.New("stripeadapter: the account is not connected")
)

// OAuthConfig is what an OAuth works with.
type OAuthConfig struct {
	API         *client.API   // required: with the platform's key, see NewAPI
	ClientID    string        // required: ca_…, of the same mode as the key
	RedirectURI string        // required: where Callback is served
	StateKey    []byte        // required: secret, at least 32 bytes, the same in all processes
	StateTTL    time.Duration // how long the user may take; default 15 min
	Now         func() time.Time
}

// OAuth connects the Stripe accounts of others to a platform.
type OAuth struct{ cfg OAuthConfig }

const (
	minStateKey     = 32
	defaultStateTTL = 15 * time.Minute
)

// NewOAuth returns an OAuth. The error unwraps to affiliate.ErrInvalidInput and
// names every problem of the configuration.
func NewOAuth(cfg OAuthConfig) (*OAuth, error) {
	var list problem.List
	if cfg.API == nil || cfg.API.OAuth == nil {
		list.Add("api", "must be a client, see NewAPI")
	}
	if !strings.HasPrefix(cfg.ClientID, "ca_") {
		list.Add("clientId", "must be the client id of a platform")
	}
	if u, err := url.Parse(cfg.RedirectURI); err != nil || u.Host == "" {
		list.Add("redirectUri", "must be an absolute address")
	}
	if len(cfg.StateKey) < minStateKey {
		list.Add("stateKey", "must have at least %d bytes", minStateKey)
	}
	if cfg.StateTTL <= 0 {
		cfg.StateTTL = defaultStateTTL
	}
	if cfg.Now == nil {
		list.Add("now", "must not be nil")
	}
	if err := list.Err(affiliate.ErrInvalidInput); err != nil {
		return nil, fmt.Errorf("stripeadapter: new oauth: %w", err)
	}
	return &OAuth{cfg}, nil
}

// Connection is a connected account.
type Connection struct {
	Account  string // acct_…, as in the account field of its events
	Livemode bool
	Scope    string
}

// AuthorizeURL returns the address of Stripe's page on which the user connects an
// account. The session is what the host knows the user's browser by; it must not
// be empty, else the error is affiliate.ErrInvalidInput, and must be the same at the
// callback.
func (o *OAuth) AuthorizeURL(session string) (string, error) {
	state, err := o.newState(session)
	if err != nil {
		return "", err
	}
	return o.cfg.API.OAuth.AuthorizeURL(&stripe.AuthorizeURLParams{
		ClientID: &o.cfg.ClientID, RedirectURI: &o.cfg.RedirectURI, ResponseType: stripe.String("code"),
		Scope: stripe.String(string(stripe.OAuthScopeTypeReadWrite)), State: &state,
	}), nil
}

// Callback finishes what AuthorizeURL began, with the query that Stripe sent the
// user back with. It returns ErrState, ErrDenied, ErrGrant, ErrNotPermitted and
// ErrUnavailable. After the last of these the code may be used up.
func (o *OAuth) Callback(ctx context.Context, session string, query url.Values) (Connection, error) {
	if err := o.checkState(session, query.Get("state")); err != nil {
		return Connection{}, err
	}
	if reason := query.Get("error"); reason != "" {
		return Connection{}, fmt.Errorf("%w: %s: %s", ErrDenied, cut(reason, 100), cut(query.Get("error_description"), 200))
	}
	code := query.Get("code")
	if code == "" {
		return Connection{}, fmt.Errorf("%w: there is none", ErrGrant)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	token, err := o.cfg.API.OAuth.New(&stripe.OAuthTokenParams{
		Params: callParams(ctx, ""), GrantType: stripe.String("authorization_code"), Code: &code,
		ClientSecret: &o.cfg.API.OAuth.Key, // else stripe-go takes its global one
	})
	if err != nil {
		return Connection{}, oauthError("exchange authorization code", err)
	}
	if token.Scope != stripe.OAuthScopeTypeReadWrite {
		return Connection{}, fmt.Errorf("%w: account %s was connected with scope %q", ErrNotPermitted, token.StripeUserID, token.Scope)
	}
	return Connection{Account: token.StripeUserID, Livemode: token.Livemode, Scope: string(token.Scope)}, nil
}

// Deauthorize disconnects an account. It returns ErrNotConnected if there is
// nothing to disconnect, which a host may take for done, affiliate.ErrInvalidInput,
// ErrNotPermitted and ErrUnavailable.
func (o *OAuth) Deauthorize(ctx context.Context, account string) error {
	if !strings.HasPrefix(account, "acct_") {
		return invalid("deauthorize", "account", "must be the id of an account")
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := o.cfg.API.OAuth.Del(&stripe.DeauthorizeParams{
		Params: callParams(ctx, ""), ClientID: &o.cfg.ClientID, StripeUserID: &account,
	})
	if answer, ok := answerTo(err); ok && answer.OAuthError == "invalid_client" &&
		strings.Contains(answer.OAuthErrorDescription, account) { // else the client id is wrong
		return fmt.Errorf("%w: %s: %w", ErrNotConnected, account, err)
	}
	return oauthError("deauthorize", err)
}

// invalid is the complaint about one field.
func invalid(operation, field, message string) error {
	var list problem.List
	list.Add(field, "%s", message)
	return fmt.Errorf("stripeadapter: %s: %w", operation, list.Err(affiliate.ErrInvalidInput))
}

func oauthError(operation string, err error) error {
	answer, ok := answerTo(err)
	if ok && answer.OAuthError == "invalid_grant" {
		return fmt.Errorf("stripeadapter: %s: %w: %w", operation, ErrGrant, err)
	}
	return callError(operation, err)
}
