package stripeadapter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// customer is what is kept of one of Stripe's customers: who led them here, for
// payments to come.
type customer struct {
	References []reference             `json:"references,omitempty"`
	Touches    []touch                 `json:"touches,omitempty"`
	Aliases    []string                `json:"aliases,omitempty"`
	Loose      []string                `json:"loose,omitempty"`     // payment intents that count once the customer was led here
	Emailed    bool                    `json:"emailed,omitempty"`   // an address was told
	Checkouts  map[string]*book.Source `json:"checkouts,omitempty"` // by subscription whose first invoice they did not name

	raw []byte
}

// reference is a referral code that is not on a payment itself.
type reference struct {
	Link         string    `json:"link"`
	Subscription string    `json:"subscription,omitempty"` // empty: for all that the customer pays
	Since        time.Time `json:"since,omitzero"`         // for payments from then on
}

// touch is a click that stands for a referral code, at the time of the sale that
// it was needed for. Later sales of the customer need none: their customer is bound,
// or had other touches in between.
type touch struct {
	Sale string    `json:"sale"` // id of the source of the sale
	Link string    `json:"link"`
	At   time.Time `json:"at"`
}

// maxReferences bounds what is kept of one customer.
const maxReferences = 50

func (t *telling) loadCustomer() error {
	t.who = &customer{}
	if t.n.customer == "" {
		return nil
	}
	raw, err := readDocument(t.b, customerKey(t.n.customer), t.who)
	t.who.raw = raw
	return err
}

func (t *telling) saveCustomer() error {
	if t.n.customer == "" {
		return nil
	}
	doc, err := json.Marshal(t.who)
	if err != nil || bytes.Equal(doc, t.who.raw) || len(t.who.raw) == 0 && string(doc) == "{}" {
		return err
	}
	return t.b.PutDocument(customerKey(t.n.customer), doc)
}

// keepReference keeps the referral code of the news for what it reaches beyond
// its own object, and uses it for the first sale that came before it was known.
func (t *telling) keepReference() error {
	if t.n.checkout != nil {
		if err := t.tellFirstInvoice(); err != nil {
			return err
		}
	}
	if t.link == "" || t.n.standing == ofPayment || t.n.customer == "" {
		return nil
	}
	refs := []reference{{Link: t.link, Since: t.n.since}}
	if t.n.subscription != "" {
		refs[0].Subscription, refs[0].Since = t.n.subscription, time.Time{}
		if t.n.standing == ofCustomer {
			refs = append(refs, reference{Link: t.link, Since: t.n.since})
		}
	}
	for _, ref := range refs {
		if err := t.keep(ref); err != nil {
			return err
		}
	}
	return nil
}

func (t *telling) keep(ref reference) error {
	for i, old := range t.who.References {
		if old.Link == ref.Link && old.Subscription == ref.Subscription {
			if !ref.Since.Before(old.Since) {
				return nil
			}
			t.who.References = slices.Delete(t.who.References, i, i+1)
			break
		}
	}
	if len(t.who.References) >= maxReferences {
		return nil
	}
	t.who.References = append(t.who.References, ref)
	slices.SortFunc(t.who.References, compareReferences)
	sale, found, err := t.firstSale(ref)
	if err != nil || !found {
		return err
	}
	return t.touch(sourceOf(sale.ID), sale.At, t.n.customer, t.choose(nil, sale.Metadata[metaSubscription], sale.At))
}

// compareReferences puts the references of subscriptions first, and then the
// latest.
func compareReferences(a, b reference) int {
	switch {
	case (a.Subscription == "") != (b.Subscription == ""):
		if a.Subscription != "" {
			return -1
		}
		return 1
	case !a.Since.Equal(b.Since):
		return b.Since.Compare(a.Since)
	}
	return bytes.Compare([]byte(a.Link), []byte(b.Link))
}

// firstInvoice returns what the first invoice of the news' subscription is kept
// under, if it was recorded.
func (t *telling) firstInvoice() (payment string, found bool, err error) {
	all, err := t.b.Conversions(t.n.customer)
	if err != nil {
		return "", false, err
	}
	all = slices.DeleteFunc(all, func(c attribution.Conversion) bool {
		return c.Type != attribution.InvoicePaid || c.Metadata[metaSubscription] != t.n.subscription
	})
	if len(all) == 0 {
		return "", false, nil
	}
	return slices.MinFunc(all, earlier).Metadata[metaPayment], true, nil
}

func earlier(a, b attribution.Conversion) int {
	switch {
	case a.ID == b.ID:
		return 0
	case attribution.Before(a.At, a.ID, b.At, b.ID):
		return -1
	}
	return 1
}

// firstSale returns the first conversion that a reference reaches. What another
// customer of Stripe's paid who is the same one of the host's is none: that
// customer's own references led there.
func (t *telling) firstSale(ref reference) (attribution.Conversion, bool, error) {
	all, err := t.b.Conversions(t.n.customer)
	if err != nil {
		return attribution.Conversion{}, false, err
	}
	all = slices.DeleteFunc(all, func(c attribution.Conversion) bool {
		return c.Metadata[metaPayment] == "" || c.Customer != t.n.customer || c.At.Before(ref.Since) ||
			ref.Subscription != "" && ref.Subscription != c.Metadata[metaSubscription]
	})
	if len(all) == 0 {
		return attribution.Conversion{}, false, nil
	}
	return slices.MinFunc(all, earlier), true, nil
}

// choose returns the referral code that counts for a sale: its own, that of its
// subscription, that of the customer.
func (t *telling) choose(own []string, subscription string, at time.Time) string {
	for _, link := range own {
		if _, known := t.setup.Link(link); known {
			return link
		}
	}
	for _, ref := range t.who.References { // those of subscriptions come first
		reaches := ref.Subscription != "" && ref.Subscription == subscription || ref.Subscription == "" && !ref.Since.After(at)
		if _, known := t.setup.Link(ref.Link); known && reaches {
			return ref.Link
		}
	}
	return ""
}

// touch makes the click that a referral code stands for, at the time of the sale,
// unless the customer has one from it already.
func (t *telling) touch(sale string, at time.Time, who, link string) error {
	if link == "" || slices.ContainsFunc(t.who.Touches, func(old touch) bool {
		return old.Sale == sale || old.Link == link && !old.At.After(at)
	}) {
		return nil
	}
	id := "stripe:" + sale
	known, err := t.b.HasClick(id)
	switch {
	case err != nil, known && t.n.customer == "": // of a guest nothing is kept
		return err
	case !known: // a sale has one click, whoever turns out to have paid it
		if _, err := t.b.RecordClick(affiliate.Click{ID: id, Link: link, At: at}); err != nil {
			return err
		}
	}
	if _, err := t.b.Identify(affiliate.Identify{Customer: who, Click: id, At: at}); err != nil {
		return err
	}
	if t.n.customer != "" && len(t.who.Touches) < maxReferences {
		t.who.Touches = append(t.who.Touches, touch{sale, link, at})
	}
	return nil
}

// readDocument decodes a document, and leaves doc alone if there is none.
func readDocument(b books, key string, doc any) ([]byte, error) {
	raw, err := b.Document(key)
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	if err := json.Unmarshal(raw, doc); err != nil {
		return nil, fmt.Errorf("document %s: %w", key, err)
	}
	return raw, nil
}

func writeDocument(b books, key string, doc any) error {
	raw, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return b.PutDocument(key, raw)
}
