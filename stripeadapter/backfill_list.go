package stripeadapter

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"github.com/stripe/stripe-go/v76/form"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// mostPerPage is how many objects Stripe lists at once.
const mostPerPage = 100

// stage is one kind of objects that Stripe lists.
type stage struct {
	name   string // progress is kept under it
	path   string
	status string // that is asked for
	expand string

	// event is the type and time of the event that an object would have been told
	// by; "" if it says nothing.
	event func(o object) (kind string, at int64)
}

// stages are in the order in which a backfill takes them: first who led the
// customers here, then what they paid, then what was given back. Refunds come
// before the charges that sum them up, so that each is recorded at its own time.
func stages() []stage {
	return []stage{
		{name: "customers", path: "/v1/customers", event: always("customer.created")},
		{name: "subscriptions", path: "/v1/subscriptions", status: "all", event: always("customer.subscription.created")},
		{
			name: "checkout_sessions", path: "/v1/checkout/sessions", status: "complete", expand: "data.total_details.breakdown",
			event: always("checkout.session.completed"),
		},
		{
			name: "invoices", path: "/v1/invoices", status: "paid", expand: "data.discounts.promotion_code",
			event: paidInvoice,
		},
		{name: "payment_intents", path: "/v1/payment_intents", event: succeededIntent},
		{name: "refunds", path: "/v1/refunds", expand: "data.charge", event: always("refund.created")},
		{name: "charges", path: "/v1/charges", expand: "data.refunds", event: ownCharge},
		{name: "disputes", path: "/v1/disputes", expand: "data.charge", event: dispute},
		{name: "credit_notes", path: "/v1/credit_notes", event: creditNote},
	}
}

// object is what is read of any object, before its event is.
type object struct {
	ID            string `json:"id"`
	Created       int64  `json:"created"`
	Livemode      *bool  `json:"livemode"` // refunds do not tell
	Status        string `json:"status"`
	Refunded      int64  `json:"amount_refunded"`
	VoidedAt      int64  `json:"voided_at"`
	PaymentIntent part   `json:"payment_intent"`
	Invoice       part   `json:"invoice"`
	Charge        part   `json:"charge"`
	Transitions   struct {
		PaidAt int64 `json:"paid_at"`
	} `json:"status_transitions"`
	Refunds  part `json:"refunds"`
	Balances part `json:"balance_transactions"`
}

// part is a field that is an id, an object, a list, null or not there at all,
// depending on the kind of the object.
type part = json.RawMessage

func always(kind string) func(object) (string, int64) {
	return func(o object) (string, int64) { return kind, o.Created }
}

func paidInvoice(o object) (kind string, at int64) {
	return "invoice.paid", max(o.Created, o.Transitions.PaidAt)
}

func succeededIntent(o object) (kind string, at int64) {
	if o.Status != "succeeded" {
		return "", 0
	}
	return "payment_intent.succeeded", o.Created
}

// ownCharge leaves out charges that say no more than their payment intents do.
func ownCharge(o object) (kind string, at int64) {
	switch {
	case o.Status != "succeeded":
		return "", 0
	case o.Refunded > 0:
		return "charge.refunded", latest(o.Created, o.Refunds)
	case idOf(o.PaymentIntent)+idOf(o.Invoice) != "":
		return "", 0
	}
	return "charge.succeeded", o.Created
}

// dispute dates what became of a dispute by the last time that money moved.
func dispute(o object) (kind string, at int64) {
	return "charge.dispute.updated", latest(o.Created, o.Balances)
}

func creditNote(o object) (kind string, at int64) {
	if o.Status == "void" {
		return "credit_note.voided", max(o.Created, o.VoidedAt)
	}
	return "credit_note.created", o.Created
}

// latest returns the latest time of a list of objects, or created if it is later or
// there is no such list.
func latest(created int64, list part) int64 {
	var page struct {
		Data part `json:"data"`
	}
	if json.Unmarshal(list, &page) == nil && len(page.Data) > 0 {
		list = page.Data
	}
	var objects []struct {
		Created int64 `json:"created"`
	}
	if json.Unmarshal(list, &objects) == nil {
		for _, o := range objects {
			created = max(created, o.Created)
		}
	}
	return created
}

// idOf returns the id of another object, which may be expanded.
func idOf(p part) string {
	var id string
	if json.Unmarshal(p, &id) == nil {
		return id
	}
	var expanded struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(p, &expanded) != nil {
		return ""
	}
	return expanded.ID
}

// history lists what there is at Stripe, in the version 2023-10-16 of stripe-go.
type history struct {
	api      *client.API
	account  string
	from, to time.Time
	live     bool
}

// page lists objects, the latest first, from behind one of them.
func (h history) page(ctx context.Context, s stage, after string, limit int) (objects []json.RawMessage, more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	query := &form.Values{}
	add := func(name, value string) {
		if value != "" {
			query.Add(name, value)
		}
	}
	add("limit", strconv.Itoa(limit))
	add("starting_after", after)
	add("status", s.status)
	add("expand[0]", s.expand)
	add("created[gte]", seconds(h.from))
	add("created[lt]", seconds(h.to))
	var page struct {
		stripe.APIResource
		Data    []json.RawMessage `json:"data"`
		HasMore bool              `json:"has_more"`
	}
	params := callParams(ctx, h.account)
	err = h.api.Charges.B.CallRaw(http.MethodGet, s.path, h.api.Charges.Key, query, &params, &page)
	if err == nil && page.HasMore && len(page.Data) == 0 {
		err = errors.New("there is more, but nothing on the page")
	}
	return page.Data, page.HasMore, readError("list "+s.name, err)
}

// lastID is the id that the next page starts after.
func lastID(objects []json.RawMessage) string {
	for _, raw := range slices.Backward(objects) {
		if id := idOf(raw); id != "" {
			return id
		}
	}
	return ""
}

// seconds is how Stripe takes a time; "" for none.
func seconds(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.Unix(), 10)
}

// replayed is an object as the event that it would have been told by.
type replayed struct {
	id    string
	event payload.Event // without a type: it says nothing

	invoice string // which the payment pays
	told    bool   // whether that is known
}

// replay makes an event of an object. The error is ErrMalformed, or
// affiliate.ErrInvalidInput if the object is of the other mode.
func (h history) replay(s stage, raw json.RawMessage) (replayed, error) {
	var o object
	if err := json.Unmarshal(raw, &o); err != nil || o.ID == "" {
		return replayed{id: o.ID}, ErrMalformed
	}
	r := replayed{id: o.ID}
	var charge object // of a refund or a dispute
	if json.Unmarshal(o.Charge, &charge) != nil {
		charge = object{}
	}
	for _, live := range []*bool{o.Livemode, charge.Livemode} {
		if live != nil && *live != h.live {
			return r, otherMode(h.live)
		}
	}
	for _, invoice := range []part{o.Invoice, charge.Invoice} {
		if len(invoice) > 0 { // null says that there is none
			r.invoice, r.told = idOf(invoice), true
		}
	}
	kind, at := s.event(o)
	if kind == "" {
		return r, nil
	}
	r.event = payload.Event{
		ID: replayedEvent, Type: kind, Account: h.account, Version: stripe.APIVersion,
		Created: time.Unix(at, 0).UTC(), Livemode: h.live, Object: raw,
	}
	return r, nil
}

func otherMode(live bool) error {
	var list problem.List
	mine, other := "test", "live"
	if live {
		mine, other = other, mine
	}
	list.Add("api", "has a key of %s mode, the adapter takes %s mode", other, mine)
	return list.Err(affiliate.ErrInvalidInput)
}
