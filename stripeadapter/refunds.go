package stripeadapter

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// recordRefunds brings the refunds and disputes of a conversion to what was given
// back of the payment, in proportion: what was refunded of the price with taxes is
// the same part of the commissionable amount. What the host recorded itself counts
// once.
func (t refundRecorder) recordRefunds(p *book.Payment, sale book.Sale) error {
	steps := p.Steps()
	if len(steps)+len(p.Posted.Refunds)+len(p.Disputes) == 0 {
		return nil
	}
	others, err := t.hostFacts(p)
	if err != nil {
		return err
	}
	var target int64
	if len(steps) > 0 {
		target = others.target(p, steps[len(steps)-1], sale.Gross)
	}
	if err := t.lowerRefunds(p, target); err != nil {
		return err
	}
	for _, step := range steps {
		reached := min(target, others.target(p, step, sale.Gross)) // of what has failed since nothing
		if err := t.raiseRefunds(p, reached, later(step.At, p.Posted.Content.At)); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.Disputes)) {
		if err := t.recordDispute(p, id, others, sale.Gross); err != nil {
			return err
		}
	}
	return nil
}

// raiseRefunds records what is missing of a target that was reached at some time.
func (t refundRecorder) raiseRefunds(p *book.Payment, target int64, at time.Time) error {
	missing := target - p.Posted.Sum()
	if missing <= 0 {
		return nil
	}
	p.Posted.Count++
	refund := book.PostedRefund{ID: fmt.Sprintf("%s%d", refundsOfOurs(p.Posted.Conversion), p.Posted.Count), Amount: missing}
	p.Posted.Refunds = append(p.Posted.Refunds, refund)
	_, err := t.b.RecordRefund(affiliate.Refund{ID: refund.ID, Conversion: p.Posted.Conversion, Amount: missing, At: at})
	return err
}

// lowerRefunds takes refunds back, the latest first, until they come to no more
// than a target.
func (t refundRecorder) lowerRefunds(p *book.Payment, target int64) error {
	for p.Posted.Sum() > target {
		last := len(p.Posted.Refunds) - 1
		refund := p.Posted.Refunds[last]
		p.Posted.Refunds = p.Posted.Refunds[:last]
		if _, err := t.b.FailRefund(refund.ID, p.Posted.Conversion, t.n.event.Created); err != nil {
			return err
		}
	}
	return nil
}

// recordDispute records that a dispute takes money back, or gave it back, all or in
// part.
func (t refundRecorder) recordDispute(p *book.Payment, id string, others hostFacts, gross int64) error {
	d := p.Disputes[id]
	if d.State == book.Inquiry {
		return nil
	}
	theirs := others.disputes[id] // the host's own
	held := d.Held()
	next := book.PostedDispute{Status: string(commission.DisputeOpen), At: d.At, Amount: book.Part(others.amount, big.NewInt(held), gross)}
	switch {
	case d.State == book.Open:
	case held > 0:
		next.Status, next.At = string(commission.DisputeLost), later(d.Ended, d.At)
	default:
		next.Status, next.At = string(commission.DisputeWon), later(d.Ended, d.At)
		next.Amount = book.Part(others.amount, big.NewInt(d.Amount), gross)
	}
	last, known := p.Posted.Disputes[id]
	lost := string(commission.DisputeLost)
	switch {
	case !known && next.Status == string(commission.DisputeWon) && theirs == nil,
		known && last.Status == next.Status && (next.Status != lost || last.Amount == next.Amount),
		next.Amount == 0 && next.Status != string(commission.DisputeWon): // nothing that earns is in dispute
		return nil
	case theirs != nil:
		next.ID = id
	default:
		if err := t.nameDispute(p, id, last, &next); err != nil {
			return err
		}
	}
	p.Posted.SetDispute(id, next)
	if theirs[commission.DisputeStatus(next.Status)] {
		return nil
	}
	return t.postDispute(p, next)
}

// nameDispute gives what becomes of a dispute an id. Under one it is open, then lost or
// won; what was lost may also be won then, and any other turn takes another id.
func (t refundRecorder) nameDispute(p *book.Payment, id string, last book.PostedDispute, next *book.PostedDispute) error {
	const open, lost, won = string(commission.DisputeOpen), string(commission.DisputeLost), string(commission.DisputeWon)
	next.ID, next.Count = last.ID, last.Count
	if last.Status == open || last.Status == lost && next.Status == won {
		next.At = later(next.At, last.At)
		return nil
	}
	if last.Status == lost { // of another amount
		ended := last
		ended.Status, ended.At = won, later(next.At, last.At)
		if err := t.postDispute(p, ended); err != nil {
			return err
		}
	}
	next.ID = p.Posted.Conversion + ":" + id
	if next.Count++; next.Count > 1 {
		next.ID = fmt.Sprintf("%s:%d", next.ID, next.Count)
	}
	return nil
}

func (t refundRecorder) postDispute(p *book.Payment, d book.PostedDispute) error {
	_, err := t.b.RecordDispute(affiliate.Dispute{
		ID: d.ID, Conversion: p.Posted.Conversion, Status: commission.DisputeStatus(d.Status), Amount: d.Amount, At: d.At,
	})
	return err
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
