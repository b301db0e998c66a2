package stripeadapter_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// addsLate adds what an import, or a program that is dated back, adds.
func addsLate(tb testing.TB, h *stripetest.Host) {
	tb.Helper()
	require.NoError(tb, errOf(h.AddLink(tb.Context(), affiliate.Link{Key: "ref_LATE", Partner: "ada", Program: "main", EffectiveAt: affiliate.Always()})))
	require.NoError(tb, errOf(h.AddCode(tb.Context(), affiliate.Code{Code: "LATE10", Partner: "alex", Program: "main", EffectiveAt: affiliate.Always()})))
}

// TestReferenceToALinkThatComesLater: a payment by a referral code, or a promo code,
// that is none of ours is attributed when it becomes one, whenever that is.
func TestReferenceToALinkThatComesLater(t *testing.T) {
	set, file := stripetest.Set, stripetest.File
	invoice := file("invoice.paid.subscription_create")
	ref := set("data.object.metadata", map[string]any{"affiliate_ref": "ref_LATE"})
	client := set("data.object.client_reference_id", "ref_LATE")
	session := file("checkout.session.completed.client_reference_id", client)
	none := set("data.object.client_reference_id", nil)
	for _, c := range []struct {
		name   string
		events []stripetest.Event
		want   string
	}{
		{"on the session", []stripetest.Event{session, invoice}, "ada cad 1000"},
		{"on the session that names no invoice", []stripetest.Event{file(session.File, client, set("data.object.invoice", nil)), invoice}, "ada cad 1000"},
		{"on the customer", []stripetest.Event{file("customer.created", ref), invoice}, "ada cad 1000"},
		{"on the subscription", []stripetest.Event{file("customer.subscription.created", ref), invoice}, "ada cad 1000"},
		{"on the invoice", []stripetest.Event{file(invoice.File, ref)}, "ada cad 1000"},
		{"on a guest's session", []stripetest.Event{file("checkout.session.completed.payment", client)}, "ada cad 1000"},
		{"on a payment intent", []stripetest.Event{file("payment_intent.succeeded.metadata", ref)}, "ada usd 600"},
		{"two sales", []stripetest.Event{session, invoice, file("invoice.paid.subscription_cycle")}, "ada cad 2000"},
		{
			"a promo code in metadata",
			[]stripetest.Event{file(session.File, none, set("data.object.metadata", map[string]any{"affiliate_promo_code": "late10"})), invoice},
			"alex cad 1000",
		},
	} {
		for i, order := range permutations(c.events) {
			for added := range len(order) + 1 {
				t.Run(fmt.Sprintf("%s/%d/%d", c.name, i, added), func(t *testing.T) {
					h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), stripeadapter.Config{})
					h.Deliver(t, order[:added]...)
					if added == len(order) {
						require.Empty(t, stripetest.Earned(t, h.Engine))
					}
					addsLate(t, h)
					h.Deliver(t, order[added:]...)
					require.Equal(t, []string{c.want}, stripetest.Earned(t, h.Engine))
					h.Deliver(t, order...)
					require.Equal(t, []string{c.want}, stripetest.Earned(t, h.Engine), "all of it again")
					h.Verify(t)
				})
			}
		}
	}
}

func permutations(of []stripetest.Event) [][]stripetest.Event {
	if len(of) < 2 {
		return [][]stripetest.Event{of}
	}
	var all [][]stripetest.Event
	for i, head := range of {
		rest := append(append([]stripetest.Event{}, of[:i]...), of[i+1:]...)
		for _, tail := range permutations(rest) {
			all = append(all, append([]stripetest.Event{head}, tail...))
		}
	}
	return all
}

// discounted is the i-th payment that names the promotion code promo_ALEX10.
func discounted(i int) stripetest.Event {
	id, set := fmt.Sprint(i), stripetest.Set
	return stripetest.File("invoice.paid.promo-first.2023-10-16",
		set("id", "evt_"+id), set("data.object.id", "in_"+id), set("data.object.charge", "ch_"+id), set("data.object.payment_intent", "pi_"+id),
		set("data.object.customer", "cus_"+id), set("data.object.subscription", "sub_"+id), set("data.object.subscription_details", nil),
		set("data.object.lines", nil), set("data.object.created", 1756720800+i), set("data.object.status_transitions.paid_at", 1756720860+i))
}

// TestManyPaymentsWaitForOnePromotionCode: however many wait to be told what it
// reads, all are credited when it is, as many in a commit as one takes.
func TestManyPaymentsWaitForOnePromotionCode(t *testing.T) {
	const many = 450
	all := []string{fmt.Sprintf("alex cad %d", many*800)}
	waiting := func(t *testing.T) *stripetest.Host {
		t.Helper()
		h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), stripeadapter.Config{})
		for i := range many {
			h.Deliver(t, discounted(i))
		}
		h.Deliver(t, discounted(0), discounted(many-1))
		require.Empty(t, stripetest.Earned(t, h.Engine))
		return h
	}
	t.Run("until an event tells it", func(t *testing.T) {
		h := waiting(t)
		for range 2 {
			h.Deliver(t, stripetest.File("promotion_code.updated.deactivated"))
			require.Equal(t, all, stripetest.Earned(t, h.Engine))
		}
		h.Verify(t)
	})
	t.Run("until a fault, and what comes next goes on", func(t *testing.T) {
		h := waiting(t)
		const key = "promotion_code/promo_ALEX10"
		states := stripeadapter.EngineStates(h.Engine)
		docs, err := states.Load(t.Context(), []string{key})
		require.NoError(t, err)
		var doc map[string]any // as the first commit leaves it
		require.NoError(t, json.Unmarshal(docs[key], &doc))
		doc["code"] = "ALEX10"
		raw, err := json.Marshal(doc)
		require.NoError(t, err)
		saved, err := states.Save(t.Context(), key, docs[key], raw)
		require.NoError(t, err)
		require.True(t, saved)
		for range 3 {
			require.NotEqual(t, all, stripetest.Earned(t, h.Engine))
			h.Deliver(t, discounted(0))
		}
		require.Equal(t, all, stripetest.Earned(t, h.Engine))
		h.Verify(t)
	})
}
