package stripeadapter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// hearing is a webhook whose host keeps what it hears, and its log.
type hearing struct {
	endpoint
	results []stripeadapter.Result
	log     bytes.Buffer
}

func newHearing(t *testing.T, store storage.Store) *hearing {
	t.Helper()
	h := &hearing{}
	h.endpoint = newEndpoint(t, store, stripeadapter.Config{
		OnResult: func(_ context.Context, r stripeadapter.Result) { h.results = append(h.results, r) },
		Logger:   slog.New(slog.NewTextHandler(&h.log, nil)),
	})
	return h
}

// aside are the events that are set aside.
func (e endpoint) aside() []stripeadapter.SetAsideEvent {
	e.t.Helper()
	page, err := e.Adapter.SetAside(e.t.Context(), "", "", 0)
	require.NoError(e.t, err)
	require.Empty(e.t, page.Next)
	return page.Events
}

// contradict makes the host use an id that the adapter needs for the first refund
// of in_basil_0001, for a refund of something else.
func (e endpoint) contradict() {
	e.t.Helper()
	for _, name := range []string{"checkout.session.completed.client_reference_id", "invoice.paid.subscription_create", "invoice_payment.paid"} {
		require.Equal(e.t, http.StatusOK, e.deliver(e.body(name)))
	}
	_, err := e.RecordConversion(e.t.Context(), affiliate.Conversion{ID: "other", Customer: "other", Amount: 100, Currency: "cad", At: stripetest.Now()})
	require.NoError(e.t, err)
	_, err = e.RecordRefund(e.t.Context(), affiliate.Refund{ID: "in_basil_0001:refund:1", Conversion: "other", Amount: 50, At: stripetest.Now()})
	require.NoError(e.t, err)
}

func TestAnEventThatIsRefusedEachTimeIsSetAside(t *testing.T) {
	h := newHearing(t, memory.New())
	h.contradict()
	refund := h.body("refund.created")
	for range 3 {
		require.Equal(t, http.StatusOK, h.deliver(refund), "it is never poison")
	}
	assert.Equal(t, []string{"ada cad 1000"}, h.earned(), "nothing of it counts")
	aside := h.aside()
	require.Len(t, aside, 1, "once, however often it is delivered")
	assert.Equal(t, "evt_basil_refund_created_0001", aside[0].Event)
	assert.Equal(t, "refund.created", aside[0].Type)
	assert.Equal(t, "re_basil_0001", aside[0].Object)
	assert.Equal(t, "duplicate_conflict", aside[0].Reason)
	assert.Equal(t, stripetest.Now(), aside[0].At)
	last := h.results[len(h.results)-1]
	assert.Equal(t, stripeadapter.SetAside, last.Outcome)
	assert.Equal(t, "duplicate_conflict", last.Reason)
	require.ErrorIs(t, last.Err, affiliate.ErrConflict)
	assert.Contains(t, h.log.String(), "event set aside")
	assert.Contains(t, h.log.String(), "reason=duplicate_conflict")
	assert.NotContains(t, h.log.String(), "@", "nobody's address")
	h.Verify(t)

	proxy := newFaultProxy(t, newFakeHistory())
	report, err := h.Adapter.Reconcile(t.Context(), proxy.api("sk_test_1"), stripeadapter.ReconcileOptions{})
	require.NoError(t, err)
	assert.Equal(t, aside, report.SetAside)
	assert.Contains(t, report.String(), "set aside evt_basil_refund_created_0001: refund.created re_basil_0001: duplicate_conflict\n")
}

func TestWhatIsNoObjectIsSetAside(t *testing.T) {
	h := newHearing(t, memory.New())
	const cycle = "invoice.paid.subscription_cycle.metadata"
	for i, c := range []struct {
		what, reason string
		body         []byte
	}{
		{"an amount with a dot", "malformed", h.body("invoice.paid.subscription_create", stripetest.Set("data.object.total", 49.99))},
		{"an object without id", "malformed", []byte(`{"id":"evt_1","type":"invoice.paid","created":1,"livemode":false,"data":{"object":{}}}`)},
		{"of a customer that cannot be", "invalid_input", h.body(cycle, stripetest.Set("data.object.customer", "cus\n"))},
	} {
		require.Equal(t, http.StatusOK, h.deliver(c.body), c.what)
		aside := h.aside()
		require.Len(t, aside, i+1, c.what)
		assert.Equal(t, c.reason, aside[i].Reason, c.what)
	}
	assert.Empty(t, h.earned())

	require.Equal(t, http.StatusOK, h.deliver(h.body(cycle)), "it is delivered again, rendered well")
	require.Len(t, h.aside(), 2)
	assert.Equal(t, []string{"ada cad 1000"}, h.earned())
}

func TestAnEventThatWasSetAsideIsRetried(t *testing.T) {
	h := newHearing(t, memory.New())
	const event = "invoice.paid.subscription_cycle.metadata"
	require.Equal(t, http.StatusOK, h.deliver(h.body(event, stripetest.Set("data.object.customer", "cus\n"))))
	require.Len(t, h.aside(), 1)
	id := h.aside()[0].Event

	f := newFakeHistory()
	proxy := newFaultProxy(t, f)
	api := proxy.api("sk_test_1")
	_, err := h.Adapter.Retry(t.Context(), api, "", id)
	require.ErrorIs(t, err, affiliate.ErrNotFound, "Stripe has forgotten it")
	proxy.inject(faultRule{call: "GET /v1/events/", fault: brokenBefore})
	_, err = h.Adapter.Retry(t.Context(), api, "", id)
	require.ErrorIs(t, err, stripeadapter.ErrUnavailable)
	require.Len(t, h.aside(), 1)

	f.put("events", decoded(t, h.body(event, stripetest.Set("data.object.customer", "cus\n"))))
	result, err := h.Adapter.Retry(t.Context(), api, "", id)
	require.NoError(t, err)
	assert.Equal(t, stripeadapter.SetAside, result.Outcome, "still")
	require.Len(t, h.aside(), 1)

	f.put("events", decoded(t, h.body(event)))
	result, err = h.Adapter.Retry(t.Context(), api, "", id)
	require.NoError(t, err)
	assert.Equal(t, stripeadapter.Applied, result.Outcome)
	assert.Empty(t, h.aside())
	assert.Equal(t, []string{"ada cad 1000"}, h.earned())
	require.ErrorIs(t, h.Adapter.Dismiss(t.Context(), "", id), affiliate.ErrNotFound)
	_, err = h.Adapter.Retry(t.Context(), nil, "", id)
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	_, err = h.Adapter.Retry(t.Context(), api, "acct_unknown", id)
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	h.Verify(t)
}

// TestTestClocksRunAhead tells a payment of 2090 to an adapter of test mode, where a
// test clock says so, and to a live one.
func TestTestClocksRunAhead(t *testing.T) {
	h := newHearing(t, memory.New())
	ahead := []stripetest.Edit{
		stripetest.Set("data.object.test_clock", "clock_1"), stripetest.Set("data.object.status_transitions.paid_at", 3800000000),
	}
	require.Equal(t, http.StatusOK, h.deliver(h.body("invoice.paid.subscription_cycle.metadata", ahead...)))
	assert.Empty(t, h.aside())
	balances, err := h.Balances(t.Context(), "ada", stripetest.Now())
	require.NoError(t, err)
	require.Len(t, balances, 1)
	assert.Equal(t, int64(1000), balances[0].Pending, "until then")
	assert.Zero(t, balances[0].Payable)
	h.Verify(t)

	live, err := stripeadapter.New(h.Engine, stripeadapter.Config{})
	require.NoError(t, err)
	body := h.body("invoice.paid.subscription_create", append(ahead, stripetest.Set("livemode", true))...)
	result, err := live.Apply(t.Context(), body)
	require.NoError(t, err)
	assert.Equal(t, stripeadapter.SetAside, result.Outcome)
	assert.Equal(t, "invalid_input", result.Reason)
}

func decoded(t *testing.T, body []byte) object {
	t.Helper()
	var o object
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&o))
	return o
}

func TestTheListOfWhatIsSetAside(t *testing.T) {
	h := newHearing(t, memory.New())
	id := func(i int) string { return fmt.Sprintf("evt_%02d", i) }
	for i := range 12 {
		body := h.body("invoice.paid.subscription_create", stripetest.Set("id", id(i)), stripetest.Set("data.object.total", 49.99))
		require.Equal(t, http.StatusOK, h.deliver(body))
	}
	for _, i := range []int{0, 1, 5, 11} {
		require.NoError(t, h.Adapter.Dismiss(t.Context(), "", id(i)))
	}
	var got []string
	after := ""
	for pages := 0; ; pages++ {
		require.Less(t, pages, 10)
		page, err := h.Adapter.SetAside(t.Context(), "", after, 3)
		require.NoError(t, err)
		for _, e := range page.Events {
			got = append(got, e.Event)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	assert.Equal(t, []string{id(2), id(3), id(4), id(6), id(7), id(8), id(9), id(10)}, got)
	_, err := h.Adapter.SetAside(t.Context(), "", "evt_1", 3)
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	_, err = h.Adapter.SetAside(t.Context(), "acct_unknown", "", 3)
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
}

// failing is a store whose commits fail with an error.
type failing struct {
	storage.Store
	err error
}

func (f *failing) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Store.Commit(ctx, org, changes)
}

func TestWhatARetryCanMendIsNotSetAside(t *testing.T) {
	store := &failing{Store: memory.New()}
	h := newHearing(t, store)
	body := h.body("invoice.paid.subscription_cycle.metadata")
	for _, err := range []error{
		affiliate.ErrUnavailable, affiliate.ErrTimeout, affiliate.ErrSerialization, affiliate.ErrFull, affiliate.ErrBusy,
		context.DeadlineExceeded, context.Canceled, errors.New("something new"),
	} {
		store.err = fmt.Errorf("on the way: %w", err)
		assert.Equal(t, http.StatusServiceUnavailable, h.deliver(body), err.Error())
	}
	store.err = nil
	assert.Empty(t, h.aside())
	assert.Empty(t, h.results, "nothing became of it yet")
	assert.Equal(t, http.StatusOK, h.deliver(body))
	assert.Equal(t, []string{"ada cad 1000"}, h.earned())
}

// refusing is a Lookup that fails, with whatever.
type refusing struct {
	stripeadapter.Lookup
	err error
}

func (r refusing) InvoiceOf(context.Context, string, string, string) (string, error) {
	return "", r.err
}

func TestAQuestionThatIsNotAnsweredIsAskedAgain(t *testing.T) {
	for _, err := range []error{stripeadapter.ErrUnavailable, affiliate.ErrInvalidInput, affiliate.ErrConflict, stripeadapter.ErrMalformed} {
		e := newEndpoint(t, memory.New(), stripeadapter.Config{Lookup: refusing{err: err}})
		assert.Equal(t, http.StatusServiceUnavailable, e.deliver(e.body("payment_intent.succeeded.metadata")), err.Error())
		assert.Empty(t, e.aside())
	}
	e := newEndpoint(t, memory.New(), stripeadapter.Config{
		Account: func(context.Context, string) (*affiliate.Engine, error) { return nil, affiliate.ErrNotFound },
	})
	body := e.body("payment_intent.succeeded.metadata", stripetest.Set("account", "acct_1"))
	assert.Equal(t, http.StatusServiceUnavailable, e.deliver(body), "the list of tenants is down")
}
