package stripeadapter

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// Metadata of the conversions that are recorded.
const (
	metaPayment      = "stripe_payment" // what the payment is kept under
	metaSubscription = "stripe_subscription"
	metaProducts     = "stripe_products" // ids, with commas between them
	metaPrices       = "stripe_prices"
)

func metadata(payment, subscription string) map[string]string {
	m := map[string]string{metaPayment: payment}
	if subscription != "" {
		m[metaSubscription] = subscription
	}
	return m
}

// metadataOf is what is kept with the conversion of a sale: also what was bought, as
// far as Stripe tells it.
func metadataOf(payment string, sale book.Sale) map[string]string {
	m := metadata(payment, sale.Subscription)
	for key, ids := range map[string][]string{metaProducts: sale.Products, metaPrices: sale.Prices} {
		for _, id := range ids {
			if list := strings.TrimPrefix(m[key]+","+id, ","); len(list) <= maxMetadataValue {
				m[key] = list
			}
		}
	}
	return m
}

// sourceOf returns the id of the object that a conversion was recorded from.
func sourceOf(conversion string) string {
	source, _, _ := strings.Cut(conversion, "+")
	return source
}

// applyPayment adds what the update says of a payment to what is known of it, and
// records what it comes to.
func (t *applier) applyPayment() error {
	told := t.n.payment
	if told == nil || !told.Says() {
		return nil
	}
	if src := told.Sources[t.n.source]; src != nil {
		src.References = t.links
		if t.n.reference.PromoCode != "" {
			src.Codes = append(src.Codes, t.n.reference.PromoCode)
		}
	}
	if checkout := t.who.Checkouts[t.n.subscription]; checkout != nil && t.n.source == book.Invoice && !told.Sources[book.Invoice].Renewal() {
		told.Checkout = checkout.ID
		told.Add(book.Checkout, *checkout)
		delete(t.who.Checkouts, t.n.subscription)
	}
	if err := t.release(told); err != nil {
		return err
	}
	p, docs, err := t.loadPayment(namesOf(told))
	if err != nil {
		return err
	}
	told.Settled(p)
	p.Merge(told)
	if docs, err = (invoiceMatcher{t}).findInvoice(p, told, docs, t.n.wantsInvoice); err != nil {
		return err
	}
	if err := (saleRecorder{t}).record(p); err != nil {
		return err
	}
	return t.savePayment(p, docs)
}

// release takes payment intents and charges out of an invoice that another invoice
// was paid with: two invoices are never one payment.
func (t *applier) release(told *book.Payment) error {
	if told.Invoice == "" {
		return nil
	}
	for _, ids := range []*[]string{&told.Intents, &told.Charges} {
		var own []string
		for _, id := range *ids {
			p, _, err := t.loadPayment(list(id))
			if err != nil {
				return err
			}
			if p.Invoice == "" || p.Invoice == told.Invoice {
				own = append(own, id)
			}
		}
		*ids = own
	}
	return nil
}

// invoiceOf asks which invoice a payment pays.
func (t *applier) invoiceOf(p *book.Payment) (string, error) {
	q := question{what: invoiceOf}
	if len(p.Intents) > 0 {
		q.paymentIntent = p.Intents[0]
	}
	if len(p.Charges) > 0 {
		q.charge = p.Charges[0]
	}
	told, err := t.lookUp(q)
	if err != nil || len(told) == 0 {
		return "", err
	}
	return told[0], nil
}

// applyAgain records a payment again of which something else became known.
func (t *applier) applyAgain(id string) error {
	p, docs, err := t.loadPayment(list(id))
	if err != nil || len(docs) == 0 {
		return err
	}
	if docs, err = (invoiceMatcher{t}).findInvoice(p, p, docs, false); err != nil {
		return err
	}
	if err := (saleRecorder{t}).record(p); err != nil {
		return err
	}
	return t.savePayment(p, docs)
}

// applyFirstInvoice gives the update of a checkout to the first invoice of its
// subscription, which it did not name; or keeps them until it comes.
func (t *applier) applyFirstInvoice() error {
	if t.n.customer == "" || t.n.subscription == "" {
		return nil
	}
	checkout := *t.n.checkout
	if t.n.reference.PromoCode != "" {
		checkout.Codes = append(slices.Clone(checkout.Codes), t.n.reference.PromoCode)
	}
	checkout.References = t.links
	p, docs, err := t.firstInvoice()
	if err != nil {
		return err
	}
	if p == nil {
		checkouts := map[string]*book.Source{}
		for id, src := range t.who.Checkouts {
			checkouts[id] = src
		}
		checkouts[t.n.subscription] = &checkout
		t.who.Checkouts = checkouts
		return nil
	}
	p.Checkout = checkout.ID
	p.Add(book.Checkout, checkout)
	if err := (saleRecorder{t}).record(p); err != nil {
		return err
	}
	return t.savePayment(p, docs)
}

// document is a payment's document as it was read.
type document struct {
	id  string
	raw []byte
}

// loadPayment reads what is known of a payment under any of its names.
func (t *applier) loadPayment(names []string) (*book.Payment, []document, error) {
	p, docs := &book.Payment{}, []document(nil)
	for len(names) > 0 {
		var more []string
		for _, id := range names {
			if slices.ContainsFunc(docs, func(d document) bool { return d.id == id }) {
				continue
			}
			raw, err := t.b.Document(paymentKey(id))
			if err != nil {
				return nil, nil, err
			}
			stored, err := book.Parse(raw)
			if err != nil {
				return nil, nil, err
			}
			if len(raw) > 0 {
				docs = append(docs, document{id, raw})
			}
			more = append(more, list(stored.To)...)
			p.Merge(stored)
		}
		names = more
	}
	return p, docs, nil
}

// savePayment writes a payment under its id, and under its other names where that
// is.
func (t *applier) savePayment(p *book.Payment, docs []document) error {
	id := p.ID()
	raw, err := p.Encode()
	if err != nil {
		return err
	}
	names, stored := p.Names(), &book.Payment{}
	for _, d := range docs {
		if d.id != id {
			names = append(names, d.id)
			continue
		}
		if bytes.Equal(d.raw, raw) {
			return nil
		}
		if stored, err = book.Parse(d.raw); err != nil {
			return err
		}
	}
	if err := t.b.PutDocument(paymentKey(id), raw); err != nil {
		return err
	}
	pointer, err := (&book.Payment{To: id}).Encode()
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		known := slices.Contains(stored.Names(), name) || slices.ContainsFunc(docs, func(d document) bool {
			return d.id == name && bytes.Equal(d.raw, pointer)
		})
		if name == id || known {
			continue
		}
		if err := t.b.PutDocument(paymentKey(name), pointer); err != nil {
			return err
		}
	}
	return nil
}

// record brings what the Engine knows of a payment to what it is.
func (t saleRecorder) record(p *book.Payment) error {
	if err := t.settle(p); err != nil {
		return err
	}
	sale, ok := p.Sale()
	if ok {
		if err := t.recordSale(p, sale); err != nil {
			return err
		}
	}
	if !ok && p.Invoice != "" { // it turns out to pay one that was not seen yet
		if err := touchRecorder(t).dropTouch(p.Posted.Content.Customer, recordedFrom(p.Posted)); err != nil {
			return err
		}
		p.Posted.Drop()
	}
	if err := t.void(p); err != nil {
		return err
	}
	if !ok || p.Posted.Conversion == "" {
		if len(p.Disputes) > 0 || p.GivenBack().Sign() > 0 {
			promotionReader(t).addMissing(MissingInvoice)
		}
		return nil
	}
	if !slices.Contains(t.result.Conversions, p.Posted.Conversion) {
		t.result.Conversions = append(t.result.Conversions, p.Posted.Conversion)
	}
	return refundRecorder(t).recordRefunds(p, sale)
}

// settle asks whether an invoice was paid outside of Stripe, if such money does not
// count and no event told. Until somebody knows, it counts.
func (t saleRecorder) settle(p *book.Payment) error {
	src := p.Sources[book.Invoice]
	if src == nil || !src.Unsettled || t.a.cfg.OutOfBand != IgnoreOutOfBand {
		return nil
	}
	told, err := t.lookUp(question{what: wholeInvoice, object: src.ID})
	if err != nil {
		return err
	}
	if len(told) > 0 {
		in, err := payload.ParseInvoice([]byte(told[0]))
		if err != nil {
			return err
		}
		p.Add(book.Invoice, t.a.invoiceSource(in, src.At))
	}
	if p.Sources[book.Invoice].Unsettled {
		promotionReader(t).addMissing(MissingOutOfBand)
	}
	return nil
}

// recordSale records the sale, or what is new about it. A conversion whose time,
// customer or promo code turn out to be others is amended to nothing, and another
// one takes its place.
func (t saleRecorder) recordSale(p *book.Payment, sale book.Sale) error {
	if !money.Currency(sale.Currency).Valid() {
		promotionReader(t).addMissing(MissingCurrency)
		return nil
	}
	code, err := promotionReader(t).code(p, sale)
	if err != nil {
		return err
	}
	content := book.Content{
		At: sale.At, Customer: sale.Customer, Currency: sale.Currency, Program: sale.Program,
		Code: code, Renewal: sale.Renewal && code != "",
	}
	if content.Referral, err = touchRecorder(t).touchSale(p, sale); err != nil {
		return err
	}
	name, hosts, err := t.conversionID(p, sale)
	if err != nil {
		return err
	}
	p.Posted.Object = sale.ID
	if p.Posted.Adopted {
		return t.noteDifference(p, sale)
	}
	renamed := hosts && sourceOf(p.Posted.Conversion) != name
	if p.Posted.Conversion != "" && !renamed && p.Posted.Content.Equal(content) {
		return t.amend(p, sale.Net)
	}
	p.Posted.Next(name, hosts, content, sale.Net)
	p.Posted.Object = sale.ID
	if old, found, err := t.b.Conversion(p.Posted.Conversion); err != nil || found { // the host's own doing
		p.Posted.Adopted, p.Posted.Amount, p.Posted.Content.Currency = true, old.Amount, string(old.Currency)
		return errors.Join(err, t.noteDifference(p, sale))
	}
	_, err = t.b.RecordConversion(affiliate.Conversion{
		ID: p.Posted.Conversion, Customer: sale.Customer, Amount: sale.Net, Currency: money.Currency(sale.Currency),
		At: sale.At, Program: sale.Program, PromoCode: code, Renewal: content.Renewal, Referral: content.Referral,
		Metadata: metadataOf(p.ID(), sale),
	})
	return err
}

func (t saleRecorder) amend(p *book.Payment, amount int64) error {
	if p.Posted.Amount == amount {
		return nil
	}
	p.Posted.Amount = amount
	p.Posted.Amendments++
	_, err := t.b.AmendConversion(p.Posted.Conversion, amount, amendedAt(p.Posted.Content.At, p.Posted.Amendments))
	return err
}

// amendedAt dates an amendment: the conversion never was anything else.
func amendedAt(at time.Time, count int) time.Time {
	return at.Add(time.Duration(count) * time.Microsecond)
}

// void amends to nothing what was recorded of a payment before it was known to
// be the same, or to be otherwise.
func (t saleRecorder) void(p *book.Payment) error {
	for _, o := range p.Posted.Others {
		if _, err := t.b.AmendConversion(o.Conversion, 0, amendedAt(o.At, o.Amendments+1)); err != nil {
			return err
		}
	}
	p.Posted.Others = nil
	return nil
}
