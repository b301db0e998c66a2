package boltstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/examples/customstorage/boltstore"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/storagetest"
)

func aClick(id string) storage.Change {
	return storage.Change{Clicks: []attribution.Click{{ID: id}}, Counts: []storage.ClickCount{{Partner: id, Clicks: 1}}}
}

// host is an application that keeps rows of its own in the store's file.
func host(t *testing.T) storagetest.Host {
	t.Helper()
	db := database(t, tempFile(t))
	s, marks := open(t, db), []byte("marks")
	return storagetest.Host{
		Store: s,
		Begin: func(context.Context) (storagetest.HostTx, error) {
			tx, err := db.Begin(true)
			if err != nil {
				return storagetest.HostTx{}, err
			}
			mark := func(_ context.Context, text string) error {
				b, err := tx.CreateBucketIfNotExists(marks)
				if err != nil {
					return err
				}
				return b.Put([]byte(text), nil)
			}
			return storagetest.HostTx{Store: s.Join(tx), Mark: mark, Commit: tx.Commit, Rollback: tx.Rollback}, nil
		},
		Marks: func(context.Context) (found []string, err error) {
			err = db.View(func(tx *bbolt.Tx) error {
				if b := tx.Bucket(marks); b != nil {
					return b.ForEach(func(text, _ []byte) error {
						found = append(found, string(text))
						return nil
					})
				}
				return nil
			})
			return found, err
		},
	}
}

// inTx runs f with the store inside a transaction.
func inTx(t *testing.T, db *bbolt.DB, s *boltstore.Store, f func(joined storage.Store)) *bbolt.Tx {
	t.Helper()
	tx, err := db.Begin(true)
	must(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	f(s.Join(tx))
	return tx
}

// An error leaves nothing of its change, so that the host may go on.
func TestJoinAfterAnError(t *testing.T) {
	t.Parallel()
	db := database(t, tempFile(t))
	s := open(t, db)
	tx := inTx(t, db, s, func(joined storage.Store) {
		c := aClick("1")
		c.Events = []storage.Event{{ID: strings.Repeat("x", bbolt.MaxKeySize)}} // comes after the click
		if _, err := joined.Commit(t.Context(), org, []storage.Change{c}); !errors.Is(err, bolterrors.ErrKeyTooLarge) {
			t.Error(err)
		}
		if text := rows(t, joined); text != "" {
			t.Errorf("a change that failed wrote\n%s", text)
		}
		_, err := joined.Commit(t.Context(), org, []storage.Change{aClick("2")})
		must(t, err)
	})
	must(t, tx.Commit())
	if text := rows(t, s); !strings.Contains(text, `"2"`) {
		t.Errorf("the host's transaction is lost: %s", text)
	}
}

// countdown is a context that is canceled when it was asked so often.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// Wherever a context ends, the host's transaction has a change whole or not at all.
func TestJoinIsNotStoppedHalfway(t *testing.T) {
	t.Parallel()
	db := database(t, tempFile(t))
	s := open(t, db)
	whole := ""
	for n := 0; whole == "" && n < 1000; n++ {
		tx := inTx(t, db, s, func(joined storage.Store) {
			_, err := joined.Commit(&countdown{t.Context(), n}, org, []storage.Change{full("a")})
			text := rows(t, joined)
			if (err == nil) != (text != "") {
				t.Errorf("after %d looks at the context: %v, and there is\n%s", n, err, text)
			}
			whole = text
		})
		must(t, tx.Rollback())
	}
	if n := strings.Count(whole, "\n") + 1; n != 10 {
		t.Errorf("%d rows, want 10:\n%s", n, whole)
	}
}

func TestJoinAfterTheTransaction(t *testing.T) {
	t.Parallel()
	db := database(t, tempFile(t))
	s := open(t, db)
	var joined storage.Store
	must(t, inTx(t, db, s, func(j storage.Store) { joined = j }).Commit())
	_, errWrite := joined.Commit(t.Context(), org, []storage.Change{aClick("1")})
	_, errRead := joined.Backlog(t.Context(), org)
	if !errors.Is(errWrite, bolterrors.ErrTxClosed) || !errors.Is(errRead, bolterrors.ErrTxClosed) {
		t.Error(errWrite, errRead)
	}
}
