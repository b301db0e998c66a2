package stripeadapter

import (
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// maxLoose bounds how many payment intents wait for their customer to be led here.
const maxLoose = 200

// isReferred reports whether a customer was led here by the time of a payment: is
// bound, or has a reference that reaches it.
func (t invoiceMatcher) isReferred(customer string, at time.Time) (bool, error) {
	if customer == "" {
		return false, nil
	}
	c, err := t.customer(customer)
	if err != nil {
		return false, err
	}
	if link, _ := referenceKeeper(t).chooseLink(c.references(nil, "", at)); link != "" {
		return true, nil
	}
	return t.b.Bound(customer)
}

// matchInvoice makes a payment intent without a reference count if its customer was led
// here, and reports whether an invoice may still be behind it. Otherwise it is kept
// with the customer, who may turn out to be.
func (t invoiceMatcher) matchInvoice(p *book.Payment) (wantsInvoice bool, err error) {
	src := p.Sources[book.Intent]
	if src == nil || !src.Loose || p.Invoice != "" {
		return false, nil
	}
	referred, err := t.isReferred(src.Customer, src.At)
	switch {
	case err != nil:
		return false, err
	case referred:
		claimed := *src
		claimed.Loose = false
		p.Add(book.Intent, claimed)
		return !src.Alone, nil
	case src.Customer == t.n.customer && len(t.who.Loose) < maxLoose && !slices.Contains(t.who.Loose, src.ID):
		t.who.Loose = append(slices.Clone(t.who.Loose), src.ID)
		slices.Sort(t.who.Loose)
	}
	return false, nil
}

// findInvoice asks which invoice a payment pays, if it may be one's, and adds what is
// known of that.
func (t invoiceMatcher) findInvoice(p, about *book.Payment, docs []document, wanted bool) ([]document, error) {
	unclear, err := t.matchInvoice(p)
	if err != nil || !wanted && !unclear || p.Invoice != "" || p.Sources[book.Checkout] != nil || p.Posted.Conversion != "" {
		return docs, err
	}
	invoice, err := t.invoiceOf(about)
	if err != nil || invoice == "" {
		return docs, err
	}
	more, moreDocs, err := t.loadPayment(list(invoice))
	if err != nil {
		return docs, err
	}
	p.Merge(more)
	p.Invoice = invoice
	return append(docs, moreDocs...), nil
}

// applyUnlinked records the payment intents that waited for the customer to be led here.
func (t invoiceMatcher) applyUnlinked() error {
	if t.n.customer == "" || len(t.who.Loose) == 0 {
		return nil
	}
	bound, err := t.b.Bound(t.n.customer)
	if err != nil || !bound && len(t.who.Said) == 0 {
		return err
	}
	waiting := t.who.Loose
	t.who.Loose = nil
	for _, id := range waiting { // those that no reference reaches are kept again
		if err := t.applyAgain(id); err != nil {
			return err
		}
	}
	return nil
}
