package memory

import (
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// organization is the tables of one organization.
type organization struct {
	anchors     map[storage.AnchorKind]*ordered[string, storage.Anchor]
	clicks      table[string, attribution.Click]
	identifies  table[string, storage.Identify]
	conversions table[string, attribution.Conversion]
	facts       table[string, commission.Fact]
	setup       *ordered[int64, program.Change]
	entries     table[string, commission.Entry]
	notes       table[string, storage.Note]
	lanes       *ordered[string, storage.Note] // the notes again, by kind, key and id
	commissions table[commissionKey, storage.Commission]
	lines       table[lineKey, storage.LedgerLine]
	payouts     table[string, payout.Payout]
	cutoffs     map[cutoffKey]string // payout ids
	adjustments table[string, payout.Adjustment]
	counts      table[countKey, storage.ClickCount]
	events      *ordered[string, storage.Event]
}

// The indexes of the tables that have some.
const (
	clicksByVisitor = 0

	identifiesByVisitor  = 0
	identifiesByClick    = 1
	identifiesByCustomer = 2

	conversionsByCustomer = 0

	factsByConversion = 0
	factsByID         = 1

	commissionsByRule       = 0
	commissionsByConversion = 1
	commissionsByPartner    = 2

	linesByLedger = 0

	countsByPartner = 0

	adjustmentsByPartner = 0
)

type commissionKey struct {
	partner, program, rule, conversion string
	currency                           money.Currency
}

type lineKey struct {
	partner  string
	currency money.Currency
	position int64
}

type cutoffKey struct {
	partner  string
	currency money.Currency
	cutoff   time.Time
}

type countKey struct {
	partner, program, link string
	day                    time.Time
}

func newOrganization() *organization {
	return &organization{
		anchors:     map[storage.AnchorKind]*ordered[string, storage.Anchor]{},
		clicks:      newTable(func(c attribution.Click) string { return c.ID }, func(c attribution.Click) string { return c.Visitor }),
		conversions: newTable(func(c attribution.Conversion) string { return c.ID }, attribution.Conversion.CustomerKey),
		identifies: newTable(func(i storage.Identify) string { return i.Key },
			func(i storage.Identify) string { return i.Visitor }, func(i storage.Identify) string { return i.Click },
			func(i storage.Identify) string { return i.Customer }),
		facts: newTable(commission.Fact.Key, func(f commission.Fact) string { return f.Conversion },
			func(f commission.Fact) string { return f.ID }),
		setup:   newOrdered(func(c program.Change) int64 { return c.Seq }),
		entries: newTable(func(e commission.Entry) string { return e.ID }),
		notes:   newTable(func(n storage.Note) string { return n.ID }),
		lanes:   newOrdered(func(n storage.Note) string { return placeOf(n.Kind, n.Mark()) }),
		commissions: newTable(keyOfCommission,
			func(c storage.Commission) string { return ruleText(c.Partner, c.Program, c.Rule) },
			func(c storage.Commission) string { return c.Conversion }, func(c storage.Commission) string { return c.Partner }),
		lines: newTable(func(l storage.LedgerLine) lineKey { return lineKey{l.Partner, l.Currency, l.Position} },
			func(l storage.LedgerLine) string { return ledgerText(l.Partner, l.Currency) }),
		payouts: newTable(func(p payout.Payout) string { return p.ID }),
		cutoffs: map[cutoffKey]string{},
		adjustments: newTable(func(a payout.Adjustment) string { return a.ID },
			func(a payout.Adjustment) string { return a.Partner }),
		counts: newTable(keyOfCount, func(c storage.ClickCount) string { return c.Partner }),
		events: newOrdered(func(e storage.Event) string { return e.ID }),
	}
}

func keyOfCommission(c storage.Commission) commissionKey {
	return commissionKey{c.Partner, c.Program, c.Rule, c.Conversion, c.Currency}
}

func keyOfCutoff(p payout.Payout) cutoffKey {
	return cutoffKey{p.Partner, p.Currency, p.Cutoff}
}

func keyOfCount(c storage.ClickCount) countKey {
	return countKey{c.Partner, c.Program, c.Link, c.Day}
}

// placeOf, ruleText and ledgerText join ids by a character that none has.
func placeOf(kind storage.NoteKind, at storage.NoteMark) string {
	return string(kind) + "\x00" + at.Key + "\x00" + at.ID
}

func ruleText(partner, program, rule string) string {
	return partner + "\x00" + program + "\x00" + rule
}

func ledgerText(partner string, currency money.Currency) string {
	return partner + "\x00" + string(currency)
}

func (o *organization) anchor(ref storage.Ref) (storage.Anchor, bool) {
	kind, ok := o.anchors[ref.Kind]
	if !ok {
		return storage.Anchor{}, false
	}
	a, ok := kind.rows[ref.Key]
	return a, ok
}

func (o *organization) putAnchor(a storage.Anchor) {
	kind, ok := o.anchors[a.Kind]
	if !ok {
		kind = newOrdered(func(a storage.Anchor) string { return a.Key })
		o.anchors[a.Kind] = kind
	}
	kind.put([]storage.Anchor{a})
}
