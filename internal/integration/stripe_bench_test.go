package integration_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// BenchmarkStripeWebhook delivers invoices over the webhook's handler, signature
// included, against the same conversions recorded directly.
func BenchmarkStripeWebhook(b *testing.B) {
	for _, version := range []string{"", ".2023-10-16"} {
		file := "invoice.paid.subscription_create" + version
		for _, d := range sqliteDrivers {
			b.Run(fmt.Sprintf("%s/sqlite/%s", file, d.name), func(b *testing.B) { benchStripe(b, migrated(b, d.name, d.settings), file, 1) })
		}
		for _, conns := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/postgres/%d", file, conns), func(b *testing.B) {
				benchStripe(b, freshPostgres(b, postgresDrivers[0], conns), file, conns)
			})
		}
	}
}

func benchStripe(b *testing.B, store storage.Store, file string, conns int) {
	b.Helper()
	eng := benchEngine(b, store)
	adapter, err := stripeadapter.New(eng, stripeadapter.Config{Secrets: []string{"whsec_bench"}, TestMode: true})
	require.NoError(b, err)
	handler, err := adapter.Handler()
	require.NoError(b, err)
	template := string(stripetest.File(file).Body(b, os.DirFS(stripeEvents)))
	workers := make([]*stripeWorker, conns)
	for i := range workers {
		workers[i] = &stripeWorker{eng: eng, handler: handler, template: template, id: i, of: conns}
	}
	var hooks, direct []time.Duration
	round := func() (hook, record time.Duration) {
		for _, w := range workers {
			w.prepare()
		}
		return atOnce(workers, func(w *stripeWorker) { w.deliver(b) }), atOnce(workers, func(w *stripeWorker) { w.record(b) })
	}
	round() // warms up: each customer has a binding before it counts
	round()
	for b.Loop() {
		hook, record := round()
		hooks, direct = append(hooks, hook), append(direct, record)
	}
	per := float64(conns * stripeRound / conns)
	b.ReportMetric(float64(median(hooks).Microseconds())/per, "us/delivery")
	b.ReportMetric(float64(median(direct).Microseconds())/per, "us/conversion")
	b.ReportMetric(float64(median(direct))/float64(median(hooks)), "ratio")
	b.ReportMetric(0, "ns/op")
}

func atOnce(workers []*stripeWorker, work func(w *stripeWorker)) time.Duration {
	start := time.Now()
	done := make(chan struct{})
	for _, w := range workers {
		go func() { work(w); done <- struct{}{} }()
	}
	for range workers {
		<-done
	}
	return time.Since(start)
}

const stripeRound = 400

// stripeWorker has customers of its own: half of them pay over the webhook.
type stripeWorker struct {
	eng      *affiliate.Engine
	handler  http.Handler
	template string
	id, of   int
	next     int
	requests []*http.Request
}

func (w *stripeWorker) customer(half int) string {
	mine := (w.next%(benchRound/w.of/2)*2+half)*w.of + w.id
	return customerOf(mine)
}

// prepare is Stripe's part: to make and to sign what is delivered.
func (w *stripeWorker) prepare() {
	w.requests = w.requests[:0]
	for range stripeRound / w.of {
		id := fmt.Sprintf("%02d_%09d", w.id, w.next)
		body := []byte(strings.NewReplacer(
			"in_basil_0001", "in_"+id, "pi_basil_0001", "pi_"+id, "ch_basil_0001", "ch_"+id, "cus_basil_0001", w.customer(0),
		).Replace(w.template))
		signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: "whsec_bench", Timestamp: time.Now()})
		r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Stripe-Signature", signed.Header)
		w.requests = append(w.requests, r)
		w.next++
	}
}

func (w *stripeWorker) deliver(b *testing.B) {
	b.Helper()
	for _, r := range w.requests {
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, r)
		if answer.Code != http.StatusOK {
			b.Error(answer.Code, answer.Body)
			return
		}
	}
}

func (w *stripeWorker) record(b *testing.B) {
	b.Helper()
	for range stripeRound / w.of {
		_, err := w.eng.RecordConversion(context.Background(), affiliate.Conversion{
			ID: fmt.Sprintf("direct_%02d_%09d", w.id, w.next), Customer: w.customer(1), Amount: 4999, Currency: "cad",
			At: time.Date(2025, 9, 1, 10, 4, 55, 0, time.UTC),
		})
		if err != nil {
			b.Error(err)
			return
		}
		w.next++
	}
}
