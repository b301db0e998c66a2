package stripeadapter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// SetAsideEvent is an event that was refused for a reason that its next delivery
// would meet again. Nothing of it is stored but this; nothing of it is personal.
type SetAsideEvent struct {
	Event   string    `json:"event"`  // id
	Type    string    `json:"type"`   // like invoice.paid
	Object  string    `json:"object"` // id of the object that it tells of
	Created time.Time `json:"created"`
	At      time.Time `json:"at"`     // it was set aside
	Reason  string    `json:"reason"` // "malformed", HostDiffers, or a code of affiliate.ErrorCode, such as "duplicate_conflict"
	Detail  string    `json:"detail"` // the error in full
}

// HostDiffers is the reason where the host recorded a payment itself, under the same
// id, with another amount or currency than Stripe tells. Then the event is applied: what
// the host recorded stands, until it amends it.
const HostDiffers = "host_differs"

// SetAsidePage is a part of the events that were set aside.
type SetAsidePage struct {
	Events []SetAsideEvent
	Next   string // what to ask for the part after this one; empty: there is none
}

// SetAside lists the events of an account that are set aside, the oldest first:
// those behind after, which is the Next of the page before, at most limit of them.
// A limit of 0 is 50, and none is over 500. The account is a connected one, or empty
// for the own one. An event leaves the list when it is delivered again and applied,
// by Retry, and by Dismiss.
func (a *Adapter) SetAside(ctx context.Context, account, after string, limit int) (SetAsidePage, error) {
	page, err := a.setAside(ctx, account, after, limit)
	if err != nil {
		return SetAsidePage{}, fmt.Errorf("stripeadapter: set aside: %w", err)
	}
	return page, nil
}

// Retry reads an event that was set aside from Stripe, which keeps events for 30
// days, and applies it: once what it conflicts with is gone, or this library was
// upgraded. An older one is applied by a Backfill of its time, and then dismissed. It
// returns affiliate.ErrNotFound if Stripe does not have the event any more, and the
// errors of Apply and of calls to Stripe.
func (a *Adapter) Retry(ctx context.Context, api *client.API, account, event string) (Result, error) {
	result, err := a.retry(ctx, api, account, event)
	if err != nil {
		return Result{}, fmt.Errorf("stripeadapter: retry %s: %w", event, err)
	}
	return result, nil
}

// Dismiss takes an event off the list of those that are set aside, unapplied: as
// settled by hand, or as nothing to be recorded. Its next delivery is judged anew. It
// returns affiliate.ErrNotFound for an event that is not on the list.
func (a *Adapter) Dismiss(ctx context.Context, account, event string) error {
	eng, err := a.knownEngine(ctx, account)
	if err == nil {
		err = eng.Atomically(ctx, func(b *affiliate.Tx) error {
			closed, err := readmit(b, asideKey(event))
			if err == nil && !closed {
				err = affiliate.ErrNotFound
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("stripeadapter: dismiss %s: %w", event, err)
	}
	return nil
}

// asideIndex counts what was set aside, by numbers from 1 on.
type asideIndex struct {
	First int `json:"first"` // all before it are closed
	Last  int `json:"last"`
}

// asidePointer says under which number an event is set aside; 0: it is not.
type asidePointer struct {
	Number int `json:"number,omitempty"`
}

const (
	asideScan     = 1000 // how many entries one call reads at most
	mostSetAside  = 500
	someSetAside  = 50
	mostEventName = 100
)

func asideIndexKey() string      { return documentKey("aside") }
func asideEntryKey(n int) string { return documentKey("aside/" + strconv.Itoa(n)) }

// asideKey is where an event's number is kept: by its id, whatever that is like.
func asideKey(event string) string {
	if len(event) > mostEventName || !program.ValidID(event) {
		sum := sha256.Sum256([]byte(event))
		event = "sha256:" + hex.EncodeToString(sum[:])
	}
	return documentKey("aside/event/" + event)
}

// putAside keeps that an event was refused.
func putAside(b transaction, e SetAsideEvent) error {
	var index asideIndex
	var at asidePointer
	key := asideKey(e.Event)
	if _, err := readDocument(b, key, &at); err != nil {
		return err
	}
	if at.Number > 0 { // delivered once more
		var before SetAsideEvent
		if _, err := readDocument(b, asideEntryKey(at.Number), &before); err != nil {
			return err
		}
		e.At = before.At
		if before == e {
			return nil
		}
		return writeDocument(b, asideEntryKey(at.Number), e)
	}
	if _, err := readDocument(b, asideIndexKey(), &index); err != nil {
		return err
	}
	index.First = max(index.First, 1)
	index.Last++
	return errors.Join(
		writeDocument(b, asideIndexKey(), index),
		writeDocument(b, asideEntryKey(index.Last), e),
		writeDocument(b, key, asidePointer{index.Last}),
	)
}

// readmit takes an event off the list, if it is on it.
func readmit(b transaction, key string) (closed bool, err error) {
	var at asidePointer
	var index asideIndex
	if _, err := readDocument(b, key, &at); err != nil || at.Number == 0 {
		return false, err
	}
	if _, err := readDocument(b, asideIndexKey(), &index); err != nil {
		return false, err
	}
	if err := errors.Join(writeDocument(b, asideEntryKey(at.Number), SetAsideEvent{}), writeDocument(b, key, asidePointer{})); err != nil {
		return false, err
	}
	for scanned := 0; scanned < asideScan && index.First <= index.Last; scanned++ {
		var e SetAsideEvent
		if _, err := readDocument(b, asideEntryKey(index.First), &e); err != nil {
			return false, err
		}
		if e != (SetAsideEvent{}) {
			break
		}
		index.First++
	}
	return true, writeDocument(b, asideIndexKey(), index)
}

func (a *Adapter) setAside(ctx context.Context, account, after string, limit int) (SetAsidePage, error) {
	if limit <= 0 {
		limit = someSetAside
	}
	limit = min(limit, mostSetAside)
	from := 0
	if after != "" {
		var err error
		if from, err = strconv.Atoi(after); err != nil || from < 0 {
			var list problem.List
			list.Add("after", "must be the Next of a page")
			return SetAsidePage{}, list.Err(affiliate.ErrInvalidInput)
		}
	}
	eng, err := a.knownEngine(ctx, account)
	if err != nil {
		return SetAsidePage{}, err
	}
	var page SetAsidePage
	err = eng.Atomically(ctx, func(b *affiliate.Tx) error {
		page, err = listAside(b, from, limit)
		return err
	})
	return page, err
}

// listAside lists what is behind a number, in a bounded number of reads: a page may
// have fewer events than asked for, and others after it.
func listAside(b transaction, after, limit int) (SetAsidePage, error) {
	var index asideIndex
	if _, err := readDocument(b, asideIndexKey(), &index); err != nil {
		return SetAsidePage{}, err
	}
	first := max(index.First, after+1, 1)
	last := min(index.Last, first+asideScan-1)
	var keys []string
	for n := first; n <= last; n++ {
		keys = append(keys, asideEntryKey(n))
	}
	if err := b.Expect(keys, nil, nil); err != nil {
		return SetAsidePage{}, err
	}
	var page SetAsidePage
	n := first
	for ; n <= last && len(page.Events) < limit; n++ {
		var e SetAsideEvent
		if _, err := readDocument(b, asideEntryKey(n), &e); err != nil {
			return SetAsidePage{}, err
		}
		if e != (SetAsideEvent{}) {
			page.Events = append(page.Events, e)
		}
	}
	if n <= index.Last {
		page.Next = strconv.Itoa(n - 1)
	}
	return page, nil
}

func (a *Adapter) retry(ctx context.Context, api *client.API, account, event string) (Result, error) {
	if api == nil {
		var list problem.List
		list.Add("api", "must not be nil")
		return Result{}, list.Err(affiliate.ErrInvalidInput)
	}
	if _, err := a.knownEngine(ctx, account); err != nil {
		return Result{}, err
	}
	body, err := readEvent(ctx, api, account, event)
	if err != nil {
		return Result{}, err
	}
	e, err := payload.ParseEvent(body)
	if err != nil {
		return Result{}, err
	}
	if e.Account == "" { // only a delivery names it
		e.Account = account
	}
	return a.take(ctx, e)
}

func readEvent(ctx context.Context, api *client.API, account, event string) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var found stripe.APIResource
	params := callParams(ctx, account)
	err := api.Charges.B.CallRaw(http.MethodGet, stripe.FormatURLPath("/v1/events/%s", event), api.Charges.Key, nil, &params, &found)
	switch {
	case isMissing(err):
		return nil, fmt.Errorf("%w: Stripe does not have the event", affiliate.ErrNotFound)
	case err != nil:
		return nil, readError("read event", err)
	}
	return found.LastResponse.RawJSON, nil
}

// knownEngine is engineOf, where an account that is not known is a fault of the
// caller's.
func (a *Adapter) knownEngine(ctx context.Context, account string) (*affiliate.Engine, error) {
	eng, err := a.engineOf(ctx, account)
	if err == nil && eng == nil {
		var list problem.List
		list.Add("account", "is not known")
		err = list.Err(affiliate.ErrInvalidInput)
	}
	return eng, err
}
