package affiliate

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
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
}

func conversionRef(id string) storage.Ref {
	return storage.Ref{Kind: storage.ConversionAnchor, Key: id}
}

// lineKey is Line.Key with the currency: if that ever changes, it is another
// amount.
func lineKey(l commission.Line) string { return l.Key() + ":" + string(l.Currency) }

// postedNote asks settlement to bring a decision to the partners' side.
type postedNote struct {
	Customer string             `json:"customer"`
	At       time.Time          `json:"at"`  // of the conversion
	Seq      int64              `json:"seq"` // of the set-up that decided
	Partners []string           `json:"partners,omitempty"`
	Entries  []commission.Entry `json:"entries,omitempty"`
}

// redecide folds all conversions of a customer again and posts the differences.
func (u *unit) redecide(c *customer) error {
	if err := u.touch(c); err != nil {
		return err
	}
	h, err := u.history(c)
	if err != nil {
		return err
	}
	outcomes, state, err := decision.Decide(u.setup, h.customer)
	if err != nil {
		return err
	}
	c.doc.State = *state
	for _, out := range outcomes {
		if err := u.post(h.sales[out.Conversion].Conversion, out); err != nil {
			return err
		}
	}
	return nil
}

// next decides a conversion that comes after all others of its customer: the
// same as redecide, at a cost that does not grow with the history.
func (u *unit) next(c *customer, sale decision.Sale) error {
	if err := u.touch(c); err != nil {
		return err
	}
	clicks, err := u.clicksFor(c, sale.Conversion)
	if err != nil {
		return err
	}
	out, err := c.doc.State.Step(u.setup, clicks, c.doc.Emails, sale)
	if err != nil {
		return err
	}
	return u.post(sale.Conversion, out)
}

// clicksFor reads the customer's clicks unless the decision cannot need them: a
// bound customer on a program that asks for clicks before matching.
func (u *unit) clicksFor(c *customer, sale attribution.Conversion) ([]attribution.Click, error) {
	p := u.setup.Default()
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
	return slices.ContainsFunc(u.setup.Partners(), func(p *program.Partner) bool {
		return p.EmailKey != "" && slices.Contains(c.doc.Emails, p.EmailKey)
	})
}

// post stores a decision and the entries that bring the ledger to it. A
// decision that stands already is left alone.
func (u *unit) post(sale attribution.Conversion, out decision.Outcome) error {
	ref := conversionRef(sale.ID)
	var doc conversionDoc
	if _, err := u.read(ref, &doc); err != nil {
		return err
	}
	before, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	old := linesByKey(doc.Outcome.Lines)
	out.Lines = slices.Clone(out.Lines)
	for i := range out.Lines {
		l := &out.Lines[i]
		if err := u.judge(l, old[lineKey(*l)], doc.Customer != ""); err != nil {
			return err
		}
	}
	now := linesByKey(out.Lines)
	doc.Customer, doc.Outcome = sale.CustomerKey(), out
	if doc.Posted == nil {
		doc.Posted = map[string][]commission.Posted{}
	}
	var entries []commission.Entry
	keys := slices.Sorted(maps.Keys(now))
	for key := range old {
		if _, still := now[key]; !still {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		line, due := now[key]
		if !due {
			line = old[key]
		}
		differences, err := u.differences(line, due, doc.Posted[key])
		if err != nil {
			return err
		}
		doc.Posted[key] = commission.Post(doc.Posted[key], differences)
		if len(doc.Posted[key]) == 0 {
			delete(doc.Posted, key)
		}
		entries = append(entries, u.entries(line, differences)...)
	}
	after, err := json.Marshal(doc)
	if err != nil || bytes.Equal(before, after) {
		return err
	}
	if err := u.put(ref, doc); err != nil {
		return err
	}
	u.change.Entries = append(u.change.Entries, entries...)
	note := postedNote{Customer: doc.Customer, At: sale.At, Seq: u.setup.Seq, Entries: entries}
	for _, key := range keys {
		if l, due := now[key]; due {
			note.Partners = union(note.Partners, []string{l.Partner})
		} else {
			note.Partners = union(note.Partners, []string{old[key].Partner})
		}
	}
	if err := u.note(storage.NotePosted, sale.ID, note); err != nil {
		return err
	}
	return u.event("conversion.decided", decidedEvent(sale, doc.Outcome))
}

func linesByKey(lines []commission.Line) map[string]commission.Line {
	byKey := make(map[string]commission.Line, len(lines))
	for _, l := range lines {
		byKey[lineKey(l)] = l
	}
	return byKey
}

// judge notes on new steps of a line's ladder whether the commission is in a
// payout now, when they are posted. Earlier steps keep what was noted.
func (u *unit) judge(line *commission.Line, old commission.Line, decidedBefore bool) error {
	line.Ladder = slices.Clone(line.Ladder)
	asked, inPayout := false, false
	for i := range line.Ladder {
		level := &line.Ladder[i]
		before := slices.IndexFunc(old.Ladder, func(l commission.Level) bool { return l.Cause == level.Cause })
		if before >= 0 {
			level.InPayout = old.Ladder[before].InPayout
			continue
		}
		if !asked && decidedBefore {
			var err error
			if inPayout, err = u.inPayout(*line); err != nil {
				return err
			}
		}
		asked = true
		level.InPayout = inPayout
	}
	return nil
}

// differences is what is missing from the ledger for a line.
func (u *unit) differences(line commission.Line, due bool, posted []commission.Posted) ([]commission.Difference, error) {
	var targets []commission.Target
	if due {
		var err error
		if targets, err = line.Targets(); err != nil {
			return nil, err
		}
	}
	differences := commission.Diff(posted, targets, line.Maturity(), false)
	corrected := due && slices.ContainsFunc(differences, func(d commission.Difference) bool {
		return d.Component == commission.Reversal && slices.ContainsFunc(posted, func(p commission.Posted) bool {
			return p.Component == d.Component && p.Cause == d.Cause
		})
	})
	if !corrected {
		return differences, nil
	}
	inPayout, err := u.inPayout(line)
	if err != nil || !inPayout {
		return differences, err
	}
	return commission.Diff(posted, targets, line.Maturity(), true), nil
}

// entries turns differences into ledger entries.
func (u *unit) entries(line commission.Line, differences []commission.Difference) []commission.Entry {
	entries := make([]commission.Entry, len(differences))
	for i, d := range differences {
		entries[i] = commission.Entry{
			ID: u.e.cfg.NewID(), Conversion: line.Conversion, Partner: line.Partner, Program: line.Program, Rule: line.Rule,
			Component: d.Component, Cause: d.Cause, Amount: d.Amount, Currency: line.Currency,
			At: d.At, MaturesAt: d.MaturesAt, PostedAt: u.now,
		}
	}
	return entries
}

// inPayout reports whether a commission, or the amount of its failed payout
// that was posted back, is in a payout that has not failed (semantics 7.2).
func (u *unit) inPayout(line commission.Line) (bool, error) {
	rows, err := u.e.store.CommissionsFor(u.ctx, u.e.org, []string{line.Conversion})
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(rows, func(r storage.Commission) bool { return lineKey(r.Line) == lineKey(line) })
	if i < 0 || len(rows[i].Places) == 0 {
		return false, nil
	}
	all, err := u.e.store.Payouts(u.ctx, u.e.org, line.Partner)
	if err != nil {
		return false, err
	}
	return coveredBy(all, line.Currency, rows[i]) != nil, nil
}

// coveredBy returns the payout, not failed or canceled, that anything of a
// commission is in, following the amounts of failed ones to where they were
// posted back.
func coveredBy(all []storage.Payout, currency money.Currency, row storage.Commission) *storage.Payout {
	var list []payout.Payout
	byID := map[string]*storage.Payout{}
	for i, p := range all {
		if p.Currency == currency {
			list = append(list, p.Payout)
			byID[p.ID] = &all[i]
		}
	}
	for _, place := range row.Places {
		for p := payout.Covering(list, place.Position, place.MaturesAt); p != nil; {
			if !p.Status.Returned() {
				return byID[p.ID]
			}
			p = payout.Covering(list, byID[p.ID].Returned, p.Cutoff)
		}
	}
	return nil
}
