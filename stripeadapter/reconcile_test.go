package stripeadapter_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// reconcile returns a report, and checks that it wrote nothing.
func (r *replay) reconcile(o stripeadapter.ReconcileOptions) stripeadapter.ReconcileReport {
	r.t.Helper()
	r.standing() // settles
	before := r.everything()
	report, err := r.Adapter.Reconcile(r.t.Context(), r.api, o)
	require.NoError(r.t, err)
	require.True(r.t, before == r.everything(), "it only reads")
	return report
}

func (r *replay) everything() string {
	r.t.Helper()
	rows, err := r.Store.Rows(r.t.Context(), r.Organization())
	require.NoError(r.t, err)
	text, err := rows.Canonical()
	require.NoError(r.t, err)
	return string(text)
}

func TestReconcileAgrees(t *testing.T) {
	s := wholeStory()
	webhooks := told(t, s)
	report := webhooks.reconcile(stripeadapter.ReconcileOptions{PageSize: 4})
	assert.True(t, report.Agrees(), report.String())

	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	r.backfill(stripeadapter.BackfillOptions{})
	report = r.reconcile(stripeadapter.ReconcileOptions{})
	assert.True(t, report.Agrees(), report.String())
	side := stripeadapter.Side{Payments: 14, Amount: 65300, Refunded: 4000}
	assert.Equal(t, []stripeadapter.CurrencyTotal{{Currency: "cad", Stripe: side, Ledger: side}}, report.Totals)
	assert.Equal(t, map[stripeadapter.IgnoredReason]int{stripeadapter.NoReference: 1, stripeadapter.NotPaid: 1}, report.Ignored)
	assert.Equal(t, 14, report.Payments)
	assert.Equal(t, `cad: Stripe 14 payments, 65300, refunded 4000; ledger 14 payments, 65300, refunded 4000
ignored no_reference: 1
ignored not_paid: 1
59 objects, 14 payments: agrees
`, report.String())
}

func TestReconcileOfAnEmptyLedger(t *testing.T) {
	s := wholeStory()
	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	report := r.reconcile(stripeadapter.ReconcileOptions{})
	missing := 0
	for _, d := range report.Differences {
		if d.Kind == stripeadapter.PaymentMissing {
			missing++
		}
	}
	assert.Equal(t, 14, missing, "%s", report)
	assert.Contains(t, report.String(), "missing in_s2: Stripe 5000 cad\n")
	assert.Equal(t, stripeadapter.Side{Payments: 14, Amount: 65300, Refunded: 4000}, report.Totals[0].Stripe)
	assert.Zero(t, report.Totals[0].Ledger)
	assert.False(t, report.Agrees())
}

// without are the events of a story but some.
func without(events [][]byte, isLost func(kind, id string) bool) [][]byte {
	return slices.DeleteFunc(slices.Clone(events), func(body []byte) bool {
		var event struct {
			Type string
			Data struct{ Object struct{ ID string } }
		}
		return json.Unmarshal(body, &event) == nil && isLost(event.Type, event.Data.Object.ID)
	})
}

// loss is which events were lost, and what a report then says.
type loss struct {
	lost func(kind, id string) bool
	want []stripeadapter.Difference
}

func losses() map[string]loss {
	type difference = stripeadapter.Difference
	return map[string]loss{
		"an invoice": {
			func(_, id string) bool { return id == "in_s1" },
			[]difference{{Kind: stripeadapter.PaymentMissing, Object: "in_s1", Currency: "cad", Stripe: 5000}},
		},
		"a refund": {
			func(kind, id string) bool { return id == "re_s2b" || kind == "charge.refunded" && id == "ch_s2" },
			[]difference{{Kind: stripeadapter.RefundsDiffer, Object: "in_s2", Conversion: "in_s2", Currency: "cad", Stripe: 1500, Ledger: 1000}},
		},
		"that a refund failed": {
			func(kind, _ string) bool { return kind == "refund.failed" },
			[]difference{{Kind: stripeadapter.RefundsDiffer, Object: "pi_ref", Conversion: "pi_ref", Currency: "cad", Stripe: 1000, Ledger: 3000}},
		},
		"that a dispute was won": {
			func(kind, id string) bool { return kind == "charge.dispute.closed" && id == "du_won" },
			[]difference{{Kind: stripeadapter.DisputeDiffers, Object: "in_s6", Conversion: "in_s6", Currency: "cad", Ledger: 5000}},
		},
		"a dispute": {
			func(_, id string) bool { return id == "du_lost" },
			[]difference{{Kind: stripeadapter.DisputeDiffers, Object: "in_s3", Conversion: "in_s3", Currency: "cad", Stripe: 5000}},
		},
		"a credit note": {
			func(_, id string) bool { return id == "cn_1" },
			[]difference{{Kind: stripeadapter.RefundsDiffer, Object: "in_s4", Conversion: "in_s4", Currency: "cad", Stripe: 1000}},
		},
		"that a credit note was voided": {
			func(kind, _ string) bool { return kind == "credit_note.voided" },
			[]difference{{Kind: stripeadapter.RefundsDiffer, Object: "in_s5", Conversion: "in_s5", Currency: "cad", Ledger: 1000}},
		},
		"a checkout": {
			func(_, id string) bool { return id == "cs_once" },
			[]difference{{Kind: stripeadapter.PaymentMissing, Object: "pi_once", Currency: "cad", Stripe: 3000}},
		},
		"who led a customer here": {
			func(_, id string) bool { return id == "cs_sub" },
			[]difference{{Kind: stripeadapter.NotTold, Object: "cs_sub"}},
		},
		"a trial": {
			func(_, id string) bool { return id == "sub_trial" },
			[]difference{{Kind: stripeadapter.NotTold, Object: "sub_trial"}},
		},
		"nothing": {func(_, _ string) bool { return false }, nil},
	}
}

func TestReconcileFindsWhatWasLost(t *testing.T) {
	for name, c := range losses() {
		t.Run(name, func(t *testing.T) {
			s := wholeStory()
			r := newReplay(t, s, memory.New(), stripeadapter.Config{})
			r = newReplay(t, s, memory.New(), stripeadapter.Config{Lookup: stripeadapter.NewLookup(r.api)})
			r.deliver(without(s.events, c.lost)...)
			report := r.reconcile(stripeadapter.ReconcileOptions{PageSize: 9})
			assert.Equal(t, c.want, report.Differences)
			assert.Equal(t, len(c.want) == 0, report.Agrees(), report.String())
			r.backfill(stripeadapter.BackfillOptions{})
			report = r.reconcile(stripeadapter.ReconcileOptions{})
			assert.True(t, report.Agrees(), report.String())
			r.Verify(t)
		})
	}
}

func TestReconcileFindsOtherAmounts(t *testing.T) {
	s := wholeStory()
	r := told(t, s)
	for i, edit := range []object{
		{"total": 3000, "total_excluding_tax": 3000, "amount_paid": 3000}, // it was written down
		{"status_transitions": object{"paid_at": s.find("invoices", "in_s5")["created"]}},
	} {
		s.edit("invoices", fmt.Sprint("in_s", i+4), edit)
	}
	report := r.reconcile(stripeadapter.ReconcileOptions{})
	kinds := map[stripeadapter.DifferenceKind]string{}
	for _, d := range report.Differences {
		kinds[d.Kind] = d.Object
	}
	assert.Equal(t, map[stripeadapter.DifferenceKind]string{
		stripeadapter.AmountDiffers: "in_s4", stripeadapter.PaymentDiffers: "in_s5", stripeadapter.RefundsDiffer: "in_s4",
	}, kinds, report.String())
	r.backfill(stripeadapter.BackfillOptions{})
	assert.True(t, r.reconcile(stripeadapter.ReconcileOptions{}).Agrees())
}

func TestReconcileFindsWhatIsCountedTwice(t *testing.T) {
	s := newStory()
	ref := object{stripeadapter.DefaultKeys().Referral[0]: "ref_ADA123"}
	s.invoice("x", "cus_1", "sub_1", "subscription_cycle", 5000, 0, object{"metadata": ref})
	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	intent := s.find("payment_intents", "pi_x")
	intent["metadata"], intent["invoice"] = ref, nil // as newer versions tell it
	s.events = nil
	s.announce("payment_intent.succeeded", "payment_intents", intent)
	invoice := s.find("invoices", "in_x")
	invoice["payment_intent"], invoice["charge"] = nil, nil
	s.announce("invoice.paid", "invoices", invoice)
	r.deliver(s.events...)
	assert.Equal(t, []string{"ada cad 2000"}, stripetest.Earned(t, r.Engine))

	invoice["payment_intent"], invoice["charge"] = "pi_x", "ch_x" // as Stripe tells it to us
	report := r.reconcile(stripeadapter.ReconcileOptions{})
	assert.Equal(t, []stripeadapter.Difference{
		{Kind: stripeadapter.CountedTwice, Object: "in_x", Conversion: "in_x", Currency: "cad", Stripe: 5000, Ledger: 5000},
	}, report.Differences)
	r.backfill(stripeadapter.BackfillOptions{})
	assert.Equal(t, []string{"ada cad 1000"}, stripetest.Earned(t, r.Engine))
	assert.True(t, r.reconcile(stripeadapter.ReconcileOptions{}).Agrees())
}

func TestReconcileFindsWhatStripeDoesNotHave(t *testing.T) {
	s := wholeStory()
	r := told(t, s)
	s.remove("invoices", "in_s6")
	for _, kind := range []string{"payment_intents", "charges", "disputes"} {
		for _, id := range []string{"pi_s6", "ch_s6", "du_won"} {
			s.remove(kind, id)
		}
	}
	s.edit("payment_intents", "pi_ref", object{"status": "canceled"})
	for _, id := range []string{"re_ref", "re_failed"} {
		s.remove("refunds", id)
	}
	s.remove("charges", "ch_ref")
	report := r.reconcile(stripeadapter.ReconcileOptions{})
	assert.Equal(t, []stripeadapter.Difference{
		{Kind: stripeadapter.UnknownAtStripe, Object: "in_s6", Conversion: "in_s6", Currency: "cad", Ledger: 5000},
		{Kind: stripeadapter.UnknownAtStripe, Object: "pi_ref", Conversion: "pi_ref", Currency: "cad", Ledger: 6000},
	}, report.Differences)
	assert.Equal(t, stripeadapter.Side{Payments: 12, Amount: 54300, Refunded: 3000}, report.Totals[0].Stripe)
	assert.Equal(t, stripeadapter.Side{Payments: 14, Amount: 65300, Refunded: 4000}, report.Totals[0].Ledger)
	assert.False(t, report.Agrees())
}

func TestReconcileOfAPeriod(t *testing.T) {
	s := wholeStory()
	r := told(t, s)
	from, to := time.Unix(createdOf(s.find("invoices", "in_s2")), 0), time.Unix(createdOf(s.find("invoices", "in_s4")), 0)
	report := r.reconcile(stripeadapter.ReconcileOptions{From: from, To: to})
	assert.True(t, report.Agrees(), report.String())
	assert.Equal(t, 2, report.Payments)

	paid := from.Add(30 * time.Second) // in_s2 was made before, and paid after: it is read by its id
	s.reads = nil
	report = r.reconcile(stripeadapter.ReconcileOptions{From: paid, To: to})
	assert.True(t, report.Agrees(), report.String())
	assert.Equal(t, 2, report.Payments)
	assert.Contains(t, s.reads, "invoices/in_s2")
}

func TestReconcileIsBounded(t *testing.T) {
	s := wholeStory()
	r := told(t, s)
	r.proxy.seen()
	report := r.reconcile(stripeadapter.ReconcileOptions{MaxObjects: 10, PageSize: 4})
	assert.Equal(t, 10, report.Listed)
	assert.True(t, report.Truncated)
	assert.False(t, report.Agrees())
	assert.Contains(t, report.String(), "more than was read")
	assert.Empty(t, report.Differences)

	for field, o := range map[string]stripeadapter.ReconcileOptions{
		"maxObjects": {MaxObjects: -1}, "pageSize": {PageSize: 101}, "account": {Account: "acct_unknown"},
	} {
		_, err := r.Adapter.Reconcile(t.Context(), r.api, o)
		require.ErrorIs(t, err, affiliate.ErrInvalidInput)
		assert.Equal(t, field, affiliate.Problems(err)[0].Field)
	}
}

func TestReconcileWithFaults(t *testing.T) {
	s := wholeStory()
	s.put("invoices", object{"id": "in_broken", "created": s.later(), "status": "paid", "total": "much"})
	s.put("invoices", object{"id": "in_strange", "customer": "cus\n", "created": s.later(), "status": "paid", "total": 100, "amount_paid": 100, "currency": "cad"})
	r := told(t, s)
	report := r.reconcile(stripeadapter.ReconcileOptions{})
	assert.Empty(t, report.Differences)
	assert.Len(t, report.Refusals, 2)
	assert.False(t, report.Agrees())
	for _, call := range append([]string{"GET /v1/invoices"}, stageCalls...) {
		r.proxy.inject(faultRule{call: call, fault: brokenBefore})
		_, err := r.Adapter.Reconcile(t.Context(), r.api, stripeadapter.ReconcileOptions{})
		require.ErrorIs(t, err, stripeadapter.ErrUnavailable)
	}
	s.live = true
	_, err := r.Adapter.Reconcile(t.Context(), r.api, stripeadapter.ReconcileOptions{})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
}

// What was listed is compared in parts, each with all objects of its customers.
func TestReconcileOfManyCustomers(t *testing.T) {
	s := newStory()
	ref := object{stripeadapter.DefaultKeys().Referral[0]: "ref_ADA123"}
	for i := range 80 {
		name, customer := fmt.Sprint("m", i), fmt.Sprint("cus_", i)
		s.customer(customer, object{})
		s.session("cs_"+name, object{"mode": "subscription", "customer": customer, "subscription": "sub_" + name, "metadata": ref, "amount_total": 5000})
		s.invoice(name, customer, "sub_"+name, "subscription_create", 5000, 0, nil)
		s.refund("re_"+name, name, 1000)
	}
	r := newReplay(t, s, memory.New(), stripeadapter.Config{})
	r.deliver(without(s.events, func(kind, id string) bool {
		return id == "in_m7" || id == "cs_m50" || id == "re_m70" || kind == "charge.refunded" && id == "ch_m70"
	})...)
	report := r.reconcile(stripeadapter.ReconcileOptions{})
	assert.Equal(t, []stripeadapter.Difference{
		{Kind: stripeadapter.PaymentMissing, Object: "in_m7", Currency: "cad", Stripe: 5000},
		{Kind: stripeadapter.RefundsDiffer, Object: "in_m70", Conversion: "in_m70", Currency: "cad", Stripe: 1000},
		{Kind: stripeadapter.NotTold, Object: "cs_m50"},
	}, report.Differences)
	assert.Equal(t, 80, report.Payments)
	assert.Equal(t, stripeadapter.Side{Payments: 80, Amount: 400_000, Refunded: 80_000}, report.Totals[0].Stripe)
	assert.Equal(t, stripeadapter.Side{Payments: 79, Amount: 395_000, Refunded: 78_000}, report.Totals[0].Ledger)
	r.backfill(stripeadapter.BackfillOptions{})
	report = r.reconcile(stripeadapter.ReconcileOptions{})
	assert.True(t, report.Agrees(), report.String())
}

// randomStory is a short history.
func randomStory(t *rapid.T) *story {
	s := newStory()
	ref := object{stripeadapter.DefaultKeys().Referral[0]: "ref_ADA123"}
	amount := rapid.Int64Range(1, 9999)
	for i := range rapid.IntRange(1, 4).Draw(t, "payments") {
		name, customer := fmt.Sprint("p", i), fmt.Sprint("cus_", rapid.IntRange(0, 1).Draw(t, "customer"))
		paid := amount.Draw(t, "paid")
		switch rapid.SampledFrom([]string{"invoice", "intent", "charge", "session", "customer"}).Draw(t, "kind") {
		case "invoice":
			s.invoice(name, customer, "sub_"+customer, rapid.SampledFrom([]string{"subscription_create", "subscription_cycle"}).Draw(t, "reason"), paid, paid/5, nil)
			paid += paid / 5
		case "intent":
			s.later()
			s.payment(name, nil, customer, paid, ref)
		case "charge":
			s.later()
			s.charge(name, nil, nil, nil, paid, ref)
		case "session":
			s.payment(name, nil, customer, paid, object{})
			s.session("cs_"+name, object{"mode": "payment", "payment_intent": "pi_" + name, "customer": customer, "client_reference_id": "ref_ADA123", "amount_total": paid})
		case "customer":
			s.customer(customer, ref)
			continue
		}
		for n := range rapid.IntRange(0, 2).Draw(t, "refunds") {
			id := fmt.Sprint("re_", i, "_", n)
			s.refund(id, name, rapid.Int64Range(1, paid/2+1).Draw(t, "part"))
			if rapid.Bool().Draw(t, "fails") {
				s.bounce(id)
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "disputed") == 0 {
			s.dispute("du_"+name, name, paid, rapid.SampledFrom([]string{"needs_response", "won", "lost"}).Draw(t, "status"))
		}
	}
	return s
}

// It agrees if and only if a backfill would record nothing, whatever of the history
// was told in whatever order.
func TestReconcileAgreesIfABackfillWouldRecordNothing(t *testing.T) {
	agreed := map[bool]int{}
	rapid.Check(t, func(rt *rapid.T) {
		s := randomStory(rt)
		r := newReplay(t, s, memory.New(), stripeadapter.Config{})
		events := slices.Clone(s.events)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "order"), 1))
		random.Shuffle(len(events), func(i, k int) { events[i], events[k] = events[k], events[i] })
		r.deliver(events[rapid.IntRange(0, max(0, len(events)/3)).Draw(rt, "lost"):]...)
		if rapid.Bool().Draw(rt, "told all") {
			r.backfill(stripeadapter.BackfillOptions{})
		}
		report := r.reconcile(stripeadapter.ReconcileOptions{PageSize: 7})
		before := r.facts()
		r.backfill(stripeadapter.BackfillOptions{Restart: true})
		r.standing()
		if report.Agrees() != (before == r.facts()) {
			rt.Fatalf("facts %s, then %s:\n%s", before, r.facts(), report)
		}
		agreed[report.Agrees()]++
		if again := r.reconcile(stripeadapter.ReconcileOptions{}); !again.Agrees() {
			rt.Fatalf("after the backfill:\n%s", again)
		}
	})
	assert.Positive(t, agreed[true])
	assert.Positive(t, agreed[false])
}
