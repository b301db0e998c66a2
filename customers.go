package affiliate

import (
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/storage"
)

// customerDoc is the document of a customer's anchor: who the customer is, and
// what the decisions so far leave for the next. An alias has none; its anchor
// points to the root.
type customerDoc struct {
	Members  []string       `json:"members,omitempty"` // all ids of the customer, the root included
	Visitors []string       `json:"visitors,omitempty"`
	Clicks   []string       `json:"clicks,omitempty"`   // that identifies name
	Emails   []string       `json:"emails,omitempty"`   // keys
	Known    time.Time      `json:"known,omitzero"`     // the earliest time at which the host spoke of the customer
	Claims   []claimDoc     `json:"claims,omitempty"`   // sign-ups that wait to be confirmed
	SignedUp bool           `json:"signedUp,omitempty"` // one was
	Waits    bool           `json:"waits,omitempty"`    // a note asks to decide the customer again
	Sales    int            `json:"sales,omitempty"`    // how many conversions were decided
	Closed   bool           `json:"closed,omitempty"`   // erased: nothing decides the customer again
	State    decision.State `json:"state"`

	// Touches are the clicks that belong to the customer, in time order, while they
	// are few; nil: they must be read. Whatever may change them writes the anchor.
	Touches *[]attribution.Click `json:"touches,omitempty"`
}

// maxTouches is how many clicks a customer's document keeps.
const maxTouches = 8

// customer is one customer, under all ids, as a unit sees and changes it.
type customer struct {
	root  string
	doc   customerDoc
	dirty bool
	again bool // what this unit learned changes how the past is decided
}

func customerRef(key string) storage.Ref {
	return storage.Ref{Kind: storage.CustomerAnchor, Key: key}
}

// customerRefs names the anchors of customers; an empty id is nobody.
func customerRefs(keys ...string) (refs []storage.Ref) {
	for _, key := range keys {
		if key != "" {
			refs = append(refs, customerRef(key))
		}
	}
	return refs
}

func visitorRef(id string) storage.Ref { return storage.Ref{Kind: storage.VisitorAnchor, Key: id} }
func clickRef(id string) storage.Ref   { return storage.Ref{Kind: storage.ClickAnchor, Key: id} }

// namesDoc is the document of a visitor's or click's anchor: the customers whose
// identifies name it.
type namesDoc struct {
	Customers []string `json:"customers,omitempty"`
	Claim     string   `json:"claim,omitempty"` // clicks: the one customer whom a browser claims with it
}

// customer returns the customer that an id stands for.
func (u *unit) customer(key string) (*customer, error) {
	if err := u.load(customerRef(key)); err != nil {
		return nil, err
	}
	root := key
	if g, ok := u.gates[customerRef(key)]; ok && g.Root != "" {
		root = g.Root
	} else if a := u.anchors[customerRef(key)]; a.Root != "" && !ok {
		root = a.Root
	}
	if c, ok := u.customers[root]; ok {
		return c, nil
	}
	c := &customer{root: root}
	if err := u.read(customerRef(root), &c.doc); err != nil {
		return nil, err
	}
	if len(c.doc.Members) == 0 {
		c.doc.Members = []string{root}
	}
	u.customers[root] = c
	return c, nil
}

// touch makes the commit depend on the customer, so that facts about one
// customer always meet.
func (u *unit) touch(c *customer) error {
	c.dirty = true
	_, err := u.gate(customerRef(c.root))
	return err
}

// saveCustomers writes the documents of touched customers.
func (u *unit) saveCustomers() error {
	for _, c := range u.customers {
		if !c.dirty {
			continue
		}
		g, err := u.gate(customerRef(c.root))
		if err != nil {
			return err
		}
		if g.Data, err = encode(c.doc); err != nil {
			return err
		}
	}
	return nil
}

// join makes two customers one and returns it. All ids of the other point to
// it from now on.
func (u *unit) join(a, b *customer) (*customer, error) {
	if a.root == b.root {
		return a, nil
	}
	if err := u.touch(a); err != nil {
		return nil, err
	}
	for _, member := range b.doc.Members {
		g, err := u.gate(customerRef(member))
		if err != nil {
			return nil, err
		}
		g.Root, g.Data = a.root, nil
	}
	a.doc.Members = union(a.doc.Members, b.doc.Members)
	a.doc.Visitors = union(a.doc.Visitors, b.doc.Visitors)
	a.doc.Clicks = union(a.doc.Clicks, b.doc.Clicks)
	a.doc.Touches = nil
	a.doc.Emails = union(a.doc.Emails, b.doc.Emails)
	a.doc.joinClaims(b.doc)
	a.doc.Waits = a.doc.Waits || b.doc.Waits
	if b.doc.State.Last.ID != "" && a.doc.State.Follows(attribution.Conversion{ID: b.doc.State.Last.ID, At: b.doc.State.Last.At}) {
		a.doc.State.Last = b.doc.State.Last // the rest is decided again
	}
	delete(u.customers, b.root)
	return a, nil
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// history is everything known of a customer.
type history struct {
	customer decision.Customer
	sales    map[string]commission.Sale
}

// history reads all facts of a customer, with those that this unit adds. Sales are
// the customer's.
func (u *unit) history(c *customer, sales []commission.Sale) (history, error) {
	clicks, err := u.clicksOf(c)
	if err != nil {
		return history{}, err
	}
	h := history{sales: map[string]commission.Sale{}}
	h.customer.Clicks, h.customer.Emails, h.customer.Claims = clicks, c.doc.Emails, c.claimed()
	for _, s := range sales {
		h.sales[s.ID] = s
		h.customer.Sales = append(h.customer.Sales, s)
	}
	return h, nil
}

// sales returns the customer's conversions with what happened to them.
func (u *unit) sales(c *customer) ([]commission.Sale, error) {
	conversions, err := u.conversionsOf(c)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(conversions))
	refs := make([]storage.Ref, len(conversions))
	for i, conv := range conversions {
		ids[i], refs[i] = conv.ID, conversionRef(conv.ID)
	}
	facts, err := u.facts(ids)
	if err != nil {
		return nil, err
	}
	sales := make([]commission.Sale, len(conversions))
	for i, conv := range conversions {
		sales[i] = commission.Sale{Conversion: conv, Facts: facts[conv.ID]}
	}
	return sales, u.load(refs...)
}

// conversionsOf returns all conversions of a customer, with those that this unit
// adds.
func (u *unit) conversionsOf(c *customer) ([]attribution.Conversion, error) {
	conversions, err := u.e.store.ConversionsOf(u.ctx, u.e.org, c.doc.Members)
	for _, added := range u.change.Conversions {
		if slices.Contains(c.doc.Members, added.CustomerKey()) {
			conversions = append(conversions, added)
		}
	}
	return conversions, err
}

// conversions returns the conversion with an id, if there is one, stored or about
// to be.
func (u *unit) conversions(id string) ([]attribution.Conversion, error) {
	for _, added := range u.change.Conversions {
		if added.ID == id {
			return []attribution.Conversion{added}, nil
		}
	}
	return u.e.store.Conversions(u.ctx, u.e.org, []string{id})
}

// facts returns the facts of conversions by conversion, in time order.
func (u *unit) facts(conversions []string) (map[string][]commission.Fact, error) {
	byID := map[string][]commission.Fact{}
	if len(conversions) == 0 {
		return byID, nil
	}
	stored, err := u.e.store.FactsOf(u.ctx, u.e.org, conversions)
	if err != nil {
		return nil, err
	}
	for _, f := range slices.Concat(stored, u.change.Facts) {
		byID[f.Conversion] = append(byID[f.Conversion], f)
	}
	for _, list := range byID {
		commission.SortFacts(list)
	}
	return byID, nil
}

// knownTouches returns the customer's clicks if they need not be read.
func (c *customer) knownTouches() (clicks []attribution.Click, ok bool) {
	if c.doc.Touches != nil {
		return slices.Clone(*c.doc.Touches), true
	}
	return nil, len(c.doc.Visitors)+len(c.doc.Clicks) == 0
}

// remember keeps the customer's clicks with the document, if they are few.
func (c *customer) remember(clicks []attribution.Click) {
	c.doc.Touches = nil
	if len(clicks) > maxTouches {
		return
	}
	kept := make([]attribution.Click, len(clicks))
	for i, click := range clicks {
		click.Metadata = nil // nobody looks at it
		kept[i] = click
	}
	c.doc.Touches = &kept
}

// clicksOf returns the clicks that belong to the customer, in time order.
func (u *unit) clicksOf(c *customer) ([]attribution.Click, error) {
	if clicks, ok := c.knownTouches(); ok {
		return clicks, nil
	}
	clicks, identifies, err := u.e.store.Touches(u.ctx, u.e.org, c.doc.Visitors, c.doc.Clicks)
	if err != nil {
		return nil, err
	}
	clicks = append(clicks, u.change.Clicks...)
	said := make([]attribution.Identify, 0, len(identifies)+len(u.change.Identifies))
	for _, in := range slices.Concat(identifies, u.change.Identifies) {
		said = append(said, in.Identify)
	}
	for _, click := range u.change.Clicks { // the store finds no identify by a click that it does not have
		var names namesDoc
		if err := u.read(clickRef(click.ID), &names); err != nil {
			return nil, err
		}
		for _, name := range names.Customers {
			said = append(said, attribution.Identify{Customer: name, Click: click.ID})
		}
	}
	stitching := attribution.NewStitching(said)
	clicks = slices.DeleteFunc(clicks, func(k attribution.Click) bool {
		return !slices.ContainsFunc(stitching.Owners(k), func(owner string) bool {
			return slices.Contains(c.doc.Members, owner)
		})
	})
	attribution.SortClicks(clicks)
	c.remember(clicks)
	return clicks, nil
}

// disturb makes the commit depend on other customers, whose clicks are not what
// they were, and leaves a note to decide those again that have a conversion at or
// after a time.
func (u *unit) disturb(keys []string, since time.Time, except *customer) error {
	for _, key := range keys {
		c, err := u.customer(key)
		if err != nil {
			return err
		}
		if except != nil && c.root == except.root {
			continue
		}
		if err := u.touch(c); err != nil {
			return err
		}
		c.doc.Touches = nil
		if last := c.doc.State.Last; last.ID == "" || last.At.Before(since) || c.doc.Waits {
			continue
		}
		c.doc.Waits = true
		if err := u.note(storage.NoteCustomer, c.root, nil); err != nil {
			return err
		}
	}
	return nil
}
