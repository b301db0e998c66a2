package stripeadapter

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/program"
)

// said is that one of Stripe's objects named who led the customer here, at some
// time: a customer, a subscription or a checkout session. A later event that only
// says the same again is not kept.
//
// What an object said last by the time of a sale counts for that sale. So an edit
// reaches what is paid after it, and nothing that was paid before, whichever of
// the two came in first.
type said struct {
	Object       string    `json:"object"`
	Subscription string    `json:"subscription,omitempty"` // it is, or which it began
	Links        []string  `json:"links,omitempty"`        // referral codes, the one that counts first; none: nobody
	At           time.Time `json:"at,omitzero"`            // zero: from the beginning
	Loose        bool      `json:"loose,omitempty"`        // maybe also before, unless something else was said then
}

func (s said) compare(o said) int {
	return cmp.Or(
		strings.Compare(s.Object, o.Object), s.At.Compare(o.At), slices.Compare(s.Links, o.Links),
		strings.Compare(s.Subscription, o.Subscription),
	)
}

// beforeEdit is how long before an edit the old value is known to have been there:
// the least that a document keeps.
const beforeEdit = time.Nanosecond

// sayings are what the update says of who led the customer here beyond one payment.
func (t referenceKeeper) sayings() []said {
	n := t.n
	if n.standing == ofPayment || n.object == "" {
		return nil
	}
	now := said{Object: n.object, Subscription: n.subscription, Links: t.links, At: n.since, Loose: n.loose}
	if n.before == nil {
		if len(now.Links) == 0 {
			return nil
		}
		return []said{now}
	}
	before := now
	before.Links, before.At, before.Loose = nil, now.At.Add(-beforeEdit), true
	old := n.before.valid()
	if _, isLink := t.setup.Link(old.Click); isLink {
		before.Links = list(old.Click)
	} else if program.ValidLinkKey(old.Referral) {
		before.Links = list(old.Referral)
	}
	return []said{before, now}
}

// saveReference keeps who led the customer here for what that reaches beyond its
// own object.
func (t referenceKeeper) saveReference() error {
	if t.n.checkout != nil {
		if err := t.applyFirstInvoice(); err != nil {
			return err
		}
	}
	if t.n.customer == "" {
		return nil
	}
	for _, s := range t.sayings() {
		t.who.hear(s)
	}
	return nil
}

// hear keeps what an object said, unless it is known.
func (c *customer) hear(s said) {
	if links, _, known := c.inForce(s.Object, s.At, false); known && slices.Equal(links, s.Links) || len(c.Said) >= maxReferences {
		return
	}
	at, found := slices.BinarySearchFunc(c.Said, s, said.compare)
	if found {
		c.Said[at].Loose = c.Said[at].Loose || s.Loose
		return
	}
	c.Said, c.stale = slices.Insert(c.Said, at, s), true
}

// inForce returns what an object said of a time, and since when: the last thing
// it said by then, or else, if that may have been so before, the first thing after.
func (c *customer) inForce(object string, at time.Time, before bool) (links []string, since time.Time, known bool) {
	for _, s := range c.Said { // in order of time
		switch {
		case s.Object != object:
		case !s.At.After(at):
			links, since, known = s.Links, s.At, true
		case !known && before && s.Loose:
			return s.Links, time.Time{}, true
		case !known:
			return nil, time.Time{}, false
		default:
			return links, since, known
		}
	}
	return links, since, known
}

// references returns the referral codes that a sale may have come by, the one that
// counts first: the payment's own, those of its subscription, those of the customer,
// the latest first.
func (c *customer) references(own []string, subscription string, at time.Time) []string {
	type from struct {
		links []string
		since time.Time
	}
	found := slices.Clone(own)
	if subscription != "" {
		links, _, _ := c.inForce(subscription, at, true)
		found = append(found, links...)
	}
	links, since, _ := c.inForce(c.id, at, true)
	ofCustomer := []from{{links, since}}
	for _, s := range c.Said {
		if s.Object == c.id || s.Object == s.Subscription { // no session
			continue
		}
		if s.Subscription != "" && s.Subscription == subscription {
			found = append(found, s.Links...)
		}
		if !s.At.After(at) {
			ofCustomer = append(ofCustomer, from{s.Links, s.At})
		}
	}
	slices.SortStableFunc(ofCustomer, func(a, b from) int { return b.since.Compare(a.since) })
	for _, f := range ofCustomer {
		found = append(found, f.links...)
	}
	return found
}

// chooseLink returns the referral code that counts: the first that is one of ours. If
// none is, it returns the first that may become one.
func (t referenceKeeper) chooseLink(references []string) (link, unknown string) {
	for _, ref := range references {
		if _, ours := t.setup.Link(ref); ours {
			return ref, ""
		}
	}
	if len(references) > 0 {
		return "", references[0]
	}
	return "", ""
}
