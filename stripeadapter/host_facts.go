package stripeadapter

import (
	"strings"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// hostFacts are what the host itself recorded of a conversion. What it recorded under
// Stripe's ids is the same as what Stripe tells, and stands as it is.
type hostFacts struct {
	amount   int64                                        // of the conversion, as it stands
	refunded int64                                        // by refunds of the host's that stand, at most amount
	same     map[string]int64                             // of them, those that are Stripe's by their ids
	disputes map[string]map[commission.DisputeStatus]bool // of Stripe's ids
}

// refundsOfOurs is how the ids of our refunds of a conversion begin.
func refundsOfOurs(conversion string) string { return conversion + ":refund:" }

// isStripes reports an id that Stripe gave to a refund.
func isStripes(id string) bool { return strings.HasPrefix(id, "re_") || strings.HasPrefix(id, "pyr_") }

// hostFacts reads what the host recorded. A refund of Stripe's that failed there fails
// for the host, too.
func (t refundRecorder) hostFacts(p *book.Payment) (hostFacts, error) {
	o := hostFacts{amount: p.Posted.Amount, same: map[string]int64{}, disputes: map[string]map[commission.DisputeStatus]bool{}}
	facts, err := t.b.Facts(p.Posted.Conversion)
	if err != nil {
		return o, err
	}
	conv, found, err := t.b.Conversion(p.Posted.Conversion)
	if err != nil {
		return o, err
	}
	if found {
		o.amount = commission.AmountOf(conv.Amount, facts)
	}
	failed := map[string]bool{}
	for _, f := range facts {
		failed[f.ID] = failed[f.ID] || f.Kind == commission.RefundFailed
	}
	for _, f := range facts {
		switch {
		case f.Kind == commission.Dispute && p.Disputes[f.ID].Amount > 0:
			if o.disputes[f.ID] == nil {
				o.disputes[f.ID] = map[commission.DisputeStatus]bool{}
			}
			o.disputes[f.ID][f.Status] = true
		case f.Kind != commission.Refund, failed[f.ID], strings.HasPrefix(f.ID, refundsOfOurs(p.Posted.Conversion)):
		case p.Refunds[f.ID] != nil && p.Refunds[f.ID].Failed:
			if _, err := t.b.FailRefund(f.ID, f.Conversion, t.n.event.Created); err != nil {
				return o, err
			}
		default:
			o.add(f, p.Refunds[f.ID] != nil || isStripes(f.ID))
		}
	}
	return o, nil
}

func (o *hostFacts) add(refund commission.Fact, same bool) {
	if refund.All || refund.Amount >= o.amount-o.refunded {
		o.refunded = o.amount
	} else {
		o.refunded += refund.Amount
	}
	if same {
		o.same[refund.ID] = refund.Amount
	}
}

// target is what we have to record of what was given back by a time: all that the
// host did not. Of all refunds together that is all that is left.
func (o *hostFacts) target(p *book.Payment, step book.Step, gross int64) int64 {
	left := o.amount - o.refunded
	if book.Part(o.amount, step.Given, gross) == o.amount {
		return left
	}
	part := book.Part(o.amount, step.OfPrice(o.same), gross)
	for id, amount := range o.same {
		if p.Refunds[id] == nil { // in a sum of which Stripe has not told the parts yet
			part -= min(part, amount)
		}
	}
	return min(part, left)
}
