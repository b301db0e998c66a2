package stripeadapter

import (
	"context"
	"fmt"
)

// question is what an attempt has to know before it can go on. It is an error so
// that nothing of the attempt is written.
type question struct {
	what          questionKind
	paymentIntent string
	charge        string
	object        string
}

type questionKind string

const (
	invoiceOf          questionKind = "invoice"
	promotionsOfObject questionKind = "promotions"
	codeOf             questionKind = "code"
	wholeInvoice       questionKind = "whole invoice"
)

func (q *question) Error() string { return fmt.Sprintf("stripeadapter: %s is not known", q.what) }

func (q *question) key() string {
	return string(q.what) + "/" + q.paymentIntent + "/" + q.charge + "/" + q.object
}

// answers are what was looked up so far for one event.
type answers map[string][]string

func (q *question) ask(ctx context.Context, l Lookup, account string, found answers) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var answer []string
	var err error
	var one string
	switch q.what {
	case invoiceOf:
		one, err = l.InvoiceOf(ctx, account, q.paymentIntent, q.charge)
		answer = list(one)
	case promotionsOfObject:
		answer, err = l.PromotionsOf(ctx, account, q.object)
	case codeOf:
		one, err = l.CodeOf(ctx, account, q.object)
		answer = list(one)
	case wholeInvoice:
		var raw []byte
		raw, err = l.Invoice(ctx, account, q.object)
		answer = list(string(raw))
	}
	if err != nil {
		return fmt.Errorf("look up %s: %w", q.what, &askError{err})
	}
	found[q.key()] = answer
	return nil
}

// lookUp returns the answer to a question. Without a Lookup nobody knows.
func (t *applier) lookUp(q question) ([]string, error) {
	answer, asked := t.found[q.key()]
	if !asked && t.a.cfg.Lookup != nil {
		return nil, &q
	}
	return answer, nil
}
