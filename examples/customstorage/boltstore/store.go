package boltstore

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/goaffiliate/affiliate/storage"
)

// root is the one top-level bucket that the store uses: the file may be the host's,
// with buckets of its own beside it.
const root = "affiliate"

// format is kept in the file. It changes whenever a key or an index does, so that
// another version of this package leaves the file alone instead of misreading it.
const format = "1"

// Store is a store in a bbolt file. It is safe for concurrent use.
type Store struct {
	reader
	db     *bbolt.DB
	writer chan struct{}
}

var _ storage.Store = (*Store)(nil)

// New returns a store in the host's database, which stays the host's to close. It
// makes what is missing.
func New(db *bbolt.DB) (*Store, error) {
	s := &Store{db: db, writer: make(chan struct{}, 1)}
	s.reader = reader{tables: newTables(), view: db.View}
	if err := db.Update(s.create); err != nil {
		return nil, fmt.Errorf("boltstore: %w", typed(err))
	}
	return s, nil
}

func (s *Store) create(tx *bbolt.Tx) error {
	buckets, err := tx.CreateBucketIfNotExists([]byte(root))
	if err != nil {
		return err
	}
	if found := buckets.Get([]byte("format")); found != nil && string(found) != format {
		return fmt.Errorf("the file has format %q, this is for %q", found, format)
	}
	for _, name := range s.buckets() {
		if _, err := buckets.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	return buckets.Put([]byte("format"), []byte(format))
}

// Commit applies each change as a whole or not at all, in one transaction of all of
// them. While the host writes in a transaction of its own, Commit waits for it,
// whatever ctx says: bbolt knows no other way.
func (s *Store) Commit(ctx context.Context, org string, changes []storage.Change) (outcomes []storage.Outcome, err error) {
	// One at a time, as bbolt has it; but here, waiting in line ends with ctx.
	select {
	case s.writer <- struct{}{}:
		defer func() { <-s.writer }()
	case <-ctx.Done():
		return nil, fmt.Errorf("boltstore: commit: %w", ctx.Err())
	}
	err = s.db.Update(func(tx *bbolt.Tx) error {
		if outcomes, err = s.commit(ctx, tx, org, changes); err != nil {
			return err
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: commit: %w", typed(err))
	}
	return outcomes, nil
}

// Join returns the store inside a transaction of the host that may write, for
// Engine.Within: what it writes is the host's to commit or roll back. It is for one
// goroutine, until the transaction ends. Meanwhile that goroutine must not use the
// store itself, whose Commit would wait for the transaction for ever.
func (s *Store) Join(tx *bbolt.Tx) storage.Store {
	return &joined{reader{tables: s.tables, view: func(f func(*bbolt.Tx) error) error {
		if tx.DB() == nil {
			return bolterrors.ErrTxClosed
		}
		return f(tx)
	}}}
}

type joined struct{ reader }

// Commit applies each change as a whole or not at all. After an error the
// transaction may hold the changes before the one that failed, and nothing of it.
func (j *joined) Commit(ctx context.Context, org string, changes []storage.Change) (outcomes []storage.Outcome, err error) {
	err = j.view(func(tx *bbolt.Tx) error {
		outcomes, err = j.commit(ctx, tx, org, changes)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: commit: %w", typed(err))
	}
	return outcomes, nil
}

// reader is what a store and one inside a transaction have in common.
type reader struct {
	*tables
	view func(func(*bbolt.Tx) error) error
}

func (r reader) snapshot(ctx context.Context, tx *bbolt.Tx, org string) snapshot {
	return snapshot{tables: r.tables, ctx: ctx, root: tx.Bucket([]byte(root)), org: texts(org)}
}

func (r reader) commit(ctx context.Context, tx *bbolt.Tx, org string, changes []storage.Change) ([]storage.Outcome, error) {
	s := r.snapshot(ctx, tx, org)
	outcomes := make([]storage.Outcome, len(changes))
	for i, c := range canonical(changes) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if outcomes[i], err = s.commit(c); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// read runs f in one snapshot.
func read[R any](ctx context.Context, r reader, org string, f func(s snapshot) (R, error)) (R, error) {
	var found, none R
	err := ctx.Err()
	if err == nil {
		err = r.view(func(tx *bbolt.Tx) error {
			found, err = f(r.snapshot(ctx, tx, org))
			return err
		})
	}
	if err != nil {
		return none, fmt.Errorf("boltstore: %w", typed(err))
	}
	return found, nil
}

// typed adds the error of package storage that says what the database's means.
func typed(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, bolterrors.ErrMaxSizeReached):
		return fmt.Errorf("%w: %w", storage.ErrFull, err)
	case errors.Is(err, bolterrors.ErrDatabaseReadOnly):
		return fmt.Errorf("%w: %w", storage.ErrReadOnly, err)
	case errors.Is(err, bolterrors.ErrDatabaseNotOpen):
		return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
	}
	return err
}
