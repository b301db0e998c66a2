package stripeadapter

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// Payment is a payment of Stripe's as Config.Assign sees it: an invoice, a checkout
// session, a payment intent or a charge.
type Payment struct {
	Account      string // of a connected account; empty: the own one
	ID           string // of the object
	Customer     string // as Stripe knows it; empty: a guest
	Subscription string
	Reason       string // why there is an invoice: subscription_create, subscription_cycle, …
	Currency     string
	Amount       int64 // without tax, shipping and discount, in Stripe's minor units
	Metadata     map[string]string

	// Lines are those of an invoice. Of a checkout session they are there if the event
	// has them, or the Lookup is a LineLookup; a payment intent or charge has none.
	Lines     []Line
	MoreLines bool // there are more lines than these: events tell the first ten or so
}

// Line is a line of a payment.
type Line struct {
	ID           string
	Product      string // id (prod_…)
	Price        string // id (price_…)
	Subscription string
	Description  string
	Quantity     int64 // 0: not told
	Amount       int64 // without tax and discount, in Stripe's minor units; below 0: credited
	Proration    bool
	Metadata     map[string]string
}

// Assignment is what Config.Assign says of a payment. Its zero value leaves all as it
// is.
type Assignment struct {
	// Program is the one that the payment is of: no other pays for it. Empty: all.
	Program string

	// LeaveOut are the ids of lines that nobody earns on. What counts is the amount
	// without them, and of a part that was paid, or is refunded, the same part.
	LeaveOut []string
}

// LineLookup is a Lookup that also knows the lines of a checkout session, which no
// event tells. That of NewLookup does. It is asked only if there is a Config.Assign.
type LineLookup interface {
	// Session returns a checkout session, JSON, with its line_items, or nothing.
	Session(ctx context.Context, account, id string) (session []byte, err error)
}

// assigned reads what an event says, and what the host says of it.
func (a *Adapter) assigned(ctx context.Context, event payload.Event) (*update, error) {
	n, err := a.read(event)
	if err != nil || n == nil || n.payment == nil || a.cfg.Assign == nil {
		return n, err
	}
	for _, kind := range slices.Sorted(maps.Keys(n.payment.Sources)) {
		src := *n.payment.Sources[kind]
		if err := a.assign(ctx, n, &src); err != nil {
			return nil, err
		}
		n.payment.Sources[kind] = &src
	}
	return n, nil
}

func (a *Adapter) assign(ctx context.Context, n *update, src *book.Source) error {
	p := n.about
	p.Account, p.ID, p.Customer, p.Subscription = n.event.Account, src.ID, src.Customer, src.Subscription
	p.Reason, p.Currency = src.Reason, src.Currency
	if n.source == book.Checkout && len(p.Lines) == 0 {
		if err := a.lines(ctx, &p, src); err != nil {
			return err
		}
	}
	answer, err := a.cfg.Assign(ctx, p)
	if err != nil {
		return fmt.Errorf("assign %s: %w", p.ID, &askError{err})
	}
	counts := p.Amount
	for _, l := range p.Lines {
		if !slices.Contains(answer.LeaveOut, l.ID) {
			continue
		}
		if counts, err = money.Sub(counts, l.Amount); err != nil {
			return fmt.Errorf("assign %s: line %s: %w", p.ID, l.ID, err)
		}
	}
	src.Assigned = &book.Assigned{Program: answer.Program, Counts: max(min(counts, p.Amount), 0), Of: p.Amount}
	return nil
}

// lines asks for the lines of a checkout session.
func (a *Adapter) lines(ctx context.Context, p *Payment, src *book.Source) error {
	lookup, ok := a.cfg.Lookup.(LineLookup)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	raw, err := lookup.Session(ctx, p.Account, p.ID)
	if err != nil {
		return fmt.Errorf("look up lines: %w", &askError{err})
	}
	if len(raw) == 0 {
		return nil
	}
	session, err := payload.ParseSession(raw)
	if err != nil {
		return err
	}
	p.Lines, p.MoreLines = linesFrom(session.Lines), session.MoreLines
	src.Products, src.Prices = catalogOf(session.Lines)
	return nil
}

func linesFrom(lines []payload.Line) []Line {
	var all []Line
	for _, l := range lines {
		all = append(all, Line{
			ID: l.ID, Product: l.Product, Price: l.Price, Subscription: l.Subscription, Description: l.Description,
			Quantity: l.Quantity, Amount: l.Net, Proration: l.Proration, Metadata: l.Metadata,
		})
	}
	return all
}

// catalogOf returns the ids of what was bought, sorted.
func catalogOf(lines []payload.Line) (products, prices []string) {
	for _, l := range lines {
		products, prices = append(products, list(l.Product)...), append(prices, list(l.Price)...)
	}
	slices.Sort(products)
	slices.Sort(prices)
	return slices.Compact(products), slices.Compact(prices)
}
