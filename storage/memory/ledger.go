package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/storekit"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// Notes returns a page of the notes of a kind.
func (s *Store) Notes(ctx context.Context, org string, kind storage.NoteKind, after storage.NoteMark, limit int) ([]storage.Note, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var found []storage.Note
	for _, n := range o.lanes.after(placeOf(kind, after), limit, anything) {
		if n.Kind == kind {
			found = append(found, n)
		}
	}
	return found, nil
}

// NotesFor returns notes by key.
func (s *Store) NotesFor(ctx context.Context, org string, kinds []storage.NoteKind, keys []string, limit int) ([]storage.Note, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var found []storage.Note
	for _, kind := range slices.Compact(slices.Sorted(slices.Values(kinds))) {
		for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
			lane := o.lanes.after(placeOf(kind, storage.NoteMark{Key: key}), limit, anything)
			end := slices.IndexFunc(lane, func(n storage.Note) bool { return n.Kind != kind || n.Key != key })
			if end < 0 {
				end = len(lane)
			}
			found = append(found, lane[:end]...)
		}
	}
	slices.SortFunc(found, func(a, b storage.Note) int { return a.Mark().Compare(b.Mark()) })
	return found[:min(len(found), max(limit, 0))], nil
}

func anything(storage.Note) bool { return true }

// Backlog counts the notes that wait.
func (s *Store) Backlog(ctx context.Context, org string) ([]storage.Waiting, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	waiting := map[storage.NoteKind]storage.Waiting{}
	for _, n := range o.notes.rows {
		w, known := waiting[n.Kind]
		if !known || n.At.Before(w.Oldest) {
			w.Kind, w.Oldest = n.Kind, n.At
		}
		w.Notes++
		waiting[n.Kind] = w
	}
	return slices.Collect(maps.Values(waiting)), nil
}

// CommissionsOf returns all commissions of a rule for a partner.
func (s *Store) CommissionsOf(ctx context.Context, org, partner, program, rule string) ([]storage.Commission, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.commissions.get(o.commissions.by(commissionsByRule, ruleText(partner, program, rule))), nil
}

// CommissionsFor returns the commissions of conversions.
func (s *Store) CommissionsFor(ctx context.Context, org string, conversions []string) ([]storage.Commission, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.commissions.get(o.commissions.by(commissionsByConversion, conversions...)), nil
}

// CommissionPage returns a page of a partner's commissions, latest first.
func (s *Store) CommissionPage(ctx context.Context, org, partner string, after storage.CommissionMark, limit int) ([]storage.Commission, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	after.At = storekit.Time(after.At)
	list := o.commissions.get(o.commissions.by(commissionsByPartner, partner))
	list = slices.DeleteFunc(list, func(c storage.Commission) bool {
		return c.Gone || (after != (storage.CommissionMark{}) && c.Mark().Compare(after) >= 0)
	})
	slices.SortFunc(list, func(a, b storage.Commission) int { return b.Mark().Compare(a.Mark()) })
	return list[:min(len(list), max(limit, 0))], nil
}

// Sum adds up the lines outside a range.
func (s *Store) Sum(ctx context.Context, org, partner string, currency money.Currency, outside payout.Range, at time.Time) (matured, pending int64, err error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return 0, 0, err
	}
	defer s.mu.Unlock()
	at, cutoff := storekit.Time(at), storekit.Time(outside.Cutoff)
	for _, key := range o.lines.by(linesByLedger, ledgerText(partner, currency)) {
		line, sum := o.lines.rows[key], &pending
		if line.Position <= outside.Through && !line.MaturesAt.After(cutoff) {
			continue
		}
		if !line.MaturesAt.After(at) {
			sum = &matured
		}
		if *sum, err = money.Add(*sum, line.Amount); err != nil {
			return 0, 0, fmt.Errorf("sum of %s in %s: %w", partner, currency, err)
		}
	}
	return matured, pending, nil
}

// Lines returns the lines up to a position, in order.
func (s *Store) Lines(ctx context.Context, org, partner string, currency money.Currency, through int64) ([]storage.LedgerLine, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	keys := o.lines.by(linesByLedger, ledgerText(partner, currency))
	keys = slices.DeleteFunc(keys, func(k lineKey) bool { return k.position > through })
	slices.SortFunc(keys, func(a, b lineKey) int { return cmp.Compare(a.position, b.position) })
	return o.lines.get(keys), nil
}

// Payouts returns the payouts of a partner, or of all.
func (s *Store) Payouts(ctx context.Context, org, partner string) ([]payout.Payout, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	list := slices.DeleteFunc(o.payouts.all(), func(p payout.Payout) bool { return partner != "" && p.Partner != partner })
	slices.SortFunc(list, func(a, b payout.Payout) int {
		return cmp.Or(strings.Compare(a.Partner, b.Partner), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Through, b.Through))
	})
	return list, nil
}

// Payout returns a payout by id.
func (s *Store) Payout(ctx context.Context, org, id string) (p payout.Payout, found bool, err error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return p, false, err
	}
	defer s.mu.Unlock()
	p, found = o.payouts.rows[id]
	return storekit.Clone(p), found, nil
}

// Adjustments returns adjustments by id.
func (s *Store) Adjustments(ctx context.Context, org string, ids []string) ([]payout.Adjustment, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.adjustments.get(ids), nil
}

// AdjustmentPage returns a page of a partner's adjustments, or of all, latest first.
func (s *Store) AdjustmentPage(ctx context.Context, org, partner string, after storage.Mark, limit int) ([]payout.Adjustment, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	after.At = storekit.Time(after.At)
	list := o.adjustments.all()
	if partner != "" {
		list = o.adjustments.get(o.adjustments.by(adjustmentsByPartner, partner))
	}
	list = slices.DeleteFunc(list, func(a payout.Adjustment) bool {
		return after != (storage.Mark{}) && !attribution.Before(a.At, a.ID, after.At, after.ID)
	})
	slices.SortFunc(list, func(a, b payout.Adjustment) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(b.ID, a.ID))
	})
	return list[:min(len(list), max(limit, 0))], nil
}

// ClickCounts returns the click counts of a partner.
func (s *Store) ClickCounts(ctx context.Context, org, partner string) ([]storage.ClickCount, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.counts.get(o.counts.by(countsByPartner, partner)), nil
}

// Events returns a page of the outbox.
func (s *Store) Events(ctx context.Context, org, after string, limit int) ([]storage.Event, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.events.after(after, limit, every), nil
}

// Rows returns every row of the organization.
func (s *Store) Rows(ctx context.Context, org string) (storage.Rows, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return storage.Rows{}, err
	}
	defer s.mu.Unlock()
	rows := storage.Rows{Change: storage.Change{
		Clicks: o.clicks.all(), Identifies: o.identifies.all(), Conversions: o.conversions.all(), Facts: o.facts.all(),
		Setup: o.setup.all(), Entries: o.entries.all(), Notes: o.notes.all(), Commissions: o.commissions.all(),
		Lines: o.lines.all(), Payouts: o.payouts.all(), Adjustments: o.adjustments.all(), Counts: o.counts.all(), Events: o.events.all(),
	}}
	for _, kind := range slices.Sorted(maps.Keys(o.anchors)) {
		rows.Anchors = append(rows.Anchors, o.anchors[kind].all()...)
	}
	return rows, nil
}
