package stripeadapter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// customer is what is kept of one of Stripe's customers: who led them here, for
// payments to come.
type customer struct {
	Said      []said                  `json:"said,omitempty"`
	Touches   []touch                 `json:"touches,omitempty"`
	Aliases   []string                `json:"aliases,omitempty"`
	Loose     []string                `json:"loose,omitempty"`     // payment intents that count once the customer was led here
	Emailed   bool                    `json:"emailed,omitempty"`   // an address was told
	Checkouts map[string]*book.Source `json:"checkouts,omitempty"` // by subscription whose first invoice they did not name

	id    string
	raw   []byte
	stale bool // the touches may be others than what is said asks for
}

// maxReferences bounds what is kept of one customer.
const maxReferences = 50

// loadCustomer reads what is known of the customer that the update is about.
func (t *applier) loadCustomer() (err error) {
	t.people = map[string]*customer{}
	t.who, err = t.customer(t.n.customer)
	return err
}

// customer returns what is known of a customer: nothing of a guest, of whom nothing
// is kept.
func (t *applier) customer(id string) (*customer, error) {
	if id == "" {
		return &customer{}, nil
	}
	if known := t.people[id]; known != nil {
		return known, nil
	}
	c := &customer{id: id}
	raw, err := readDocument(t.b, customerKey(id), c)
	if err != nil {
		return nil, err
	}
	c.raw, t.people[id] = raw, c
	return c, nil
}

// saveCustomers writes what changed of the customers that the update is about.
func (t *applier) saveCustomers() error {
	for _, id := range slices.Sorted(maps.Keys(t.people)) {
		c := t.people[id]
		doc, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if bytes.Equal(doc, c.raw) || len(c.raw) == 0 && string(doc) == "{}" {
			continue
		}
		if err := t.b.PutDocument(customerKey(id), doc); err != nil {
			return err
		}
	}
	return nil
}

// firstInvoice returns the first invoice of the update's subscription, nil if it was
// not recorded: a renewal that came before it is none.
func (t *applier) firstInvoice() (*book.Payment, []document, error) {
	all, err := t.b.Conversions(t.n.customer)
	if err != nil {
		return nil, nil, err
	}
	all = slices.DeleteFunc(all, func(c attribution.Conversion) bool {
		return c.Type != attribution.InvoicePaid || c.Metadata[metaSubscription] != t.n.subscription
	})
	if len(all) == 0 {
		return nil, nil, nil
	}
	p, docs, err := t.loadPayment(list(slices.MinFunc(all, earlier).Metadata[metaPayment]))
	if err != nil || p.Sources[book.Invoice] == nil || p.Sources[book.Invoice].Renewal() {
		return nil, nil, err
	}
	return p, docs, nil
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

// readDocument decodes a document, and leaves doc alone if there is none.
func readDocument(b transaction, key string, doc any) ([]byte, error) {
	raw, err := b.Document(key)
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	if err := json.Unmarshal(raw, doc); err != nil {
		return nil, fmt.Errorf("document %s: %w", key, err)
	}
	return raw, nil
}

func writeDocument(b transaction, key string, doc any) error {
	raw, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return b.PutDocument(key, raw)
}
