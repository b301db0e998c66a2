package stripeadapter

import (
	"context"
	"fmt"
	"time"

	"github.com/stripe/stripe-go/v76/client"
)

// ReconcileOptions say what Reconcile compares.
type ReconcileOptions struct {
	// Account is a connected account. Default: the own one.
	Account string

	// From and To bound when objects were created: from From on, before To. Zero
	// is no bound.
	From, To time.Time

	// PageSize is how many objects are asked for at once: 1 to 100. Default: 100.
	PageSize int

	// MaxObjects bounds how many objects are read, see ReconcileReport.Truncated.
	// Default: 10000. All of them are in memory at once, though without what does
	// not count.
	MaxObjects int
}

const mostReconciled = 10_000

// DifferenceKind is in what Stripe and the ledger differ.
type DifferenceKind string

// In what they may differ.
const (
	PaymentMissing  DifferenceKind = "missing"  // the ledger does not know the payment
	AmountDiffers   DifferenceKind = "amount"   // the commissionable amount
	RefundsDiffer   DifferenceKind = "refunds"  // what was given back of it
	DisputeDiffers  DifferenceKind = "dispute"  // what disputes hold or took of it, or whether they are decided
	PaymentDiffers  DifferenceKind = "content"  // time, customer, currency or promo code: another conversion takes the place
	CountedTwice    DifferenceKind = "twice"    // the ledger has several conversions of what is one payment
	UnknownAtStripe DifferenceKind = "extra"    // the ledger has a payment that Stripe does not have, or not as paid
	NotTold         DifferenceKind = "not_told" // no money: who led a customer here, a signup, a trial, a subscription
)

// Difference is one thing in which Stripe and the ledger differ. Amounts are
// commissionable, in minor units.
type Difference struct {
	Kind       DifferenceKind
	Object     string // id at Stripe: of the payment, invoice first, or of what was not told
	Conversion string // id in the ledger; empty: there is none
	Currency   string
	Stripe     int64 // what it comes to by what Stripe says
	Ledger     int64
}

// IgnoredReason is why an object at Stripe is no payment that counts.
type IgnoredReason string

// Why it is none.
const (
	NotPaid     IgnoredReason = "not_paid"
	NoReference IgnoredReason = "no_reference" // a payment intent or charge that nobody referred, and of nothing else
	NoCurrency  IgnoredReason = "currency"     // in one that the Engine does not know
	NoPayment   IgnoredReason = "no_payment"   // a refund, dispute or credit note of a payment that does not count
)

// Side is what the payments of one currency come to, in minor units.
type Side struct {
	Payments int
	Amount   int64 // commissionable
	Refunded int64 // of it; disputes are not in it
}

// CurrencyTotal compares the payments of one currency.
type CurrencyTotal struct {
	Currency       string
	Stripe, Ledger Side
}

// ReconcileReport is how what Stripe has compares with the ledger. A payment with a
// difference is in it once for each kind.
type ReconcileReport struct {
	Listed      int // objects that were read
	Payments    int // that count, at Stripe
	Differences []Difference
	Ignored     map[IgnoredReason]int // objects
	Totals      []CurrencyTotal       // by currency
	Refusals    []Refusal             // objects that cannot be applied, and are not compared; more than 100 are an error

	// SetAside are events that were refused and wait for somebody to look at them,
	// the first 100, whatever the time they are of: see Adapter.SetAside.
	SetAside []SetAsideEvent

	// Waiting counts objects that something is missing of that a webhook, or a Lookup,
	// has to tell: see Missing.
	Waiting int

	// Truncated says that there was more than MaxObjects. What the ledger has in
	// excess was not looked for then, and totals are of a part.
	Truncated bool
}

// Agrees reports whether the ledger is what Stripe says: a Backfill of the same time
// would record nothing, and nothing is in excess.
func (r ReconcileReport) Agrees() bool {
	return !r.Truncated && len(r.Differences)+len(r.Refusals) == 0
}

// Reconcile compares what there is at Stripe with the ledger and writes nothing. It
// lists what Backfill lists, applies it by the same code, in batches that it then
// gives up, and reports what that would have changed. So a payment is missing only
// if a Backfill would record it, and the same Backfill ends every difference but
// those of UnknownAtStripe.
//
// What the ledger has in excess is found by what earned something: conversions of
// this Adapter that belong to the time, were not listed and cannot be read by id.
// The amounts of the ledger are those that the Adapter recorded: conversions that
// the host recorded itself under Stripe's ids are left as they are, as are refunds
// and amendments of its own; only what these do not cover is compared.
//
// Payments that come in meanwhile may be reported as differences; the next report
// no longer does. Errors are those of Backfill.
func (a *Adapter) Reconcile(ctx context.Context, api *client.API, o ReconcileOptions) (ReconcileReport, error) {
	if o.PageSize == 0 {
		o.PageSize = mostPerPage
	}
	r, err := a.newReconciling(ctx, api, o)
	if err == nil {
		err = r.run(ctx)
	}
	if err != nil {
		return ReconcileReport{}, fmt.Errorf("stripeadapter: reconcile: %w", err)
	}
	return r.report, nil
}
