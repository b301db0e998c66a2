package stripeadapter_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// A sign-up that the browser told of earns where the payment comes from Stripe,
// which knows the host's customer key and the e-mail address, in every order.
func TestASignupOfTheBrowserEarnsByStripe(t *testing.T) {
	t.Parallel()
	key := stripetest.Set("data.object.metadata", map[string]any{"affiliate_customer_key": "user_8"})
	events := []stripetest.Event{
		stripetest.File("checkout.session.completed.client_reference_id", stripetest.Set("data.object.client_reference_id", nil), key),
		stripetest.File("invoice.paid.subscription_create"),
	}
	clicked := time.Unix(1756720000, 0).UTC()
	for _, c := range []struct {
		email, earned string
	}{{"Buyer@example.com", "ada cad 1000"}, {"mal@evil.example", ""}} {
		for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			t.Run(fmt.Sprint(c.email, order), func(t *testing.T) {
				t.Parallel()
				h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), stripeadapter.Config{})
				_, err := h.RecordClick(t.Context(), affiliate.Click{ID: "click_1", Link: "ref_ADA123", Visitor: "v1", At: clicked})
				require.NoError(t, err)
				for range 2 {
					for _, i := range order {
						if i < len(events) {
							h.Deliver(t, events[i])
							continue
						}
						_, err := h.RecordClaim(t.Context(), affiliate.Claim{Customer: "user_8", Click: "click_1", Visitor: "v1", Email: c.email, At: clicked.Add(time.Minute)})
						require.NoError(t, err)
					}
				}
				var want []string
				if c.earned != "" {
					want = append(want, c.earned)
				}
				require.Equal(t, want, stripetest.Earned(t, h.Engine))
				h.Verify(t)
			})
		}
	}
}
