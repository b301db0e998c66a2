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
func (t *telling) recordRefunds(p *book.Payment, sale book.Sale) error {
	steps := p.Steps()
	if len(steps)+len(p.Posted.Refunds)+len(p.Disputes) == 0 {
		return nil
	}
	others, err := t.others(p)
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
func (t *telling) raiseRefunds(p *book.Payment, target int64, at time.Time) error {
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
func (t *telling) lowerRefunds(p *book.Payment, target int64) error {
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

// recordDispute records that a dispute takes money back, or gave it back.
func (t *telling) recordDispute(p *book.Payment, id string, others others, gross int64) error {
	d := p.Disputes[id]
	posted, known := p.Posted.Disputes[id]
	status, at := commission.DisputeOpen, d.At
	switch d.State {
	case book.Inquiry:
		return nil
	case book.Open:
	case book.Returned, book.Won:
		status, at = commission.DisputeWon, d.Ended
	case book.Lost:
		status, at = commission.DisputeLost, d.Ended
	}
	if known && posted == string(status) || !known && status == commission.DisputeWon && others.disputes[id] == nil {
		return nil
	}
	amount := book.Part(others.amount, big.NewInt(d.Amount), gross)
	if amount == 0 && status != commission.DisputeWon {
		return nil // nothing that earns is in dispute
	}
	p.Posted.SetDispute(id, string(status))
	name := p.Posted.Conversion + ":" + id
	if theirs := others.disputes[id]; theirs != nil { // the host's own
		if name = id; theirs[status] {
			return nil
		}
	}
	_, err := t.b.RecordDispute(affiliate.Dispute{
		ID: name, Conversion: p.Posted.Conversion, Status: status, At: later(at, d.At), Amount: amount,
	})
	return err
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
