package stripeadapter_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// withoutSetup leaves out the setup fee, and says which program the rest is of.
func withoutSetup(program string) func(context.Context, stripeadapter.Payment) (stripeadapter.Assignment, error) {
	return func(_ context.Context, p stripeadapter.Payment) (stripeadapter.Assignment, error) {
		a := stripeadapter.Assignment{Program: program}
		for _, l := range p.Lines {
			if l.Product == "prod_setup" {
				a.LeaveOut = append(a.LeaveOut, l.ID)
			}
		}
		return a, nil
	}
}

func line(id, product string, amount int) map[string]any {
	return map[string]any{
		"id": id, "object": "line_item", "amount": amount, "quantity": 1,
		"pricing": map[string]any{"price_details": map[string]any{"price": "price_" + product, "product": "prod_" + product}},
	}
}

// withFee is the first invoice of 4999, of that 2000 a setup fee.
func withFee() stripetest.Event {
	return stripetest.File("invoice.paid.subscription_create",
		stripetest.Set("data.object.lines.data", []any{line("il_plan", "plan", 2999), line("il_setup", "setup", 2000)}))
}

var (
	subscribes = stripetest.File("checkout.session.completed.client_reference_id")
	paysIt     = stripetest.File("invoice_payment.paid")
	aFifth     = stripetest.File("refund.created") // 1000 of 4999
)

// TestLinesThatAreLeftOut: nobody earns on them in any order of delivery, and a
// refund takes the same part of what is left as of the whole payment.
func TestLinesThatAreLeftOut(t *testing.T) {
	for _, order := range permutations([]stripetest.Event{subscribes, withFee(), paysIt, aFifth}) {
		h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), stripeadapter.Config{Assign: withoutSetup("")})
		for range 2 {
			h.Deliver(t, order...)
			require.Equal(t, []string{"ada cad 480"}, stripetest.Earned(t, h.Engine), "2999 less a fifth of it, 600") // 600 - 120
			h.Verify(t)
		}
	}
}

// TestWhatWasBoughtIsKept: products and prices are kept with the conversion.
func TestWhatWasBoughtIsKept(t *testing.T) {
	h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), stripeadapter.Config{})
	h.Deliver(t, subscribes, withFee())
	conv := stored(t, h, "in_basil_0001")
	require.Equal(t, "prod_plan,prod_setup", conv["stripe_products"])
	require.Equal(t, "price_plan,price_setup", conv["stripe_prices"])
	require.Equal(t, "sub_basil_0001", conv["stripe_subscription"])
}

func stored(t *testing.T, h *stripetest.Host, id string) (metadata map[string]string) {
	t.Helper()
	require.NoError(t, h.Atomically(t.Context(), func(b *affiliate.Tx) error {
		conv, found, err := b.Conversion(id)
		require.True(t, found)
		metadata = conv.Metadata
		return err
	}))
	return metadata
}

// TestAPaymentIsAssignedOnce: what the host says of it later changes nothing, and
// what it said is not asked to be the same.
func TestAPaymentIsAssignedOnce(t *testing.T) {
	answer := withoutSetup("")
	cfg := stripeadapter.Config{Assign: func(ctx context.Context, p stripeadapter.Payment) (stripeadapter.Assignment, error) {
		return answer(ctx, p)
	}}
	h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), cfg)
	h.Deliver(t, subscribes, withFee())
	require.Equal(t, []string{"ada cad 600"}, stripetest.Earned(t, h.Engine))
	answer = func(context.Context, stripeadapter.Payment) (stripeadapter.Assignment, error) {
		return stripeadapter.Assignment{LeaveOut: []string{"il_plan", "il_setup"}}, nil
	}
	h.Deliver(t, withFee(), stripetest.File(withFee().File, append(withFee().Edits, stripetest.Set("type", "invoice.payment_succeeded"))...), subscribes)
	require.Equal(t, []string{"ada cad 600"}, stripetest.Earned(t, h.Engine))
	h.Verify(t)
}

// TestAPaymentNamesItsProgram: it earns on that one alone, in any order.
func TestAPaymentNamesItsProgram(t *testing.T) {
	rules := []commission.Rule{{ID: "half", Trigger: commission.Every, Type: commission.Percent, Value: "50", Recurring: true}}
	for _, order := range permutations([]stripetest.Event{
		stripetest.File(subscribes.File, stripetest.Set("data.object.client_reference_id", "ref_OTHER")), withFee(), paysIt,
	}) {
		cfg := stripeadapter.Config{Assign: withoutSetup("other"), WithoutLifecycle: true}
		h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), cfg)
		destination := "https://acme.example/"
		require.NoError(t, errOf(h.CreateProgram(t.Context(), "other", program.SettingsChange{DestinationURL: &destination, Rules: rules, HoldbackDays: new(int)}, affiliate.Always())))
		require.NoError(t, errOf(h.ApprovePartnership(t.Context(), "ada", "other", affiliate.Always())))
		require.NoError(t, errOf(h.AddLink(t.Context(), affiliate.Link{Key: "ref_OTHER", Partner: "ada", Program: "other", EffectiveAt: affiliate.Always()})))
		h.Deliver(t, order...)
		require.Equal(t, []string{"ada cad 1500"}, stripetest.Earned(t, h.Engine)) // a half of 2999
		h.Verify(t)
	}
}

// TestAProgramThatNobodyKnowsIsSetAside: the payment waits for somebody to look.
func TestAProgramThatNobodyKnowsIsSetAside(t *testing.T) {
	h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), stripeadapter.Config{Assign: withoutSetup("none")})
	result, err := h.Adapter.Apply(t.Context(), withFee().Body(t, h.Events))
	require.NoError(t, err)
	require.Equal(t, stripeadapter.SetAside, result.Outcome)
	require.ErrorIs(t, result.Err, affiliate.ErrNotFound)
}

// TestAnAssignmentThatFailsIsAskedForAgain: nothing is stored, and the event is to be
// applied again, whatever the error is made of.
func TestAnAssignmentThatFailsIsAskedForAgain(t *testing.T) {
	fail := error(affiliate.ErrInvalidInput)
	cfg := stripeadapter.Config{Assign: func(ctx context.Context, p stripeadapter.Payment) (stripeadapter.Assignment, error) {
		if fail != nil {
			return stripeadapter.Assignment{}, fail
		}
		return withoutSetup("")(ctx, p)
	}}
	h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), cfg)
	_, err := h.Adapter.Apply(t.Context(), withFee().Body(t, h.Events))
	require.ErrorIs(t, err, fail)
	fail = nil
	h.Deliver(t, subscribes, withFee())
	require.Equal(t, []string{"ada cad 600"}, stripetest.Earned(t, h.Engine))
}

// lines is a Lookup that knows the lines of sessions only.
type lines struct {
	stripeadapter.Lookup
	session string
}

func (l lines) Session(context.Context, string, string) ([]byte, error) {
	if l.session == "" {
		return nil, errors.New("nobody there")
	}
	return []byte(l.session), nil
}

// TestLinesOfACheckout: a Lookup tells them, where no invoice does.
func TestLinesOfACheckout(t *testing.T) {
	session := stripetest.File("checkout.session.completed.payment") // net 4999
	lookup := lines{session: `{"id":"cs_1","line_items":{"data":[
		{"id":"li_plan","amount_total":2999,"price":{"id":"price_plan","product":"prod_plan"},"quantity":1},
		{"id":"li_setup","amount_total":2260,"amount_tax":260,"price":{"id":"price_setup","product":"prod_setup"},"quantity":1}]}}`}
	h := stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), stripeadapter.Config{Assign: withoutSetup(""), Lookup: lookup})
	h.Deliver(t, session)
	require.Equal(t, []string{"ada cad 600"}, stripetest.Earned(t, h.Engine))
	h.Verify(t)

	h = stripetest.NewHost(t, memory.New(), os.DirFS("testdata/events"), stripeadapter.Config{Assign: withoutSetup(""), Lookup: lines{}})
	_, err := h.Adapter.Apply(t.Context(), session.Body(t, h.Events))
	require.Error(t, err)
}
