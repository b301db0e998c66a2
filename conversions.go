package affiliate

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/storage"
)

// Conversion is something a customer did that may earn commissions. By default its
// type is invoice_paid, its currency that of the program, and its time that of the
// first receipt. Without a customer it is a customer of its own, without a program it
// may earn on all of them.
type Conversion = attribution.Conversion

// ConversionResult is the decision on a conversion.
type ConversionResult struct {
	ConversionID string               `json:"conversionId"`
	Duplicate    bool                 `json:"duplicate"`
	Attributed   bool                 `json:"attributed"`
	Reason       attribution.Reason   `json:"reason,omitempty"` // why not, or no_rule
	Credits      []attribution.Credit `json:"credits"`
	Commissions  []Commission         `json:"commissions"`

	// KnownTypes are the event types that rules of the organization ask for, where
	// no rule knows the conversion's own: it may be mistyped. Else there are none.
	KnownTypes []string `json:"knownTypes,omitempty"`

	// Settled is only of a conversion that was asked for.
	Settled
}

// RecordConversion stores a conversion and decides it. The same conversion
// again is answered with the same credits and marked as a duplicate; not being
// attributed is a result with a reason, not an error. It returns
// ErrInvalidInput, ErrNotFound for an unknown program or partner, and
// ErrConflict if the id was used for other content (semantics 8.1).
func (e *Engine) RecordConversion(ctx context.Context, in Conversion) (result ConversionResult, err error) {
	err = e.do(ctx, func(u *unit) error {
		result, err = u.recordConversion(in)
		return err
	}, customerRefs(in.Customer)...)
	return result, wrap("record conversion", err)
}

func (u *unit) recordConversion(in Conversion) (ConversionResult, error) {
	conv, err := u.newConversion(in)
	if err != nil {
		return ConversionResult{}, err
	}
	refs := []storage.Ref{conversionRef(conv.ID), customerRef(conv.CustomerKey())}
	if conv.Click != "" {
		refs = append(refs, clickRef(conv.Click))
	}
	if err := u.load(refs...); err != nil {
		return ConversionResult{}, err
	}
	conv.At = at(in.At, u.now)
	if err := u.completeConversion(&conv); err != nil {
		return ConversionResult{}, err
	}
	var doc conversionDoc
	if err := u.read(conversionRef(conv.ID), &doc); err != nil {
		return ConversionResult{}, err
	}
	if doc.Customer != "" {
		if err := u.same(conv, in); err != nil {
			return ConversionResult{}, err
		}
		result, err := u.standingResult(conv.ID, doc, newBooks(u))
		result.Duplicate, result.KnownTypes = true, u.otherTypes(conv)
		return result, err
	}
	if err := u.addConversion(conv); err != nil {
		return ConversionResult{}, err
	}
	result := u.result(conv.ID, u.decided[conv.ID])
	result.KnownTypes = u.otherTypes(conv)
	return result, nil
}

// newConversion checks the input and makes the fact of it.
func (u *unit) newConversion(in Conversion) (attribution.Conversion, error) {
	c := checks{now: u.latest()}
	c.id("id", in.ID, true)
	c.id("type", in.Type, false)
	c.id("customer", in.Customer, false)
	c.amount("amount", in.Amount)
	c.currency("currency", in.Currency)
	c.time(in.At)
	c.id("program", in.Program, false)
	c.id("promoCode", in.PromoCode, false)
	c.id("referral", in.Referral, false)
	c.id("click", in.Click, false)
	c.id("partner", in.Partner, false)
	c.text("campaignId", in.CampaignID)
	c.sub("sub", in.Sub)
	c.metadata("metadata", in.Metadata)
	conv := in
	conv.Type = cmp.Or(in.Type, attribution.InvoicePaid)
	conv.Sub, conv.Metadata = withoutEmpty(in.Sub), withoutEmpty(in.Metadata)
	return conv, c.err()
}

// completeConversion fills in what the configuration knows.
func (u *unit) completeConversion(conv *attribution.Conversion) error {
	if err := u.known(conv.Partner, conv.Program); err != nil {
		return err
	}
	if conv.Currency != "" {
		return nil
	}
	of := u.setup.Default(conv.At)
	if conv.Program != "" {
		of, _ = u.setup.Program(conv.Program)
	}
	conv.Currency = "usd"
	if of != nil {
		conv.Currency = of.Currency
	}
	return nil
}

// Conversion returns a conversion with its credits and commissions as they stand. It returns ErrNotFound.
func (e *Engine) Conversion(ctx context.Context, id string) (result ConversionResult, err error) {
	err = e.view(ctx, func(u *unit) error {
		result, err = u.conversionResult(id)
		return err
	}, conversionRef(id))
	return result, wrap("conversion", err)
}

func (u *unit) conversionResult(id string) (ConversionResult, error) {
	doc, b, err := u.decisionAhead(id)
	if err != nil {
		return ConversionResult{}, err
	}
	result, err := u.standingResult(id, doc, b)
	if err != nil {
		return result, err
	}
	result.Settled = b.settled
	stored, err := u.conversions(id)
	for _, conv := range stored {
		result.KnownTypes = u.otherTypes(conv)
	}
	return result, err
}

// decisionAhead returns the decision of a conversion, and the books of its partners,
// ahead of settlement.
func (u *unit) decisionAhead(id string) (doc conversionDoc, b *books, err error) {
	if err := u.read(conversionRef(id), &doc); err != nil {
		return doc, nil, err
	}
	if doc.Customer == "" {
		return doc, nil, notFound("conversion", id)
	}
	b = newBooks(u)
	b.settled.AsOf = u.now
	if err := b.decideWaiting(doc.Customer); err != nil {
		return doc, nil, err
	}
	doc = conversionDoc{}
	if err := u.read(conversionRef(id), &doc); err != nil {
		return doc, nil, err
	}
	return doc, b, b.settleWaiting(doc.partners())
}

// same reports ErrConflict unless the stored conversion says the same. What the
// caller left out is not compared.
func (u *unit) same(conv attribution.Conversion, in Conversion) error {
	stored, err := u.conversions(conv.ID)
	if err != nil {
		return err
	}
	for _, old := range stored {
		if in.At.IsZero() {
			conv.At = old.At
		}
		if in.Currency == "" {
			conv.Currency = old.Currency
		}
		if attribution.IsErased(old.Customer) { // what was kept of it is compared
			conv.Customer, conv.Click, conv.CampaignID, conv.Sub, conv.Metadata = old.Customer, "", "", nil, nil
		}
		if !reflect.DeepEqual(old, conv) {
			return ErrConflict
		}
	}
	return nil
}

// standingResult is the result of a decision with amounts as they stand now;
// tiers are as the books have them. A commission that never was anything else than zero is
// none.
func (u *unit) standingResult(id string, doc conversionDoc, b *books) (ConversionResult, error) {
	rows, err := b.commissionsFor(id)
	if err != nil {
		return ConversionResult{}, err
	}
	return u.standingFrom(id, doc, rows)
}

// standingFrom is the same with the commissions of the conversion as they are settled.
func (u *unit) standingFrom(id string, doc conversionDoc, rows []storage.Commission) (result ConversionResult, err error) {
	result = u.result(id, doc)
	result.Commissions = nil
	for _, line := range doc.Outcome.Lines {
		var row storage.Commission // of settlement, which may not know the latest
		for _, settled := range rows {
			if lineKey(settled.Commission) == lineKey(line) && !settled.Gone {
				row = settled
			}
		}
		row.Commission = line
		if neverPaid(row) {
			continue
		}
		if row.Net, err = line.Net(row.Tier.Adjustment); err != nil {
			return result, err
		}
		standing, err := u.standing(row)
		if err != nil {
			return result, err
		}
		result.Commissions = append(result.Commissions, standing)
	}
	return result, nil
}

// neverPaid reports a commission of zero, which is not recorded (semantics 4.6).
func neverPaid(row storage.Commission) bool { return row.Accrued == 0 && row.Tier.Adjustment == 0 }

// addConversion stores a new conversion, stitches the click or referral code
// that it carries, and decides it with the facts that waited for it.
func (u *unit) addConversion(conv attribution.Conversion) error {
	stitched, err := u.stitch(conv)
	if err != nil {
		return err
	}
	u.change.Conversions = append(u.change.Conversions, conv)
	who, err := u.customer(conv.CustomerKey())
	if err != nil {
		return err
	}
	who.spoken(conv.At)
	if err := u.weighClaims(who); err != nil {
		return err
	}
	if stitched || who.again || !who.doc.State.Follows(conv) {
		return u.redecide(who)
	}
	sale := commission.Sale{Conversion: conv}
	if u.exists(conversionRef(conv.ID)) { // something waits
		facts, err := u.facts([]string{conv.ID})
		if err != nil {
			return err
		}
		sale.Facts = facts[conv.ID]
	}
	return u.next(who, sale)
}

// stitch ties the click that a conversion carries to its customer; a referral
// code without a click makes one at the conversion's time (semantics 3.7). It
// reports whether the customer's past may look different now.
func (u *unit) stitch(conv attribution.Conversion) (changed bool, err error) {
	id := conv.Click
	if id == "" && conv.Referral != "" {
		if id, err = u.refer(conv); err != nil {
			return false, err
		}
	}
	if id == "" {
		return false, nil
	}
	who, err := u.customer(conv.CustomerKey())
	if err != nil {
		return false, err
	}
	fresh := who.doc.State.Last.ID == ""
	_, duplicate, err := u.addIdentify(attribution.Identify{At: conv.At, Customer: conv.CustomerKey(), Click: id}, false)
	return !duplicate && !fresh, err
}

// refer makes the click that a referral code stands for and returns its id, or
// "" if there is no such link (yet).
func (u *unit) refer(conv attribution.Conversion) (string, error) {
	link, ok := u.setup.Link(conv.Referral)
	if !ok {
		return "", nil
	}
	click := attribution.Click{
		ID: referralClick + conv.ID, At: conv.At, Partner: link.Partner, Program: link.Program, Link: link.Key,
	}
	return click.ID, u.addClick(click)
}

// referLate ties referral codes of earlier conversions whose link came later.
func (u *unit) referLate(c *customer, sales []commission.Sale) error {
	for _, sale := range sales {
		id := referralClick + sale.ID
		if sale.Click != "" || sale.Referral == "" || slices.Contains(c.doc.Clicks, id) {
			continue
		}
		made, err := u.refer(sale.Conversion)
		if err != nil {
			return err
		}
		if made == "" {
			continue
		}
		_, _, err = u.addIdentify(attribution.Identify{At: sale.At, Customer: sale.CustomerKey(), Click: id}, false)
		if err != nil {
			return err
		}
	}
	return nil
}

// referralClick starts the derived id of a click that stands for a referral
// code; a conversion that comes again makes the same one.
const referralClick = "referral:"

// result is what a caller is told of a decision that was just made.
func (u *unit) result(id string, doc conversionDoc) ConversionResult {
	out := doc.Outcome
	r := ConversionResult{ConversionID: id, Attributed: out.Attributed(), Reason: out.Reason, Credits: out.Credits}
	for _, l := range out.Lines {
		if net, err := l.Net(0); err == nil && len(doc.Posted[lineKey(l)]) > 0 {
			r.Commissions = append(r.Commissions, Commission{
				ID: l.Key(), Conversion: id, Partner: l.Partner, Program: l.Program, Rule: l.Rule,
				Amount: net, Currency: l.Currency, Status: l.Status(net, "", u.now), At: l.At, PayableAt: l.MaturesAt, Suspect: l.Suspect,
			})
		}
	}
	return r
}
