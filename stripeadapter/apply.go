package stripeadapter

import (
	"context"
	"errors"
	"fmt"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// Outcome is what became of an event.
type Outcome string

// What may become of an event.
const (
	Applied      Outcome = "applied"         // what it says is stored; maybe it was before
	OfOtherMode  Outcome = "other_mode"      // live at an adapter of test mode, or the reverse
	OfNoAccount  Outcome = "unknown_account" // of a connected account that is not known, or was disconnected
	OfNoInterest Outcome = "not_of_interest" // of a type that says nothing to us, or a thin event
	SetAside     Outcome = "set_aside"       // refused, as it would be each time: see Adapter.SetAside
)

// Missing is something that an event leaves out and that no later one has told
// yet.
type Missing string

// What may be missing.
const (
	MissingPromotion Missing = "promotion_code" // which promotion code a discount came from, or what it reads
	MissingInvoice   Missing = "invoice"        // which payment a refund or dispute is about
	MissingOutOfBand Missing = "out_of_band"    // whether an invoice was paid outside of Stripe, to be ignored: it counts
	MissingCurrency  Missing = "currency"       // one that the Engine knows: the payment is in none, and does not count
)

// Result tells what became of an event.
type Result struct {
	Event       string // id
	Type        string
	Account     string // of a connected account; empty: the own one
	Outcome     Outcome
	Conversions []string  // ids of the conversions that it told of
	Missing     []Missing // what waits for a later event, or for a Lookup

	Reason string // why it is on the list of SetAside, as in SetAsideEvent
	Err    error  // why it was not applied, for errors.Is
}

// Apply stores what an event says: the body of a delivery whose signature the host
// has verified, or that it got from Stripe's API. All of it is stored or nothing,
// and applying an event again changes nothing. An event that would be refused each
// time, such as one that contradicts what the host recorded itself, is set aside
// with its reason, which is no error: see SetAside.
//
// It returns ErrMalformed for what is no event, and errors of the database, of
// Config.Lookup and of Config.Account; after those it is to be applied again.
func (a *Adapter) Apply(ctx context.Context, body []byte) (Result, error) {
	event, err := payload.ParseEvent(body)
	if err != nil {
		return Result{}, fmt.Errorf("stripeadapter: apply: %w", err)
	}
	result, err := a.take(ctx, event)
	if err != nil {
		return Result{}, fmt.Errorf("stripeadapter: apply %s %s: %w", event.Type, event.ID, err)
	}
	return result, nil
}

func (a *Adapter) apply(ctx context.Context, event payload.Event) (Result, error) {
	result := Result{Event: event.ID, Type: event.Type, Account: event.Account, Outcome: OfNoInterest}
	if event.Thin {
		return result, nil
	}
	if event.Livemode == a.cfg.TestMode {
		result.Outcome = OfOtherMode
		return result, event.Check()
	}
	eng, err := a.engineOf(ctx, event.Account)
	if err != nil {
		return result, err
	}
	if eng == nil {
		result.Outcome = OfNoAccount
		return result, event.Check()
	}
	n, err := a.assigned(ctx, event)
	if err != nil || n == nil {
		return result, err
	}
	return a.applyUpdate(ctx, eng, n, result)
}

func (a *Adapter) engineOf(ctx context.Context, account string) (*affiliate.Engine, error) {
	switch {
	case account == "":
		return a.eng, nil
	case a.cfg.Account == nil:
		return nil, nil
	}
	eng, err := a.cfg.Account(ctx, account)
	if err != nil {
		return nil, &askError{err}
	}
	return eng, nil
}

// applyUpdate stores an update. What it leaves out is looked up between two attempts, never
// while a store waits.
func (a *Adapter) applyUpdate(ctx context.Context, eng *affiliate.Engine, n *update, result Result) (Result, error) {
	found := answers{}
	for {
		var t *applier
		err := eng.Atomically(ctx, func(b *affiliate.Tx) error {
			t = &applier{a: a, b: b, n: n.clone(), found: found, result: result, now: eng.Now()}
			return t.run()
		})
		var q *question
		switch {
		case errors.As(err, &q):
			if err := q.ask(ctx, a.cfg.Lookup, n.event.Account, found); err != nil {
				return result, err
			}
		case err != nil:
			return result, err
		case t.more:
			result.Conversions = t.result.Conversions
		default:
			return t.result, nil
		}
	}
}
