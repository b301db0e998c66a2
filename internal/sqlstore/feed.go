package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/goaffiliate/affiliate/storage"
)

// Notes returns a page of the notes of a kind.
func (s *Store) Notes(ctx context.Context, org string, kind storage.NoteKind, after storage.NoteMark, limit int) ([]storage.Note, error) {
	return list(ctx, s, s.tables.notes, s.reads.notes, org, string(kind), after.Key, after.ID, max(limit, 0))
}

// NotesFor returns notes by key.
func (s *Store) NotesFor(ctx context.Context, org string, kinds []storage.NoteKind, keys []string, limit int) ([]storage.Note, error) {
	lanes := make([]storage.Ref, 0, len(kinds)*len(keys))
	for _, kind := range slices.Compact(slices.Sorted(slices.Values(kinds))) {
		for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
			lanes = append(lanes, storage.Ref{Kind: storage.AnchorKind(kind), Key: key})
		}
	}
	return list(ctx, s, s.tables.notes, s.reads.notesFor, pairs(lanes), org, max(limit, 0))
}

// Backlog counts the notes that wait.
func (s *Store) Backlog(ctx context.Context, org string) ([]storage.Waiting, error) {
	return scan(ctx, s, "count aff_notes", s.reads.backlog, []any{org},
		func(w *storage.Waiting) []any { return []any{&w.Kind, &w.Notes, s.dialect.Time(&w.Oldest)} })
}

// Events returns a page of the outbox.
func (s *Store) Events(ctx context.Context, org, after string, limit int) ([]storage.Event, error) {
	return list(ctx, s, s.tables.events, s.reads.events, org, after, max(limit, 0))
}

// Rows returns every row of the organization, as of one moment.
func (s *Store) Rows(ctx context.Context, org string) (rows storage.Rows, err error) {
	err = s.conn.View(ctx, func(conn Conn) error {
		rows, err = s.On(conn).all(ctx, org)
		return err
	})
	if err != nil {
		return storage.Rows{}, fmt.Errorf("%s: %w", s.dialect.Name, err)
	}
	return rows, nil
}

func (s *Store) all(ctx context.Context, org string) (rows storage.Rows, err error) {
	t := s.tables
	err = firstError(
		func() error { return all(ctx, s, t.anchors, org, &rows.Anchors) },
		func() error { return all(ctx, s, t.clicks, org, &rows.Clicks) },
		func() error { return all(ctx, s, t.identifies, org, &rows.Identifies) },
		func() error { return all(ctx, s, t.conversions, org, &rows.Conversions) },
		func() error { return all(ctx, s, t.facts, org, &rows.Facts) },
		func() error { return all(ctx, s, t.setup, org, &rows.Setup) },
		func() error { return all(ctx, s, t.entries, org, &rows.Entries) },
		func() error { return all(ctx, s, t.notes, org, &rows.Notes) },
		func() error { return all(ctx, s, t.commissions, org, &rows.Commissions) },
		func() error { return all(ctx, s, t.lines, org, &rows.Lines) },
		func() error { return all(ctx, s, t.payouts, org, &rows.Payouts) },
		func() error { return all(ctx, s, t.adjustments, org, &rows.Adjustments) },
		func() error { return all(ctx, s, t.counts, org, &rows.Counts) },
		func() error { return all(ctx, s, t.events, org, &rows.Events) },
	)
	return rows, err
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func all[T any](ctx context.Context, s *Store, t table[T], org string, into *[]T) (err error) {
	*into, err = list(ctx, s, t, t.selects(""), org)
	return err
}
