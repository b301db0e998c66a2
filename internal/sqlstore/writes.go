package sqlstore

import (
	"encoding/json"

	"github.com/goaffiliate/affiliate/internal/storekit"
	"github.com/goaffiliate/affiliate/storage"
)

// Write is one statement of a change.
type Write struct {
	SQL  string
	Args []any
	Rows int64  // that it must affect, else the change is stale; -1: any number
	Else *Write // tried before the change is stale
}

// writeTexts are the statements that write, beside the inserts of tables.
type writeTexts struct {
	gate, done, payout string
}

func newWriteTexts() writeTexts {
	return writeTexts{
		gate: `UPDATE aff_anchors SET version = version + 1, root = ?, data = ?
			WHERE org = ? AND kind = ? AND key = ? AND version = ?`,
		done: `DELETE FROM aff_notes WHERE org = ? AND id IN (SELECT first FROM $list)`,
		payout: `UPDATE aff_payouts SET through = ?, amount = ?, issued_at = ?, status = ?, returned = ?, moves = ?
			WHERE org = ? AND id = ? AND partner = ? AND currency = ? AND cutoff = ?`,
	}
}

// Writes returns the statements of a change. What can make the change stale
// comes first.
func (s *Store) Writes(org string, change storage.Change) []Write {
	c, d, t := storekit.Clone(change), s.dialect, s.tables
	writes := s.gates(org, c.Gates)
	if len(c.Done) > 0 {
		writes = append(writes, Write{SQL: s.writes.done, Args: []any{org, texts(c.Done)}, Rows: int64(len(c.Done))})
	}
	for _, inserts := range [][]Write{
		t.conversions.insert(d, org, c.Conversions),
		t.clicks.insert(d, org, c.Clicks),
		t.identifies.insert(d, org, c.Identifies),
		t.facts.insert(d, org, c.Facts),
		t.setup.insert(d, org, c.Setup),
		t.lines.insert(d, org, c.Lines),
		s.payouts(org, c.Payouts),
		t.entries.insert(d, org, c.Entries),
		t.notes.insert(d, org, c.Notes),
		t.events.insert(d, org, c.Events),
		t.commissions.insert(d, org, c.Commissions),
		t.counts.insert(d, org, c.Counts),
	} {
		writes = append(writes, inserts...)
	}
	return writes
}

// gates returns one insert of the anchors that must not exist yet, and an
// update of each of the others.
func (s *Store) gates(org string, gates []storage.Gate) []Write {
	var fresh []storage.Anchor
	var updates []Write
	for _, g := range gates {
		if g.Version == 0 {
			fresh = append(fresh, storage.Anchor{Ref: g.Ref, Version: 1, Root: g.Root, Data: g.Data})
			continue
		}
		updates = append(updates, Write{
			SQL: s.writes.gate, Args: []any{g.Root, g.Data, org, string(g.Kind), g.Key, g.Version}, Rows: 1,
		})
	}
	return append(s.tables.anchors.insert(s.dialect, org, fresh), updates...)
}

// payouts returns the inserts of payouts. One that is there already is written
// over if it is the same payout; another of the same cut-off makes the change
// stale.
func (s *Store) payouts(org string, payouts []storage.Payout) []Write {
	var writes []Write
	for i := range payouts {
		p := &payouts[i]
		insert := s.tables.payouts.insert(s.dialect, org, payouts[i:i+1])[0]
		insert.Else = &Write{SQL: s.writes.payout, Rows: 1, Args: []any{
			p.Through, p.Amount, s.dialect.Time(&p.IssuedAt), string(p.Status), p.Returned, jsonField{&p.Moves},
			org, p.ID, p.Partner, string(p.Currency), s.dialect.Time(&p.Cutoff),
		}}
		writes = append(writes, insert)
	}
	return writes
}

// texts is the parameter of a list, each text once.
func texts(list []string) string { return encode(list) }

// pairs is the parameter of a list of pairs.
func pairs(refs []storage.Ref) string {
	list := make([][2]string, len(refs))
	for i, r := range refs {
		list[i] = [2]string{string(r.Kind), r.Key}
	}
	return encode(list)
}

// encode writes each item of a list once, as JSON.
func encode[R comparable](list []R) string {
	once := unique(list, func(r R) R { return r })
	data, err := json.Marshal(once)
	if err != nil {
		panic(err) // text cannot fail
	}
	return string(data)
}

// unique returns the rows without those whose key came before.
func unique[R any, K comparable](rows []R, key func(R) K) []R {
	seen := make(map[K]bool, len(rows))
	once := make([]R, 0, len(rows))
	for _, r := range rows {
		if k := key(r); !seen[k] {
			seen[k] = true
			once = append(once, r)
		}
	}
	return once
}
