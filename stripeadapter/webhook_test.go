package stripeadapter_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

const secret, oldSecret = "whsec_new", "whsec_old"

// endpoint is a webhook over HTTP.
type endpoint struct {
	*stripetest.Host
	t       *testing.T
	handler http.Handler
}

func newEndpoint(t *testing.T, store storage.Store, cfg stripeadapter.Config) endpoint {
	t.Helper()
	cfg.Secrets = []string{secret, oldSecret}
	host := stripetest.NewHost(t, store, os.DirFS("testdata/events"), cfg)
	handler, err := host.Adapter.Handler()
	require.NoError(t, err)
	return endpoint{host, t, handler}
}

func (e endpoint) body(name string, edits ...stripetest.Edit) []byte {
	e.t.Helper()
	return stripetest.File(name, edits...).Body(e.t, e.Events)
}

func sign(body []byte, secret string, at time.Time) string {
	return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at}).Header
}

func (e endpoint) post(body []byte, signature string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(e.t.Context(), http.MethodPost, "/stripe/webhook", bytes.NewReader(body))
	r.Header.Set("Stripe-Signature", signature)
	w := httptest.NewRecorder()
	e.handler.ServeHTTP(w, r)
	return w
}

// deliver posts an event as Stripe does.
func (e endpoint) deliver(body []byte) int {
	return e.post(body, sign(body, secret, stripetest.Now())).Code
}

func (e endpoint) earned() []string { return stripetest.Earned(e.t, e.Engine) }

func (e endpoint) dump() string {
	e.t.Helper()
	rows, err := e.Store.Rows(e.t.Context(), e.Organization())
	require.NoError(e.t, err)
	text, err := rows.Canonical()
	require.NoError(e.t, err)
	return string(text)
}

func TestSignatures(t *testing.T) { // cases 70 to 72
	e := newEndpoint(t, memory.New(), stripeadapter.Config{})
	body, now := e.body("invoice.paid.subscription_cycle.metadata"), stripetest.Now()
	good := sign(body, secret, now)
	for name, c := range map[string]struct {
		body      []byte
		signature string
		want      int
	}{
		"wrong secret":                  {body, sign(body, "whsec_other", now), http.StatusBadRequest},
		"empty secret":                  {body, sign(body, "", now), http.StatusBadRequest},
		"no header":                     {body, "", http.StatusBadRequest},
		"no time":                       {body, good[strings.Index(good, ",")+1:], http.StatusBadRequest},
		"only an old scheme":            {body, strings.ReplaceAll(good, "v1=", "v0="), http.StatusBadRequest},
		"one byte is another":           {bytes.Replace(body, []byte("4999"), []byte("9999"), 1), good, http.StatusBadRequest},
		"six minutes old":               {body, sign(body, secret, now.Add(-6*time.Minute)), http.StatusBadRequest},
		"six minutes ahead":             {body, sign(body, secret, now.Add(6*time.Minute)), http.StatusBadRequest},
		"a time that is none":           {body, "t=soon,v1=00", http.StatusBadRequest},
		"two times, one of them timely": {body, "t=1," + good, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			before := e.dump()
			assert.Equal(t, c.want, e.post(c.body, c.signature).Code)
			assert.True(t, before == e.dump(), "nothing is stored")
		})
	}
	for name, signature := range map[string]string{
		"four minutes old":   sign(body, secret, now.Add(-4*time.Minute)),
		"four minutes ahead": sign(body, secret, now.Add(4*time.Minute)),
		"the old secret":     sign(body, oldSecret, now),
		"two signatures":     sign(body, "whsec_other", now) + "," + good[strings.Index(good, ",")+1:],
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, http.StatusOK, e.post(body, signature).Code) })
	}
	assert.Equal(t, []string{"ada cad 1000"}, e.earned())
}

func TestRefusedConfigurations(t *testing.T) {
	eng := stripetest.NewEngine(t, memory.New(), "default")
	for field, cfg := range map[string]stripeadapter.Config{
		"secrets[1]":    {Secrets: []string{secret, ""}},
		"outOfBand":     {OutOfBand: "maybe"},
		"keys.click[0]": {Keys: stripeadapter.Keys{Click: []string{"a[b]"}}},
		"keys.promo[0]": {Keys: stripeadapter.Keys{Click: []string{"same"}, Promo: []string{"same"}}},
	} {
		_, err := stripeadapter.New(eng, cfg)
		require.ErrorIs(t, err, affiliate.ErrInvalidInput)
		assert.Equal(t, field, affiliate.Problems(err)[0].Field)
	}
	_, err := stripeadapter.New(nil, stripeadapter.Config{})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	adapter, err := stripeadapter.New(eng, stripeadapter.Config{})
	require.NoError(t, err)
	_, err = adapter.Handler()
	require.ErrorIs(t, err, affiliate.ErrInvalidInput, "a webhook without secret would let everybody in")
}

func TestBodies(t *testing.T) { // case 73
	e := newEndpoint(t, memory.New(), stripeadapter.Config{})
	large := []byte(`{"id":"evt_1","type":"invoice.paid","livemode":false,"data":{"object":{"id":"` + strings.Repeat("x", stripeadapter.MaxBody) + `"}}}`)
	for name, c := range map[string]struct {
		body []byte
		want int
	}{
		"thin":               {e.body("v2.thin"), http.StatusOK},
		"of an unknown type": {e.body("invoice.paid.subscription_create", stripetest.Set("type", "invoice.sent_by_pigeon")), http.StatusOK},
		"null":               {[]byte("null"), http.StatusBadRequest},
		"a list":             {[]byte("[]"), http.StatusBadRequest},
		"nothing":            {nil, http.StatusBadRequest},
		"no JSON":            {[]byte("<xml/>"), http.StatusBadRequest},
		"data null":          {[]byte(`{"id":"evt_1","type":"invoice.paid","created":1,"livemode":false,"data":null}`), http.StatusBadRequest},
		"data empty":         {[]byte(`{"id":"evt_1","type":"invoice.paid","created":1,"livemode":false,"data":{}}`), http.StatusBadRequest},
		"more than 1 MiB":    {large, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			before := e.dump()
			assert.Equal(t, c.want, e.deliver(c.body))
			assert.True(t, before == e.dump(), "nothing is stored")
		})
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	w := httptest.NewRecorder()
	e.handler.ServeHTTP(w, r)
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
}

func TestTheOtherMode(t *testing.T) { // case 67
	e := newEndpoint(t, memory.New(), stripeadapter.Config{})
	before := e.dump()
	assert.Equal(t, http.StatusOK, e.deliver(e.body("invoice.paid.subscription_cycle.metadata", stripetest.Set("livemode", true))))
	assert.True(t, before == e.dump(), "nothing is stored")

	live, err := stripeadapter.New(e.Engine, stripeadapter.Config{})
	require.NoError(t, err)
	result, err := live.Apply(t.Context(), e.body("invoice.paid.subscription_cycle.metadata"))
	require.NoError(t, err)
	assert.Equal(t, stripeadapter.OfOtherMode, result.Outcome)
	assert.True(t, before == e.dump(), "nothing is stored")
	result, err = live.Apply(t.Context(), e.body("invoice.paid.subscription_cycle.metadata", stripetest.Set("livemode", true)))
	require.NoError(t, err)
	assert.Equal(t, stripeadapter.Applied, result.Outcome)
	assert.Equal(t, []string{"in_basil_0003"}, result.Conversions)
}

func TestConnectedAccounts(t *testing.T) { // cases 68 and 69
	store := memory.New()
	tenants := map[string]*affiliate.Engine{}
	e := newEndpoint(t, store, stripeadapter.Config{Account: func(_ context.Context, account string) (*affiliate.Engine, error) {
		if account == "acct_down" {
			return nil, errors.New("the list of tenants is down")
		}
		return tenants[account], nil
	}})
	for _, account := range []string{"acct_A", "acct_B"} {
		tenants[account] = stripetest.NewEngine(t, store, account)
	}
	invoice := func(account string) []byte {
		return e.body("invoice.paid.subscription_cycle.metadata", stripetest.Set("account", account))
	}
	earned := func(account string) []string { return stripetest.Earned(t, tenants[account]) }
	for _, account := range []string{"acct_A", "acct_B", "acct_unknown", "acct_A"} {
		assert.Equal(t, http.StatusOK, e.deliver(invoice(account)))
	}
	assert.Equal(t, http.StatusServiceUnavailable, e.deliver(invoice("acct_down")))
	assert.Equal(t, []string{"ada cad 1000"}, earned("acct_A"))
	assert.Equal(t, []string{"ada cad 1000"}, earned("acct_B"))
	assert.Empty(t, e.earned(), "the platform's own")

	assert.Equal(t, http.StatusOK, e.deliver(e.body("account.application.deauthorized", stripetest.Set("account", "acct_A"))))
	for _, account := range []string{"acct_A", "acct_B"} {
		next := e.body("invoice.paid.tax-exclusive", stripetest.Set("account", account))
		assert.Equal(t, http.StatusOK, e.deliver(next))
	}
	assert.Equal(t, []string{"ada cad 1000"}, earned("acct_A"), "it left")
	assert.Equal(t, []string{"ada cad 2000"}, earned("acct_B"))

	require.NoError(t, e.Adapter.Connected(t.Context(), "acct_A"))
	assert.Equal(t, http.StatusOK, e.deliver(e.body("invoice.paid.tax-exclusive", stripetest.Set("account", "acct_A"))))
	assert.Equal(t, []string{"ada cad 2000"}, earned("acct_A"), "it is back")
	assert.NoError(t, e.Adapter.Connected(t.Context(), "acct_unknown"))
}

func TestManyDeliveriesAtOnce(t *testing.T) {
	e := newEndpoint(t, memory.New(), stripeadapter.Config{})
	bodies := [][]byte{
		e.body("checkout.session.completed.client_reference_id"), e.body("invoice.paid.subscription_create"),
		e.body("invoice.payment_succeeded.subscription_create"), e.body("invoice.paid.subscription_create.2023-10-16"),
		e.body("invoice_payment.paid"), e.body("customer.subscription.created"), e.body("charge.succeeded"),
		e.body("payment_intent.succeeded", stripetest.Set("data.object.metadata.affiliate_ref", "ref_ADA123")),
	}
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() { assert.Equal(t, http.StatusOK, e.deliver(bodies[i%len(bodies)])) })
	}
	all.Wait()
	assert.Equal(t, []string{"ada cad 1000"}, e.earned())
	assert.Len(t, stripetest.Standing(t, e.Engine), 1)
	e.Verify(t)
}

// broken is a store whose nth call fails.
type broken struct {
	storage.Store
	mu    sync.Mutex
	left  int
	calls int
}

var errBroken = errors.New("no more space")

func (b *broken) fail() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	if b.left--; b.left == 0 {
		return errBroken
	}
	return nil
}

func (b *broken) Load(ctx context.Context, org string, refs []storage.Ref) ([]storage.Anchor, error) {
	if err := b.fail(); err != nil {
		return nil, err
	}
	return b.Store.Load(ctx, org, refs)
}

func (b *broken) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	if err := b.fail(); err != nil {
		return nil, err
	}
	return b.Store.Commit(ctx, org, changes)
}

func TestStorageErrors(t *testing.T) { // case 74
	sequence := []string{
		"customer.created.metadata", "customer.subscription.created.trial", "checkout.session.completed.trial", "invoice.paid.zero-trial",
		"invoice.paid.trial-renewal", "payment_intent.succeeded.metadata", "refund.created.alone-1000",
	}
	store := &broken{Store: memory.New()}
	var log bytes.Buffer
	e := newEndpoint(t, store, stripeadapter.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for _, name := range sequence {
		for n := 1; ; n++ {
			before := e.dump()
			store.mu.Lock()
			store.left = n
			store.mu.Unlock()
			code := e.deliver(e.body(name))
			store.mu.Lock()
			spared := store.left > 0
			store.left = 0
			store.mu.Unlock()
			if spared {
				require.Equal(t, http.StatusOK, code)
				break
			}
			require.Equal(t, http.StatusServiceUnavailable, code, "%s, call %d", name, n)
			require.True(t, before == e.dump(), "%s, call %d: nothing is stored", name, n)
		}
	}
	assert.Equal(t, []string{"ada cad 1000", "ada usd 400"}, e.earned())
	assert.Contains(t, log.String(), "event not applied")
	assert.NotContains(t, log.String(), "@", "nobody's address")
	e.Verify(t)
}

func TestAReplayAMonthLater(t *testing.T) { // cases 4 and 75
	e := newEndpoint(t, memory.New(), stripeadapter.Config{})
	for _, name := range []string{"checkout.session.completed.client_reference_id", "invoice.paid.subscription_create", "invoice_payment.paid", "refund.created"} {
		assert.Equal(t, http.StatusOK, e.deliver(e.body(name)))
	}
	assert.Equal(t, []string{"ada cad 800"}, e.earned())
	require.NoError(t, affiliatetest.Settle(t.Context(), e.Engine))
	before := e.dump()
	for range 5 {
		for _, name := range []string{"invoice.paid.subscription_create", "refund.created", "checkout.session.completed.client_reference_id"} {
			assert.Equal(t, http.StatusOK, e.deliver(e.body(name)))
		}
	}
	assert.Equal(t, []string{"ada cad 800"}, e.earned())
	_, err := e.Settle(t.Context(), 0)
	require.NoError(t, err)
	assert.True(t, before == e.dump(), "nothing is stored")
}
