package stripeadapter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// fakeEndpoints remembers webhook endpoints.
type fakeEndpoints struct {
	mu      sync.Mutex
	number  int
	list    []*fakeEndpoint
	unknown []string      // events that this API does not know
	vague   bool          // refuse them without saying which
	wait    int           // how many lookups still have to arrive before open is closed
	open    chan struct{} // nil: nobody waits
}

type fakeEndpoint struct {
	ID         string            `json:"id"`
	URL        string            `json:"url"`
	Created    int64             `json:"created"`
	Status     string            `json:"status"`
	APIVersion string            `json:"api_version"`
	Events     []string          `json:"enabled_events"`
	Metadata   map[string]string `json:"metadata"`
	Secret     string            `json:"secret,omitempty"`
	connect    bool
}

func (f *fakeEndpoints) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	form, _ := url.ParseQuery(readBody(r))
	code, result := f.route(r, form)
	if r.Method == http.MethodGet {
		f.meet(r.Context())
	}
	body, _ := json.Marshal(result)
	refuse(w, code, string(body))
}

// meet holds the first lookups back until all of them have looked.
func (f *fakeEndpoints) meet(ctx context.Context) {
	f.mu.Lock()
	open := f.open
	if f.wait--; f.wait == 0 {
		close(open)
	}
	f.mu.Unlock()
	if open == nil {
		return
	}
	select {
	case <-open:
	case <-ctx.Done():
	}
}

func (f *fakeEndpoints) route(r *http.Request, form url.Values) (int, any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/v1/webhook_endpoints"), "/")
	i := slices.IndexFunc(f.list, func(e *fakeEndpoint) bool { return e.ID == id })
	var events []string
	for n := 0; form.Has(fmt.Sprintf("enabled_events[%d]", n)); n++ {
		event := form.Get(fmt.Sprintf("enabled_events[%d]", n))
		if events = append(events, event); slices.Contains(f.unknown, event) {
			param := fmt.Sprintf("enabled_events[%d]", n)
			if f.vague {
				param = ""
			}
			return http.StatusBadRequest, map[string]any{"error": map[string]string{
				"type": "invalid_request_error", "param": param, "message": "Invalid enabled_events: must be one of …",
			}}
		}
	}
	switch {
	case r.Method == http.MethodGet:
		listed := []fakeEndpoint{}
		for _, e := range f.list {
			copied := *e
			copied.Secret = ""
			listed = append(listed, copied)
		}
		return http.StatusOK, map[string]any{"object": "list", "url": "/v1/webhook_endpoints", "has_more": false, "data": listed}
	case r.Method == http.MethodPost && id == "":
		f.number++
		e := &fakeEndpoint{
			ID: "we_" + strconv.Itoa(f.number), URL: form.Get("url"), Created: 1700000000, Status: "enabled", Events: events,
			APIVersion: form.Get("api_version"), Metadata: metadataOf(form), Secret: "whsec_" + strconv.Itoa(f.number),
			connect: form.Get("connect") == "true",
		}
		f.list = append(f.list, e)
		return http.StatusOK, *e
	case i < 0:
		return fakeMissing(http.StatusNotFound, id)
	case r.Method == http.MethodDelete:
		f.list = slices.Delete(f.list, i, i+1)
		return http.StatusOK, map[string]any{"id": id, "deleted": true}
	}
	e := f.list[i]
	e.Events = events
	if form.Get("disabled") == "false" {
		e.Status = "enabled"
	}
	copied := *e
	copied.Secret = ""
	return http.StatusOK, copied
}

const hook = "https://shop.example/stripe/webhook"

func webhookBench(t *testing.T) (*fakeEndpoints, *faultProxy, stripeadapter.WebhookSetup) {
	t.Helper()
	fake := &fakeEndpoints{}
	proxy := newFaultProxy(t, fake)
	return fake, proxy, stripeadapter.WebhookSetup{API: proxy.api("sk_test_1"), URL: hook, Organization: "acme"}
}

func setUp(t *testing.T, s stripeadapter.WebhookSetup) stripeadapter.WebhookEndpoint {
	t.Helper()
	e, err := stripeadapter.SetupWebhook(context.Background(), s)
	require.NoError(t, err)
	return e
}

func TestSetupWebhook(t *testing.T) {
	fake, proxy, setup := webhookBench(t)
	events := slices.DeleteFunc(stripeadapter.WebhookEvents(false), func(e string) bool { return e == "invoice_payment.paid" })

	first := setUp(t, setup)
	require.Equal(t, stripeadapter.WebhookEndpoint{
		ID: "we_1", Secret: "whsec_1", Created: true, APIVersion: "2023-10-16", Events: events,
	}, first)
	require.Equal(t, map[string]string{"affiliate_organization": "acme", "affiliate_endpoint": "account"}, fake.list[0].Metadata)
	proxy.seen()

	again := setUp(t, setup)
	require.Equal(t, stripeadapter.WebhookEndpoint{ID: "we_1", APIVersion: "2023-10-16", Events: events}, again, "the secret is told once")
	require.Equal(t, []string{"GET /v1/webhook_endpoints"}, proxy.names())

	fake.list[0].Events, fake.list[0].Status = []string{"invoice.paid"}, "disabled"
	setUp(t, setup)
	require.Equal(t, events, fake.list[0].Events)
	require.Equal(t, "enabled", fake.list[0].Status)

	setup.Recreate = true
	renewed := setUp(t, setup)
	require.True(t, renewed.Created)
	require.Equal(t, "whsec_2", renewed.Secret)
	require.Len(t, fake.list, 1)
	require.Equal(t, renewed.ID, fake.list[0].ID)
}

// TestSetupWebhookLeavesOthersAlone checks that only what we made for the same
// organization and kind is touched.
func TestSetupWebhookLeavesOthersAlone(t *testing.T) {
	fake, _, setup := webhookBench(t)
	setup.Recreate = true
	others := []*fakeEndpoint{
		{ID: "we_hand", URL: hook, Events: []string{"*"}},
		{ID: "we_elsewhere", URL: hook + "/2", Metadata: map[string]string{"affiliate_organization": "acme", "affiliate_endpoint": "account"}},
		{ID: "we_bea", URL: hook, Metadata: map[string]string{"affiliate_organization": "bea", "affiliate_endpoint": "account"}},
		{ID: "we_connect", URL: hook, Metadata: map[string]string{"affiliate_organization": "acme", "affiliate_endpoint": "connect"}},
	}
	fake.list = slices.Clone(others)
	require.Equal(t, []string{"we_hand"}, setUp(t, setup).Others)
	require.Equal(t, others, fake.list[:4])
	require.Len(t, fake.list, 5)
	setup.Recreate = false
	require.Equal(t, []string{"we_hand"}, setUp(t, setup).Others)
	require.Len(t, fake.list, 5)
}

func TestSetupWebhookForConnect(t *testing.T) {
	fake, _, setup := webhookBench(t)
	setup.Connect = true
	made := setUp(t, setup)
	require.Contains(t, made.Events, "account.application.deauthorized")
	require.True(t, fake.list[0].connect)
	require.Equal(t, "connect", fake.list[0].Metadata["affiliate_endpoint"])
	require.Equal(t, made.ID, setUp(t, setup).ID)
}

// TestSetupWebhookDropsUnknownEvents checks that events which an account's API does
// not know do not keep the others away.
func TestSetupWebhookDropsUnknownEvents(t *testing.T) {
	for name, c := range map[string]struct {
		unknown []string
		vague   bool
		dropped []string
	}{
		"pointed at": {[]string{"invoice_payment.paid"}, false, []string{"invoice_payment.paid"}},
		"both":       {[]string{"invoice_payment.paid", "refund.failed"}, false, []string{"invoice_payment.paid", "refund.failed"}},
		"vague": {
			[]string{"refund.failed"},
			true,
			[]string{"invoice_payment.paid", "refund.created", "refund.failed", "refund.updated"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			fake, _, setup := webhookBench(t)
			fake.unknown, fake.vague = c.unknown, c.vague
			fake.list = []*fakeEndpoint{{ // a newer version may send all of them
				ID: "we_old", URL: hook, APIVersion: "2025-08-27.basil", Metadata: map[string]string{
					"affiliate_organization": "acme", "affiliate_endpoint": "account",
				},
			}}
			updated := setUp(t, setup)
			require.Equal(t, c.dropped, updated.Dropped)
			require.Equal(t, updated.Events, fake.list[0].Events)
			require.Contains(t, updated.Events, "invoice.paid")
		})
	}
	t.Run("one that is needed", func(t *testing.T) {
		fake, _, setup := webhookBench(t)
		fake.unknown = []string{"invoice.paid"}
		_, err := stripeadapter.SetupWebhook(context.Background(), setup)
		require.ErrorContains(t, err, "enabled_events")
		require.Empty(t, fake.list)
	})
}

// TestSetupWebhookForNewerVersions checks which endpoints get the event that links
// payments to invoices.
func TestSetupWebhookForNewerVersions(t *testing.T) {
	for version, want := range map[string]bool{"2025-03-31.basil": true, "2026-03-25.dahlia": true, "": true, "2025-02-24.acacia": false} {
		fake, _, setup := webhookBench(t)
		fake.list = []*fakeEndpoint{{ID: "we_old", URL: hook, APIVersion: version, Metadata: map[string]string{
			"affiliate_organization": "acme", "affiliate_endpoint": "account",
		}}}
		require.Equal(t, want, slices.Contains(setUp(t, setup).Events, "invoice_payment.paid"), version)
	}
}

// TestSetupWebhookTwiceAtOnce lets two look before either creates.
func TestSetupWebhookTwiceAtOnce(t *testing.T) {
	fake, _, setup := webhookBench(t)
	fake.wait, fake.open = 2, make(chan struct{})
	results := make([]stripeadapter.WebhookEndpoint, 2)
	var runs sync.WaitGroup
	for i := range results {
		runs.Go(func() {
			var err error
			if results[i], err = stripeadapter.SetupWebhook(context.Background(), setup); err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	require.Len(t, fake.list, 1)
	stays := fake.list[0]
	var secrets []string
	for _, result := range results {
		require.Equal(t, stays.ID, result.ID)
		if result.Created {
			secrets = append(secrets, result.Secret)
		}
	}
	require.Equal(t, []string{stays.Secret}, secrets, "one of the two has the secret")
}

func TestSetupWebhookFaults(t *testing.T) {
	t.Run("cut off after the effect", func(t *testing.T) {
		fake, proxy, setup := webhookBench(t)
		proxy.inject(faultRule{call: "POST", fault: brokenAfter})
		_, err := stripeadapter.SetupWebhook(context.Background(), setup)
		require.ErrorIs(t, err, stripeadapter.ErrUnavailable)
		again := setUp(t, setup)
		require.False(t, again.Created)
		require.Empty(t, again.Secret)
		setup.Recreate = true
		require.NotEmpty(t, setUp(t, setup).Secret)
		require.Len(t, fake.list, 1)
	})
	t.Run("old one stays", func(t *testing.T) {
		_, proxy, setup := webhookBench(t)
		setUp(t, setup)
		setup.Recreate = true
		proxy.inject(faultRule{call: "DELETE", fault: tooMany})
		made, err := stripeadapter.SetupWebhook(context.Background(), setup)
		require.ErrorIs(t, err, stripeadapter.ErrRateLimited)
		require.Equal(t, "whsec_2", made.Secret, "the secret is not lost")
	})
	t.Run("key without permission", func(t *testing.T) {
		_, proxy, setup := webhookBench(t)
		proxy.inject(faultRule{call: "GET", fault: denied})
		_, err := stripeadapter.SetupWebhook(context.Background(), setup)
		require.ErrorIs(t, err, stripeadapter.ErrNotPermitted)
	})
	t.Run("configuration", func(t *testing.T) {
		_, err := stripeadapter.SetupWebhook(context.Background(), stripeadapter.WebhookSetup{URL: "/hook"})
		require.ErrorIs(t, err, affiliate.ErrInvalidInput)
		require.Len(t, affiliate.Problems(err), 3)
	})
}

// onStripeMock is a WebhookSetup on stripe-mock, which is older than the API
// version that we ask for and than some of the events.
func onStripeMock(t *testing.T) (*faultProxy, stripeadapter.WebhookSetup) {
	t.Helper()
	mock := forward(startStripeMock(t))
	proxy := newFaultProxy(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := strings.Replace(readBody(r), "api_version=2023-10-16", "api_version=2022-11-15", 1)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		mock.ServeHTTP(w, r)
	}))
	return proxy, stripeadapter.WebhookSetup{API: proxy.api("sk_test_1"), URL: "https://example.com/my/webhook/endpoint", Organization: "acme"}
}

func TestSetupWebhookOnStripeMock(t *testing.T) {
	proxy, setup := onStripeMock(t)
	made := setUp(t, setup)
	require.True(t, made.Created)
	require.Len(t, made.Others, 1)
	require.Equal(t, []string{"refund.created", "refund.failed", "refund.updated"}, made.Dropped)
	require.Equal(t, []string{
		"GET /v1/webhook_endpoints", "POST /v1/webhook_endpoints", "POST /v1/webhook_endpoints", "GET /v1/webhook_endpoints",
	}, proxy.names())
}

func TestSetupWebhookFaultsOnStripeMock(t *testing.T) {
	for _, broken := range []string{"GET /v1/webhook_endpoints", "POST /v1/webhook_endpoints"} {
		for kind, want := range map[fault]error{
			tooMany: stripeadapter.ErrRateLimited, brokenAfter: stripeadapter.ErrUnavailable, silentAfter: context.DeadlineExceeded,
		} {
			t.Run(fmt.Sprint(broken, "/", kind), func(t *testing.T) {
				proxy, setup := onStripeMock(t)
				ctx := t.Context()
				if kind == silentAfter {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, 500*time.Millisecond)
					defer cancel()
				}
				proxy.inject(faultRule{call: broken, fault: kind})
				_, err := stripeadapter.SetupWebhook(ctx, setup)
				require.ErrorIs(t, err, want)
				require.True(t, setUp(t, setup).Created)
			})
		}
	}
}
