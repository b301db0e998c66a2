package book_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// part draws what one event may say of one payment.
func part(t *rapid.T) *book.Payment {
	id := func(kind string, n int) string { return fmt.Sprint(kind, rapid.IntRange(1, n).Draw(t, kind)) }
	some := func(kind string) []string {
		if rapid.Bool().Draw(t, "with "+kind) {
			return []string{id(kind, 2)}
		}
		return nil
	}
	p := &book.Payment{Intents: some("pi_"), Charges: some("ch_")}
	if rapid.Bool().Draw(t, "with invoice") {
		p.Invoice = "in_1"
	}
	if rapid.Bool().Draw(t, "with checkout") {
		p.Checkout = "cs_1"
	}
	amount := func() int64 { return rapid.Int64Range(0, 9).Draw(t, "amount") }
	at := func() time.Time { return time.Unix(rapid.Int64Range(0, 3).Draw(t, "at"), 0).UTC() }
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 5:
		p.AddTaken(id("pi_", 2), amount())
	case 0:
		s := book.Source{
			ID: "x", At: at(), Net: amount(), Gross: amount(), Paid: rapid.Bool().Draw(t, "paid"), Loose: rapid.Bool().Draw(t, "loose"),
			Currency: rapid.SampledFrom([]string{"usd", "eur"}).Draw(t, "currency"), References: some("ref"), Customer: id("cus_", 2), Conversion: id("order_", 2),
		}
		if rapid.Bool().Draw(t, "assigned") {
			s.Assigned = &book.Assigned{Program: id("prog_", 2), Counts: amount(), Of: amount()}
		}
		s.Tell(some("promo_"), some("CODE"), rapid.Bool().Draw(t, "discounted"))
		p.Add(rapid.SampledFrom([]book.Kind{book.Invoice, book.Checkout, book.Intent, book.Charge}).Draw(t, "source"), s)
	case 1:
		p.AddRefund(id("re_", 2), book.Refund{Of: id("pi_", 2), Amount: amount(), At: at(), Failed: rapid.Bool().Draw(t, "failed"), Moved: rapid.Bool().Draw(t, "moved")})
	case 2:
		p.AddLevel(id("pi_", 2), book.Level{Refunded: amount(), Released: amount(), At: at()})
	case 3:
		state := rapid.SampledFrom([]book.DisputeState{book.Inquiry, book.Open, book.Returned, book.Won, book.Lost}).Draw(t, "state")
		d := book.Dispute{Amount: amount(), At: at(), State: state}
		if state >= book.Returned {
			d.Ended = at()
		}
		p.AddDispute(id("dp_", 2), d)
	case 4:
		p.AddNote(id("cn_", 2), book.Note{
			Amount: amount(), At: at(), Void: rapid.Bool().Draw(t, "void"), TaxOnly: rapid.Bool().Draw(t, "tax only"), Refunds: some("re_"),
		})
	}
	return p
}

func encoded(t require.TestingT, p *book.Payment) string {
	raw, err := p.Encode()
	require.NoError(t, err)
	return string(raw)
}

func merged(parts ...*book.Payment) *book.Payment {
	p := &book.Payment{}
	for _, other := range parts {
		p.Merge(other.Clone())
	}
	return p
}

// TestMerge: a payment is the same whatever was told first, twice, or together.
func TestMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Custom(part), 2, 6).Draw(t, "parts")
		whole := merged(parts...)
		want := encoded(t, whole)
		require.Equal(t, want, encoded(t, merged(rapid.Permutation(parts).Draw(t, "order")...)), "in another order")
		require.Equal(t, want, encoded(t, merged(append(parts, parts[0])...)), "one of them twice")
		cut := rapid.IntRange(1, len(parts)-1).Draw(t, "cut")
		require.Equal(t, want, encoded(t, merged(merged(parts[:cut]...), merged(parts[cut:]...))), "in two halves")
		parsed, err := book.Parse([]byte(want))
		require.NoError(t, err)
		require.Equal(t, want, encoded(t, parsed), "written and read")
	})
}

// TestGivenBack: never negative, and what one refund gives back no second telling
// of it gives back again.
func TestGivenBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := merged(rapid.SliceOfN(rapid.Custom(part), 1, 6).Draw(t, "parts")...)
		before := p.GivenBack()
		require.GreaterOrEqual(t, before.Sign(), 0)
		for id, r := range p.Clone().Refunds {
			p.AddRefund(id, *r)
		}
		require.Zero(t, before.Cmp(p.GivenBack()))
		if steps := p.Steps(); len(steps) > 0 {
			require.Zero(t, before.Cmp(steps[len(steps)-1].Given), "the last step is all of it")
		}
		gross := rapid.Int64Range(0, 20).Draw(t, "gross")
		amount := rapid.Int64Range(0, 1000).Draw(t, "amount")
		taken := book.Part(amount, p.GivenBack(), gross)
		require.GreaterOrEqual(t, taken, int64(0))
		require.LessOrEqual(t, taken, amount, "at most all of it")
	})
}
