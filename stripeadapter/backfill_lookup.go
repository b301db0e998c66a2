package stripeadapter

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v76/client"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/problem"
)

// replaying returns an Adapter that looks up what an object is listed with, then
// what the host's Lookup or else the client tells.
func (a *Adapter) replaying(api *client.API) (*Adapter, *listedLookup) {
	told := &listedLookup{Lookup: a.cfg.Lookup}
	if told.Lookup == nil {
		told.Lookup = NewLookup(api)
	}
	cfg := a.cfg
	cfg.Lookup = told
	return &Adapter{eng: a.eng, cfg: cfg}, told
}

// replayInto checks what a host asks for, and returns the Engine of the account.
func (a *Adapter) replayInto(ctx context.Context, api *client.API, account string, from, to time.Time, objects, perPage int) (*affiliate.Engine, error) {
	var list problem.List
	if api == nil {
		list.Add("api", "must not be nil")
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		list.Add("to", "must be after from")
	}
	if objects < 0 {
		list.Add("maxObjects", "must not be negative")
	}
	if perPage < 1 || perPage > mostPerPage {
		list.Add("pageSize", "must be 1 to %d", mostPerPage)
	}
	eng, err := a.engineOf(ctx, account)
	if err != nil {
		return nil, err
	}
	if eng == nil {
		list.Add("account", "is not known")
	}
	return eng, list.Err(affiliate.ErrInvalidInput)
}

// listedLookup knows the object that is replayed and, if that is told with it, which
// invoice it pays. It asks for the rest.
type listedLookup struct {
	Lookup
	about replayed
}

// Invoice returns the invoice that is replayed.
func (l *listedLookup) Invoice(ctx context.Context, account, id string) ([]byte, error) {
	if l.about.id == id && len(l.about.event.Object) > 0 {
		return l.about.event.Object, nil
	}
	return l.Lookup.Invoice(ctx, account, id)
}

// Session asks for the lines of a checkout session, if somebody knows them.
func (l *listedLookup) Session(ctx context.Context, account, id string) ([]byte, error) {
	if lookup, ok := l.Lookup.(LineLookup); ok {
		return lookup.Session(ctx, account, id)
	}
	return nil, nil
}

// InvoiceOf returns what the payment that is replayed pays.
func (l *listedLookup) InvoiceOf(ctx context.Context, account, paymentIntent, charge string) (string, error) {
	if l.about.told {
		return l.about.invoice, nil
	}
	return l.Lookup.InvoiceOf(ctx, account, paymentIntent, charge)
}
