package stripeadapter_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// FuzzApply applies whatever it is, twice, after a payment that it may be about.
func FuzzApply(f *testing.F) {
	files, err := filepath.Glob("testdata/events/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), stripeadapter.Config{})
		h.Deliver(t, stripetest.File("checkout.session.completed.client_reference_id"), stripetest.File("invoice.paid.subscription_create"),
			stripetest.File("invoice_payment.paid"))
		first, err := h.Adapter.Apply(t.Context(), body)
		if err != nil {
			if !errors.Is(err, stripeadapter.ErrMalformed) && !errors.Is(err, affiliate.ErrInvalidInput) {
				t.Fatal(err)
			}
			return
		}
		earned := stripetest.Earned(t, h.Engine)
		again, err := h.Adapter.Apply(t.Context(), body)
		if err != nil {
			t.Fatalf("the second time: %v", err)
		}
		if first.Outcome != again.Outcome {
			t.Errorf("%s, then %s", first.Outcome, again.Outcome)
		}
		if now := stripetest.Earned(t, h.Engine); len(now) != len(earned) || len(now) > 0 && now[0] != earned[0] {
			t.Errorf("%v earned, and after the second time %v", earned, now)
		}
		h.Verify(t)
	})
}
