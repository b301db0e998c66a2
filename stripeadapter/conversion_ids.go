package stripeadapter

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// recordedFrom returns the id of the object that a conversion was recorded from.
func recordedFrom(p book.Posted) string { return cmp.Or(p.Object, sourceOf(p.Conversion)) }

// mostOfName is how long an id of the host's may be that names a payment.
const mostOfName = 200

// conversion returns the id that the host gave a payment, if it can be one.
func (r Reference) conversion() string {
	if len(r.Conversion) > mostOfName || !program.ValidID(r.Conversion) || strings.HasPrefix(r.Conversion, "referral:") {
		return ""
	}
	return r.Conversion
}

// namedDoc says which payment an id of the host's names.
type namedDoc struct {
	Payment string `json:"payment"`
}

// conversionID returns the id of a sale's conversion, and whether it is the host's: the one
// that it gave the payment, or that of Stripe's object where the host recorded that
// itself. An id names one payment, the first that came with it.
func (t saleRecorder) conversionID(p *book.Payment, sale book.Sale) (name string, hosts bool, err error) {
	if sale.Conversion != "" {
		if mine, err := t.ownsConversionID(p, sale.Conversion); mine || err != nil {
			return sale.Conversion, true, err
		}
	}
	if sourceOf(p.Posted.Conversion) == sale.ID {
		return sale.ID, false, nil
	}
	old, found, err := t.b.Conversion(sale.ID)
	return sale.ID, found && old.Metadata[metaPayment] == "", err
}

// ownsConversionID reports whether an id of the host's names this payment and no other.
func (t saleRecorder) ownsConversionID(p *book.Payment, id string) (bool, error) {
	var doc namedDoc
	if _, err := readDocument(t.b, conversionKey(id), &doc); err != nil {
		return false, err
	}
	if doc.Payment != "" && !slices.Contains(namesOf(p), doc.Payment) {
		other, _, err := t.loadPayment(list(doc.Payment))
		return err == nil && other.ID() == p.ID(), err
	}
	if doc.Payment != "" {
		return true, nil
	}
	old, found, err := t.b.Conversion(id)
	if err != nil || found && old.Metadata[metaPayment] != "" { // of some other payment at Stripe
		return false, err
	}
	return true, writeDocument(t.b, conversionKey(id), namedDoc{p.ID()})
}

// noteDifference notes that what the host recorded of a sale is not what Stripe tells, by
// the event that does.
func (t saleRecorder) noteDifference(p *book.Payment, sale book.Sale) error {
	if t.n.source != sale.Kind {
		return nil
	}
	facts, err := t.b.Facts(p.Posted.Conversion)
	if err != nil {
		return err
	}
	amount, currency := commission.AmountOf(p.Posted.Amount, facts), p.Posted.Content.Currency
	if amount != sale.Net || currency != sale.Currency {
		t.differs = fmt.Sprintf("conversion %s: the host recorded %d %s, Stripe tells %d %s",
			p.Posted.Conversion, amount, currency, sale.Net, sale.Currency)
	}
	return nil
}
