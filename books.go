package affiliate

import (
	"maps"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// books is the partners' side of a batch of decisions: their commissions, the
// lines of their ledgers, and what tiers say of it.
type books struct {
	u        *unit
	notes    []postedNote
	ids      []string // conversions, with repetition
	partners []string
	needs    detail
	settled  Settled
	again    []string // customers whom a decision that missed a configuration change concerns
	groups   []group
	rows     map[string]*storage.Commission // by lineKey
	ledgers  map[string]*ledgerDoc          // by partner
}

// ledgerDoc is the document of a partner's anchor: the last position of the
// ledger in each currency.
type ledgerDoc struct {
	Last map[money.Currency]int64 `json:"last,omitempty"`
}

func partnerRef(id string) storage.Ref { return storage.Ref{Kind: storage.PartnerAnchor, Key: id} }

func newBooks(u *unit) *books {
	return &books{u: u, rows: map[string]*storage.Commission{}, ledgers: map[string]*ledgerDoc{}}
}

// takeAll adds notes of partners' lanes.
func (b *books) takeAll(notes []storage.Note) error {
	for _, n := range notes {
		if n.Kind == storage.NoteTiers {
			b.rate(n.Key)
		} else if err := b.take(n); err != nil {
			return err
		}
	}
	return nil
}

// take adds the note of a decision.
func (b *books) take(n storage.Note) error {
	var doc postedNote
	if err := decodeNote(n, &doc); err != nil {
		return err
	}
	if n.Key != "" {
		b.notes = append(b.notes, doc)
		b.ids = append(b.ids, doc.Conversion)
		b.partners = union(b.partners, []string{n.Key})
	}
	// A decision that was made before a configuration change it should have seen, and
	// committed after that change was settled.
	if from, changed := b.u.setup.ChangedSince(doc.Seq); changed && !doc.At.Before(from) {
		b.again = append(b.again, doc.Customer)
		return b.u.noteSince(n.At, storage.NoteCustomer, doc.Customer, nil)
	}
	return nil
}

// rate asks for the tiers of all of a partner's commissions.
func (b *books) rate(partner string) {
	b.partners = union(b.partners, []string{partner})
	for _, key := range b.u.setup.TieredRules(partner) {
		b.groups = append(b.groups, group{partner, key[0], key[1]})
	}
}

// settle writes the books. The partners' anchors are read first: whoever else
// settles or pays one of these partners in between makes this commit stale.
func (b *books) settle() error {
	if len(b.partners) == 0 {
		return nil
	}
	refs := make([]storage.Ref, 0, len(b.partners))
	for _, p := range b.partners {
		refs = append(refs, partnerRef(p))
	}
	if err := b.u.load(refs...); err != nil {
		return err
	}
	for _, p := range b.partners {
		if _, err := b.ledger(p); err != nil {
			return err
		}
	}
	if b.needs == eachCommission || b.tiered() {
		if err := b.readRows(); err != nil {
			return err
		}
	}
	for _, n := range b.notes {
		for _, entry := range n.Entries {
			if err := b.enter(entry); err != nil {
				return err
			}
		}
	}
	if err := b.settleTiers(); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(b.rows)) {
		b.u.change.Commissions = append(b.u.change.Commissions, *b.rows[key])
	}
	for _, p := range slices.Sorted(maps.Keys(b.ledgers)) {
		if err := b.u.put(partnerRef(p), b.ledgers[p]); err != nil {
			return err
		}
	}
	return nil
}

// tiered reports whether tiers may have to be computed for any of the partners.
func (b *books) tiered() bool {
	return slices.ContainsFunc(b.partners, func(partner string) bool { return len(b.u.setup.TieredRules(partner)) > 0 })
}

func (b *books) ledger(partner string) (*ledgerDoc, error) {
	if doc, ok := b.ledgers[partner]; ok {
		return doc, nil
	}
	doc := &ledgerDoc{}
	if err := b.u.read(partnerRef(partner), doc); err != nil {
		return nil, err
	}
	if doc.Last == nil {
		doc.Last = map[money.Currency]int64{}
	}
	b.ledgers[partner] = doc
	return doc, nil
}

// readRows brings the commissions of the batch up to the decisions as they
// stand now, which may be later than the notes.
func (b *books) readRows() error {
	ids := slices.Compact(slices.Sorted(slices.Values(b.ids)))
	refs := make([]storage.Ref, len(ids))
	for i, id := range ids {
		refs[i] = conversionRef(id)
	}
	if err := b.u.load(refs...); err != nil {
		return err
	}
	stored, err := b.u.e.store.CommissionsFor(b.u.ctx, b.u.e.org, ids)
	if err != nil {
		return err
	}
	for _, row := range stored {
		row.Gone = true
		b.rows[lineKey(row.Commission)] = &row
	}
	for _, ref := range refs {
		var doc conversionDoc
		if err := b.u.read(ref, &doc); err != nil {
			return err
		}
		for _, line := range doc.Outcome.Lines {
			key := lineKey(line)
			if b.rows[key] == nil {
				b.rows[key] = &storage.Commission{}
			}
			row := b.rows[key]
			row.Commission, row.Gone, row.Revision = line, false, b.u.anchors[ref].Version
		}
	}
	for key, row := range b.rows {
		if !slices.Contains(b.partners, row.Partner) {
			delete(b.rows, key) // a later decision's, whose own note will bring it
		}
	}
	return nil
}

// enter gives an entry its position in the partner's ledger.
func (b *books) enter(e commission.Entry) error {
	position, err := b.add(payout.Ledger{Partner: e.Partner, Currency: e.Currency}, payout.Line{
		EntryID: e.ID, Kind: string(e.Component), Conversion: e.Conversion, Program: e.Program,
		Rule: e.Rule, Amount: e.Amount, MaturesAt: e.MaturesAt, At: e.At,
	})
	if err != nil {
		return err
	}
	key := commission.Commission{Conversion: e.Conversion, Partner: e.Partner, Program: e.Program, Rule: e.Rule, Currency: e.Currency}
	earned := e.Component == commission.Accrual || e.Component == commission.TierAdjustment
	if row, ok := b.rows[lineKey(key)]; ok && earned {
		row.Places = append(row.Places, payout.Place{Position: position, MaturesAt: e.MaturesAt, Amount: e.Amount})
	}
	return nil
}

// add writes a line at the end of a ledger and returns its position.
func (b *books) add(to payout.Ledger, line payout.Line) (position int64, err error) {
	ledger, err := b.ledger(to.Partner)
	if err != nil {
		return 0, err
	}
	ledger.Last[to.Currency]++
	line.Position = ledger.Last[to.Currency]
	b.u.change.Lines = append(b.u.change.Lines, storage.LedgerLine{Partner: to.Partner, Currency: to.Currency, Line: line})
	return line.Position, nil
}

// group is what tiers count together.
type group struct{ partner, program, rule string }

// settleTiers computes from scratch the tiers of every group that the batch
// touches, and posts the differences (semantics 5.6).
func (b *books) settleTiers() error {
	groups := b.groups
	for _, key := range slices.Sorted(maps.Keys(b.rows)) {
		row := b.rows[key]
		g := group{row.Partner, row.Program, row.Rule}
		if b.u.setup.HasTiers(g.partner, g.program, g.rule) || len(row.TierPosted) > 0 {
			if !slices.Contains(groups, g) {
				groups = append(groups, g)
			}
			continue
		}
		if err := stand(row); err != nil {
			return err
		}
	}
	for _, g := range groups {
		if err := b.settleGroup(g); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) settleGroup(g group) error {
	stored, err := b.u.e.store.CommissionsOf(b.u.ctx, b.u.e.org, g.partner, g.program, g.rule)
	if err != nil {
		return err
	}
	all := map[string]*storage.Commission{}
	for _, row := range stored {
		all[lineKey(row.Commission)] = &row
	}
	for key, row := range b.rows {
		if (group{row.Partner, row.Program, row.Rule}) == g {
			all[key] = row
		}
	}
	var lines []commission.Commission
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if !all[key].Gone {
			lines, keys = append(lines, all[key].Commission), append(keys, key)
		}
	}
	tiers, err := commission.Tiered(lines, b.tierContext(g))
	if err != nil {
		return err
	}
	byKey := map[string]commission.Tier{}
	for i, key := range keys {
		byKey[key] = tiers[i]
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if err := b.postTier(key, all[key], byKey[key]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) tierContext(g group) commission.TierContext {
	in := commission.TierContext{Start: func(p commission.Period, t time.Time) time.Time {
		start, _ := b.u.setup.Period(g.partner, g.program, p, t)
		return start
	}}
	if of, ok := b.u.setup.Program(g.program); ok {
		in.Currency = of.Currency
	}
	return in
}

// postTier posts what a tier changes for one commission.
func (b *books) postTier(key string, row *storage.Commission, tier commission.Tier) error {
	var targets []commission.Target
	if !row.Gone {
		var err error
		if targets, err = row.TierTargets(tier.Adjustment); err != nil {
			return err
		}
	}
	differences, err := commission.Diff(row.TierPosted, targets, row.Maturity(), func() (bool, error) {
		if len(row.Places) == 0 {
			return false, nil
		}
		payouts, err := b.u.e.store.Payouts(b.u.ctx, b.u.e.org, row.Partner)
		return payout.CoveredBy(payoutsIn(payouts, row.Currency), row.Places) != nil, err
	})
	if err != nil {
		return err
	}
	if len(differences) == 0 && row.Tier == tier && b.rows[key] == nil {
		return nil // as it was
	}
	row.Tier, row.TierPosted = tier, commission.Post(row.TierPosted, differences)
	b.rows[key] = row
	entries := b.u.entries(row.Commission, differences)
	b.u.change.Entries = append(b.u.change.Entries, entries...)
	for _, e := range entries {
		if err := b.enter(e); err != nil {
			return err
		}
	}
	return stand(row)
}

// stand updates what a commission stands at.
func stand(row *storage.Commission) (err error) {
	if row.Net = 0; !row.Gone {
		row.Net, err = row.Commission.Net(row.Tier.Adjustment)
	}
	return err
}
