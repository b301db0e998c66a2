package stripeadapter_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/stripeadapter"
)

// TestNewAPI checks what every call carries, and what is repeated and logged.
func TestNewAPI(t *testing.T) {
	var log bytes.Buffer
	fake, proxy, setup := webhookBench(t)
	setup.API = stripeadapter.NewAPI("sk_test_key", stripeadapter.APIOptions{
		URL: proxy.URL, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	proxy.inject(faultRule{call: "POST", fault: answered, code: http.StatusServiceUnavailable, body: `{"error":{"type":"api_error"}}`})
	made := setUp(t, setup)
	require.Len(t, fake.list, 1)

	var keys []string
	for _, c := range proxy.seen() {
		require.Equal(t, "2023-10-16", c.Header.Get("Stripe-Version"))
		require.Equal(t, "Bearer sk_test_key", c.Header.Get("Authorization"))
		require.Empty(t, c.Header.Get("X-Stripe-Client-Telemetry"))
		if c.Method == http.MethodPost {
			keys = append(keys, c.Header.Get("Idempotency-Key"))
		}
	}
	require.Len(t, keys, 2, "a call without an answer is repeated")
	require.NotEmpty(t, keys[0])
	require.Equal(t, keys[0], keys[1])
	require.Contains(t, log.String(), "/v1/webhook_endpoints")
	require.NotContains(t, log.String(), "sk_test_key")
	require.NotContains(t, log.String(), made.Secret)
}

// TestKindsOfErrors checks what hosts can tell answers apart by.
func TestKindsOfErrors(t *testing.T) {
	kinds := []error{stripeadapter.ErrRateLimited, stripeadapter.ErrNotPermitted, stripeadapter.ErrUnavailable}
	for name, c := range map[string]struct {
		code int
		body string
		kind error
	}{
		"rate limit":          {429, `{"error":{"type":"invalid_request_error","code":"rate_limit","message":"slow"}}`, stripeadapter.ErrRateLimited},
		"wrong key":           {401, `{"error":{"type":"invalid_request_error","message":"Invalid API Key"}}`, stripeadapter.ErrNotPermitted},
		"forbidden":           {403, `{"error":{"type":"invalid_request_error","message":"no"}}`, stripeadapter.ErrNotPermitted},
		"of another account":  {400, `{"error":{"type":"invalid_request_error","code":"more_permissions_required_for_application","message":"no"}}`, stripeadapter.ErrNotPermitted},
		"fault":               {500, `{"error":{"type":"api_error","message":"oops"}}`, stripeadapter.ErrUnavailable},
		"fault on the way":    {502, `<html>Bad Gateway</html>`, stripeadapter.ErrUnavailable},
		"not JSON":            {200, `<html>Maintenance</html>`, stripeadapter.ErrUnavailable},
		"the same under way":  {409, `{"error":{"type":"idempotency_error","message":"in progress"}}`, stripeadapter.ErrUnavailable},
		"something else":      {400, `{"error":{"type":"invalid_request_error","message":"nope"}}`, nil},
		"something not there": {404, `{"error":{"type":"invalid_request_error","code":"resource_missing","message":"nope"}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, proxy, setup := webhookBench(t)
			proxy.inject(faultRule{call: "GET", fault: answered, code: c.code, body: c.body})
			_, err := stripeadapter.SetupWebhook(context.Background(), setup)
			require.ErrorContains(t, err, "stripeadapter: list webhook endpoints: ")
			for _, kind := range kinds {
				if kind == c.kind { //nolint:errorlint // which of the sentinels, not whether it is in a chain
					require.ErrorIs(t, err, kind)
				} else {
					require.NotErrorIs(t, err, kind)
				}
			}
		})
	}
}
