package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/goaffiliate/affiliate/storage"
)

// Notes returns notes of the kinds in order, kind by kind, so that a long
// backlog of another kind is never read.
func (s *Store) Notes(ctx context.Context, org string, kinds []storage.NoteKind, limit int) ([]storage.Note, error) {
	var notes []storage.Note
	for i, kind := range kinds {
		if slices.Contains(kinds[:i], kind) {
			continue
		}
		found, err := list(ctx, s, s.tables.notes, s.reads.notes, org, string(kind), max(limit, 0))
		if err != nil {
			return nil, err
		}
		notes = append(notes, found...)
	}
	slices.SortFunc(notes, func(a, b storage.Note) int { return cmp.Compare(a.ID, b.ID) })
	return notes[:min(len(notes), max(limit, 0))], ctx.Err()
}

// NotesFor returns notes by key.
func (s *Store) NotesFor(ctx context.Context, org string, kinds []storage.NoteKind, keys []string) ([]storage.Note, error) {
	notes, err := s.Notes(ctx, org, kinds, math.MaxInt32)
	return slices.DeleteFunc(notes, func(n storage.Note) bool { return !slices.Contains(keys, n.Key) }), err
}

// Backlog counts the notes that wait.
func (s *Store) Backlog(ctx context.Context, org string) (int64, error) {
	n, _, err := one(ctx, s, "count aff_notes", s.reads.backlog, []any{org},
		func(n *int64) []any { return []any{n} })
	return n, err
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
