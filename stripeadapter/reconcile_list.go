package stripeadapter

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"github.com/stripe/stripe-go/v76/form"

	"github.com/goaffiliate/affiliate"
)

// reconciling is one call of Reconcile.
type reconciling struct {
	a       *Adapter
	told    *listedLookup
	eng     *affiliate.Engine
	history history
	o       ReconcileOptions
	objects []*listed
	seen    map[string]bool // ids of objects and payments that were listed
	report  ReconcileReport
}

// listed is an object at Stripe.
type listed struct {
	replayed
	news    *update // nil: it says nothing
	idle    bool    // it counts nothing, and is not applied
	refused bool
	waits   bool
	changes bool   // a Backfill would record something
	payment string // what it tells of is kept under; empty: nothing
}

func (a *Adapter) newReconciling(ctx context.Context, api *client.API, o ReconcileOptions) (*reconciling, error) {
	eng, err := a.replayInto(ctx, api, o.Account, o.From, o.To, o.MaxObjects, o.PageSize)
	if err != nil {
		return nil, err
	}
	if o.MaxObjects == 0 {
		o.MaxObjects = mostReconciled
	}
	replaying, told := a.replaying(api)
	return &reconciling{
		a: replaying, told: told, eng: eng, o: o, seen: map[string]bool{},
		history: history{api, o.Account, o.From, o.To, !a.cfg.TestMode},
		report:  ReconcileReport{Ignored: map[IgnoredReason]int{}},
	}, nil
}

func (r *reconciling) run(ctx context.Context) error {
	for _, s := range stages() {
		if err := r.list(ctx, s); err != nil {
			return err
		}
	}
	excess, err := r.findExcess(ctx)
	if err != nil {
		return err
	}
	if err := r.compare(ctx, excess); err != nil {
		return err
	}
	aside, err := r.a.setAside(ctx, r.o.Account, "", maxRefusals)
	r.report.SetAside = aside.Events
	return err
}

// list reads all objects of a kind, as far as they are not too many.
func (r *reconciling) list(ctx context.Context, s stage) error {
	after := ""
	for more := true; more; {
		limit := min(r.o.PageSize, r.o.MaxObjects-r.report.Listed)
		if limit == 0 {
			r.report.Truncated = true
			return nil
		}
		var objects []json.RawMessage
		var err error
		if objects, more, err = r.history.page(ctx, s, after, limit); err != nil {
			return err
		}
		for _, raw := range objects {
			if err := r.add(ctx, s, raw); err != nil {
				return err
			}
		}
		if after = lastID(objects); more && after == "" {
			return ErrMalformed
		}
	}
	return nil
}

// add notes what an object says.
func (r *reconciling) add(ctx context.Context, s stage, raw json.RawMessage) error {
	r.report.Listed++
	told, err := r.history.replay(s, raw)
	if err != nil && !errors.Is(err, ErrMalformed) {
		return err
	}
	o := &listed{replayed: told}
	if err == nil {
		o.news, err = r.a.assigned(ctx, told.event)
	}
	if err != nil && !isFinal(err) {
		return err
	}
	switch {
	case err != nil:
		return r.refuse(o, err)
	case o.news == nil:
		if s.name == "payment_intents" || s.name == "charges" && !isOfOther(raw) {
			r.report.Ignored[NotPaid]++
		}
		return nil
	}
	o.event.Object, o.news.event.Object = nil, nil // it has been read
	o.idle = o.news.isIdle()
	r.objects = append(r.objects, o)
	r.seen[o.id] = true
	if o.news.payment != nil {
		for _, name := range namesOf(o.news.payment) {
			r.seen[name] = true
		}
	}
	return nil
}

// isOfOther reports a charge that its payment intent or invoice tells of.
func isOfOther(raw json.RawMessage) bool {
	var o object
	return json.Unmarshal(raw, &o) == nil && idOf(o.PaymentIntent)+idOf(o.Invoice) != ""
}

func (r *reconciling) refuse(o *listed, err error) error {
	o.refused = true
	if r.report.Refusals = append(r.report.Refusals, Refusal{o.id, err}); len(r.report.Refusals) > maxRefusals {
		return err
	}
	return nil
}

// findExcess returns the conversions that earned something, and are of payments
// that were not listed and that Stripe does not know. Those that it knows, which
// were created at some other time, are compared like the rest.
func (r *reconciling) findExcess(ctx context.Context) ([]excess, error) {
	if r.report.Truncated {
		return nil, nil
	}
	unseen, err := r.unseen(ctx)
	if err != nil {
		return nil, err
	}
	var gone []excess
	for _, x := range unseen {
		if r.seen[x.payment] || r.seen[sourceOf(x.conversion)] {
			continue
		}
		if r.report.Listed >= r.o.MaxObjects {
			r.report.Truncated = true
			return nil, nil
		}
		s, _ := stageOf(sourceOf(x.conversion))
		raw, err := r.history.one(ctx, s, sourceOf(x.conversion))
		if err != nil {
			return nil, err
		}
		var o object
		if len(raw) == 0 || json.Unmarshal(raw, &o) != nil || s.status != "" && o.Status != s.status {
			gone = append(gone, x)
			continue
		}
		if kind, _ := s.event(o); kind == "" && o.Status != "succeeded" {
			gone = append(gone, x)
			continue
		}
		if err := r.add(ctx, s, raw); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// excess is a conversion of a payment that may not be at Stripe.
type excess struct{ conversion, payment string }

// unseen returns the conversions of the time that earned something and were not
// listed.
func (r *reconciling) unseen(ctx context.Context) ([]excess, error) {
	setup, err := r.eng.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, partner := range setup.Partners() {
		if ids, err = r.earnedBy(ctx, partner.ID, ids); err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var found []excess
	err = r.eng.Atomically(ctx, func(b *affiliate.Tx) error {
		found = nil
		for _, id := range ids {
			conv, known, err := b.Conversion(id)
			if err != nil {
				return err
			}
			if payment := conv.Metadata[metaPayment]; known && payment != "" {
				found = append(found, excess{id, payment})
			}
		}
		return nil
	})
	return found, err
}

// earnedBy adds the conversions of the time that earned a partner something.
func (r *reconciling) earnedBy(ctx context.Context, partner string, ids []string) ([]string, error) {
	after := ""
	for {
		page, err := r.eng.Commissions(ctx, partner, after, 500)
		if err != nil {
			return nil, err
		}
		for _, c := range page.Commissions { // the latest first
			if c.At.Before(r.o.From) {
				return ids, nil
			}
			_, ofPayment := stageOf(sourceOf(c.Conversion))
			if c.Amount != 0 && ofPayment && r.isWithin(c.At) && !r.seen[sourceOf(c.Conversion)] {
				ids = append(ids, c.Conversion)
			}
		}
		if after = page.Next; after == "" {
			return ids, nil
		}
	}
}

func (r *reconciling) isWithin(at time.Time) bool {
	return !at.Before(r.o.From) && (r.o.To.IsZero() || at.Before(r.o.To))
}

// stageOf returns what lists the object that an id is of, if it may be a payment.
func stageOf(id string) (stage, bool) {
	names := map[string]string{"in": "invoices", "cs": "checkout_sessions", "pi": "payment_intents", "ch": "charges", "py": "charges"}
	kind, _, _ := strings.Cut(id, "_")
	all := stages()
	i := slices.IndexFunc(all, func(s stage) bool { return s.name == names[kind] })
	if i < 0 {
		return stage{}, false
	}
	return all[i], true
}

// one reads an object by its id; nothing if there is none.
func (h history) one(ctx context.Context, s stage, id string) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	query := &form.Values{}
	if s.expand != "" {
		query.Add("expand[0]", strings.TrimPrefix(s.expand, "data."))
	}
	var found stripe.APIResource
	params := callParams(ctx, h.account)
	err := h.api.Charges.B.CallRaw(http.MethodGet, stripe.FormatURLPath(s.path+"/%s", id), h.api.Charges.Key, query, &params, &found)
	if err != nil {
		return nil, lookedUp("read "+s.name, err)
	}
	return found.LastResponse.RawJSON, nil
}
