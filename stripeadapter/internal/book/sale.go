package book

import (
	"math/big"
	"time"
)

// Sale is the one sale that a payment is.
type Sale struct {
	ID           string // of the object that tells most
	Conversion   string // id that the host gave the payment, if it gave one
	Kind         Kind
	At           time.Time
	Customer     string // a guest is known by its payment
	Guest        bool
	Subscription string
	Program      string   // the host names one; empty: all
	Products     []string // ids
	Prices       []string
	Currency     string
	Net          int64
	Gross        int64
	References   []string // referral codes, the most telling first
	Codes        []string
	Promotions   []string
	Untold       bool // a discount decides about it that nobody told yet
	Renewal      bool // the subscription made it by itself
}

// Sale returns the sale that a payment is, as far as is known. There is none yet
// while it is not paid, while an invoice is known of but was not seen, and for a
// bare payment intent or charge that is no source.
func (p *Payment) Sale() (Sale, bool) {
	kind, src := p.source()
	if src == nil {
		return Sale{}, false
	}
	s := Sale{
		ID: src.ID, Kind: kind, At: src.At, Customer: src.Customer, Subscription: src.Subscription,
		Currency: src.Currency, Net: src.Net, Gross: src.Gross,
	}
	if part := p.captured(src); kind == Checkout && 0 < part && part < s.Gross {
		s.Net, s.Gross = Part(s.Net, big.NewInt(part), s.Gross), part
	}
	s.Products, s.Prices = src.Products, src.Prices
	if a := src.Assigned; a != nil {
		s.Program = a.Program
		if a.Of > 0 && a.Counts < a.Of {
			s.Net = Part(s.Net, big.NewInt(a.Counts), a.Of)
		}
	}
	if s.Customer == "" {
		s.Customer, s.Guest = p.Guest(), true
	}
	for _, kind := range []Kind{Invoice, Checkout, Intent, Charge} {
		if from := p.Sources[kind]; from != nil {
			s.References = append(s.References, from.References...)
			if s.Conversion == "" && s.Net > 0 { // what is free is no payment
				s.Conversion = from.Conversion
			}
		}
	}
	s.Renewal = src.Renewal() && p.Sources[Checkout] == nil
	told := false
	for _, kind := range []Kind{Invoice, Checkout} {
		if from := p.Sources[kind]; from != nil {
			s.Codes, s.Promotions = union(s.Codes, from.Codes), union(s.Promotions, from.Promotions)
			s.Untold = s.Untold || from.Untold
			told = told || len(from.Promotions)+len(from.Codes) > 0
		}
	}
	if from := p.Sources[Intent]; from != nil {
		s.Codes = union(s.Codes, from.Codes)
	}
	s.Untold = s.Untold && !told && !s.Renewal // most are of customers who are bound: nobody is asked
	return s, true
}

// captured is what was taken of a checkout, which tells its total also where only a
// part of that was captured.
func (p *Payment) captured(checkout *Source) int64 {
	part := checkout.Gross
	for _, l := range p.Levels {
		part = min(part, checkout.Gross-l.Released)
	}
	if taken := p.taken(); !checkout.Paid && taken.IsInt64() {
		part = min(part, taken.Int64())
	}
	return part
}

// taken is what came in, as far as payment intents and charges tell.
func (p *Payment) taken() *big.Int {
	sum := new(big.Int)
	for _, amount := range p.Taken {
		sum.Add(sum, big.NewInt(amount))
	}
	return sum
}

func (p *Payment) source() (Kind, *Source) {
	if p.Invoice != "" {
		return Invoice, paid(p.Sources[Invoice])
	}
	if src := p.checkout(); src != nil {
		return Checkout, src
	}
	if src := paid(p.Sources[Intent]); src != nil {
		return Intent, src
	}
	if len(p.Intents) == 0 {
		return Charge, paid(p.Sources[Charge])
	}
	return "", nil
}

// checkout is the checkout session if it was paid. One that only reserves the money
// is told as unpaid, and by no later event as paid: then what was captured says so.
func (p *Payment) checkout() *Source {
	src := p.Sources[Checkout]
	if src == nil || src.Paid || p.taken().Sign() > 0 {
		return src
	}
	return nil
}

func paid(s *Source) *Source {
	if s == nil || !s.Paid || s.Loose {
		return nil
	}
	return s
}

// Renewal reports an invoice that a subscription made by itself. What promotion
// code it carries nobody typed for it.
func (s *Source) Renewal() bool {
	switch s.Reason {
	case "", "subscription_create", "manual", "quote_accept":
		return false
	}
	return true
}

// Guest is what the customer of the payment is known by if nobody names it.
func (p *Payment) Guest() string {
	switch {
	case len(p.Intents) > 0:
		return p.Intents[0]
	case len(p.Charges) > 0:
		return p.Charges[0]
	}
	return p.ID()
}
