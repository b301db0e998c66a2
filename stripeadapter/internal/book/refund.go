package book

import (
	"math/big"
	"time"
)

// Refund is money given back. Amounts are in minor units, taxes included.
type Refund struct {
	Of     string `json:"of"` // payment intent, else charge
	Amount int64  `json:"amount"`
	Failed bool   `json:"failed,omitempty"` // it did not go through after all
}

// Level is how much of a payment intent or charge is given back, as the charge
// tells it: cumulative, without saying by which refunds.
type Level struct {
	Refunded int64 `json:"refunded"`
}

// Note is the part of a credit note that was given back outside of Stripe.
type Note struct {
	Amount int64 `json:"amount"`
	Void   bool  `json:"void,omitempty"`
}

// AddRefund tells of a refund. A failure is final.
func (p *Payment) AddRefund(id string, r Refund) {
	if p.Refunds == nil {
		p.Refunds = map[string]*Refund{}
	}
	if old := p.Refunds[id]; old != nil {
		r.Failed = r.Failed || old.Failed
		r.Amount = max(r.Amount, old.Amount)
		r.Of = first(r.Of, old.Of)
	}
	p.Refunds[id] = &r
}

// AddLevel tells how much is given back of a payment intent or charge. What was
// given back stays so unless a refund is said to have failed.
func (p *Payment) AddLevel(of string, l Level) {
	if p.Levels == nil {
		p.Levels = map[string]Level{}
	}
	p.Levels[of] = Level{max(l.Refunded, p.Levels[of].Refunded)}
}

// AddNote tells of a credit note. Voiding is final.
func (p *Payment) AddNote(id string, n Note) {
	if p.Notes == nil {
		p.Notes = map[string]Note{}
	}
	old := p.Notes[id]
	p.Notes[id] = Note{Amount: max(n.Amount, old.Amount), Void: n.Void || old.Void}
}

// GivenBack is what was given back of the payment, taxes included, in minor units.
func (p *Payment) GivenBack() *big.Int {
	live, failed := map[string]*big.Int{}, map[string]*big.Int{}
	add := func(sums map[string]*big.Int, of string, amount int64) {
		if sums[of] == nil {
			sums[of] = new(big.Int)
		}
		sums[of].Add(sums[of], big.NewInt(amount))
	}
	for of := range p.Levels {
		add(live, of, 0)
	}
	for _, r := range p.Refunds {
		if r.Failed {
			add(failed, r.Of, r.Amount)
		} else {
			add(live, r.Of, r.Amount)
		}
	}
	total := new(big.Int)
	for of, sum := range live {
		told := big.NewInt(p.Levels[of].Refunded)
		if failed[of] != nil {
			told.Sub(told, failed[of])
		}
		if told.Cmp(sum) > 0 {
			sum = told
		}
		total.Add(total, sum)
	}
	for _, n := range p.Notes {
		if !n.Void {
			total.Add(total, big.NewInt(n.Amount))
		}
	}
	return total
}

// DisputeState is where a dispute stands. A later one of the list wins.
type DisputeState int

// The states of a dispute.
const (
	Inquiry  DisputeState = iota // no money moved
	Open                         // the money is gone until it is decided
	Returned                     // the money came back, the decision may be out
	Won
	Lost
)

// Dispute is a chargeback.
type Dispute struct {
	Amount int64        `json:"amount"`
	State  DisputeState `json:"state"`
	At     time.Time    `json:"at"`             // it was opened
	Ended  time.Time    `json:"ended,omitzero"` // what brought the state to Returned or beyond
}

// AddDispute tells of a dispute.
func (p *Payment) AddDispute(id string, d Dispute) {
	if p.Disputes == nil {
		p.Disputes = map[string]Dispute{}
	}
	old, known := p.Disputes[id]
	if known {
		d.Amount = max(d.Amount, old.Amount)
		if old.At.Before(d.At) {
			d.At = old.At
		}
		switch {
		case old.State > d.State:
			d.State, d.Ended = old.State, old.Ended
		case old.State == d.State && old.Ended.Before(d.Ended):
			d.Ended = old.Ended
		}
	}
	p.Disputes[id] = d
}

// Part is round(amount × part / whole), at most the amount, and the whole amount
// only for the whole: what a refund takes of a commissionable amount.
func Part(amount int64, part *big.Int, whole int64) int64 {
	if amount <= 0 || part.Sign() <= 0 {
		return 0
	}
	if whole <= 0 || part.Cmp(big.NewInt(whole)) >= 0 {
		return amount
	}
	n := new(big.Int).Mul(big.NewInt(amount), part)
	n.Mul(n, big.NewInt(2)).Add(n, big.NewInt(whole))
	n.Quo(n, new(big.Int).Mul(big.NewInt(whole), big.NewInt(2)))
	return min(n.Int64(), amount-1)
}
