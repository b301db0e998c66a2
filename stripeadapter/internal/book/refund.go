package book

import (
	"maps"
	"math/big"
	"slices"
	"time"
)

// Refund is money given back. Amounts are in minor units, taxes included.
type Refund struct {
	Of     string    `json:"of"` // payment intent, else charge
	Amount int64     `json:"amount"`
	At     time.Time `json:"at,omitzero"`
	Failed bool      `json:"failed,omitempty"` // it did not go through after all
	Moved  bool      `json:"moved,omitempty"`  // money was seen to move
}

// Level is how much of a payment intent or charge is given back, as the charge
// tells it: cumulative, without saying by which refunds. What was authorized and
// never captured is no part of it; Stripe shows that as refunded, too.
type Level struct {
	Refunded int64     `json:"refunded"`
	Released int64     `json:"released,omitempty"` // authorized and not captured
	At       time.Time `json:"at,omitzero"`        // it was told
}

// Note is the part of a credit note that was given back outside of Stripe, or one
// that gives back nothing but taxes, by whatever refunds.
type Note struct {
	Amount  int64     `json:"amount"`
	At      time.Time `json:"at,omitzero"`
	Void    bool      `json:"void,omitempty"`
	TaxOnly bool      `json:"taxOnly,omitempty"`
	Refunds []string  `json:"refunds,omitempty"` // of taxes only
}

// AddRefund tells of a refund. A failure is final.
func (p *Payment) AddRefund(id string, r Refund) {
	if p.Refunds == nil {
		p.Refunds = map[string]*Refund{}
	}
	if old := p.Refunds[id]; old != nil {
		r.Failed, r.Moved = r.Failed || old.Failed, r.Moved || old.Moved
		r.Amount = max(r.Amount, old.Amount)
		r.Of, r.At = first(r.Of, old.Of), earliest(r.At, old.At)
	}
	p.Refunds[id] = &r
}

// AddLevel tells how much is given back of a payment intent or charge. What was
// given back stays so unless a refund is said to have failed.
func (p *Payment) AddLevel(of string, l Level) {
	if p.Levels == nil {
		p.Levels = map[string]Level{}
	}
	old, known := p.Levels[of]
	released := max(old.Released, l.Released)
	if known && old.Refunded >= l.Refunded {
		if old.Refunded == l.Refunded {
			old.At = earliest(old.At, l.At)
		}
		l = old
	}
	l.Released = released
	p.Levels[of] = l
}

// AddNote tells of a credit note. Voiding is final.
func (p *Payment) AddNote(id string, n Note) {
	if p.Notes == nil {
		p.Notes = map[string]Note{}
	}
	if old, known := p.Notes[id]; known {
		n = Note{
			Amount: max(n.Amount, old.Amount), Void: n.Void || old.Void, At: earliest(n.At, old.At),
			TaxOnly: n.TaxOnly || old.TaxOnly, Refunds: union(n.Refunds, old.Refunds),
		}
	}
	p.Notes[id] = n
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Step is how much of a payment was given back by a time.
type Step struct {
	At    time.Time
	Given *big.Int

	all *Payment
}

// OfPrice is what was given back of the price: not of taxes alone, and not by some
// refunds, by id, that count otherwise.
func (s Step) OfPrice(but map[string]int64) *big.Int {
	given := new(big.Int).Set(s.Given)
	skip := map[string]bool{}
	for id := range but {
		skip[id] = true
	}
	for _, n := range s.all.Notes { // also of those that were not told yet by then
		if !n.TaxOnly || n.Void {
			continue
		}
		if !n.At.After(s.At) {
			given.Sub(given, big.NewInt(n.Amount))
		}
		for _, id := range n.Refunds {
			skip[id] = true
		}
	}
	released := s.all.released()
	for id := range skip {
		if r := s.all.Refunds[id]; r != nil && !r.Failed && !released[id] && !r.At.After(s.At) {
			given.Sub(given, big.NewInt(r.Amount))
		}
	}
	return given
}

// Steps are in the order of time, the last of them is GivenBack.
func (p *Payment) Steps() []Step {
	var times []time.Time
	for _, r := range p.Refunds {
		times = append(times, r.At)
	}
	for _, l := range p.Levels {
		times = append(times, l.At)
	}
	for _, n := range p.Notes {
		times = append(times, n.At)
	}
	slices.SortFunc(times, time.Time.Compare)
	var steps []Step
	for _, at := range slices.CompactFunc(times, time.Time.Equal) {
		steps = append(steps, Step{at, p.until(at).GivenBack(), p})
	}
	return steps
}

// until is what was given back by a time.
func (p *Payment) until(at time.Time) *Payment {
	c := p.Clone()
	maps.DeleteFunc(c.Refunds, func(_ string, r *Refund) bool { return r.At.After(at) })
	for of, l := range c.Levels {
		if l.At.After(at) { // what was never captured is not given back at any time
			c.Levels[of] = Level{Released: l.Released}
		}
	}
	maps.DeleteFunc(c.Notes, func(_ string, n Note) bool { return n.At.After(at) })
	return c
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
	released := p.released()
	for id, r := range p.Refunds {
		switch {
		case released[id]:
		case r.Failed:
			add(failed, r.Of, r.Amount)
		default:
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

// released are the refunds, by id, that only gave free what was authorized and not
// captured. No money moved by them, and each is of just that amount.
func (p *Payment) released() map[string]bool {
	ids := map[string]bool{}
	for of, l := range p.Levels {
		least := ""
		for id, r := range p.Refunds {
			if l.Released == 0 || r.Of != of || r.Failed || r.Moved || r.Amount != l.Released {
				continue
			}
			if least == "" || r.At.Before(p.Refunds[least].At) || r.At.Equal(p.Refunds[least].At) && id < least {
				least = id
			}
		}
		if least != "" {
			ids[least] = true
		}
	}
	return ids
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
	Back   int64        `json:"back,omitempty"` // what came back of the amount, as far as told
}

// Held is what of the amount is gone: all of it while a dispute is open, and what did
// not come back once it is decided. Of one that is won all comes back, unless it is
// told that only a part did.
func (d Dispute) Held() int64 {
	switch {
	case d.State == Inquiry:
		return 0
	case d.State == Open:
		return d.Amount
	case d.State != Lost && d.Back == 0:
		return 0
	}
	return d.Amount - min(d.Back, d.Amount)
}

// AddDispute tells of a dispute.
func (p *Payment) AddDispute(id string, d Dispute) {
	if p.Disputes == nil {
		p.Disputes = map[string]Dispute{}
	}
	old, known := p.Disputes[id]
	if known {
		d.Amount, d.Back = max(d.Amount, old.Amount), max(d.Back, old.Back)
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
