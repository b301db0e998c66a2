package stripeadapter

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// touch is a click that stands for a referral code, at the time of the sale that
// it was needed for. Later sales of the customer need none: their customer is bound,
// or had other touches in between.
type touch struct {
	Sale         string    `json:"sale"` // id of the source of the sale
	Subscription string    `json:"subscription,omitempty"`
	Link         string    `json:"link,omitempty"`
	At           time.Time `json:"at"`
	Own          bool      `json:"own,omitempty"`   // the reference is on the payment itself
	Gone         bool      `json:"gone,omitempty"`  // it was taken back, or an earlier one spares it
	Count        int       `json:"count,omitempty"` // of clicks that the sale had before and that were taken back
}

func (w touch) stands() bool { return w.Link != "" && !w.Gone }

// click is the id of the click.
func (w touch) click() string {
	if w.Count == 0 {
		return "stripe:" + w.Sale
	}
	return "stripe:" + w.Sale + "+" + strconv.Itoa(w.Count)
}

// covers reports whether a click spares another sale of its own.
func (w touch) covers(o touch) bool {
	return w.stands() && w.Sale != o.Sale && w.Link == o.Link && !w.At.After(o.At)
}

// touch makes the click that a sale wants, unless the customer has one from the same
// referral code already; another one that the sale has is taken back. So which
// clicks there are does not depend on what was told first.
func (t touchRecorder) touch(c *customer, want touch) error {
	i := slices.IndexFunc(c.Touches, func(old touch) bool { return old.Sale == want.Sale })
	if i >= 0 {
		have := &c.Touches[i]
		switch {
		case have.Own && !want.Own:
			return nil
		case have.stands() && have.Link == want.Link && !have.At.After(want.At):
			have.Own = want.Own
			return nil
		}
		if err := t.withdrawTouch(c, have); err != nil {
			return err
		}
		want.Count = have.Count
	}
	want.Gone = slices.ContainsFunc(c.Touches, func(old touch) bool { return old.covers(want) })
	switch {
	case i >= 0:
		c.Touches[i] = want
	case want.stands() && len(c.Touches) < maxReferences:
		c.Touches = append(c.Touches, want)
	}
	if !want.stands() {
		return nil
	}
	for i := range c.Touches {
		if want.covers(c.Touches[i]) {
			if err := t.withdrawTouch(c, &c.Touches[i]); err != nil {
				return err
			}
		}
	}
	return t.recordClick(want.click(), c.id, want.Link, want.At)
}

// touchSale makes the click that stands for the referral code of a sale. It returns
// the one that is recorded with the sale instead, since it is none of ours yet: the
// Engine makes the click when the link is added.
func (t touchRecorder) touchSale(p *book.Payment, sale book.Sale) (unknown string, err error) {
	last := p.Posted
	moved := last.Conversion != "" && (recordedFrom(last) != sale.ID || last.Content.Customer != sale.Customer)
	if moved {
		if err := t.dropTouch(last.Content.Customer, recordedFrom(last)); err != nil {
			return "", err
		}
	}
	c := &customer{}
	if !sale.Guest {
		if c, err = t.customer(sale.Customer); err != nil {
			return "", err
		}
	}
	link, unknown := referenceKeeper(t).chooseLink(c.references(sale.References, sale.Subscription, sale.At))
	if link != "" {
		unknown = last.Content.Referral // it may be the same, which was not known then
	}
	if sale.Guest { // has one sale only
		if link == "" {
			return unknown, nil
		}
		id := fmt.Sprintf("stripe:%s@%d", sale.ID, sale.At.Unix())
		return unknown, t.recordClick(id, sale.Customer, link, sale.At)
	}
	want := touch{Sale: sale.ID, Subscription: sale.Subscription, Link: link, At: sale.At, Own: slices.Contains(sale.References, link)}
	return unknown, t.touch(c, want)
}

// recordClick makes the click that stands for a referral code, and gives it to a
// customer: by way of a visitor of its own, since a click that is named for a
// customer is theirs for ever.
func (t touchRecorder) recordClick(id, customer, link string, at time.Time) error {
	known, err := t.b.HasClick(id)
	if err != nil || known {
		return err
	}
	_, err = t.b.RecordClick(affiliate.Click{ID: id, Link: link, At: at, Visitor: id, NewVisitor: true})
	if err != nil {
		return err
	}
	_, err = t.b.Identify(affiliate.Identify{Customer: customer, Visitor: id, At: at.Add(-time.Second)})
	return err
}

// withdrawTouch takes a click back from its customer: its visitor turns out to be
// nobody.
func (t touchRecorder) withdrawTouch(c *customer, w *touch) error {
	if !w.stands() {
		return nil
	}
	id := w.click()
	w.Gone, c.stale = true, true
	w.Count++
	_, err := t.b.Identify(affiliate.Identify{Customer: "nobody:" + id, Visitor: id, At: w.At})
	return err
}

// dropTouch takes back the click of a sale that turns out to be another one, or of
// somebody else.
func (t touchRecorder) dropTouch(customer, sale string) error {
	c, err := t.customer(customer)
	if err != nil {
		return err
	}
	for i := range c.Touches {
		if c.Touches[i].Sale == sale {
			return t.withdrawTouch(c, &c.Touches[i])
		}
	}
	return nil
}

// updateTouches brings the clicks of customers to what is said of who led them here,
// where that changed.
func (t touchRecorder) updateTouches() error {
	for _, id := range slices.Sorted(maps.Keys(t.people)) {
		c := t.people[id]
		if !c.stale {
			continue
		}
		for _, w := range slices.Clone(c.Touches) {
			if !w.Own {
				w.Link, _ = referenceKeeper(t).chooseLink(c.references(nil, w.Subscription, w.At))
			}
			if err := t.touch(c, w); err != nil {
				return err
			}
		}
		if err := t.touchFirst(c); err != nil {
			return err
		}
	}
	return nil
}

// touchFirst makes the click that the first sale wants by each of the referral
// codes that the customer's objects name.
func (t touchRecorder) touchFirst(c *customer) error {
	all, err := t.b.Conversions(c.id)
	if err != nil {
		return err
	}
	// What another customer of Stripe's paid who is the same one of the host's is
	// left alone: that customer's own references led there.
	all = slices.DeleteFunc(all, func(sale attribution.Conversion) bool {
		return sale.Metadata[metaPayment] == "" || sale.Customer != c.id
	})
	slices.SortFunc(all, earlier)
	seen := map[string]bool{}
	for _, sale := range all {
		subscription := sale.Metadata[metaSubscription]
		link, unknown := referenceKeeper(t).chooseLink(c.references(nil, subscription, sale.At))
		if seen[link+unknown] || link+unknown == "" {
			continue
		}
		seen[link+unknown] = true
		if sale.Type == attribution.InvoicePaid {
			err = t.applyAgain(sale.Metadata[metaPayment])
		} else {
			err = t.touch(c, touch{Sale: sale.ID, Subscription: subscription, Link: link, At: sale.At})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
