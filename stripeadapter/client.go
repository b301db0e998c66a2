package stripeadapter

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
)

// callTimeout bounds one call to Stripe, repetitions by stripe-go included.
const callTimeout = 30 * time.Second

// APIOptions say how Stripe is reached. The zero value reaches Stripe itself.
type APIOptions struct {
	HTTPClient *http.Client // default: one with a timeout
	Logger     *slog.Logger // hears of repeated calls; default: discard
	Retries    int          // of a call that Stripe did not answer; 0: 2, below 0: none
	URL        string       // of the API; default: Stripe's
	ConnectURL string       // of OAuth; default: Stripe's
}

// NewAPI returns a client of Stripe for a secret key. It logs to the given logger
// and nowhere else, and never a body: answers hold secrets. A client that the host
// made by itself serves as well, but not one of stripe.NewBackendsWithConfig, which
// sends OAuth to the wrong host.
func NewAPI(key string, o APIOptions) *client.API {
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{Timeout: callTimeout}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	retries := int64(o.Retries)
	switch {
	case retries == 0:
		retries = stripe.DefaultMaxNetworkRetries
	case retries < 0:
		retries = 0
	}
	// GetBackendWithConfig fills in the config it is given, so each has its own.
	backend := func(kind stripe.SupportedBackend, address string, retries int64) stripe.Backend {
		config := stripe.BackendConfig{
			HTTPClient: o.HTTPClient, LeveledLogger: retryLogger{o.Logger}, MaxNetworkRetries: &retries,
			EnableTelemetry: stripe.Bool(false),
		}
		if address != "" {
			config.URL = &address
		}
		return stripe.GetBackendWithConfig(kind, &config)
	}
	return client.New(key, &stripe.Backends{
		API:     backend(stripe.APIBackend, o.URL, retries),
		Connect: backend(stripe.ConnectBackend, o.ConnectURL, 0), // an authorization code that is sent twice is revoked
		Uploads: backend(stripe.UploadsBackend, "", retries),
	})
}

// retryLogger is the logger of stripe-go. What went wrong in the end is returned to
// the caller, and bodies hold secrets, so only repetitions are left to log.
type retryLogger struct{ to *slog.Logger }

func (retryLogger) Debugf(string, ...any) {}
func (retryLogger) Infof(string, ...any)  {}
func (retryLogger) Errorf(string, ...any) {}

func (l retryLogger) Warnf(format string, v ...any) {
	l.to.Warn("stripeadapter: " + fmt.Sprintf(format, v...))
}

// callParams are the parts of a call's parameters that all calls have.
func callParams(ctx context.Context, account string) stripe.Params {
	params := stripe.Params{Context: ctx}
	if account != "" {
		params.SetStripeAccount(account)
	}
	return params
}

// pageParams are callParams of a list, which is read page by page.
func pageParams(ctx context.Context, account string) stripe.ListParams {
	params := stripe.ListParams{Context: ctx, Limit: stripe.Int64(100)}
	if account != "" {
		params.SetStripeAccount(account)
	}
	return params
}
