package stripeadapter_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// fakeConnect is Stripe's OAuth: a code works once, and only for its platform.
type fakeConnect struct {
	key, clientID string
	scope         string // default: read_write
	livemode      bool

	mu        sync.Mutex
	codes     map[string]string // account by authorization code
	connected map[string]bool   // by account
}

func newFakeConnect() *fakeConnect {
	return &fakeConnect{
		key: "sk_test_1", clientID: "ca_platform", scope: "read_write",
		codes: map[string]string{"ac_1": "acct_1"}, connected: map[string]bool{},
	}
}

func (f *fakeConnect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	form, _ := url.ParseQuery(readBody(r))
	if r.Header.Get("Authorization") != "Bearer "+f.key {
		refuse(w, http.StatusUnauthorized, `{"error":"invalid_client","error_description":"Invalid API Key provided"}`)
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "POST /oauth/token":
		f.exchange(w, form)
	case "POST /oauth/deauthorize":
		f.deauthorize(w, form)
	default:
		refuse(w, http.StatusNotFound, `{"error":"invalid_request"}`)
	}
}

func (f *fakeConnect) exchange(w http.ResponseWriter, form url.Values) {
	account, known := f.codes[form.Get("code")]
	switch {
	case form.Get("client_secret") != f.key:
		refuse(w, http.StatusUnauthorized, `{"error":"invalid_client","error_description":"No such API key"}`)
	case form.Get("grant_type") != "authorization_code":
		refuse(w, http.StatusBadRequest, `{"error":"unsupported_grant_type"}`)
	case !known:
		refuse(w, http.StatusBadRequest, `{"error":"invalid_grant","error_description":"Authorization code does not exist"}`)
	default:
		delete(f.codes, form.Get("code"))
		f.connected[account] = true
		live := "false"
		if f.livemode {
			live = "true"
		}
		refuse(w, http.StatusOK, `{"stripe_user_id":"`+account+`","scope":"`+f.scope+`","livemode":`+live+
			`,"token_type":"bearer","access_token":"sk_secret_of_account"}`)
	}
}

func (f *fakeConnect) deauthorize(w http.ResponseWriter, form url.Values) {
	account := form.Get("stripe_user_id")
	switch {
	case form.Get("client_id") != f.clientID:
		refuse(w, http.StatusUnauthorized, `{"error":"invalid_client","error_description":"No such application"}`)
	case !f.connected[account]:
		refuse(w, http.StatusUnauthorized, `{"error":"invalid_client","error_description":"This application is not connected to stripe account `+
			account+`, or that account does not exist."}`)
	default:
		delete(f.connected, account)
		refuse(w, http.StatusOK, `{"stripe_user_id":"`+account+`"}`)
	}
}

// connectBench is an OAuth in front of the fake.
type connectBench struct {
	fake  *fakeConnect
	proxy *faultProxy
	clock *affiliatetest.Clock
	cfg   stripeadapter.OAuthConfig
}

func newConnectBench(t *testing.T) *connectBench {
	t.Helper()
	b := &connectBench{fake: newFakeConnect(), clock: affiliatetest.NewClock(time.Date(2026, time.March, 13, 12, 0, 0, 0, time.UTC))}
	b.proxy = newFaultProxy(t, b.fake)
	b.cfg = stripeadapter.OAuthConfig{
		API: b.proxy.api("sk_test_1"), ClientID: "ca_platform", RedirectURI: "https://app.example/stripe/callback",
		StateKey: []byte(strings.Repeat("k", 32)), Now: b.clock.Now,
	}
	return b
}

func (b *connectBench) oauth(t *testing.T) *stripeadapter.OAuth {
	t.Helper()
	o, err := stripeadapter.NewOAuth(b.cfg)
	require.NoError(t, err)
	return o
}

// state is the one in the address that a session is sent to.
func (b *connectBench) state(t *testing.T, session string) string {
	t.Helper()
	address, err := b.oauth(t).AuthorizeURL(session)
	require.NoError(t, err)
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u.Query().Get("state")
}

func (b *connectBench) callback(t *testing.T, session string, query url.Values) (stripeadapter.Connection, error) {
	t.Helper()
	return b.oauth(t).Callback(context.Background(), session, query)
}

// refused checks that a callback is refused for its state, before Stripe is asked.
func (b *connectBench) refused(t *testing.T, session, state string) {
	t.Helper()
	_, err := b.callback(t, session, url.Values{"code": {"ac_1"}, "state": {state}})
	require.ErrorIs(t, err, stripeadapter.ErrState)
	_, err = b.callback(t, session, url.Values{"error": {"access_denied"}, "state": {state}})
	require.ErrorIs(t, err, stripeadapter.ErrState)
	require.Empty(t, b.proxy.seen())
}

func TestAuthorizeURL(t *testing.T) {
	b := newConnectBench(t)
	address, err := b.oauth(t).AuthorizeURL("session_1")
	require.NoError(t, err)
	u, err := url.Parse(address)
	require.NoError(t, err)
	require.Equal(t, "https://connect.stripe.com/oauth/authorize", u.Scheme+"://"+u.Host+u.Path)
	query := u.Query()
	require.NotEmpty(t, query.Get("state"))
	require.NotEqual(t, query.Get("state"), b.state(t, "session_1"), "no two are equal")
	require.NotContains(t, address, "session_1")
	query.Del("state")
	require.Equal(t, url.Values{
		"client_id": {"ca_platform"}, "redirect_uri": {"https://app.example/stripe/callback"}, "response_type": {"code"}, "scope": {"read_write"},
	}, query)

	_, err = b.oauth(t).AuthorizeURL("")
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	require.Equal(t, "session", affiliate.Problems(err)[0].Field)
	require.Empty(t, b.proxy.seen())
}

func TestConnectAndDisconnect(t *testing.T) {
	ctx := context.Background()
	b := newConnectBench(t)
	b.fake.livemode = true
	query := url.Values{"code": {"ac_1"}, "scope": {"read_write"}, "state": {b.state(t, "session_1")}}
	connection, err := b.callback(t, "session_1", query)
	require.NoError(t, err)
	require.Equal(t, stripeadapter.Connection{Account: "acct_1", Livemode: true, Scope: "read_write"}, connection)
	require.Equal(t, []string{"POST /oauth/token"}, b.proxy.names())

	_, err = b.callback(t, "session_1", query)
	require.ErrorIs(t, err, stripeadapter.ErrGrant, "a code works once")

	require.NoError(t, b.oauth(t).Deauthorize(ctx, "acct_1"))
	require.ErrorIs(t, b.oauth(t).Deauthorize(ctx, "acct_1"), stripeadapter.ErrNotConnected)
	b.proxy.seen()
	require.ErrorIs(t, b.oauth(t).Deauthorize(ctx, ""), affiliate.ErrInvalidInput)
	require.Empty(t, b.proxy.seen())

	b.cfg.ClientID = "ca_other"
	err = b.oauth(t).Deauthorize(ctx, "acct_1")
	require.ErrorIs(t, err, stripeadapter.ErrNotPermitted)
	require.NotErrorIs(t, err, stripeadapter.ErrNotConnected)
}

// TestState checks that a callback is taken only by the session that it was begun
// in, at this platform, in time, and unchanged.
func TestState(t *testing.T) {
	t.Run("missing", func(t *testing.T) {
		b := newConnectBench(t)
		b.refused(t, "session_1", "")
	})
	t.Run("another session's", func(t *testing.T) {
		b := newConnectBench(t)
		state := b.state(t, "session_1")
		for _, session := range []string{"session_2", "session_", "session_11", ""} {
			b.refused(t, session, state)
		}
	})
	t.Run("forged", func(t *testing.T) {
		b := newConnectBench(t)
		state := b.state(t, "session_1")
		for i := range state {
			other := byte('A')
			if state[i] == other {
				other = 'B'
			}
			b.refused(t, "session_1", state[:i]+string(other)+state[i+1:])
		}
		raw, err := base64.RawURLEncoding.DecodeString(state)
		require.NoError(t, err)
		for _, changed := range []string{
			state + "=", state + "\n", state + state, state[1:], base64.StdEncoding.EncodeToString(raw),
			base64.RawURLEncoding.EncodeToString(raw[:len(raw)-1]), base64.RawURLEncoding.EncodeToString(append(raw, 0)),
		} {
			if changed != state {
				b.refused(t, "session_1", changed)
			}
		}
	})
	t.Run("with another key", func(t *testing.T) {
		b := newConnectBench(t)
		state := b.state(t, "session_1")
		b.cfg.StateKey = []byte(strings.Repeat("x", 32))
		b.refused(t, "session_1", state)
	})
	t.Run("of another platform", func(t *testing.T) {
		b := newConnectBench(t)
		state := b.state(t, "session_1")
		b.cfg.ClientID = "ca_other"
		b.refused(t, "session_1", state)
	})
	t.Run("too old", func(t *testing.T) {
		b := newConnectBench(t)
		for ttl, lasts := range map[time.Duration]time.Duration{0: 15 * time.Minute, time.Minute: time.Minute} {
			b.cfg.StateTTL = ttl
			state := b.state(t, "session_1")
			b.clock.Advance(lasts)
			_, err := b.callback(t, "session_1", url.Values{"error": {"access_denied"}, "state": {state}})
			require.ErrorIs(t, err, stripeadapter.ErrDenied, "in the last second")
			b.clock.Advance(time.Second)
			b.refused(t, "session_1", state)
		}
	})
}

func TestCallbackWithoutAConnection(t *testing.T) {
	t.Run("denied", func(t *testing.T) {
		b := newConnectBench(t)
		_, err := b.callback(t, "session_1", url.Values{
			"error": {"access_denied"}, "error_description": {strings.Repeat("The user denied your request", 100)}, "state": {b.state(t, "session_1")},
		})
		require.ErrorIs(t, err, stripeadapter.ErrDenied)
		require.Less(t, len(err.Error()), 400)
		require.Empty(t, b.proxy.seen())
	})
	t.Run("no code", func(t *testing.T) {
		b := newConnectBench(t)
		_, err := b.callback(t, "session_1", url.Values{"state": {b.state(t, "session_1")}})
		require.ErrorIs(t, err, stripeadapter.ErrGrant)
		require.Empty(t, b.proxy.seen())
	})
	t.Run("unknown code", func(t *testing.T) {
		b := newConnectBench(t)
		_, err := b.callback(t, "session_1", url.Values{"code": {"ac_other"}, "state": {b.state(t, "session_1")}})
		require.ErrorIs(t, err, stripeadapter.ErrGrant)
	})
	t.Run("read only", func(t *testing.T) {
		b := newConnectBench(t)
		b.fake.scope = "read_only"
		_, err := b.callback(t, "session_1", url.Values{"code": {"ac_1"}, "state": {b.state(t, "session_1")}})
		require.ErrorIs(t, err, stripeadapter.ErrNotPermitted)
		require.ErrorContains(t, err, "acct_1")
	})
	t.Run("wrong key", func(t *testing.T) {
		b := newConnectBench(t)
		b.fake.key = "sk_test_2"
		_, err := b.callback(t, "session_1", url.Values{"code": {"ac_1"}, "state": {b.state(t, "session_1")}})
		require.ErrorIs(t, err, stripeadapter.ErrNotPermitted)
	})
	t.Run("no answer", func(t *testing.T) {
		b := newConnectBench(t)
		b.cfg.API = stripeadapter.NewAPI("sk_test_1", stripeadapter.APIOptions{URL: b.proxy.URL, ConnectURL: b.proxy.URL})
		b.proxy.inject(faultRule{call: "POST /oauth/token", fault: brokenAfter, times: 5})
		_, err := b.callback(t, "session_1", url.Values{"code": {"ac_1"}, "state": {b.state(t, "session_1")}})
		require.ErrorIs(t, err, stripeadapter.ErrUnavailable)
		require.Len(t, b.proxy.seen(), 1, "a code that is sent twice is revoked")
		require.NotContains(t, err.Error(), "sk_test_1")
	})
}

func TestNewOAuthChecksItsConfig(t *testing.T) {
	for _, api := range []*client.API{nil, {}} {
		_, err := stripeadapter.NewOAuth(stripeadapter.OAuthConfig{API: api, RedirectURI: "/callback", StateKey: make([]byte, 31)})
		require.ErrorIs(t, err, affiliate.ErrInvalidInput)
		fields := []string{}
		for _, p := range affiliate.Problems(err) {
			fields = append(fields, p.Field)
		}
		require.Equal(t, []string{"api", "clientId", "redirectUri", "stateKey", "now"}, fields)
	}
}
