package sqlstore

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/storekit"
	"github.com/goaffiliate/affiliate/storage"
)

// Write is one statement of a change.
type Write struct {
	SQL  string
	Args []any
	Rows int64 // that it must affect, else the change is stale

	reads bool // returns its rows by itself
}

// writeTexts are the statements that write, beside the inserts of tables.
type writeTexts struct {
	gate, gates string // of one anchor, and of manyGates
	hold        string // the anchors of a list without waiting for other transactions; empty: nobody waits
	done, purge string
	taken       string // deletes events
	ungate      string // deletes one anchor

	redact, forget, unsell string // of erasures: conversions, identifies, conversions to delete
	clicks                 string // any number of them; empty: the table's inserts serve
}

// manyGates is how many anchors one statement updates. Fewer are updated one by
// one, which is cheaper than the table that SQLite makes of their values.
const manyGates = 16

func newWriteTexts(d Dialect) writeTexts {
	return writeTexts{
		hold:   d.Hold,
		clicks: d.Clicks,
		gates: `WITH gate(root, data, kind, key, version) AS (VALUES
			(CAST(? AS TEXT), CAST(? AS $blob), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT))` +
			strings.Repeat(", (?, ?, ?, ?, ?)", manyGates-1) + `)
			UPDATE aff_anchors SET version = aff_anchors.version + 1, root = gate.root, data = gate.data FROM gate
			WHERE org = ? AND aff_anchors.kind = gate.kind AND aff_anchors.key = gate.key AND aff_anchors.version = gate.version`,
		gate: `UPDATE aff_anchors SET version = version + 1, root = ?, data = ?
			WHERE org = ? AND kind = ? AND key = ? AND version = ?`,
		done:  `DELETE FROM aff_notes WHERE org = ? AND id$any`,
		purge: `DELETE FROM aff_clicks WHERE org = ? AND id$any`,
		taken: `DELETE FROM aff_events WHERE org = ? AND id$any`,

		ungate: `DELETE FROM aff_anchors WHERE org = ? AND kind = ? AND key = ? AND version = ?`,
		redact: `UPDATE aff_conversions SET customer = ?, click = '', campaign = '', sub = NULL, metadata = NULL
			WHERE org = ? AND id$any`,
		unsell: `DELETE FROM aff_conversions WHERE org = ? AND id$any`,
		forget: `DELETE FROM aff_identifies WHERE org = ? AND key$any`,
	}
}

// Writes returns the statements of a change. What most often makes a change
// stale comes first.
func (s *Store) Writes(org string, change storage.Change) []Write {
	if contradicts(change) {
		return []Write{s.gate(org, storage.Gate{Version: 0})} // which no anchor is at
	}
	d, t := s.dialect, s.tables
	clicks := change.Clicks
	change.Clicks = nil // of which there may be many
	c := storekit.Clone(change)
	var writes []Write
	if c.NoWait && s.writes.hold != "" {
		writes = append(writes, s.hold(org, c.Gates)...)
	}
	writes = append(writes, s.gates(org, c.Gates)...)
	if len(c.Done) > 0 {
		writes = append(writes, Write{SQL: s.writes.done, Args: []any{org, texts(c.Done)}, Rows: int64(len(c.Done))})
	}
	if len(c.Taken) > 0 {
		writes = append(writes, Write{SQL: s.writes.taken, Args: []any{org, texts(c.Taken)}, Rows: int64(len(c.Taken))})
	}
	if len(c.Purge) > 0 {
		writes = append(writes, Write{SQL: s.writes.purge, Args: []any{org, texts(c.Purge)}, Rows: int64(len(c.Purge))})
	}
	for _, e := range c.Erasures {
		writes = append(writes, s.erase(org, e)...)
	}
	for _, inserts := range [][]Write{
		t.conversions.insert(d, org, c.Conversions),
		s.clicks(org, clicks),
		t.identifies.insert(d, org, c.Identifies),
		t.facts.insert(d, org, c.Facts),
		t.setup.insert(d, org, c.Setup),
		t.lines.insert(d, org, c.Lines),
		t.payouts.insert(d, org, c.Payouts),
		t.entries.insert(d, org, c.Entries),
		t.notes.insert(d, org, c.Notes),
		t.adjustments.insert(d, org, c.Adjustments),
		t.events.insert(d, org, c.Events),
		t.commissions.insert(d, org, c.Commissions),
		t.counts.insert(d, org, c.Counts),
	} {
		writes = append(writes, inserts...)
	}
	return writes
}

// contradicts reports whether a change cannot be written, whatever is stored,
// but could be statement by statement: with two gates of one anchor, a note that
// is both new and done, or a click that is both new and purged.
func contradicts(c storage.Change) bool {
	refs := unique(c.Gates, func(g storage.Gate) storage.Ref { return g.Ref })
	if len(refs) < len(c.Gates) {
		return true
	}
	return slices.ContainsFunc(c.Notes, func(n storage.Note) bool { return slices.Contains(c.Done, n.ID) }) ||
		slices.ContainsFunc(c.Events, func(e storage.Event) bool { return slices.Contains(c.Taken, e.ID) }) ||
		slices.ContainsFunc(c.Clicks, func(k attribution.Click) bool { return slices.Contains(c.Purge, k.ID) })
}

// Merge returns changes as one. If they do not meet in an anchor or a note, it
// is written if and only if each of them is, in their order.
func Merge(changes []storage.Change) (one storage.Change, ok bool) {
	for _, c := range changes {
		one.NoWait = one.NoWait || c.NoWait
		one.Gates = append(one.Gates, c.Gates...)
		one.Clicks = append(one.Clicks, c.Clicks...)
		one.Identifies = append(one.Identifies, c.Identifies...)
		one.Conversions = append(one.Conversions, c.Conversions...)
		one.Facts = append(one.Facts, c.Facts...)
		one.Setup = append(one.Setup, c.Setup...)
		one.Entries = append(one.Entries, c.Entries...)
		one.Notes = append(one.Notes, c.Notes...)
		one.Done = append(one.Done, c.Done...)
		one.Taken = append(one.Taken, c.Taken...)
		one.Purge = append(one.Purge, c.Purge...)
		one.Erasures = append(one.Erasures, c.Erasures...)
		one.Commissions = append(one.Commissions, c.Commissions...)
		one.Lines = append(one.Lines, c.Lines...)
		one.Payouts = append(one.Payouts, c.Payouts...)
		one.Adjustments = append(one.Adjustments, c.Adjustments...)
		one.Counts = append(one.Counts, c.Counts...)
		one.Events = append(one.Events, c.Events...)
	}
	return one, !contradicts(one)
}

// hold locks the anchors that are there, or fails at once.
func (s *Store) hold(org string, gates []storage.Gate) []Write {
	var refs []storage.Ref
	for _, g := range gates {
		if g.Version > 0 {
			refs = append(refs, g.Ref)
		}
	}
	if len(refs) == 0 {
		return nil
	}
	return []Write{{SQL: s.writes.hold, Args: []any{pairs(refs), org}, Rows: int64(len(refs)), reads: true}}
}

// gates returns inserts of the anchors that must not exist yet, and updates of
// the others.
func (s *Store) gates(org string, gates []storage.Gate) []Write {
	var fresh []storage.Anchor
	var known []storage.Gate
	var dropped []Write
	for _, g := range gates {
		if g.Version == 0 {
			fresh = append(fresh, storage.Anchor{Ref: g.Ref, Version: max(1, g.Start), Root: g.Root, Data: g.Data})
		} else if g.Drop {
			dropped = append(dropped, Write{SQL: s.writes.ungate, Args: []any{org, g.Kind, g.Key, g.Version}, Rows: 1})
		} else {
			known = append(known, g)
		}
	}
	writes := append(dropped, s.tables.anchors.insert(s.dialect, org, fresh)...)
	for ; len(known) >= manyGates; known = known[manyGates:] {
		w := Write{SQL: s.writes.gates, Rows: manyGates}
		for _, g := range known[:manyGates] {
			w.Args = append(w.Args, g.Root, g.Data, g.Kind, g.Key, g.Version)
		}
		w.Args = append(w.Args, org)
		writes = append(writes, w)
	}
	for _, g := range known {
		writes = append(writes, s.gate(org, g))
	}
	return writes
}

// erase returns the statements of an erasure.
func (s *Store) erase(org string, e storage.Erasure) []Write {
	var writes []Write
	if len(e.Conversions) > 0 {
		writes = append(writes, Write{SQL: s.writes.redact, Args: []any{e.Customer, org, texts(e.Conversions)}, Rows: int64(len(e.Conversions))})
	}
	if len(e.Dropped) > 0 {
		writes = append(writes, Write{SQL: s.writes.unsell, Args: []any{org, texts(e.Dropped)}, Rows: int64(len(e.Dropped))})
	}
	if len(e.Identifies) > 0 {
		writes = append(writes, Write{SQL: s.writes.forget, Args: []any{org, texts(e.Identifies)}, Rows: int64(len(e.Identifies))})
	}
	return writes
}

func (s *Store) gate(org string, g storage.Gate) Write {
	return Write{SQL: s.writes.gate, Args: []any{g.Root, g.Data, org, g.Kind, g.Key, g.Version}, Rows: 1}
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
