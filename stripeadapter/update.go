package stripeadapter

import (
	"time"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// update is what one event says.
type update struct {
	event payload.Event

	payment *book.Payment // what it says of a payment; nil: nothing
	source  book.Kind     // the source of payment that the reference is on; "": none

	customer     string // who it is about, as Stripe knows it; empty: a guest, or nobody
	subscription string
	reference    Reference // what its metadata says of who led the customer here
	client       string    // client_reference_id
	email        string
	standing     standing   // how far the reference reaches
	object       string     // whose reference that is, if it reaches further than a payment
	since        time.Time  // it has been there; zero: from the beginning
	loose        bool       // maybe longer
	before       *Reference // what was there before, if it was edited just then

	lifecycle *lifecycle
	checkout  *book.Source // of a subscription whose first invoice is not named
	promotion *payload.PromotionCode
	gone      bool // the account was disconnected

	about        Payment // what Config.Assign is asked about
	wantsInvoice bool    // the payment may be an invoice's, which the version does not tell
}

// standing is how far a reference reaches beyond the object that it is on.
type standing int

const (
	ofPayment      standing = iota // this payment alone
	ofSubscription                 // what the subscription brings, too
	ofCustomer                     // all that the customer pays from then on
)

// lifecycle is a conversion without money.
type lifecycle struct {
	id, kind string
	at       time.Time
	currency string
}

// clone returns an update of which an attempt may change everything.
func (n *update) clone() *update {
	c := *n
	if n.payment != nil {
		c.payment = n.payment.Clone()
	}
	return &c
}
