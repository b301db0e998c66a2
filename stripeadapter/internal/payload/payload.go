package payload

import "time"

// Event is the envelope of a webhook delivery.
type Event struct {
	ID       string
	Type     string
	Account  string // of a Connect delivery
	Version  string // of the API that rendered it
	Created  time.Time
	Livemode bool
	Thin     bool   // a v2 event, which carries no object
	Object   []byte // what is to be JSON of an object, never empty unless thin
	Previous []byte // JSON of what an update changed, or empty
}

// Discount is a coupon that was applied to something.
type Discount struct {
	ID            string
	Coupon        string
	PromotionCode string // promo_…; empty: none, or not told
	Code          string // what the customer typed; empty unless the promotion code is expanded
}

// Invoice is a bill. Its amounts are in minor units of Currency as Stripe counts
// them.
type Invoice struct {
	ID             string
	Customer       string // cus_…, or the account (acct_…) of a customer of Accounts v2
	Subscription   string
	PaymentIntents []string // as far as told
	Charges        []string // as far as told
	Status         string
	BillingReason  string
	Currency       string
	Created        time.Time
	PaidAt         time.Time // zero: not told
	Email          string
	Metadata       map[string]string // its subscription's snapshot over its lines' over its own, see the package doc
	OwnMetadata    map[string]string // its own alone
	Discounts      []Discount
	Discounted     bool // some discount was applied, told or not

	Lines     []Line
	MoreLines bool // there are more than these

	Total          int64 // with tax and shipping, after discounts
	Net            int64 // Total without tax and shipping, 0 to Total
	Paid           int64 // of Total, out-of-band money included if the version counts it, never below 0
	Due            int64 // amount_due
	OutOfBand      bool  // some of it was paid outside of Stripe, as far as told
	OutOfBandPaid  int64 // of Paid, what was paid outside of Stripe, as far as told
	OutOfBandKnown bool  // the payload tells; otherwise OutOfBand is false whatever happened
}

// Session is a checkout session.
type Session struct {
	ID              string
	Mode            string // payment, subscription, setup
	Status          string
	PaymentStatus   string // paid, unpaid, no_payment_required
	Customer        string
	Subscription    string
	Invoice         string
	PaymentIntent   string
	ClientReference string
	Created         time.Time // zero: the version does not tell
	Email           string
	Metadata        map[string]string
	Discounts       []Discount
	Discounted      bool
	Lines           []Line // if they are expanded
	MoreLines       bool
	Currency        string // of the integration, never the presented one
	Total           int64
	Net             int64 // Total without tax and shipping, 0 to Total
	Charged         int64 // Total in the currency that was charged
}

// PaymentIntent is a payment.
type PaymentIntent struct {
	ID       string
	Customer string
	Invoice  string // only in A
	Alone    bool   // A tells that it pays no invoice
	Billing  bool   // it pays one, maybe by what Stripe describes it with
	Charges  []string
	Status   string
	Amount   int64 // asked for; more than Received if not all of it was captured
	Received int64
	Currency string
	Created  time.Time
	Email    string
	Metadata map[string]string
}

// Charge is money taken.
type Charge struct {
	ID            string
	PaymentIntent string
	Invoice       string // only in A
	Customer      string
	Amount        int64
	Captured      int64 // of Amount, what was taken and not only reserved
	Refunded      int64 // cumulative, with what was authorized and not captured
	Currency      string
	Created       time.Time
	Paid          bool
	Email         string
	Metadata      map[string]string
	Refunds       []Refund // up to 2022-08-01 only
}

// Refund is money given back.
type Refund struct {
	ID            string
	Charge        string
	PaymentIntent string
	Amount        int64
	Currency      string
	Status        string // pending, requires_action, succeeded, failed, canceled
	Created       time.Time
	Moved         bool // money moved: there is a balance transaction
}

// Dispute is a chargeback or an inquiry.
type Dispute struct {
	ID            string
	Charge        string
	PaymentIntent string
	Amount        int64
	Currency      string
	Status        string
	Created       time.Time
	Withdrawn     int64 // taken for it, in the currency of the account's balance; 0: not told
	Returned      int64 // of that, what was given back
}

// Customer is a customer.
type Customer struct {
	ID       string
	Email    string
	Created  time.Time
	Metadata map[string]string
}

// Subscription is a subscription.
type Subscription struct {
	ID        string
	Customer  string
	Status    string
	Trial     bool // it began with one
	Created   time.Time
	Metadata  map[string]string
	Discounts []Discount
	Currency  string
}

// InvoicePayment says which payment paid an invoice.
type InvoicePayment struct {
	ID            string
	Invoice       string
	PaymentIntent string
	Charge        string
	Status        string
	Paid          int64
	Currency      string
}

// CreditNote takes something off an invoice.
type CreditNote struct {
	ID          string
	Invoice     string
	Customer    string
	Status      string   // issued, void
	Type        string   // pre_payment, post_payment, mixed
	Refunds     []string // what of it was refunded, also told by events of their own
	Total       int64    // gross
	TaxOnly     bool     // all of it is tax
	OutOfBand   int64    // of it, what was given back outside of Stripe
	PrePayment  int64    // of it, before the invoice was paid; -1: the version does not tell, see Type
	PostPayment int64    // of it, after the invoice was paid; -1: the version does not tell, see Type
	Currency    string
	Created     time.Time
	Voided      bool
}

// PromotionCode is a code that customers type.
type PromotionCode struct {
	ID      string
	Code    string
	Active  bool
	Coupon  string
	Created time.Time
}

// Account is a connected account's own object or what an event says of it.
type Account struct {
	ID              string
	PayoutsEnabled  bool
	TransfersActive bool
}
