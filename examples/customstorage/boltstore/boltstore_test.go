package boltstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/examples/customstorage/boltstore"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/storage/storagetest"
)

const org = "org"

// database opens a file for as long as the test runs. It does not wait for the
// disk, which only matters when the machine fails.
func database(t *testing.T, file string) *bbolt.DB {
	t.Helper()
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{NoSync: true})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func tempFile(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "store.db")
}

func open(t *testing.T, db *bbolt.DB) *boltstore.Store {
	t.Helper()
	s, err := boltstore.New(db)
	must(t, err)
	return s
}

func fresh(t *testing.T) storage.Store {
	t.Helper()
	return open(t, database(t, tempFile(t)))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func rows(t *testing.T, s storage.Store) string {
	t.Helper()
	found, err := s.Rows(t.Context(), org)
	must(t, err)
	text, err := found.Canonical()
	must(t, err)
	return string(text)
}

func TestStore(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, storagetest.Harness{Open: fresh, Host: host})
}

func TestLikeMemory(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { storagetest.Differential(t, memory.New(), fresh(t), seed) })
	}
}

// What the Engine makes of the scenarios of the repository.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../testdata/scenarios/*.json")
	must(t, err)
	if len(files) == 0 {
		t.Fatal("no scenarios")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			must(t, err)
			scenario, err := affiliatetest.Parse(file, data)
			must(t, err)
			result, err := affiliatetest.Run(t.Context(), fresh(t), scenario)
			must(t, err)
			if !result.OK() {
				t.Error(result.Differences)
			}
		})
	}
}

func TestSurvivesReopening(t *testing.T) {
	t.Parallel()
	file := tempFile(t)
	click := storage.Change{Clicks: []attribution.Click{{ID: "mine"}}}
	db := database(t, file)
	s := open(t, db)
	storagetest.Differential(t, memory.New(), s, 77)
	_, err := s.Commit(t.Context(), org, []storage.Change{click})
	must(t, err)
	before := rows(t, s)
	must(t, db.Close())

	s = open(t, database(t, file))
	if after := rows(t, s); after != before || !strings.Contains(after, "mine") {
		t.Errorf("after reopening\n%s\nnot\n%s", after, before)
	}
	outcomes, err := s.Commit(t.Context(), org, []storage.Change{click})
	must(t, err)
	if outcomes[0] != storage.Stale {
		t.Error("a claim is forgotten")
	}
}

func TestOtherFormatsAreLeftAlone(t *testing.T) {
	t.Parallel()
	db := database(t, tempFile(t))
	open(t, db)
	must(t, db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("affiliate")).Put([]byte("format"), []byte("0"))
	}))
	if _, err := boltstore.New(db); err == nil || !strings.Contains(err.Error(), `format "0"`) {
		t.Error(err)
	}
}

func TestClosedDatabase(t *testing.T) {
	t.Parallel()
	db := database(t, tempFile(t))
	s := open(t, db)
	must(t, db.Close())
	_, errWrite := s.Commit(t.Context(), org, nil)
	_, errRead := s.Backlog(t.Context(), org)
	for _, err := range []error{errWrite, errRead} {
		if !errors.Is(err, storage.ErrUnavailable) {
			t.Error(err)
		}
	}
}

func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	file := tempFile(t)
	must(t, database(t, file).Close())
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{ReadOnly: true})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	if _, err := boltstore.New(db); !errors.Is(err, storage.ErrReadOnly) {
		t.Error(err)
	}
}

// full is a change of which every id and kind is word.
func full(word string) storage.Change {
	var line storage.LedgerLine
	line.Partner, line.Currency, line.Position, line.EntryID, line.Amount = word, "usd", 1, word, 10
	var earned storage.Commission
	earned.Partner, earned.Program, earned.Rule, earned.Conversion, earned.Currency = word, word, word, word, "usd"
	return storage.Change{
		Clicks:      []attribution.Click{{ID: word, Visitor: word}},
		Identifies:  []storage.Identify{{Key: word, Identify: attribution.Identify{Visitor: word}}},
		Conversions: []attribution.Conversion{{ID: word, Customer: word}},
		Facts:       []commission.Fact{{Kind: commission.Refund, ID: word, Conversion: word}},
		Notes:       []storage.Note{{ID: word, Kind: storage.NoteKind(word)}},
		Commissions: []storage.Commission{earned},
		Lines:       []storage.LedgerLine{line},
		Payouts:     []payout.Payout{{ID: word, Partner: word}},
		Adjustments: []payout.Adjustment{{ID: word, Partner: word}},
		Counts:      []storage.ClickCount{{Partner: word, Clicks: 1}},
	}
}

// Reads of what is mine do not touch the rows of others, which are broken here.
func TestReadsFindTheirRowsByIndex(t *testing.T) {
	t.Parallel()
	db := database(t, tempFile(t))
	s := open(t, db)
	_, err := s.Commit(t.Context(), org, []storage.Change{full("a"), full("mine"), full("z")})
	must(t, err)
	must(t, db.Update(func(tx *bbolt.Tx) error { return spoil(tx.Bucket([]byte("affiliate"))) }))
	if _, err := s.Rows(t.Context(), org); err == nil {
		t.Fatal("the rows of others are not broken")
	}
	ctx, mine := t.Context(), []string{"mine"}
	for name, read := range map[string]func() (int, error){
		"Touches": func() (int, error) {
			clicks, identifies, err := s.Touches(ctx, org, mine, nil)
			return len(clicks) * len(identifies), err
		},
		"ConversionsOf":  count(s.ConversionsOf(ctx, org, mine)),
		"FactsOf":        count(s.FactsOf(ctx, org, mine)),
		"FactsByID":      count(s.FactsByID(ctx, org, "mine")),
		"Notes":          count(s.Notes(ctx, org, "mine", storage.NoteMark{}, 9)),
		"CommissionsOf":  count(s.CommissionsOf(ctx, org, "mine", "mine", "mine")),
		"CommissionsFor": count(s.CommissionsFor(ctx, org, mine)),
		"CommissionPage": count(s.CommissionPage(ctx, org, "mine", storage.CommissionMark{}, 9)),
		"Lines":          count(s.Lines(ctx, org, "mine", "usd", 9)),
		"Sum": func() (int, error) {
			matured, _, err := s.Sum(ctx, org, "mine", "usd", payout.Range{}, time.Time{})
			return int(matured / 10), err
		},
		"Payouts":        count(s.Payouts(ctx, org, "mine")),
		"AdjustmentPage": count(s.AdjustmentPage(ctx, org, "mine", storage.Mark{}, 9)),
		"ClickCounts":    count(s.ClickCounts(ctx, org, "mine")),
	} {
		if n, err := read(); n != 1 || err != nil {
			t.Errorf("%s finds %d rows: %v", name, n, err)
		}
	}
}

func count[R any](list []R, err error) func() (int, error) {
	return func() (int, error) { return len(list), err }
}

// spoil breaks the JSON of all rows but mine.
func spoil(root *bbolt.Bucket) error {
	return root.ForEachBucket(func(name []byte) error {
		b := root.Bucket(name)
		var others [][]byte
		err := b.ForEach(func(k, v []byte) error {
			if v[0] == '{' && !bytes.Contains(v, []byte("mine")) {
				others = append(others, bytes.Clone(k))
			}
			return nil
		})
		for _, k := range others {
			err = errors.Join(err, b.Put(k, []byte("broken")))
		}
		return err
	})
}
