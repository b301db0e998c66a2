package book

import (
	"math/big"
	"time"
)

// Sale is the one sale that a payment is.
type Sale struct {
	ID           string // of the object that tells most
	Kind         Kind
	At           time.Time
	Customer     string // a guest is known by its payment
	Guest        bool
	Subscription string
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
	if released := p.neverCaptured(); kind == Checkout && 0 < released && released < s.Gross {
		s.Net, s.Gross = Part(s.Net, big.NewInt(s.Gross-released), s.Gross), s.Gross-released
	}
	if s.Customer == "" {
		s.Customer, s.Guest = p.Guest(), true
	}
	for _, kind := range []Kind{Invoice, Checkout, Intent, Charge} {
		if from := p.Sources[kind]; from != nil {
			s.References = append(s.References, from.References...)
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

// neverCaptured is what was authorized of the payment and not captured. A checkout
// tells its total all the same.
func (p *Payment) neverCaptured() int64 {
	var most int64
	for _, l := range p.Levels {
		most = max(most, l.Released)
	}
	return most
}

func (p *Payment) source() (Kind, *Source) {
	if p.Invoice != "" {
		return Invoice, paid(p.Sources[Invoice])
	}
	if src := paid(p.Sources[Checkout]); src != nil {
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
