package book

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kind is which object tells of a payment.
type Kind string

// The kinds of sources, the one that knows most first.
const (
	Invoice  Kind = "invoice"
	Checkout Kind = "checkout"
	Intent   Kind = "intent"
	Charge   Kind = "charge"
)

// Payment is all that is known of one payment.
type Payment struct {
	To string `json:"to,omitempty"` // the id it is kept under now; then nothing else is set

	Invoice  string   `json:"invoice,omitempty"` // ids of the objects that are this payment
	Checkout string   `json:"checkout,omitempty"`
	Intents  []string `json:"intents,omitempty"` // sorted; an invoice may be paid by several
	Charges  []string `json:"charges,omitempty"` // sorted

	Sources  map[Kind]*Source   `json:"sources,omitempty"`
	Taken    map[string]int64   `json:"taken,omitempty"`    // by payment intent, else charge: what came in, taxes included
	Refunds  map[string]*Refund `json:"refunds,omitempty"`  // by id
	Levels   map[string]Level   `json:"levels,omitempty"`   // by payment intent, else charge
	Disputes map[string]Dispute `json:"disputes,omitempty"` // by id
	Notes    map[string]Note    `json:"notes,omitempty"`    // by id of the credit note
	Waits    []string           `json:"waits,omitempty"`    // ids of promotion codes that it waited to be told
	Posted   Posted             `json:"posted,omitzero"`
}

// Source is what one object says of a payment.
type Source struct {
	ID           string    `json:"id"`
	At           time.Time `json:"at"`
	Customer     string    `json:"customer,omitempty"`
	Subscription string    `json:"subscription,omitempty"`
	Reason       string    `json:"reason,omitempty"` // why there is an invoice
	Currency     string    `json:"currency,omitempty"`
	Net          int64     `json:"net,omitempty"`   // commissionable, minor units
	Gross        int64     `json:"gross,omitempty"` // paid, minor units as they were charged
	Paid         bool      `json:"paid,omitempty"`
	Conversion   string    `json:"conversion,omitempty"` // id of the host's for this payment
	References   []string  `json:"references,omitempty"` // referral codes, in order
	Codes        []string  `json:"codes,omitempty"`      // promo codes in clear
	Promotions   []string  `json:"promotions,omitempty"` // ids of promotion codes
	Untold       bool      `json:"untold,omitempty"`     // discounted, by what is not told
	Loose        bool      `json:"loose,omitempty"`      // without a reference: it counts for a customer who was led here
	Alone        bool      `json:"alone,omitempty"`      // it is told to pay no invoice
	Products     []string  `json:"products,omitempty"`   // sorted ids
	Prices       []string  `json:"prices,omitempty"`
	Assigned     *Assigned `json:"assigned,omitempty"`  // what the host says of it
	Unsettled    bool      `json:"unsettled,omitempty"` // nobody told whether it was paid outside of Stripe, which matters
}

// Assigned is what the host says of a source, once: which program it is of, and which
// part of it counts.
type Assigned struct {
	Program string `json:"program,omitempty"`
	Counts  int64  `json:"counts"` // of Of: what was left out is not in it
	Of      int64  `json:"of"`
}

func (a *Assigned) less(o *Assigned) bool {
	return cmp.Or(strings.Compare(a.Program, o.Program), cmp.Compare(a.Counts, o.Counts), cmp.Compare(a.Of, o.Of)) < 0
}

// ID is what the payment is kept under.
func (p *Payment) ID() string {
	switch {
	case p.Invoice != "":
		return p.Invoice
	case len(p.Intents) > 0:
		return p.Intents[0]
	case len(p.Charges) > 0:
		return p.Charges[0]
	}
	return p.Checkout
}

// Names are the ids that later events may know the payment by.
func (p *Payment) Names() []string {
	names := slices.Concat(p.Intents, p.Charges)
	if p.Invoice != "" {
		names = append(names, p.Invoice)
	}
	if len(names) == 0 && p.Checkout != "" {
		names = append(names, p.Checkout)
	}
	return names
}

// Says reports whether there is anything to keep: more than which charge belongs to
// which payment intent, of which refunds and disputes name both.
func (p *Payment) Says() bool {
	facts := len(p.Sources) + len(p.Taken) + len(p.Refunds) + len(p.Levels) + len(p.Disputes) + len(p.Notes)
	links := len(p.Intents)
	if p.Invoice != "" {
		links += 1 + len(p.Charges)
	}
	return facts > 0 || links > 1
}

// Add tells what an object says.
func (p *Payment) Add(kind Kind, s Source) {
	if p.Sources == nil {
		p.Sources = map[Kind]*Source{}
	}
	p.Sources[kind] = p.Sources[kind].merge(&s)
}

// AddTaken tells how much came in by a payment intent or charge, whatever it is
// for: of a checkout that only reserved the money nothing else says that it was paid.
func (p *Payment) AddTaken(of string, amount int64) {
	if p.Taken == nil {
		p.Taken = map[string]int64{}
	}
	p.Taken[of] = max(p.Taken[of], amount)
}

// Settled takes over what the host said of a source before: it says that once.
func (p *Payment) Settled(before *Payment) {
	for kind, src := range p.Sources {
		if old := before.Sources[kind]; old != nil {
			c := *src
			c.Assigned = old.Assigned
			p.Sources[kind] = &c
		}
	}
}

// Merge adds all that another payment knows, which turned out to be the same.
func (p *Payment) Merge(o *Payment) {
	p.Invoice, p.Checkout = first(p.Invoice, o.Invoice), first(p.Checkout, o.Checkout)
	p.Intents, p.Charges = union(p.Intents, o.Intents), union(p.Charges, o.Charges)
	for kind, s := range o.Sources {
		p.Add(kind, *s)
	}
	for of, amount := range o.Taken {
		p.AddTaken(of, amount)
	}
	for id, r := range o.Refunds {
		p.AddRefund(id, *r)
	}
	for key, l := range o.Levels {
		p.AddLevel(key, l)
	}
	for id, d := range o.Disputes {
		p.AddDispute(id, d)
	}
	for id, n := range o.Notes {
		p.AddNote(id, n)
	}
	p.Waits = union(p.Waits, o.Waits)
	p.Posted.merge(o.Posted)
}

// first is the smaller of two ids that are known. Two would be a fault of
// whoever sent them; then the choice is at least always the same.
func first(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}

func (s *Source) merge(o *Source) *Source {
	if s == nil {
		s = &Source{ID: o.ID, At: o.At, Untold: true, Unsettled: true, Loose: true}
	}
	m := *s
	switch {
	case o.Paid && (!m.Paid || o.less(&m)):
		m.Net, m.Gross, m.Currency, m.Paid = o.Net, o.Gross, o.Currency, true
	case !m.Paid:
		m.Net, m.Gross, m.Currency = max(m.Net, o.Net), max(m.Gross, o.Gross), first(m.Currency, o.Currency)
	}
	if o.At.Before(m.At) {
		m.At = o.At
	}
	m.Customer, m.Subscription = first(m.Customer, o.Customer), first(m.Subscription, o.Subscription)
	m.Reason, m.Conversion = first(m.Reason, o.Reason), first(m.Conversion, o.Conversion)
	m.References = ordered(m.References, o.References)
	m.Codes, m.Promotions = union(m.Codes, o.Codes), union(m.Promotions, o.Promotions)
	m.Alone = m.Alone || o.Alone
	m.Products, m.Prices = union(m.Products, o.Products), union(m.Prices, o.Prices)
	if o.Assigned != nil && (m.Assigned == nil || o.Assigned.less(m.Assigned)) {
		m.Assigned = o.Assigned
	}
	m.Untold, m.Unsettled, m.Loose = m.Untold && o.Untold, m.Unsettled && o.Unsettled, m.Loose && o.Loose
	return &m
}

// less orders what is told of the same money, so that the choice is always the
// same: the least of it.
func (s *Source) less(o *Source) bool {
	return cmp.Or(cmp.Compare(s.Net, o.Net), cmp.Compare(s.Gross, o.Gross), cmp.Compare(s.Currency, o.Currency)) < 0
}

// ordered keeps the longer of two lists that say the same, one of them maybe less.
func ordered(a, b []string) []string {
	if len(a) > len(b) || len(a) == len(b) && slices.Compare(a, b) <= 0 {
		return a
	}
	return b
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	all = slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
	if len(all) == 0 {
		return nil
	}
	return all
}

// Parse reads a payment as Encode wrote it; nothing is an empty one.
func Parse(data []byte) (*Payment, error) {
	var p Payment
	if len(data) == 0 {
		return &p, nil
	}
	return &p, json.Unmarshal(data, &p)
}

// Encode writes a payment; equal ones are equal bytes.
func (p *Payment) Encode() ([]byte, error) { return json.Marshal(p) }

// Clone returns a copy that shares nothing that Add and Merge change.
func (p *Payment) Clone() *Payment {
	c := *p
	c.Sources, c.Taken = maps.Clone(p.Sources), maps.Clone(p.Taken)
	c.Refunds, c.Levels = maps.Clone(p.Refunds), maps.Clone(p.Levels)
	c.Disputes, c.Notes = maps.Clone(p.Disputes), maps.Clone(p.Notes)
	c.Posted.Refunds, c.Posted.Disputes = slices.Clone(p.Posted.Refunds), maps.Clone(p.Posted.Disputes)
	return &c
}

// Tell notes the promotion codes that a discount came from, by id or in clear. A
// discount without any is one that nobody told of yet, or a coupon without a code.
func (s *Source) Tell(promotions, codes []string, discounted bool) {
	s.Promotions, s.Codes = union(s.Promotions, promotions), union(s.Codes, codes)
	s.Untold = discounted && len(promotions)+len(codes) == 0
}
