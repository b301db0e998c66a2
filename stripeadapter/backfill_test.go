package stripeadapter_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// replay is a host, and a Stripe with a history behind a proxy.
type replay struct {
	*stripetest.Host
	t     *testing.T
	story *story
	proxy *faultProxy
	api   *client.API
}

func newReplay(t *testing.T, s *story, store storage.Store, cfg stripeadapter.Config) *replay {
	t.Helper()
	proxy := newFaultProxy(t, s)
	api := proxy.api("sk_test_1")
	return &replay{stripetest.NewHost(t, store, nil, cfg), t, s, proxy, api}
}

// told is a host that was told the same by webhooks, in time.
func told(t *testing.T, s *story) *replay {
	t.Helper()
	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	r = newReplay(t, s, memory.New(), stripeadapter.Config{Lookup: stripeadapter.NewLookup(r.api)})
	r.deliver(s.events...)
	r.standing() // it settles
	r.Verify(t)
	return r
}

func (r *replay) deliver(events ...[]byte) {
	r.t.Helper()
	for _, body := range events {
		_, err := r.Adapter.Apply(r.t.Context(), body)
		require.NoError(r.t, err, string(body))
	}
}

func (r *replay) backfill(o stripeadapter.BackfillOptions) stripeadapter.BackfillResult {
	r.t.Helper()
	result, err := r.Adapter.Backfill(r.t.Context(), r.api, o)
	require.NoError(r.t, err)
	require.Empty(r.t, result.Refusals)
	return result
}

func (r *replay) standing() []string {
	r.t.Helper()
	return stripetest.Standing(r.t, r.Engine)
}

// facts are how many facts there are: nothing is ever changed or deleted.
func (r *replay) facts() string {
	r.t.Helper()
	rows, err := r.Store.Rows(r.t.Context(), r.Organization())
	require.NoError(r.t, err)
	return fmt.Sprint(len(rows.Clicks), len(rows.Identifies), len(rows.Conversions), len(rows.Facts), len(rows.Entries))
}

func TestBackfillIsWhatWebhooksTold(t *testing.T) {
	s := wholeStory()
	want := told(t, s)
	earned := []string{"ada cad 7480", "alex cad 1800"}
	require.Equal(t, earned, stripetest.Earned(t, want.Engine), "by hand")

	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	result := r.backfill(stripeadapter.BackfillOptions{})
	assert.True(t, result.Done)
	assert.Empty(t, result.Stage)
	assert.Zero(t, result.Refused)
	assert.Equal(t, 1, result.Waiting, "the refund of a charge that no payment intent told of before")
	assert.Equal(t, earned, stripetest.Earned(t, r.Engine))
	assert.Equal(t, want.standing(), r.standing())
	r.Verify(t)

	facts := r.facts()
	assert.Equal(t, result, r.backfill(stripeadapter.BackfillOptions{}), "all is done")
	again := r.backfill(stripeadapter.BackfillOptions{Restart: true, PageSize: 3})
	result.Waiting = 0
	assert.Equal(t, result, again, "it counts from the start")
	assert.Equal(t, facts, r.facts(), "nothing is new")
	r.deliver(s.events...)
	assert.Equal(t, want.standing(), r.standing(), "webhooks come late")

	facts = want.facts()
	want.backfill(stripeadapter.BackfillOptions{})
	assert.Equal(t, facts, want.facts(), "the webhook told it all")
	want.Verify(t)
}

func TestBackfillNextToWebhooks(t *testing.T) {
	s := wholeStory()
	want := told(t, s).standing()
	for every := 1; every <= 4; every++ {
		r := newReplay(t, s, memory.New(), stripeadapter.Config{})
		at := 0
		progress := func(stripeadapter.BackfillProgress) {
			for range every * 2 {
				if at < len(s.events) {
					r.deliver(s.events[at])
					at++
				}
			}
		}
		r.backfill(stripeadapter.BackfillOptions{PageSize: 5, Progress: progress})
		assert.Equal(t, want, r.standing(), "%d events, two to a page", at)
		r.deliver(s.events[at:]...)
		assert.Equal(t, want, r.standing())
		r.Verify(t)
	}
}

func TestBackfillInParts(t *testing.T) {
	s := wholeStory()
	want := told(t, s).standing()
	for size := 1; size <= 12; size += 4 {
		r := newReplay(t, s, memory.New(), stripeadapter.Config{})
		all := 0
		for calls := 1; ; calls++ {
			result := r.backfill(stripeadapter.BackfillOptions{MaxObjects: size, PageSize: 3, Restart: calls == 1})
			require.LessOrEqual(t, result.Listed-all, size)
			all = result.Listed
			if result.Done {
				break
			}
			require.NotEmpty(t, result.Stage)
			require.Less(t, calls, 200)
		}
		assert.Equal(t, want, r.standing())
		r.Verify(t)
	}
}

var stageCalls = []string{
	"GET /v1/customers", "GET /v1/subscriptions", "GET /v1/checkout/sessions", "GET /v1/invoices", "GET /v1/payment_intents",
	"GET /v1/refunds", "GET /v1/charges", "GET /v1/disputes", "GET /v1/credit_notes",
}

func TestBackfillGoesOnAfterFaultsOfStripe(t *testing.T) {
	s := wholeStory()
	want := told(t, s).standing()
	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	impatient := stripeadapter.NewAPI("sk_test_1", stripeadapter.APIOptions{
		URL: r.proxy.URL, Retries: -1, HTTPClient: &http.Client{Timeout: 200 * time.Millisecond},
	})
	o := stripeadapter.BackfillOptions{PageSize: 4}
	for i, call := range stageCalls {
		for _, fault := range []fault{tooMany, brokenBefore, cutBefore, silentAfter} {
			r.proxy.inject(faultRule{call: call, fault: fault, times: 2}) // net/http asks once more after a cut
			api := r.api
			if fault == silentAfter { // the call is the first: all others have happened
				api = impatient
			}
			result, err := r.Adapter.Backfill(t.Context(), api, o)
			require.ErrorIs(t, err, stripeadapter.ErrUnavailable, call)
			require.Equal(t, call, "GET /v1/"+map[bool]string{true: "checkout/sessions", false: result.Stage}[result.Stage == "checkout_sessions"])
			require.False(t, result.Done, i)
			r.proxy.heal()
		}
	}
	r.proxy.inject(faultRule{call: "GET /v1/credit_notes", fault: denied})
	_, err := r.Adapter.Backfill(t.Context(), r.api, o)
	require.ErrorIs(t, err, stripeadapter.ErrNotPermitted)
	assert.True(t, r.backfill(o).Done)
	assert.Equal(t, want, r.standing())
	r.Verify(t)
}

func TestBackfillGoesOnAfterFaultsOfTheStore(t *testing.T) {
	s := wholeStory()
	want := told(t, s).standing()
	store := &broken{Store: memory.New()}
	r := newReplay(t, s, store, stripeadapter.Config{})
	o := stripeadapter.BackfillOptions{PageSize: 2}
	listed := 0
	for n := 1; ; n++ {
		store.mu.Lock()
		store.left = n
		store.mu.Unlock()
		result, err := r.Adapter.Backfill(t.Context(), r.api, o)
		if err == nil {
			require.True(t, result.Done)
			break
		}
		require.ErrorIs(t, err, errBroken, "call %d", n)
		require.GreaterOrEqual(t, result.Listed, listed, "what was noted stays")
		listed = result.Listed
	}
	store.mu.Lock()
	store.left = 0
	store.mu.Unlock()
	assert.Positive(t, listed, "some calls got somewhere, and the next went on")
	assert.Equal(t, want, r.standing())
	r.Verify(t)
}

func TestBackfillOfAPeriod(t *testing.T) {
	s := wholeStory()
	want := told(t, s)
	middle := time.Unix(createdOf(s.find("invoices", "in_s3")), 0)
	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	older := r.backfill(stripeadapter.BackfillOptions{To: middle})
	_, err := r.Conversion(t.Context(), "in_s2")
	require.NoError(t, err)
	_, err = r.Conversion(t.Context(), "in_s3")
	require.ErrorIs(t, err, affiliate.ErrNotFound)
	newer := r.backfill(stripeadapter.BackfillOptions{From: middle})
	assert.Equal(t, want.standing(), r.standing())
	r.Verify(t)

	all := newReplay(t, s, memory.New(), stripeadapter.Config{}).backfill(stripeadapter.BackfillOptions{})
	assert.Equal(t, all.Listed, older.Listed+newer.Listed, "each object once")
	assert.Equal(t, older, r.backfill(stripeadapter.BackfillOptions{To: middle}), "each period has its own progress")
}

func TestBackfillOfTheOtherMode(t *testing.T) {
	s := wholeStory()
	s.live = true
	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	before := r.facts()
	_, err := r.Adapter.Backfill(t.Context(), r.api, stripeadapter.BackfillOptions{})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	assert.Equal(t, "api", affiliate.Problems(err)[0].Field)
	assert.Equal(t, before, r.facts())
}

func TestBackfillRefusesOptions(t *testing.T) {
	r := newReplay(t, newStory(), memory.New(), stripeadapter.Config{})
	now := stripetest.Now()
	for field, o := range map[string]stripeadapter.BackfillOptions{
		"to":         {From: now, To: now},
		"maxObjects": {MaxObjects: -1},
		"pageSize":   {PageSize: 101},
		"account":    {Account: "acct_unknown"},
	} {
		_, err := r.Adapter.Backfill(t.Context(), r.api, o)
		require.ErrorIs(t, err, affiliate.ErrInvalidInput)
		assert.Equal(t, field, affiliate.Problems(err)[0].Field)
	}
	_, err := r.Adapter.Backfill(t.Context(), nil, stripeadapter.BackfillOptions{})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	assert.Empty(t, r.proxy.seen(), "Stripe was not asked")
}

func TestBackfillsAtOnce(t *testing.T) {
	s := wholeStory()
	want := told(t, s).standing()
	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	var inner error
	o := stripeadapter.BackfillOptions{PageSize: 7}
	o.Progress = func(p stripeadapter.BackfillProgress) {
		if p.Stage == "charges" && inner == nil { // another one goes on from here, to the end
			_, inner = r.Adapter.Backfill(context.Background(), r.api, stripeadapter.BackfillOptions{PageSize: 7})
			require.NoError(t, inner)
		}
	}
	result, err := r.Adapter.Backfill(t.Context(), r.api, o)
	require.ErrorIs(t, err, affiliate.ErrBusy)
	assert.False(t, result.Done)
	assert.Equal(t, want, r.standing())
	assert.True(t, r.backfill(o).Done)
	assert.Equal(t, want, r.standing())
	r.Verify(t)
}

func TestBackfillRefusesObjects(t *testing.T) {
	s := wholeStory()
	want := told(t, s).standing()
	s.put("invoices", object{"id": "in_broken", "created": s.later(), "status": "paid", "total": "much"})
	s.put("invoices", object{"created": s.later(), "status": "paid"}) // no id
	s.put("customers", object{"id": "cus_broken", "created": "yesterday"})
	s.put("invoices", object{"id": "in_strange", "customer": "cus\n", "created": s.later(), "status": "paid", "total": 100, "amount_paid": 100, "currency": "cad"})
	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	result, err := r.Adapter.Backfill(t.Context(), r.api, stripeadapter.BackfillOptions{})
	require.NoError(t, err)
	assert.True(t, result.Done)
	assert.Equal(t, 4, result.Refused)
	refused := map[string]error{}
	for _, refusal := range result.Refusals {
		refused[refusal.Object] = refusal.Err
	}
	require.ErrorIs(t, refused["in_broken"], stripeadapter.ErrMalformed)
	require.ErrorIs(t, refused["cus_broken"], stripeadapter.ErrMalformed)
	require.ErrorIs(t, refused["in_strange"], affiliate.ErrInvalidInput)
	require.ErrorIs(t, refused[""], stripeadapter.ErrMalformed)
	assert.Equal(t, want, r.standing(), "the others count")

	_, err = r.Adapter.Backfill(t.Context(), r.api, stripeadapter.BackfillOptions{PageSize: 1, Restart: true})
	require.ErrorIs(t, err, stripeadapter.ErrMalformed, "a page cannot start after an object without id")
}

func TestBackfillGoesOnWhereAnObjectWasDeleted(t *testing.T) {
	s := wholeStory()
	want := told(t, s).standing()
	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	first := r.backfill(stripeadapter.BackfillOptions{MaxObjects: 2, PageSize: 2})
	require.Equal(t, "customers", first.Stage)
	s.remove("customers", "cus_promo") // the second last, which the next page would start after
	assert.True(t, r.backfill(stripeadapter.BackfillOptions{}).Done)
	assert.Equal(t, want, r.standing())
}

func TestBackfillOfAConnectedAccount(t *testing.T) {
	s := wholeStory()
	want := told(t, s).standing()
	store := memory.New()
	tenant := stripetest.NewEngine(t, store, "tenant")
	r := newReplay(t, s, store, stripeadapter.Config{Account: func(_ context.Context, account string) (*affiliate.Engine, error) {
		return map[string]*affiliate.Engine{"acct_1": tenant}[account], nil
	}})
	assert.True(t, r.backfill(stripeadapter.BackfillOptions{Account: "acct_1"}).Done)
	assert.Equal(t, want, stripetest.Standing(t, tenant))
	assert.Empty(t, r.standing(), "the platform's own")
	for _, call := range r.proxy.seen() {
		require.Equal(t, "acct_1", call.Header.Get("Stripe-Account"), call.Path)
	}
}

// olderThanParams passes calls on without the parameters that Stripe has, and
// stripe-go, but not yet the specification of the mock.
func olderThanParams(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		switch r.URL.Path {
		case "/v1/checkout/sessions":
			query.Del("status")
			query.Del("created[gte]")
			query.Del("created[lt]")
		case "/v1/credit_notes":
			query.Del("created[gte]")
			query.Del("created[lt]")
		}
		r.URL.RawQuery = query.Encode()
		next.ServeHTTP(w, r)
	})
}

// stripe-mock refuses parameters that Stripe does not have, and answers with
// fixtures of every kind.
func TestBackfillAgainstStripeMock(t *testing.T) {
	mock := startStripeMock(t)
	s := wholeStory()
	proxy := newFaultProxy(t, olderThanParams(checkedBy(t, mock, s)))
	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	from := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	o := stripeadapter.BackfillOptions{From: from, To: stripetest.Now(), PageSize: 20}
	_, err := r.Adapter.Backfill(t.Context(), proxy.api("sk_test_1"), o)
	require.NoError(t, err)

	proxy, r = newFaultProxy(t, olderThanParams(forward(mock))), newReplay(t, s, memory.New(), stripeadapter.Config{})
	result, err := r.Adapter.Backfill(t.Context(), proxy.api("sk_test_1"), stripeadapter.BackfillOptions{})
	require.NoError(t, err)
	assert.True(t, result.Done)
	assert.GreaterOrEqual(t, result.Listed, len(stageCalls), "one of each kind")
	assert.Empty(t, result.Refusals)
	report, err := r.Adapter.Reconcile(t.Context(), proxy.api("sk_test_1"), stripeadapter.ReconcileOptions{})
	require.NoError(t, err)
	assert.True(t, report.Agrees(), report.String())
	r.standing()
	r.Verify(t)
}
