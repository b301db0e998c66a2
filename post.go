package affiliate

import (
	"bytes"
	"maps"
	"slices"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/storage"
)

// post stores a decision and the entries that bring the ledger to it. A
// decision that stands already is left alone.
func (u *unit) post(sale attribution.Conversion, out decision.Outcome) error {
	ref := conversionRef(sale.ID)
	var doc conversionDoc
	if err := u.read(ref, &doc); err != nil {
		return err
	}
	before := u.current(ref)
	out.Lines = slices.Clone(out.Lines)
	posted, err := u.postLines(&doc, out.Lines)
	if err != nil {
		return err
	}
	doc.Customer, doc.Outcome = sale.CustomerKey(), out
	u.decided[sale.ID] = doc
	after, err := encode(doc)
	if err != nil || bytes.Equal(before, after) {
		return err
	}
	g, err := u.gate(ref)
	if err != nil {
		return err
	}
	g.Data = after
	for _, partner := range slices.Sorted(maps.Keys(posted)) {
		note := postedNote{Conversion: sale.ID, Customer: doc.Customer, At: sale.At, Seq: u.setup.Seq, Entries: posted[partner]}
		u.change.Entries = append(u.change.Entries, note.Entries...)
		if err := u.note(storage.NotePosted, partner, note); err != nil {
			return err
		}
	}
	return u.event(EventConversionDecided, decidedEvent(sale, doc.Outcome))
}

// postLines brings what is posted of a conversion from the lines it had to the
// lines it has now, and returns the entries by partner concerned: "" if there is none.
func (u *unit) postLines(doc *conversionDoc, lines []commission.Commission) (posted map[string][]commission.Entry, err error) {
	old := linesByKey(doc.Outcome.Lines)
	for i := range lines {
		l := &lines[i]
		if err := u.follow(l, old[lineKey(*l)], doc.Customer != ""); err != nil {
			return nil, err
		}
	}
	now := linesByKey(lines)
	if doc.Posted == nil {
		doc.Posted = map[string][]commission.Posted{}
	}
	posted = map[string][]commission.Entry{}
	keys := union(slices.Collect(maps.Keys(old)), slices.Collect(maps.Keys(now)))
	for _, key := range keys {
		line, due := now[key]
		if !due {
			line = old[key]
			doc.Former = union(doc.Former, []string{line.Partner})
		}
		differences, err := u.differences(line, due, doc.Posted[key])
		if err != nil {
			return nil, err
		}
		doc.Posted[key] = commission.Post(doc.Posted[key], differences)
		if len(doc.Posted[key]) == 0 {
			delete(doc.Posted, key)
		}
		posted[line.Partner] = append(posted[line.Partner], u.entries(line, differences)...)
	}
	if len(posted) == 0 {
		posted[""] = nil
	}
	return posted, nil
}

func linesByKey(lines []commission.Commission) map[string]commission.Commission {
	byKey := make(map[string]commission.Commission, len(lines))
	for _, l := range lines {
		byKey[lineKey(l)] = l
	}
	return byKey
}

// follow takes a commission on from what was decided before, if anything was.
func (u *unit) follow(line *commission.Commission, old commission.Commission, decidedBefore bool) error {
	if line.Suspect != "" && decidedBefore { // a late suspect click takes nothing back that was paid out
		paidOut, err := u.wasInPayout(*line)
		if err != nil {
			return err
		}
		if paidOut {
			line.Held, line.Suspect = false, ""
		}
	}
	return line.Follow(old, func() (bool, error) {
		if !decidedBefore {
			return false, nil
		}
		return u.inPayout(*line)
	})
}

// differences is what is missing from the ledger for a line.
func (u *unit) differences(line commission.Commission, due bool, posted []commission.Posted) ([]commission.Difference, error) {
	var targets []commission.Target
	if due {
		var err error
		if targets, err = line.Targets(); err != nil {
			return nil, err
		}
	}
	return commission.Diff(posted, targets, line.Maturity(), func() (bool, error) { return u.inPayout(line) })
}

// entries turns differences into ledger entries.
func (u *unit) entries(line commission.Commission, differences []commission.Difference) []commission.Entry {
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
