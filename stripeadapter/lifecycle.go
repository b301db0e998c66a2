package stripeadapter

import (
	"cmp"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/money"
)

// applyLifecycle records a conversion without money: a signup, a trial, a
// subscription. It fixes who led the customer here.
func (t *applier) applyLifecycle() error {
	l := t.n.lifecycle
	if l == nil || t.a.cfg.WithoutLifecycle {
		return nil
	}
	_, known, err := t.b.Conversion(l.id)
	if err != nil || known {
		return err
	}
	if l.kind == "signup" && len(t.links) == 0 && !t.clicked {
		return nil // by a reference that is none of ours
	}
	in := affiliate.Conversion{ID: l.id, Type: l.kind, Customer: t.n.customer, At: l.at, Currency: money.Currency(l.currency)}
	if l.kind == "signup" { // as the host itself might record it
		in.Customer = cmp.Or(t.n.reference.Customer, t.n.customer)
	} else {
		in.Metadata = metadata(l.id, t.n.subscription)
	}
	if !in.Currency.Valid() {
		in.Currency = ""
	}
	link, unknown := referenceKeeper{t}.chooseLink(t.who.references(nil, t.n.subscription, l.at))
	if !t.clicked {
		in.Referral = unknown
	}
	if err := (touchRecorder{t}).touch(t.who, touch{Sale: l.id, Subscription: t.n.subscription, Link: link, At: l.at}); err != nil {
		return err
	}
	t.result.Conversions = append(t.result.Conversions, l.id)
	_, err = t.b.RecordConversion(in)
	return err
}
