package stripeadapter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// totals are what payments come to, by currency.
type totals map[string]*CurrencyTotal

func ofStripe(t *CurrencyTotal) *Side { return &t.Stripe }
func ofLedger(t *CurrencyTotal) *Side { return &t.Ledger }

// add counts a payment on one side, as it was recorded or would be.
func (t totals) add(p *book.Payment, side func(*CurrencyTotal) *Side) error {
	if p.Posted.Conversion == "" {
		return nil
	}
	currency := p.Posted.Content.Currency
	if t[currency] == nil {
		t[currency] = &CurrencyTotal{Currency: currency}
	}
	s := side(t[currency])
	s.Payments++
	var err error
	if s.Amount, err = money.Add(s.Amount, p.Posted.Amount); err != nil {
		return err
	}
	s.Refunded, err = money.Add(s.Refunded, p.Posted.Sum())
	return err
}

func (t totals) sorted() []CurrencyTotal {
	var all []CurrencyTotal
	for _, currency := range slices.Sorted(maps.Keys(t)) {
		all = append(all, *t[currency])
	}
	return all
}

// String is the report as text, a line for each difference, without anything
// personal.
func (r ReconcileReport) String() string {
	var s strings.Builder
	line := func(format string, values ...any) { fmt.Fprintf(&s, format+"\n", values...) }
	for _, d := range r.Differences {
		line("%s", d)
	}
	for _, refusal := range r.Refusals {
		line("refused %s: %v", refusal.Object, refusal.Err)
	}
	for _, e := range r.SetAside {
		line("set aside %s: %s %s: %s", e.Event, e.Type, e.Object, e.Reason)
	}
	for _, t := range r.Totals {
		line("%s: Stripe %s; ledger %s", t.Currency, t.Stripe, t.Ledger)
	}
	for _, reason := range slices.Sorted(maps.Keys(r.Ignored)) {
		line("ignored %s: %d", reason, r.Ignored[reason])
	}
	if r.Waiting > 0 {
		line("waiting: %d", r.Waiting)
	}
	verdict := "agrees"
	switch {
	case r.Truncated:
		verdict = "there was more than was read"
	case !r.Agrees():
		verdict = "does not agree"
	}
	line("%d objects, %d payments: %s", r.Listed, r.Payments, verdict)
	return s.String()
}

// String is the difference as a line of text.
func (d Difference) String() string {
	switch d.Kind {
	case NotTold:
		return fmt.Sprintf("%s %s", d.Kind, d.Object)
	case PaymentMissing:
		return fmt.Sprintf("%s %s: Stripe %d %s", d.Kind, d.Object, d.Stripe, d.Currency)
	case UnknownAtStripe:
		return fmt.Sprintf("%s %s: ledger %d %s", d.Kind, d.Object, d.Ledger, d.Currency)
	default:
		return fmt.Sprintf("%s %s: Stripe %d, ledger %d %s", d.Kind, d.Object, d.Stripe, d.Ledger, d.Currency)
	}
}

// String is the side as text.
func (s Side) String() string {
	return fmt.Sprintf("%d payments, %d, refunded %d", s.Payments, s.Amount, s.Refunded)
}
