package stripeadapter_test

import (
	"context"
	"io/fs"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// lookupHistory has what the fixtures' events of newer versions leave out.
func lookupHistory() *fakeHistory {
	f := newFakeHistory()
	f.put("payment_intents", object{"id": "pi_basil_0001", "object": "payment_intent", "invoice": "in_basil_0001"})
	f.put("payment_intents", object{"id": "pi_alone", "object": "payment_intent", "invoice": nil})
	f.put("charges", object{"id": "ch_basil_0001", "object": "charge", "invoice": "in_basil_0001", "payment_intent": "pi_basil_0001"})
	f.put("charges", object{"id": "ch_alone", "object": "charge", "invoice": nil})
	f.put("promotion_codes", object{"id": "promo_ALEX10", "object": "promotion_code", "code": "ALEX10"})
	f.put("promotion_codes", object{"id": "promo_ITEM", "object": "promotion_code", "code": "ITEM"})
	f.put("discounts", object{"id": "di_basil_promo_0001", "object": "discount", "promotion_code": "promo_ALEX10"})
	f.put("discounts", object{"id": "di_item", "object": "discount", "promotion_code": "promo_ITEM"})
	f.put("invoices", object{
		"id": "in_basil_promo_0001", "object": "invoice", "discounts": []any{"di_basil_promo_0001"},
		"total_discount_amounts": []any{object{"amount": 900, "discount": "di_basil_promo_0001"}, object{"amount": 100, "discount": "di_item"}},
	})
	f.put("checkout/sessions", object{
		"id": "cs_promo", "object": "checkout.session", "total_details": object{"amount_discount": 500},
		"*total_details.breakdown": object{"discounts": []any{object{"amount": 500, "discount": object{"id": "di_1", "promotion_code": "promo_ALEX10"}}}},
	})
	f.put("invoices", object{
		"id": "in_basil_outside_0001", "object": "invoice", "customer": "cus_basil_0001", "billing_reason": "subscription_cycle",
		"subscription": "sub_basil_0001", "currency": "cad", "status": "paid", "created": int64(1760004000), "total": 4999, "amount_due": 4999,
		"amount_paid": 0, "paid_out_of_band": true, "discounts": []any{}, "status_transitions": object{"paid_at": 1760263200},
	})
	return f
}

func fixtures() fs.FS { return os.DirFS("testdata/events") }

func TestLookup(t *testing.T) {
	proxy := newFaultProxy(t, lookupHistory())
	l, ctx := stripeadapter.NewLookup(proxy.api("sk_test_1")), t.Context()
	for name, c := range map[string]struct{ intent, charge, want string }{
		"by payment intent":                 {"pi_basil_0001", "", "in_basil_0001"},
		"by charge":                         {"", "ch_basil_0001", "in_basil_0001"},
		"by charge, no such intent":         {"pi_none", "ch_basil_0001", "in_basil_0001"},
		"by charge, intent does not tell":   {"pi_alone", "ch_basil_0001", "in_basil_0001"},
		"of no invoice":                     {"pi_alone", "ch_alone", ""},
		"neither is there":                  {"pi_none", "ch_none", ""},
		"the intent is not there, alone":    {"pi_none", "", ""},
		"nothing is asked, nothing is told": {"", "", ""},
	} {
		got, err := l.InvoiceOf(ctx, "acct_1", c.intent, c.charge)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, got, name)
	}
	for object, want := range map[string][]string{
		"in_basil_promo_0001": {"promo_ALEX10", "promo_ITEM"}, "cs_promo": {"promo_ALEX10"},
		"in_basil_outside_0001": nil, "in_none": nil, "cs_none": nil, "pi_basil_0001": nil,
	} {
		got, err := l.PromotionsOf(ctx, "acct_1", object)
		require.NoError(t, err, object)
		assert.Equal(t, want, got, object)
	}
	for id, want := range map[string]string{"promo_ALEX10": "ALEX10", "promo_none": ""} {
		got, err := l.CodeOf(ctx, "acct_1", id)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	raw, err := l.Invoice(ctx, "acct_1", "in_basil_outside_0001")
	require.NoError(t, err)
	assert.Contains(t, string(raw), `"paid_out_of_band":true`)
	raw, err = l.Invoice(ctx, "acct_1", "in_none")
	require.NoError(t, err)
	assert.Empty(t, raw)
	for _, call := range proxy.seen() {
		require.Equal(t, "acct_1", call.Header.Get("Stripe-Account"))
	}
}

func TestLookupFaults(t *testing.T) {
	proxy := newFaultProxy(t, lookupHistory())
	patient := stripeadapter.NewLookup(proxy.api("sk_test_1"))
	impatient := stripeadapter.NewLookup(stripeadapter.NewAPI("sk_test_1", stripeadapter.APIOptions{
		URL: proxy.URL, Retries: -1, HTTPClient: &http.Client{Timeout: 100 * time.Millisecond},
	}))
	type lookup = stripeadapter.Lookup
	for name, ask := range map[string]func(ctx context.Context, l lookup) (any, error){
		"intent": func(ctx context.Context, l lookup) (any, error) { return l.InvoiceOf(ctx, "", "pi_basil_0001", "") },
		"charge": func(ctx context.Context, l lookup) (any, error) { return l.InvoiceOf(ctx, "", "", "ch_basil_0001") },
		"invoice": func(ctx context.Context, l lookup) (any, error) {
			return l.PromotionsOf(ctx, "", "in_basil_promo_0001")
		},
		"session": func(ctx context.Context, l lookup) (any, error) { return l.PromotionsOf(ctx, "", "cs_promo") },
		"code":    func(ctx context.Context, l lookup) (any, error) { return l.CodeOf(ctx, "", "promo_ALEX10") },
		"whole":   func(ctx context.Context, l lookup) (any, error) { return l.Invoice(ctx, "", "in_basil_outside_0001") },
	} {
		for fault, l := range map[fault]lookup{tooMany: patient, brokenBefore: patient, cutBefore: patient, silentAfter: impatient} {
			proxy.inject(faultRule{call: "GET ", fault: fault, times: 2})
			got, err := ask(t.Context(), l)
			require.ErrorIs(t, err, stripeadapter.ErrUnavailable, name)
			assert.Empty(t, got)
			proxy.heal()
		}
		proxy.inject(faultRule{call: "GET ", fault: denied})
		_, err := ask(t.Context(), patient)
		require.ErrorIs(t, err, stripeadapter.ErrNotPermitted, name)
		got, err := ask(t.Context(), patient)
		require.NoError(t, err)
		assert.NotEmpty(t, got, name)
	}
}

// asking is a webhook whose adapter asks Stripe.
func asking(t *testing.T, cfg stripeadapter.Config) (endpoint, *fakeHistory, *faultProxy) {
	t.Helper()
	f := lookupHistory()
	proxy := newFaultProxy(t, f)
	cfg.Lookup = stripeadapter.NewLookup(proxy.api("sk_test_1"))
	return newEndpoint(t, memory.New(), cfg), f, proxy
}

// faulty delivers an event while Stripe's API does not answer, and again when it
// does.
func (e endpoint) faulty(proxy *faultProxy, call string, body []byte) {
	e.t.Helper()
	for _, fault := range []fault{tooMany, brokenBefore, denied, cutBefore} {
		before := e.dump()
		proxy.inject(faultRule{call: call, fault: fault, times: 2})
		require.Equal(e.t, http.StatusServiceUnavailable, e.deliver(body))
		require.True(e.t, before == e.dump(), "nothing is stored")
		proxy.heal()
	}
	require.Equal(e.t, http.StatusOK, e.deliver(body))
}

func TestAPromotionCodeThatOnlyStripeTells(t *testing.T) { // case 27
	for _, call := range []string{"GET /v1/invoices/", "GET /v1/promotion_codes/"} {
		e, _, proxy := asking(t, stripeadapter.Config{})
		e.faulty(proxy, call, e.body("invoice.paid.promo-first"))
		assert.Equal(t, []string{"alex cad 800"}, e.earned())
		proxy.seen()
		require.Equal(t, http.StatusOK, e.deliver(e.body("invoice.paid.promo-first")))
		assert.Empty(t, proxy.seen(), "nobody asks again")
		e.Verify(t)
	}
	e := newEndpoint(t, memory.New(), stripeadapter.Config{})
	result, err := e.Adapter.Apply(t.Context(), e.body("invoice.paid.promo-first"))
	require.NoError(t, err)
	assert.Equal(t, []stripeadapter.Missing{stripeadapter.MissingPromotion}, result.Missing, "nobody to ask")
	assert.Empty(t, e.earned())
}

func TestAPaymentIntentWhoseInvoiceOnlyStripeTells(t *testing.T) {
	referred := stripetest.Set("data.object.metadata."+stripeadapter.DefaultKeys().Referral[0], "ref_ADA123")
	intent, invoice := "payment_intent.succeeded", "invoice.paid.subscription_create"
	for _, order := range [][]string{{intent, invoice}, {invoice, intent}} {
		e, _, proxy := asking(t, stripeadapter.Config{})
		require.Equal(t, http.StatusOK, e.deliver(e.body("checkout.session.completed.client_reference_id")))
		for _, name := range order {
			if name == intent {
				e.faulty(proxy, "GET /v1/payment_intents/", e.body(intent, referred))
				continue
			}
			require.Equal(t, http.StatusOK, e.deliver(e.body(name)))
		}
		assert.Equal(t, []string{"ada cad 1000"}, e.earned())
		assert.Len(t, stripetest.Standing(t, e.Engine), 1)
		require.Equal(t, http.StatusOK, e.deliver(e.body("refund.created")))
		assert.Equal(t, []string{"ada cad 800"}, e.earned(), "the refund finds the invoice")
		e.Verify(t)
	}
}

func TestARefundWhoseInvoiceOnlyStripeTells(t *testing.T) {
	e, f, proxy := asking(t, stripeadapter.Config{})
	for _, name := range []string{"checkout.session.completed.client_reference_id", "invoice.paid.subscription_create"} {
		require.Equal(t, http.StatusOK, e.deliver(e.body(name)))
	}
	f.remove("payment_intents", "pi_basil_0001") // only the charge tells
	e.faulty(proxy, "GET /v1/", e.body("refund.created"))
	assert.Equal(t, []string{"ada cad 800"}, e.earned())
	e.Verify(t)
}

func TestMoneyFromOutsideOfStripe(t *testing.T) {
	const event = "invoice.paid.out-of-band"
	ignore := stripeadapter.Config{OutOfBand: stripeadapter.IgnoreOutOfBand}

	e, f, proxy := asking(t, ignore)
	e.faulty(proxy, "GET /v1/invoices/", e.body(event))
	assert.Empty(t, e.earned(), "Stripe tells that it came from outside")
	proxy.seen()
	result, err := e.Adapter.Apply(t.Context(), e.body(event))
	require.NoError(t, err)
	assert.Empty(t, result.Missing)
	assert.Empty(t, proxy.seen(), "nobody asks again")

	f.edit("invoices", "in_basil_outside_0001", object{"paid_out_of_band": false, "amount_paid": 4999})
	e = newEndpoint(t, memory.New(), stripeadapter.Config{OutOfBand: stripeadapter.IgnoreOutOfBand, Lookup: stripeadapter.NewLookup(proxy.api("sk_test_1"))})
	require.Equal(t, http.StatusOK, e.deliver(e.body(event)))
	assert.Equal(t, []string{"ada cad 1000"}, e.earned(), "Stripe tells that it did not")

	e, _, proxy = asking(t, stripeadapter.Config{})
	require.Equal(t, http.StatusOK, e.deliver(e.body(event)))
	assert.Equal(t, []string{"ada cad 1000"}, e.earned(), "it counts anyway")
	assert.Empty(t, proxy.seen())
}

func TestMoneyFromOutsideOfStripeThatNobodyTells(t *testing.T) {
	const event = "invoice.paid.out-of-band"
	missing := []stripeadapter.Missing{stripeadapter.MissingOutOfBand}
	apply := func(t *testing.T, e endpoint, want []stripeadapter.Missing, name string) {
		t.Helper()
		result, err := e.Adapter.Apply(t.Context(), e.body(name))
		require.NoError(t, err)
		assert.Equal(t, want, result.Missing)
	}
	e := newEndpoint(t, memory.New(), stripeadapter.Config{OutOfBand: stripeadapter.IgnoreOutOfBand})
	apply(t, e, missing, event)
	assert.Equal(t, []string{"ada cad 1000"}, e.earned(), "it counts until somebody tells")
	apply(t, e, nil, event+".2023-10-16")
	assert.Empty(t, e.earned(), "an older version tells")
	apply(t, e, nil, event)
	assert.Empty(t, e.earned(), "it stays told")
	e.Verify(t)

	e, f, _ := asking(t, stripeadapter.Config{OutOfBand: stripeadapter.IgnoreOutOfBand})
	f.remove("invoices", "in_basil_outside_0001")
	apply(t, e, missing, event)
	assert.Equal(t, []string{"ada cad 1000"}, e.earned(), "Stripe does not know the invoice")
}

func TestBackfillTellsOfMoneyFromOutside(t *testing.T) {
	f := lookupHistory()
	f.remove("invoices", "in_basil_promo_0001")
	for _, kind := range []string{"payment_intents", "charges"} {
		delete(f.objects, kind)
	}
	proxy := newFaultProxy(t, f)
	host := stripetest.NewHost(t, memory.New(), fixtures(), stripeadapter.Config{OutOfBand: stripeadapter.IgnoreOutOfBand})
	host.Deliver(t, stripetest.File("invoice.paid.out-of-band"))
	assert.Equal(t, []string{"ada cad 1000"}, stripetest.Earned(t, host.Engine))
	report, err := host.Adapter.Reconcile(t.Context(), proxy.api("sk_test_1"), stripeadapter.ReconcileOptions{})
	require.NoError(t, err)
	assert.Equal(t, []stripeadapter.Difference{{
		Kind: stripeadapter.AmountDiffers, Object: "in_basil_outside_0001", Conversion: "in_basil_outside_0001", Currency: "cad", Ledger: 4999,
	}}, report.Differences)
	f.reads = nil
	_, err = host.Adapter.Backfill(t.Context(), proxy.api("sk_test_1"), stripeadapter.BackfillOptions{})
	require.NoError(t, err)
	assert.Empty(t, stripetest.Earned(t, host.Engine))
	assert.Empty(t, f.reads, "it is listed with the invoice")
	host.Verify(t)
}
