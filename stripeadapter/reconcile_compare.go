package stripeadapter

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// watched is a batch that tells whether something was recorded that was not known.
type watched struct {
	*affiliate.Tx
	changed bool
}

func (w *watched) note(known bool, err error) { w.changed = w.changed || err == nil && !known }

func (w *watched) RecordClick(in affiliate.Click) (affiliate.ClickResult, error) {
	result, err := w.Tx.RecordClick(in)
	w.note(result.Duplicate, err)
	return result, err
}

func (w *watched) Identify(in affiliate.Identify) (affiliate.IdentifyResult, error) {
	result, err := w.Tx.Identify(in)
	w.note(result.Duplicate, err)
	return result, err
}

func (w *watched) RecordConversion(in affiliate.Conversion) (affiliate.ConversionResult, error) {
	result, err := w.Tx.RecordConversion(in)
	w.note(result.Duplicate, err)
	return result, err
}

func (w *watched) AmendConversion(conversion string, amount int64, amendedAt time.Time) (affiliate.FactResult, error) {
	result, err := w.Tx.AmendConversion(conversion, amount, amendedAt)
	w.note(result.Duplicate, err)
	return result, err
}

func (w *watched) RecordRefund(in affiliate.Refund) (affiliate.FactResult, error) {
	result, err := w.Tx.RecordRefund(in)
	w.note(result.Duplicate, err)
	return result, err
}

func (w *watched) FailRefund(refund, conversion string, failedAt time.Time) (affiliate.FactResult, error) {
	result, err := w.Tx.FailRefund(refund, conversion, failedAt)
	w.note(result.Duplicate, err)
	return result, err
}

func (w *watched) RecordDispute(in affiliate.Dispute) (affiliate.FactResult, error) {
	result, err := w.Tx.RecordDispute(in)
	w.note(result.Duplicate, err)
	return result, err
}

// Reasons to give a batch up.
var (
	errDry   = errors.New("stripeadapter: nothing is to be written")
	errAgain = errors.New("stripeadapter: once more, without what was refused")
)

// compared is a payment as a Backfill would leave it, and as it is.
type compared struct {
	after, before *book.Payment
}

// compare applies what was listed to batches that are given up, and reports what
// that changed.
func (r *reconciling) compare(ctx context.Context, gone []excess) error {
	payments := map[string]*compared{}
	for _, part := range r.parts() {
		found, err := r.try(ctx, part)
		if err != nil {
			return err
		}
		maps.Copy(payments, found)
	}
	return r.eng.Atomically(ctx, func(b *affiliate.Tx) error { return r.conclude(b, payments, gone) })
}

// try returns the payments that some objects tell of, as a Backfill would leave them
// and as they are.
func (r *reconciling) try(ctx context.Context, part []*listed) (map[string]*compared, error) {
	var payments map[string]*compared
	err := errAgain
	for errors.Is(err, errAgain) {
		err = r.eng.Atomically(ctx, func(b *affiliate.Tx) error {
			w := &watched{Tx: b}
			if err := r.applyAll(ctx, w, part); err != nil {
				return err
			}
			var err error
			if payments, err = collect(w, part); err != nil {
				return err
			}
			return errDry
		})
	}
	if !errors.Is(err, errDry) {
		return nil, err
	}
	err = r.eng.Atomically(ctx, func(b *affiliate.Tx) error { return loadBefore(b, payments) }) // without what was applied
	return payments, err
}

// applyAll applies objects. Of one that is refused something may be left in the batch,
// so that all begins again without it.
func (r *reconciling) applyAll(ctx context.Context, w *watched, part []*listed) error {
	for _, o := range part {
		if o.idle || o.refused {
			continue
		}
		w.changed = false
		result, err := r.apply(ctx, w, o)
		switch {
		case err != nil && !isFinal(err):
			return err
		case err != nil:
			if err := r.refuse(o, err); err != nil {
				return err
			}
			return errAgain
		}
		o.changes, o.waits = w.changed, len(result.Missing) > 0
	}
	return nil
}

// apply is what tell is to a batch of one object. What has to be looked up is asked
// in between: nothing is open meanwhile, and what the attempt left is the same when
// it begins again.
func (r *reconciling) apply(ctx context.Context, w *watched, o *listed) (Result, error) {
	found := answers{}
	r.told.about = o.replayed
	for {
		t := &applier{a: r.a, b: w, n: o.news.clone(), found: found}
		err := t.run()
		var q *question
		if !errors.As(err, &q) {
			return t.result, err
		}
		if err := q.ask(ctx, r.a.cfg.Lookup, o.news.event.Account, found); err != nil {
			return Result{}, err
		}
	}
}

// collect returns the payments that were told of, as they are now, by id.
func collect(b transaction, part []*listed) (map[string]*compared, error) {
	payments := map[string]*compared{}
	t := &applier{b: b}
	for _, o := range part {
		if o.refused || o.news.payment == nil {
			continue
		}
		p, docs, err := t.loadPayment(namesOf(o.news.payment))
		if err != nil {
			return nil, err
		}
		if len(docs) > 0 {
			payments[p.ID()] = &compared{after: p}
			o.payment = p.ID()
		}
	}
	return payments, nil
}

// loadBefore reads what is stored of payments.
func loadBefore(b transaction, payments map[string]*compared) error {
	var keys []string
	for _, c := range payments {
		for _, name := range namesOf(c.after) {
			keys = append(keys, paymentKey(name))
		}
	}
	if err := b.Expect(keys, nil, nil); err != nil {
		return err
	}
	t := &applier{b: b}
	for _, c := range payments {
		var err error
		if c.before, _, err = t.loadPayment(namesOf(c.after)); err != nil {
			return err
		}
		if c.before.Posted.Conversion == "" && c.after.Posted.Adopted { // the host recorded it, and that stays
			c.before.Posted = book.Posted{Conversion: c.after.Posted.Conversion, Content: c.after.Posted.Content, Amount: c.after.Posted.Amount}
		}
	}
	return nil
}

// conclude makes the report of what was compared.
func (r *reconciling) conclude(b transaction, payments map[string]*compared, gone []excess) error {
	sums := totals{}
	differs := map[string]bool{}
	r.report.Differences = nil
	for _, id := range slices.Sorted(maps.Keys(payments)) {
		c := payments[id]
		found := c.differences(id)
		r.report.Differences = append(r.report.Differences, found...)
		differs[id] = len(found) > 0
		if err := errors.Join(sums.add(c.after, ofStripe), sums.add(c.before, ofLedger)); err != nil {
			return err
		}
		if c.after.Posted.Conversion != "" {
			r.report.Payments++
		}
	}
	for _, x := range gone {
		p, _, err := (&applier{b: b}).loadPayment(list(x.payment))
		if err != nil {
			return err
		}
		r.report.Differences = append(r.report.Differences, Difference{
			Kind: UnknownAtStripe, Object: sourceOf(x.conversion), Conversion: x.conversion,
			Currency: p.Posted.Content.Currency, Ledger: p.Posted.Amount,
		})
		if payments[p.ID()] != nil { // it is counted already
			continue
		}
		if err := sums.add(p, ofLedger); err != nil {
			return err
		}
	}
	r.judge(payments, differs)
	r.report.Totals = sums.sorted()
	return nil
}

// judge adds what single objects say beyond payments that differ, and counts those
// that say nothing that counts.
func (r *reconciling) judge(payments map[string]*compared, differs map[string]bool) {
	for _, o := range r.objects {
		c := payments[o.payment]
		if o.waits {
			r.report.Waiting++
		}
		switch {
		case o.refused:
		case o.changes && !differs[o.payment]:
			r.report.Differences = append(r.report.Differences, Difference{Kind: NotTold, Object: o.id})
		case o.idle && c == nil:
			r.report.Ignored[NoReference]++
		case c != nil && !o.idle && c.after.Posted.Conversion == "":
			r.report.Ignored[whyNot(c.after)]++
		}
	}
}

// whyNot returns why a payment does not count.
func whyNot(p *book.Payment) IgnoredReason {
	sale, ok := p.Sale()
	switch {
	case ok && !money.Currency(sale.Currency).Valid():
		return NoCurrency
	case p.Sources[book.Intent] != nil && p.Sources[book.Intent].Loose && len(p.Sources) == 1:
		return NoReference
	case len(p.Sources) > 0:
		return NotPaid
	}
	return NoPayment
}

// differences tells in what a payment would change.
func (c *compared) differences(id string) []Difference {
	after, before := c.after.Posted, c.before.Posted
	if after.Conversion == "" {
		return nil
	}
	d := Difference{Object: id, Conversion: before.Conversion, Currency: after.Content.Currency}
	if before.Conversion == "" {
		d.Kind, d.Stripe = PaymentMissing, after.Amount
		return []Difference{d}
	}
	var found []Difference
	differ := func(kind DifferenceKind, differs bool, stripe, ledger int64) {
		if differs {
			d.Kind, d.Stripe, d.Ledger = kind, stripe, ledger
			found = append(found, d)
		}
	}
	replaced := after.Revision != before.Revision || !after.Content.Equal(before.Content)
	differ(CountedTwice, len(before.Others) > 0, after.Amount, before.Amount)
	differ(PaymentDiffers, replaced, after.Amount, before.Amount)
	differ(AmountDiffers, after.Amount != before.Amount && !replaced, after.Amount, before.Amount)
	differ(RefundsDiffer, after.Sum() != before.Sum(), after.Sum(), before.Sum())
	differ(DisputeDiffers, !maps.Equal(after.Disputes, before.Disputes), after.Disputed(), before.Disputed())
	return found
}
