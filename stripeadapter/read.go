package stripeadapter

import (
	"cmp"
	"errors"
	"math/big"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// Errors of events that come in.
var (
	// ErrMalformed: a body is no event, or an object in it is not what its event
	// says.
	ErrMalformed = payload.ErrMalformed
	// ErrSignature: a body was not signed with one of our secrets, or too long ago,
	// or for a time that has not come yet.
	ErrSignature = errors.New("stripeadapter: the signature does not fit")
)

// read returns what an event says, nil if it says nothing to us.
func (a *Adapter) read(e payload.Event) (*update, error) {
	n := &update{event: e}
	switch e.Type {
	case "invoice.paid", "invoice.payment_succeeded":
		return with(n, payload.ParseInvoice, a.readInvoice)
	case "invoice_payment.paid":
		return with(n, payload.ParseInvoicePayment, readInvoicePayment)
	case "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed":
		return with(n, payload.ParseSession, a.readSession)
	case "payment_intent.succeeded":
		return with(n, payload.ParsePaymentIntent, a.readIntent)
	case "charge.succeeded", "charge.captured", "charge.refunded":
		return with(n, payload.ParseCharge, a.readCharge)
	case "refund.created", "refund.updated", "refund.failed", "charge.refund.updated":
		return with(n, payload.ParseRefund, readRefund)
	case "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
		"charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated":
		return with(n, payload.ParseDispute, readDispute)
	case "credit_note.created", "credit_note.updated", "credit_note.voided":
		return with(n, payload.ParseCreditNote, readCreditNote)
	case "customer.created", "customer.updated":
		return with(n, payload.ParseCustomer, a.readCustomer)
	case "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
		"customer.subscription.trial_will_end":
		return with(n, payload.ParseSubscription, a.readSubscription)
	case "promotion_code.created", "promotion_code.updated":
		return with(n, payload.ParsePromotionCode, func(n *update, p payload.PromotionCode) { n.promotion = &p })
	case "account.application.deauthorized":
		n.gone = e.Account != ""
		return n, e.Check()
	}
	return nil, e.Check()
}

func with[T any](n *update, parse func([]byte) (T, error), read func(*update, T)) (*update, error) {
	object, err := parse(n.event.Object)
	if err != nil {
		return nil, err
	}
	read(n, object)
	return n, nil
}

func (a *Adapter) readInvoice(n *update, in payload.Invoice) {
	n.source, n.customer, n.subscription = book.Invoice, in.Customer, in.Subscription
	n.reference, n.email = a.cfg.Keys.Read(in.Metadata), in.Email
	n.payment = &book.Payment{Invoice: in.ID, Intents: in.PaymentIntents, Charges: in.Charges}
	n.about = Payment{Metadata: in.Metadata, Amount: in.Net, Lines: linesFrom(in.Lines), MoreLines: in.MoreLines}
	n.payment.Add(book.Invoice, a.invoiceSource(in, n.event.Created))
}

// invoiceSource is what a paid invoice says of its payment. At is when it was paid,
// if it does not tell itself.
func (a *Adapter) invoiceSource(in payload.Invoice, at time.Time) book.Source {
	base, gross, err := in.Base(a.cfg.OutOfBand != IgnoreOutOfBand)
	if err != nil { // beyond 64 bits: no such invoice exists
		base, gross = 0, 0
	}
	src := book.Source{
		ID: in.ID, At: firstTime(in.PaidAt, in.Created, at), Customer: in.Customer, Subscription: in.Subscription,
		Reason: in.BillingReason, Currency: in.Currency, Net: ledgerMinor(in.Currency, base), Gross: gross, Paid: true,
		Unsettled: a.cfg.OutOfBand == IgnoreOutOfBand && !in.OutOfBandKnown && base > 0,
	}
	src.Conversion = a.cfg.Keys.Read(in.OwnMetadata).conversion()
	if src.Conversion == "" && in.BillingReason == "subscription_create" { // an id names one payment
		src.Conversion = a.cfg.Keys.Read(in.Metadata).conversion()
	}
	src.Products, src.Prices = catalogOf(in.Lines)
	src.Tell(promotionsOf(in.Discounts), codesOf(in.Discounts), in.Discounted)
	return src
}

func readInvoicePayment(n *update, in payload.InvoicePayment) {
	n.payment = &book.Payment{Invoice: in.Invoice, Intents: list(in.PaymentIntent), Charges: list(in.Charge)}
}

func (a *Adapter) readSession(n *update, in payload.Session) {
	n.source, n.customer, n.subscription = book.Checkout, in.Customer, in.Subscription
	n.reference, n.email = a.cfg.Keys.Read(in.Metadata), in.Email
	n.client = in.ClientReference
	n.standing, n.object, n.since = ofCustomer, in.ID, firstTime(in.Created, n.event.Created)
	src := book.Source{
		ID: in.ID, At: n.since, Customer: in.Customer, Subscription: in.Subscription, Currency: in.Currency,
		Net: ledgerMinor(in.Currency, in.Net), Gross: in.Charged, Paid: in.PaymentStatus != "unpaid" && in.Mode == "payment",
		Conversion: n.reference.conversion(),
	}
	if n.event.Type == "checkout.session.async_payment_failed" {
		src.Paid = false
	}
	src.Products, src.Prices = catalogOf(in.Lines)
	n.about = Payment{Metadata: in.Metadata, Amount: in.Net, Lines: linesFrom(in.Lines), MoreLines: in.MoreLines}
	src.Tell(promotionsOf(in.Discounts), codesOf(in.Discounts), in.Discounted)
	switch {
	case in.Mode == "setup":
		n.source = ""
	case in.Mode == "subscription" && in.Invoice == "":
		n.source, n.checkout = "", &src
	default:
		n.payment = &book.Payment{Invoice: in.Invoice, Checkout: in.ID, Intents: list(in.PaymentIntent)}
		n.payment.Add(book.Checkout, src)
	}
}

func (a *Adapter) readIntent(n *update, in payload.PaymentIntent) {
	n.source, n.customer = book.Intent, in.Customer
	n.reference = a.cfg.Keys.Read(in.Metadata)
	n.payment = &book.Payment{Invoice: in.Invoice, Intents: list(in.ID), Charges: in.Charges}
	if in.Status == "succeeded" && in.Amount > in.Received { // the rest is shown as refunded
		n.payment.AddLevel(in.ID, book.Level{Released: in.Amount - in.Received})
	}
	if in.Status == "succeeded" && in.Received > 0 && !in.Billing {
		n.payment.AddTaken(in.ID, in.Received)
	}
	src := book.Source{
		ID: in.ID, At: firstTime(in.Created, n.event.Created), Customer: in.Customer, Currency: in.Currency,
		Net: ledgerMinor(in.Currency, in.Received), Gross: in.Received, Paid: in.Status == "succeeded", Alone: in.Alone,
		Conversion: n.reference.conversion(),
	}
	if n.reference == (Reference{}) { // it may be anything
		if in.Customer == "" || in.Billing || !src.Paid {
			return
		}
		src.Loose = true
	}
	n.about = Payment{Metadata: in.Metadata, Amount: in.Received}
	n.payment.Add(book.Intent, src)
	n.wantsInvoice = !src.Loose
}

func (a *Adapter) readCharge(n *update, in payload.Charge) {
	of := cmp.Or(in.PaymentIntent, in.ID)
	n.customer = in.Customer
	n.payment = &book.Payment{Invoice: in.Invoice, Intents: list(in.PaymentIntent), Charges: list(in.ID)}
	if in.PaymentIntent == "" && in.Invoice == "" { // of the old Charges API
		n.source, n.reference = book.Charge, a.cfg.Keys.Read(in.Metadata)
		if n.reference != (Reference{}) {
			n.about = Payment{Metadata: in.Metadata, Amount: in.Captured}
			n.payment.Add(book.Charge, book.Source{
				ID: in.ID, At: firstTime(in.Created, n.event.Created), Customer: in.Customer, Currency: in.Currency,
				Net: ledgerMinor(in.Currency, in.Captured), Gross: in.Captured, Paid: in.Paid && in.Captured > 0,
				Conversion: n.reference.conversion(),
			})
		}
	}
	if n.event.Type == "charge.captured" && in.Captured > 0 {
		n.payment.AddTaken(of, in.Captured)
	}
	if in.Refunded > 0 {
		released := max(in.Amount-in.Captured, 0)
		level := book.Level{Refunded: max(in.Refunded-released, 0), Released: released, At: n.event.Created}
		n.payment.AddLevel(of, level)
		n.wantsInvoice = in.Invoice == "" && level.Refunded > 0
	}
	for _, r := range in.Refunds {
		n.payment.AddRefund(r.ID, refundOf(n, r, of))
	}
}

func readRefund(n *update, in payload.Refund) {
	of := cmp.Or(in.PaymentIntent, in.Charge)
	if of == "" { // to a customer's balance, or a payment of nobody's
		return
	}
	n.payment = &book.Payment{Intents: list(in.PaymentIntent), Charges: list(in.Charge)}
	n.payment.AddRefund(in.ID, refundOf(n, in, of))
	n.wantsInvoice = true
}

func refundOf(n *update, in payload.Refund, of string) book.Refund {
	return book.Refund{
		Of: of, Amount: in.Amount, At: firstTime(in.Created, n.event.Created),
		Failed: in.Status == "failed" || in.Status == "canceled", Moved: in.Moved,
	}
}

func readDispute(n *update, in payload.Dispute) {
	n.payment = &book.Payment{Intents: list(in.PaymentIntent), Charges: list(in.Charge)}
	d := book.Dispute{
		Amount: in.Amount, At: firstTime(in.Created, n.event.Created), State: book.Open,
		Back: book.Part(in.Amount, big.NewInt(in.Returned), in.Withdrawn),
	}
	switch in.Status {
	case "won", "prevented", "charge_refunded": // what was refunded instead counts by itself
		d.State = book.Won
	case "lost":
		d.State = book.Lost
	case "warning_needs_response", "warning_under_review", "warning_closed":
		d.State = book.Inquiry
	}
	if n.event.Type == "charge.dispute.funds_reinstated" && d.State < book.Returned {
		d.State = book.Returned
	}
	if d.State >= book.Returned {
		d.Ended = n.event.Created
	}
	n.payment.AddDispute(in.ID, d)
	n.wantsInvoice = true
}

// readCreditNote takes the part that was given back outside of Stripe after the
// payment, and which refunds gave back taxes only. What goes back through Stripe comes
// as refunds; what is credited to the customer, or taken off before the payment, makes
// a payment smaller.
func readCreditNote(n *update, in payload.CreditNote) {
	note := book.Note{
		At: firstTime(in.Created, n.event.Created), Void: in.Voided || in.Status == "void", TaxOnly: in.TaxOnly,
	}
	if in.Type != "pre_payment" {
		note.Amount = max(in.OutOfBand, 0)
	}
	if in.TaxOnly {
		note.Refunds = in.Refunds
	}
	if note.Amount == 0 && len(note.Refunds) == 0 {
		return
	}
	n.payment = &book.Payment{Invoice: in.Invoice}
	n.payment.AddNote(in.ID, note)
}

func (a *Adapter) readCustomer(n *update, in payload.Customer) {
	n.customer, n.email = in.ID, in.Email
	n.standing, n.object = ofCustomer, in.ID
	a.readReference(n, in.Metadata)
	if n.reference.Click+n.reference.Referral != "" {
		id := "signup:" + cmp.Or(n.reference.Customer, in.ID)
		n.lifecycle = &lifecycle{id: id, kind: "signup", at: firstTime(in.Created, n.event.Created)}
	}
}

func (a *Adapter) readSubscription(n *update, in payload.Subscription) {
	n.customer, n.subscription = in.Customer, in.ID
	n.standing, n.object = ofSubscription, in.ID
	a.readReference(n, in.Metadata)
	kind := "subscription_created"
	if in.Trial {
		kind = "trial_started"
	}
	if in.Status != "incomplete" && in.Status != "incomplete_expired" { // else it was never begun
		n.lifecycle = &lifecycle{id: in.ID, kind: kind, at: firstTime(in.Created, n.event.Created), currency: in.Currency}
	}
}

// readReference reads who led the customer here from the metadata of an object
// that lasts, and dates it: from the beginning if the object is new, from now on if
// an update has just changed it, and otherwise for as long as nothing else was said.
func (a *Adapter) readReference(n *update, metadata map[string]string) {
	n.reference = a.cfg.Keys.Read(metadata)
	if n.event.ID == replayedEvent { // as the object is today, whenever it was made
		n.since, n.loose = a.eng.Now(), true
		return
	}
	if strings.HasSuffix(n.event.Type, ".created") {
		return
	}
	n.since, n.loose = n.event.Created, true
	if !strings.HasSuffix(n.event.Type, ".updated") {
		return
	}
	old, told := n.event.PreviousMetadata(metadata)
	if before := a.cfg.Keys.Read(old); told && (before.Click != n.reference.Click || before.Referral != n.reference.Referral) {
		n.before, n.loose = &before, false
	}
}

func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func list(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}

func promotionsOf(discounts []payload.Discount) (ids []string) {
	for _, d := range discounts {
		if d.PromotionCode != "" && d.Code == "" {
			ids = append(ids, d.PromotionCode)
		}
	}
	return ids
}

func codesOf(discounts []payload.Discount) (codes []string) {
	for _, d := range discounts {
		if d.Code != "" {
			codes = append(codes, d.Code)
		}
	}
	return codes
}
