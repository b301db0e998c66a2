package storagetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// brokenReads are stores that write well and read badly.
func brokenReads() []brokenStore {
	return []brokenStore{
		{"loads no roots", "Gates Differential", func(s storage.Store) storage.Store { return rootless{s} }},
		{"finds identifies of a returned click's visitor", "Touches Differential", func(s storage.Store) storage.Store { return follows{s} }},
		{"takes an empty visitor for one", "Touches", func(s storage.Store) storage.Store { return anybody{s} }},
		{"sums without a range", "Ledger Differential", func(s storage.Store) storage.Store { return rangeless{s} }},
		{"sums by position only", "Ledger Differential", func(s storage.Store) storage.Store { return cutless{s} }},
		{"pages by number", "Pages", func(s storage.Store) storage.Store { return numbered{s} }},
		{"starts a page with the last of the one before", "Pages Differential", func(s storage.Store) storage.Store { return repeats{s} }},
		{"pages through adjustments by day", "Pages", func(s storage.Store) storage.Store { return byDay{s} }},
		{"pages through conversions by time alone", "Pages", func(s storage.Store) storage.Store { return afterDay{s} }},
		{"sorts notes by id", "Pages Differential", func(s storage.Store) storage.Store { return byArrival{s} }},
		{"limits each lane", "Pages Differential", func(s storage.Store) storage.Store { return eachLane{s} }},
		{"lists customers since a day", "Pages", func(s storage.Store) storage.Store { return daily{s} }},
		{"returns its own rows", "RoundTrip", func(s storage.Store) storage.Store { return &shares{Store: s} }},
	}
}

type byDay struct{ storage.Store }

func (b byDay) AdjustmentPage(ctx context.Context, org, partner string, after storage.Mark, limit int) ([]payout.Adjustment, error) {
	if after != (storage.Mark{}) {
		after.ID = ""
	}
	return b.Store.AdjustmentPage(ctx, org, partner, after, limit)
}

type afterDay struct{ storage.Store }

func (b afterDay) ConversionPage(ctx context.Context, org string, since time.Time, after storage.Mark, limit int) ([]attribution.Conversion, error) {
	if after != (storage.Mark{}) {
		after.ID = ""
	}
	return b.Store.ConversionPage(ctx, org, since, after, limit)
}

type rootless struct{ storage.Store }

func (b rootless) Load(ctx context.Context, org string, refs []storage.Ref) ([]storage.Anchor, error) {
	anchors, err := b.Store.Load(ctx, org, refs)
	return slices.DeleteFunc(anchors, func(a storage.Anchor) bool { return !slices.Contains(refs, a.Ref) }), err
}

type follows struct{ storage.Store }

func (b follows) Touches(ctx context.Context, org string, visitors, clicks []string) ([]attribution.Click, []storage.Identify, error) {
	found, _, err := b.Store.Touches(ctx, org, visitors, clicks)
	for _, c := range found {
		visitors = append(visitors, c.Visitor)
	}
	if err != nil {
		return nil, nil, err
	}
	_, identifies, err := b.Store.Touches(ctx, org, visitors, clicks)
	return found, identifies, err
}

type anybody struct{ storage.Store }

func (b anybody) Touches(ctx context.Context, org string, visitors, clicks []string) ([]attribution.Click, []storage.Identify, error) {
	found, identifies, err := b.Store.Touches(ctx, org, visitors, clicks)
	if err == nil && slices.Contains(visitors, "") {
		rows, _ := b.Rows(ctx, org)
		found = append(found, rows.Clicks...)
	}
	return found, identifies, err
}

type rangeless struct{ storage.Store }

func (b rangeless) Sum(ctx context.Context, org, partner string, currency money.Currency, _ payout.Range, at time.Time) (int64, int64, error) {
	return b.Store.Sum(ctx, org, partner, currency, payout.Range{}, at)
}

type cutless struct{ storage.Store }

func (b cutless) Sum(ctx context.Context, org, partner string, currency money.Currency, outside payout.Range, at time.Time) (int64, int64, error) {
	outside.Cutoff = outside.Cutoff.AddDate(9000, 0, 0)
	return b.Store.Sum(ctx, org, partner, currency, outside, at)
}

// numbered skips as many commissions as come before the one of the mark now.
type numbered struct{ storage.Store }

func (b numbered) CommissionPage(ctx context.Context, org, partner string, after storage.CommissionMark, limit int) ([]storage.Commission, error) {
	all, err := b.Store.CommissionPage(ctx, org, partner, storage.CommissionMark{}, 1<<30)
	skip := 0
	if after != (storage.CommissionMark{}) {
		skip = limit
	}
	all = all[min(skip, len(all)):]
	return all[:min(limit, len(all))], err
}

type repeats struct{ storage.Store }

func (b repeats) Events(ctx context.Context, org, after string, limit int) ([]storage.Event, error) {
	rows, err := b.Rows(ctx, org)
	events := slices.DeleteFunc(rows.Events, func(e storage.Event) bool { return e.ID < after })
	slices.SortFunc(events, func(a, b storage.Event) int { return len(a.ID) - len(b.ID) })
	return events[:min(len(events), limit)], err
}

// byArrival has the notes of a kind in order of arrival.
type byArrival struct{ storage.Store }

func (b byArrival) Notes(ctx context.Context, org string, kind storage.NoteKind, after storage.NoteMark, limit int) ([]storage.Note, error) {
	notes, err := b.Store.Notes(ctx, org, kind, storage.NoteMark{}, 1<<30)
	slices.SortFunc(notes, func(a, b storage.Note) int { return cmp.Compare(a.ID, b.ID) })
	notes = slices.DeleteFunc(notes, func(n storage.Note) bool { return n.ID <= after.ID })
	return notes[:min(limit, len(notes))], err
}

// eachLane gives each lane the whole limit.
type eachLane struct{ storage.Store }

func (b eachLane) NotesFor(ctx context.Context, org string, kinds []storage.NoteKind, keys []string, limit int) (all []storage.Note, err error) {
	for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
		lane, err := b.Store.NotesFor(ctx, org, kinds, []string{key}, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, lane...)
	}
	return all, nil
}

type daily struct{ storage.Store }

func (b daily) CustomersSince(ctx context.Context, org string, since time.Time, after string, limit int) ([]string, error) {
	return b.Store.CustomersSince(ctx, org, since.Truncate(24*time.Hour), after, limit)
}

// shares hands out the same rows again.
type shares struct {
	storage.Store
	rows *storage.Rows
}

func (b *shares) Rows(ctx context.Context, org string) (storage.Rows, error) {
	if b.rows == nil {
		rows, err := b.Store.Rows(ctx, org)
		if err != nil {
			return rows, err
		}
		b.rows = &rows
	}
	return *b.rows, nil
}

func (b *shares) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	b.rows = nil
	return b.Store.Commit(ctx, org, changes)
}
