package boltstore

import (
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// tables are what is stored.
type tables struct {
	anchors     table[storage.Anchor]
	clicks      table[attribution.Click]
	identifies  table[storage.Identify]
	conversions table[attribution.Conversion]
	facts       table[commission.Fact]
	setup       table[setupRow]
	entries     table[commission.Entry]
	notes       table[storage.Note]
	commissions table[storage.Commission]
	lines       table[storage.LedgerLine]
	payouts     table[payout.Payout]
	adjustments table[payout.Adjustment]
	counts      table[storage.ClickCount]
	events      table[storage.Event]
}

// The indexes. What the key of a row leads with can be listed without one.
const (
	clicksByVisitor         = "clicks by visitor"
	clicksByTime            = "clicks by time"
	identifiesByVisitor     = "identifies by visitor"
	identifiesByClick       = "identifies by click"
	identifiesByCustomer    = "identifies by customer"
	conversionsByCustomer   = "conversions by customer and time"
	conversionsByTime       = "conversions by time"
	factsByConversion       = "facts by conversion"
	factsByID               = "facts by id"
	notesByLane             = "notes by kind and key"
	commissionsByConversion = "commissions by conversion"
	commissionsByTime       = "commissions by partner and time" // but those that are gone
	payoutsByCutoff         = "payouts by cut-off"
	payoutsByPartner        = "payouts by partner"
	adjustmentsByTime       = "adjustments by time"
	adjustmentsByPartner    = "adjustments by partner and time"
)

func newTables() *tables {
	return &tables{
		anchors: newTable("anchors", func(a storage.Anchor) key { return keyOf(a.Ref) }),
		clicks: newTable("clicks", func(c attribution.Click) key { return texts(c.ID) }).
			index(clicksByVisitor, func(c attribution.Click) key { return named(c.Visitor) }).
			index(clicksByTime, func(c attribution.Click) key { return key(nil).moment(c.At) }),
		identifies: newTable("identifies", func(i storage.Identify) key { return texts(i.Key) }).
			index(identifiesByVisitor, func(i storage.Identify) key { return named(i.Visitor) }).
			index(identifiesByClick, func(i storage.Identify) key { return named(i.Click) }).
			index(identifiesByCustomer, func(i storage.Identify) key { return named(i.Customer) }),
		conversions: newTable("conversions", func(c attribution.Conversion) key { return texts(c.ID) }).
			index(conversionsByCustomer, func(c attribution.Conversion) key { return texts(c.CustomerKey()).moment(c.At) }).
			index(conversionsByTime, func(c attribution.Conversion) key { return key(nil).moment(c.At) }),
		facts: newTable("facts", func(f commission.Fact) key { return texts(f.Key()) }).
			index(factsByConversion, func(f commission.Fact) key { return named(f.Conversion) }).
			index(factsByID, func(f commission.Fact) key { return named(f.ID) }),
		setup:   newTable("setup", func(r setupRow) key { return key(nil).number(r.Number) }),
		entries: newTable("entries", func(e commission.Entry) key { return texts(e.ID) }),
		notes: newTable("notes", func(n storage.Note) key { return texts(n.ID) }).
			index(notesByLane, func(n storage.Note) key { return texts(string(n.Kind), n.Key) }),
		commissions: newTable("commissions", keyOfCommission).
			index(commissionsByConversion, func(c storage.Commission) key { return texts(c.Conversion) }).
			index(commissionsByTime, byTime),
		lines: newTable("lines", func(l storage.LedgerLine) key { return texts(l.Partner, string(l.Currency)).number(l.Position) }),
		payouts: newTable("payouts", func(p payout.Payout) key { return texts(p.ID) }).
			index(payoutsByCutoff, func(p payout.Payout) key { return cutoffOf(p) }).
			index(payoutsByPartner, func(p payout.Payout) key { return texts(p.Partner, string(p.Currency)).number(p.Through) }),
		adjustments: newTable("adjustments", func(a payout.Adjustment) key { return texts(a.ID) }).
			index(adjustmentsByTime, func(a payout.Adjustment) key { return key(nil).moment(a.At) }).
			index(adjustmentsByPartner, func(a payout.Adjustment) key { return texts(a.Partner).moment(a.At) }),
		counts: newTable("counts", func(c storage.ClickCount) key { return texts(c.Partner, c.Program, c.Link).moment(c.Day) }),
		events: newTable("events", func(e storage.Event) key { return texts(e.ID) }),
	}
}

// buckets are the names of all buckets.
func (t *tables) buckets() (names []string) {
	for _, each := range []interface{ buckets() []string }{
		t.anchors, t.clicks, t.identifies, t.conversions, t.facts, t.setup, t.entries, t.notes, t.commissions, t.lines, t.payouts,
		t.adjustments, t.counts, t.events,
	} {
		names = append(names, each.buckets()...)
	}
	return names
}

func keyOf(r storage.Ref) key { return texts(string(r.Kind), r.Key) }

func keyOfCommission(c storage.Commission) key {
	return texts(c.Partner, c.Program, c.Rule, c.Conversion, string(c.Currency))
}

func byTime(c storage.Commission) key {
	if c.Gone {
		return nil
	}
	return texts(c.Partner).moment(c.At).and(texts(c.Conversion))
}

func cutoffOf(p payout.Payout) key { return texts(p.Partner, string(p.Currency)).moment(p.Cutoff) }

// named is the key of an id that may be missing: no id names nobody.
func named(id string) key {
	if id == "" {
		return nil
	}
	return texts(id)
}
