package affiliate

import (
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// conversionDoc is the document of a conversion's anchor: the decision as it
// stands, and what the ledger holds of it. A refund that waits for its
// conversion leaves an empty one.
type conversionDoc struct {
	Customer string                         `json:"customer,omitempty"` // key; empty: not there yet
	Outcome  decision.Outcome               `json:"outcome"`
	Posted   map[string][]commission.Posted `json:"posted,omitempty"` // by lineKey
	Former   []string                       `json:"former,omitempty"` // partners who had a commission once
}

func conversionRef(id string) storage.Ref {
	return storage.Ref{Kind: storage.ConversionAnchor, Key: id}
}

// partners are all whom the decision concerns, or ever did.
func (d conversionDoc) partners() []string {
	list := slices.Clone(d.Former)
	for _, line := range d.Outcome.Lines {
		list = append(list, line.Partner)
	}
	return list
}

// lineKey is Line.Key with the currency: if that ever changes, it is another
// amount.
func lineKey(l commission.Commission) string { return l.Key() + ":" + string(l.Currency) }

// postedNote asks settlement to bring a decision to one partner's side. A decision that
// concerns no partner leaves one as well, for it may have missed a configuration change.
type postedNote struct {
	Conversion string             `json:"conversion"`
	Customer   string             `json:"customer"`
	At         time.Time          `json:"at"`  // of the conversion
	Seq        int64              `json:"seq"` // of the configuration that decided
	Entries    []commission.Entry `json:"entries,omitempty"`
}

// redecide folds all conversions of a customer again and posts the differences.
func (u *unit) redecide(c *customer) error {
	if c.doc.Closed {
		return nil
	}
	if err := u.touch(c); err != nil {
		return err
	}
	sales, err := u.sales(c)
	if err != nil {
		return err
	}
	if err := u.referLate(c, sales); err != nil {
		return err
	}
	h, err := u.history(c, sales)
	if err != nil {
		return err
	}
	outcomes, state, err := decision.Decide(u.setup, h.customer)
	if err != nil {
		return err
	}
	c.doc.State, c.doc.Waits, c.doc.Sales, c.again = *state, false, len(sales), false
	for _, out := range outcomes {
		if err := u.post(h.sales[out.Conversion].Conversion, out); err != nil {
			return err
		}
	}
	return nil
}

// next decides a conversion that comes after all others of its customer: the
// same as redecide, at a cost that does not grow with the history.
func (u *unit) next(c *customer, sale commission.Sale) error {
	if err := u.touch(c); err != nil {
		return err
	}
	clicks, err := u.clicksFor(c, sale.Conversion)
	if err != nil {
		return err
	}
	c.doc.Sales++
	out, err := c.doc.State.Step(u.setup, decision.Customer{Clicks: clicks, Emails: c.doc.Emails, Claims: c.claimed()}, sale)
	if err != nil {
		return err
	}
	return u.post(sale.Conversion, out)
}

// clicksFor reads the customer's clicks unless the decision cannot need them: a
// bound customer on a program that asks for clicks before matching.
func (u *unit) clicksFor(c *customer, sale attribution.Conversion) ([]attribution.Click, error) {
	p := u.setup.Default(sale.At)
	if sale.Program != "" {
		p, _ = u.setup.Program(sale.Program)
	}
	if p == nil {
		return nil, nil
	}
	if settings, ok := p.At(sale.At); ok && settings.Binding == attribution.Sticky && c.doc.State.Bound(sale.Program) {
		click := slices.Index(settings.Methods, attribution.Clicks)
		match := slices.Index(settings.Methods, attribution.Match)
		if click >= 0 && (match < 0 || click < match) && !c.ownPartner(u) {
			c.doc.Touches = nil // they were kept for the first decision
			return nil, nil
		}
	}
	return u.clicksOf(c)
}

// ownPartner reports whether any partner is the customer, whose binding may
// then fail.
func (c *customer) ownPartner(u *unit) bool {
	if len(c.doc.Emails) == 0 {
		return false
	}
	return slices.ContainsFunc(u.setup.Partners(), func(p *program.Partner) bool { return p.IsEver(c.doc.Emails) })
}
