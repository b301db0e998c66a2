package stripeadapter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stripe/stripe-go/v76/client"

	"github.com/goaffiliate/affiliate"
)

// BackfillOptions say what a Backfill replays, and how much of it in one call.
type BackfillOptions struct {
	// Account is a connected account. Default: the own one.
	Account string

	// From and To bound when objects were created: from From on, before To. Zero
	// is no bound. Progress is kept by account, From and To: a call with the same
	// goes on where the last one stopped.
	From, To time.Time

	// PageSize is how many objects are asked for, and between two notes of the
	// progress: 1 to 100. Default: 100.
	PageSize int

	// MaxObjects bounds how many objects one call lists. Default: no bound.
	MaxObjects int

	// Restart begins from the start, rather than to go on or do nothing. A host that
	// calls again and again sets it the first time only.
	Restart bool

	// Progress hears of every page that was applied.
	Progress func(BackfillProgress)
}

// BackfillProgress is how far a backfill is, by all calls since it was started.
type BackfillProgress struct {
	Stage   string // what is listed next, like "invoices"; empty when all is done
	Listed  int    // objects
	Applied int    // of them, those that said something; maybe it was known
	Waiting int    // of these, those that something was missing of, maybe told by a later one: see Missing
	Refused int    // objects that could not be applied
	Done    bool
}

// BackfillResult tells what a call of Backfill did.
type BackfillResult struct {
	BackfillProgress
	Refusals []Refusal // of this call, the first 100
}

// Refusal is an object that cannot be applied, now or later: malformed, or against
// what the host itself recorded.
type Refusal struct {
	Object string // id
	Err    error
}

const maxRefusals = 100

// Backfill replays what there is at Stripe by the same code that takes events, so
// that an Engine knows what happened before its webhook was there, or while it was
// not. Whatever the Engine knows already stays as it is: backfills may run again,
// next to the webhook, and after it.
//
// It replays the objects that were created from From on and before To: customers
// and subscriptions, checkout sessions, invoices, payment intents with a reference,
// refunds, charges, disputes and credit notes. Who led a customer here is on
// objects that are older than the invoices, so From should be when the first
// customer was led here. Stripe lists the latest first; to the Adapter the order
// does not matter. An object is replayed as it is today: what its metadata said
// before, and since when it says what it says, is not told by Stripe.
//
// The progress is kept in the Engine after each page. After an error, or
// MaxObjects, the next call goes on from there; the page that was not finished is
// applied again, which changes nothing. Once all is done a call does nothing, until
// Restart. What Config.Lookup would have to answer, and does not because there is
// none, is asked by the same client.
//
// Errors are of the database, of calls to Stripe (ErrUnavailable, also for too many
// calls; ErrNotPermitted) and affiliate.ErrInvalidInput, also for a key of the
// other mode; affiliate.ErrBusy if another call with the same options is under way.
// The result tells the progress with an error, too. Objects that can never be
// applied stop nothing: see Refusals.
//
// Calls to Stripe take their time, so it is not for an Adapter of Within.
func (a *Adapter) Backfill(ctx context.Context, api *client.API, o BackfillOptions) (BackfillResult, error) {
	b, err := a.newBackfill(ctx, api, o)
	if err != nil {
		return BackfillResult{}, fmt.Errorf("stripeadapter: backfill: %w", err)
	}
	if err = b.run(ctx); err != nil {
		err = fmt.Errorf("stripeadapter: backfill: %w", err)
	}
	return BackfillResult{b.doc.progress(), b.refusals}, err
}

// backfill is one call of Backfill.
type backfill struct {
	a        *Adapter
	told     *listedLookup
	eng      *affiliate.Engine
	history  history
	o        BackfillOptions
	doc      backfillDoc // as it is stored, but for Restart
	stored   backfillDoc
	listed   int
	refusals []Refusal
}

// backfillDoc is the progress as it is stored.
type backfillDoc struct {
	Stage   string `json:"stage,omitempty"` // empty: none yet, or all is done
	After   string `json:"after,omitempty"` // the last object of the last page
	Listed  int    `json:"listed,omitempty"`
	Applied int    `json:"applied,omitempty"`
	Waiting int    `json:"waiting,omitempty"`
	Refused int    `json:"refused,omitempty"`
	Done    bool   `json:"done,omitempty"`
}

func (d backfillDoc) progress() BackfillProgress {
	return BackfillProgress{Stage: d.Stage, Listed: d.Listed, Applied: d.Applied, Waiting: d.Waiting, Refused: d.Refused, Done: d.Done}
}

func (a *Adapter) newBackfill(ctx context.Context, api *client.API, o BackfillOptions) (*backfill, error) {
	if o.PageSize == 0 {
		o.PageSize = mostPerPage
	}
	eng, err := a.replayInto(ctx, api, o.Account, o.From, o.To, o.MaxObjects, o.PageSize)
	if err != nil {
		return nil, err
	}
	replaying, told := a.replaying(api)
	b := &backfill{
		a: replaying, told: told, eng: eng, o: o,
		history: history{api, o.Account, o.From, o.To, !a.cfg.TestMode},
	}
	err = eng.Atomically(ctx, func(batch *affiliate.Tx) error {
		b.stored = backfillDoc{}
		_, err := readDocument(batch, b.key(), &b.stored)
		return err
	})
	if !o.Restart {
		b.doc = b.stored
	}
	if b.doc.Stage == "" && !b.doc.Done {
		b.doc.Stage = stages()[0].name
	}
	return b, err
}

func (b *backfill) key() string {
	return documentKey(fmt.Sprintf("backfill/%s/%s/%s", b.o.Account, seconds(b.o.From), seconds(b.o.To)))
}

func (b *backfill) run(ctx context.Context) error {
	for !b.doc.Done && (b.o.MaxObjects == 0 || b.listed < b.o.MaxObjects) {
		if err := b.page(ctx); err != nil {
			return err
		}
		if b.o.Progress != nil {
			b.o.Progress(b.doc.progress())
		}
	}
	return nil
}

// page applies one page and keeps that it did.
func (b *backfill) page(ctx context.Context) error {
	all := stages()
	at := max(0, slices.IndexFunc(all, func(s stage) bool { return s.name == b.doc.Stage }))
	limit := b.o.PageSize
	if b.o.MaxObjects > 0 {
		limit = min(limit, b.o.MaxObjects-b.listed)
	}
	next := b.doc
	objects, more, err := b.history.page(ctx, all[at], next.After, limit)
	if isMissing(err) && next.After != "" { // it was deleted since: list from the start again
		next.After = ""
		objects, more, err = b.history.page(ctx, all[at], "", limit)
	}
	if err != nil {
		return err
	}
	next.Stage = all[at].name
	for _, raw := range objects {
		if err := b.apply(ctx, all[at], raw, &next); err != nil {
			return err
		}
	}
	if next.After = lastID(objects); more && next.After == "" {
		return fmt.Errorf("list %s: %w: a page without ids", all[at].name, ErrMalformed)
	}
	if !more {
		next.Stage, next.After, next.Done = "", "", at+1 == len(all)
		if !next.Done {
			next.Stage = all[at+1].name
		}
	}
	b.listed += len(objects)
	return b.save(ctx, next)
}

// apply applies one object and counts it.
func (b *backfill) apply(ctx context.Context, s stage, raw json.RawMessage, next *backfillDoc) error {
	next.Listed++
	r, err := b.history.replay(s, raw)
	if err != nil && !errors.Is(err, ErrMalformed) {
		return err
	}
	var result Result
	if err == nil {
		result, err = b.applyOne(ctx, r)
	}
	switch {
	case err != nil && !isFinal(err):
		return fmt.Errorf("%s: %w", r.id, err)
	case err != nil:
		next.Refused++
		if len(b.refusals) < maxRefusals {
			b.refusals = append(b.refusals, Refusal{r.id, err})
		}
	case result.Outcome == Applied:
		next.Applied++
		if len(result.Missing) > 0 {
			next.Waiting++
		}
	}
	return nil
}

func (b *backfill) applyOne(ctx context.Context, r replayed) (Result, error) {
	n, err := b.a.read(r.event)
	if err != nil || n == nil || n.isIdle() {
		return Result{}, err
	}
	b.told.about = r
	return b.a.apply(ctx, r.event)
}

// isIdle reports a payment intent or charge of which nothing counts: it has no
// reference. Which invoice it pays, and by which charge, the invoice and the refunds
// say themselves.
func (n *update) isIdle() bool {
	switch n.event.Type {
	case "payment_intent.succeeded", "charge.succeeded":
		return len(n.payment.Sources) == 0
	}
	return false
}

// save keeps the progress, unless another call did meanwhile.
func (b *backfill) save(ctx context.Context, next backfillDoc) error {
	err := b.eng.Atomically(ctx, func(batch *affiliate.Tx) error {
		var now backfillDoc
		if _, err := readDocument(batch, b.key(), &now); err != nil {
			return err
		}
		if now != b.stored {
			return fmt.Errorf("%w: another call is under way", affiliate.ErrBusy)
		}
		return writeDocument(batch, b.key(), next)
	})
	if err == nil {
		b.doc, b.stored = next, next
	}
	return err
}
