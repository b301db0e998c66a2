package reference

import (
	"sort"
	"strings"
	"time"
)

// people says who is who: which ids are one customer, whose each click is, and which e-mails a customer gave.
type people struct {
	root   map[string]string   // customer id to the id that it was joined to
	clicks map[string][]*click // by customer group, in time order
	emails map[string]map[string]bool
}

func guestKey(c *conversion) string { return "guest\x00" + c.ID }

func (p *people) group(customer string) string {
	for p.root[customer] != "" {
		customer = p.root[customer]
	}
	return customer
}

// groupOf is the customer of a conversion; one without a customer is a customer of its own (semantics 3.1).
func (p *people) groupOf(c *conversion) string {
	if c.Customer == "" {
		return guestKey(c)
	}
	return p.group(c.Customer)
}

func (w *world) people() *people {
	p := &people{root: map[string]string{}, clicks: map[string][]*click{}, emails: map[string]map[string]bool{}}
	for _, i := range w.identifies {
		if i.Alias != "" {
			if a, b := p.group(i.Customer), p.group(i.Alias); a != b {
				p.root[max(a, b)] = min(a, b)
			}
		}
	}
	for _, i := range w.identifies {
		if i.Email != "" {
			g := p.group(i.Customer)
			if p.emails[g] == nil {
				p.emails[g] = map[string]bool{}
			}
			p.emails[g][normalEmail(i.Email)] = true
		}
	}
	named := w.namedClicks(p)
	for id, c := range w.clicks {
		owners := named[id]
		if owners == nil {
			if customer := w.visitorCustomer(c.Visitor, c.at); customer != "" {
				owners = map[string]bool{p.group(customer): true}
			}
		}
		for g := range owners {
			p.clicks[g] = append(p.clicks[g], c)
		}
	}
	for _, list := range p.clicks {
		sort.Slice(list, func(i, j int) bool { return earlier(list[i].at, list[i].ID, list[j].at, list[j].ID) })
	}
	return p
}

// namedClicks are the clicks that an identify or a conversion names, with the customers that they belong to.
func (w *world) namedClicks(p *people) map[string]map[string]bool {
	named := map[string]map[string]bool{}
	name := func(click, group string) {
		if click == "" {
			return
		}
		if named[click] == nil {
			named[click] = map[string]bool{}
		}
		named[click][group] = true
	}
	for _, i := range w.identifies {
		name(i.Click, p.group(i.Customer))
	}
	for _, c := range w.conversions { // of those that are closed nothing is left to name
		name(c.Click, p.groupOf(c))
	}
	return named
}

// visitorCustomer is the visitor's latest identify at or before t, else its first one after t (semantics 3.1).
func (w *world) visitorCustomer(visitor string, t time.Time) string {
	if visitor == "" {
		return ""
	}
	var before, after *identify
	for k := range w.identifies {
		i := &w.identifies[k]
		if i.Visitor != visitor {
			continue
		}
		if i.at.After(t) {
			if after == nil || earlier(i.at, i.Customer, after.at, after.Customer) {
				after = i
			}
		} else if before == nil || earlier(before.at, before.Customer, i.at, i.Customer) {
			before = i
		}
	}
	if before != nil {
		return before.Customer
	}
	if after != nil {
		return after.Customer
	}
	return ""
}

// earlier orders by time, then id in byte order (semantics 1.7).
func earlier(at time.Time, id string, otherAt time.Time, otherID string) bool {
	if !at.Equal(otherAt) {
		return at.Before(otherAt)
	}
	return id < otherID
}

// normalEmail trims, lower-cases and drops the +tag (semantics 3.11).
func normalEmail(text string) string {
	local, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

// selfReferral says that the customer gave the e-mail that the partner has at t.
func (w *world) selfReferral(p *people, group, partner string, t time.Time) bool {
	email := w.partners[partner].email.at(t)
	return email != "" && p.emails[group][normalEmail(email)]
}
