package affiliate

import (
	"context"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/storage"
)

// CustomerRecord is what is known of a customer.
type CustomerRecord struct {
	ID          string    `json:"id"`
	Aliases     []string  `json:"aliases,omitempty"` // other ids of the same customer
	KnownSince  time.Time `json:"knownSince,omitzero"`
	SignedUp    bool      `json:"signedUp"`
	Conversions int       `json:"conversions"`
	LastSaleAt  time.Time `json:"lastSaleAt,omitzero"` // of the last conversion
	Waiting     bool      `json:"waiting,omitempty"`   // to be decided again

	// Bindings are the partners whom later conversions count for, by scope: a program,
	// or "" for conversions that name none (semantics 3.8).
	Bindings map[string]attribution.Binding `json:"bindings,omitempty"`
}

// CustomerList is a page of customers. Next is where the next one begins; empty: there
// is none.
type CustomerList struct {
	Items []CustomerRecord `json:"items"`
	Next  string           `json:"next"`
}

// Customers lists customers in byte order of their ids, after one. Who bought as a guest
// or was erased is not in it. Limit is at most 500; 0 means 50. A page may have fewer
// than that and still have a next one.
func (e *Engine) Customers(ctx context.Context, after string, limit int) (CustomerList, error) {
	list := CustomerList{Items: []CustomerRecord{}}
	limit = pageLimit(limit)
	anchors, err := e.store.ListAnchors(ctx, e.org, storage.CustomerAnchor, after, limit)
	if err != nil {
		return list, wrap("customers", err)
	}
	u := newUnit(ctx, e, e.now())
	for _, a := range anchors {
		u.anchors[a.Ref] = a
		if a.Root != "" || attribution.IsGuest(a.Key) || attribution.IsErased(a.Key) {
			continue
		}
		record, err := u.customerRecord(a.Key)
		if err != nil {
			return list, wrap("customers", err)
		}
		list.Items = append(list.Items, record)
	}
	if len(anchors) == limit {
		list.Next = anchors[limit-1].Key
	}
	return list, nil
}

// Customer returns a customer by any id. It returns ErrNotFound.
func (e *Engine) Customer(ctx context.Context, id string) (CustomerRecord, error) {
	u := newUnit(ctx, e, e.now())
	if err := u.load(customerRef(id)); err != nil {
		return CustomerRecord{}, wrap("customer", err)
	}
	if !u.exists(customerRef(id)) || attribution.IsGuest(id) || attribution.IsErased(id) {
		return CustomerRecord{}, wrap("customer", notFound("customer", id))
	}
	record, err := u.customerRecord(id)
	return record, wrap("customer", err)
}

// CustomerClicks returns the clicks that belong to a customer, the latest first, at most
// 100. It returns ErrNotFound.
func (e *Engine) CustomerClicks(ctx context.Context, id string) ([]Click, error) {
	u := newUnit(ctx, e, e.now())
	if err := u.load(customerRef(id)); err != nil {
		return nil, wrap("customer clicks", err)
	}
	if !u.exists(customerRef(id)) {
		return nil, wrap("customer clicks", notFound("customer", id))
	}
	who, err := u.customer(id)
	if err != nil {
		return nil, wrap("customer clicks", err)
	}
	clicks, err := u.clicksOf(who)
	slices.Reverse(clicks)
	return clicks[:min(len(clicks), 100)], wrap("customer clicks", err)
}

func (u *unit) customerRecord(id string) (CustomerRecord, error) {
	who, err := u.customer(id)
	if err != nil {
		return CustomerRecord{}, err
	}
	record := CustomerRecord{
		ID: who.root, KnownSince: who.doc.Known, SignedUp: who.doc.SignedUp, Conversions: who.doc.Sales,
		LastSaleAt: who.doc.State.Last.At, Waiting: who.doc.Waits,
	}
	for _, member := range who.doc.Members {
		if member != who.root {
			record.Aliases = append(record.Aliases, member)
		}
	}
	for scope, kept := range who.doc.State.Scopes {
		if kept.Binding == nil {
			continue
		}
		if record.Bindings == nil {
			record.Bindings = map[string]attribution.Binding{}
		}
		record.Bindings[scope] = *kept.Binding
	}
	return record, nil
}
