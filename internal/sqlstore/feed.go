package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
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
func (s *Store) Rows(ctx context.Context, org string) (storage.Rows, error) {
	tx, err := s.db.BeginTx(ctx, s.dialect.Snapshot)
	if err != nil {
		return storage.Rows{}, fmt.Errorf("%s: %w", s.dialect.Name, err)
	}
	defer tx.Rollback()
	var rows storage.Rows
	t, q := s.tables, snapshot{tx, s.dialect}
	for _, read := range []func() error{
		func() error { return all(ctx, q, t.anchors, org, &rows.Anchors) },
		func() error { return all(ctx, q, t.clicks, org, &rows.Clicks) },
		func() error { return all(ctx, q, t.identifies, org, &rows.Identifies) },
		func() error { return all(ctx, q, t.conversions, org, &rows.Conversions) },
		func() error { return all(ctx, q, t.facts, org, &rows.Facts) },
		func() error { return all(ctx, q, t.setup, org, &rows.Setup) },
		func() error { return all(ctx, q, t.entries, org, &rows.Entries) },
		func() error { return all(ctx, q, t.notes, org, &rows.Notes) },
		func() error { return all(ctx, q, t.commissions, org, &rows.Commissions) },
		func() error { return all(ctx, q, t.lines, org, &rows.Lines) },
		func() error { return all(ctx, q, t.payouts, org, &rows.Payouts) },
		func() error { return all(ctx, q, t.counts, org, &rows.Counts) },
		func() error { return all(ctx, q, t.events, org, &rows.Events) },
	} {
		if err := read(); err != nil {
			return storage.Rows{}, err
		}
	}
	return rows, nil
}

// snapshot reads in a transaction.
type snapshot struct {
	tx      *sql.Tx
	dialect Dialect
}

func (s snapshot) speaks() Dialect { return s.dialect }

func (s snapshot) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(ctx, s.dialect.sql(query), args...)
}

func all[T any](ctx context.Context, q snapshot, t table[T], org string, into *[]T) (err error) {
	*into, err = list(ctx, q, t, t.selects(""), org)
	return err
}
