package boltstore

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// Who waits behind another Commit stops waiting when the context ends.
func TestCommitWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "store.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s, err := New(db)
	if err != nil {
		t.Fatal(err)
	}
	s.writer <- struct{}{} // somebody else commits
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := s.Commit(ctx, "org", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	<-s.writer
	if _, err := s.Commit(t.Context(), "org", nil); err != nil {
		t.Errorf("it still waits: %v", err)
	}
}
