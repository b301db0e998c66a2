package stripeadapter

import (
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// applier is one attempt at storing what one event says.
type applier struct {
	a      *Adapter
	b      transaction
	n      *update
	found  answers
	result Result
	now    time.Time

	setup   *program.Configuration
	people  map[string]*customer
	who     *customer // of the update; empty for a guest, of whom nothing is kept
	links   []string  // referral codes of the update, the one that counts first, ours or not yet
	clicked bool      // the reference of the update is a click
	behind  string    // promotion code that is known, and that payments still wait for
	more    bool      // the update is to be applied once more, for there was too much to do
	differs string    // in what the host recorded the payment otherwise
}

// What an applier does by idea. Each sees all that the applier knows.
type (
	// refundRecorder records what was given back of a payment: refunds and disputes.
	refundRecorder struct{ *applier }
	// touchRecorder gives customers the clicks that stand for referral codes.
	touchRecorder struct{ *applier }
	// promotionReader finds the promo code that a sale was paid with.
	promotionReader struct{ *applier }
	// referenceKeeper keeps who led a customer here, for later payments.
	referenceKeeper struct{ *applier }
	// invoiceMatcher finds the invoice that a payment intent belongs to.
	invoiceMatcher struct{ *applier }
	// saleRecorder records the conversions that a payment is.
	saleRecorder struct{ *applier }
)

// transaction is what an applier reads and writes: a Tx of an Engine.
type transaction interface {
	Ahead(until time.Time)
	Expect(documents, conversions, customers []string) error
	Configuration() (*program.Configuration, error)
	Document(key string) ([]byte, error)
	PutDocument(key string, data []byte) error
	HasClick(id string) (bool, error)
	Conversion(id string) (conv attribution.Conversion, found bool, err error)
	Conversions(customer string) ([]attribution.Conversion, error)
	Bound(customer string) (bool, error)
	Facts(conversion string) ([]commission.Fact, error)
	RecordClick(in affiliate.Click) (affiliate.ClickResult, error)
	Identify(in affiliate.Identify) (affiliate.IdentifyResult, error)
	RecordConversion(in affiliate.Conversion) (affiliate.ConversionResult, error)
	AmendConversion(conversion string, amount int64, amendedAt time.Time) (affiliate.FactResult, error)
	RecordRefund(in affiliate.Refund) (affiliate.FactResult, error)
	FailRefund(refund, conversion string, failedAt time.Time) (affiliate.FactResult, error)
	RecordDispute(in affiliate.Dispute) (affiliate.FactResult, error)
}

// documentKey is under which a document of ours is kept.
func documentKey(key string) string { return "stripe/" + key }

func paymentKey(id string) string  { return documentKey("payment/" + id) }
func customerKey(id string) string { return documentKey("customer/" + id) }
func accountKey(id string) string  { return documentKey("account/" + id) }

// conversionKey is where it is kept which payment an id of the host's names.
func conversionKey(id string) string { return documentKey("conversion/" + id) }

func (t *applier) run() error {
	if t.a.cfg.TestMode { // a test clock may be anywhere
		t.b.Ahead(endOfTime())
	}
	if err := t.expect(); err != nil {
		return err
	}
	if gone, err := t.accountGone(); gone || err != nil {
		return err
	}
	t.result.Outcome = Applied
	for _, step := range []func() error{
		t.loadCustomer, t.linkCustomer, t.applyPayment, referenceKeeper{t}.saveReference, t.applyLifecycle, promotionReader{t}.savePromotion, invoiceMatcher{t}.applyUnlinked, touchRecorder{t}.updateTouches,
		t.saveCustomers, t.review,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// endOfTime is the last year that a time may be of.
func endOfTime() time.Time { return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }

// expect reads in one go what will be needed if the update is new.
func (t *applier) expect() error {
	var documents, conversions, customers []string
	if p := t.n.payment; p != nil {
		for _, id := range namesOf(p) {
			documents = append(documents, paymentKey(id))
		}
		for _, src := range p.Sources {
			conversions = append(conversions, src.ID)
			if src.Conversion != "" {
				conversions, documents = append(conversions, src.Conversion), append(documents, conversionKey(src.Conversion))
			}
		}
		if t.n.customer == "" && len(p.Sources) > 0 {
			customers = append(customers, p.ID())
		}
	}
	if t.n.lifecycle != nil {
		conversions = append(conversions, t.n.lifecycle.id)
	}
	if t.n.customer != "" {
		documents, customers = append(documents, customerKey(t.n.customer)), append(customers, t.n.customer)
	}
	if t.n.reference.Customer != "" {
		customers = append(customers, t.n.reference.Customer)
	}
	if t.n.event.Account != "" {
		documents = append(documents, accountKey(t.n.event.Account))
	}
	if id := t.n.event.ID; id != replayedEvent {
		documents = append(documents, asideKey(id))
	}
	if err := t.b.Expect(documents, conversions, customers); err != nil {
		return err
	}
	setup, err := t.b.Configuration()
	t.setup = setup
	return err
}

// namesOf are all ids under which something may be known of a payment.
func namesOf(p *book.Payment) []string {
	names := slices.Concat(list(p.Invoice), p.Intents, p.Charges, list(p.Checkout))
	slices.Sort(names)
	return slices.Compact(names)
}

// accountDoc says that a connected account left.
type accountDoc struct {
	Gone time.Time `json:"gone,omitzero"`
}

// accountGone keeps that an account left, and reports whether it had before.
func (t *applier) accountGone() (bool, error) {
	account := t.n.event.Account
	if account == "" {
		return false, nil
	}
	var doc accountDoc
	if _, err := readDocument(t.b, accountKey(account), &doc); err != nil {
		return false, err
	}
	if !doc.Gone.IsZero() {
		t.result.Outcome = OfNoAccount
		return true, nil
	}
	if !t.n.gone {
		return false, nil
	}
	t.result.Outcome = Applied
	doc.Gone = t.n.event.Created
	return true, writeDocument(t.b, accountKey(account), doc)
}

// linkCustomer says who the customer is: which click led here, which other id, which
// e-mail address. A reference that is none of ours is nobody's.
func (t *applier) linkCustomer() error {
	click, err := t.resolve()
	if err != nil {
		return err
	}
	t.clicked = click != ""
	in := affiliate.Identify{Customer: t.identity(), Click: click, Alias: t.n.reference.Customer, Email: t.n.email}
	if t.a.cfg.WithoutEmails || t.who.Emailed && t.n.payment != nil || !program.ValidID(in.Email) {
		in.Email = ""
	}
	if in.Alias == in.Customer || slices.Contains(t.who.Aliases, in.Alias) {
		in.Alias = ""
	}
	if in.Customer == "" || in.Click+in.Alias+in.Email == "" {
		return nil
	}
	t.who.Emailed = t.who.Emailed || in.Email != ""
	if in.Alias != "" {
		t.who.Aliases = append(t.who.Aliases, in.Alias)
	}
	return t.identify(in)
}

// identify says each thing by itself, so that the same said again is known to be
// the same, with whatever else it comes.
func (t *applier) identify(in affiliate.Identify) error {
	for _, one := range []affiliate.Identify{{Click: in.Click}, {Alias: in.Alias}, {Email: in.Email}} {
		if one == (affiliate.Identify{}) {
			continue
		}
		one.Customer = in.Customer
		if _, err := t.b.Identify(one); err != nil {
			return err
		}
	}
	return nil
}

// identity is the key of the customer that the update is about. Who pays nothing
// that may be ours stays unknown.
func (t *applier) identity() string {
	if t.n.customer != "" || t.n.payment == nil || len(t.n.payment.Sources) == 0 {
		return t.n.customer
	}
	return t.n.payment.Guest()
}

// resolve finds out what the reference of the update refers to: the click that it
// returns, or the links that it notes, which may be added later. Metadata come before the client_reference_id,
// which a host may use for ids of its own.
func (t *applier) resolve() (click string, err error) {
	ref := t.n.reference.valid()
	t.n.reference = ref
	client, ours := strings.CutPrefix(t.n.client, t.a.cfg.ClientReferencePrefix)
	if !ours || !program.ValidID(client) {
		client = ""
	}
	for _, value := range []string{ref.Click, ref.Referral, client} {
		if value == "" {
			continue
		}
		if _, isLink := t.setup.Link(value); isLink {
			t.links = append(t.links, value)
			return "", nil
		}
		if isClick, err := t.b.HasClick(value); isClick || err != nil {
			return value, err
		}
		if value != ref.Click && program.ValidLinkKey(value) {
			t.links = append(t.links, value)
		}
	}
	return ref.Click, nil // it may be on its way
}

// valid returns the reference without what cannot be one of ours: what others put
// into metadata never stops a payment.
func (r Reference) valid() Reference {
	for _, value := range []*string{&r.Click, &r.Referral, &r.Customer, &r.PromoCode} {
		if !program.ValidID(*value) || strings.HasPrefix(*value, "referral:") {
			*value = ""
		}
	}
	return r
}
