package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// plan is a change on its way in. Whatever can stand against it is found out first:
// what is stale, what cannot be encoded, what is too long. Only then its writes run,
// so that bbolt needs no savepoint to keep a change whole.
type plan struct {
	snapshot
	stale  bool
	err    error // the first
	writes []func() error
}

// commit applies one change.
func (s snapshot) commit(c storage.Change) (storage.Outcome, error) {
	p := &plan{snapshot: s}
	p.gates(c.Gates)
	drop(p, s.notes, c.Done)
	drop(p, s.events, c.Taken)
	drop(p, s.clicks, c.Purge)
	for _, e := range c.Erasures {
		p.erase(e)
	}
	claim(p, s.clicks, c.Clicks)
	claim(p, s.identifies, c.Identifies)
	claim(p, s.conversions, c.Conversions)
	claim(p, s.facts, c.Facts)
	claim(p, s.setup, numbered(c.Setup))
	claim(p, s.entries, c.Entries)
	claim(p, s.notes, c.Notes)
	claim(p, s.lines, c.Lines)
	claim(p, s.adjustments, c.Adjustments)
	claim(p, s.events, c.Events)
	p.cutoffs(c.Payouts)
	over(p, s.payouts, c.Payouts)
	over(p, s.commissions, c.Commissions)
	p.counts(c.Counts)
	if p.err != nil || p.stale {
		return storage.Stale, p.err
	}
	p.ctx = context.WithoutCancel(p.ctx) // a host's transaction would keep what is written by then
	for _, write := range p.writes {
		if err := write(); err != nil {
			return storage.Stale, err
		}
	}
	return storage.Committed, nil
}

func (p *plan) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// gates lets anchors pass that are at the version that was read.
func (p *plan) gates(gates []storage.Gate) {
	seen := make(map[storage.Ref]bool, len(gates))
	var next []storage.Anchor
	for _, g := range gates {
		a, _, err := p.anchors.row(p.snapshot, keyOf(g.Ref))
		if err != nil {
			p.fail(err)
		}
		p.stale = p.stale || a.Version != g.Version || seen[g.Ref]
		seen[g.Ref] = true
		switch {
		case g.Drop:
			p.writes = append(p.writes, func() error { return p.bucket(p.anchors.name).Delete(p.org.and(keyOf(g.Ref))) })
		case g.Version == 0:
			next = append(next, storage.Anchor{Ref: g.Ref, Version: max(1, g.Start), Root: g.Root, Data: g.Data})
		default:
			next = append(next, storage.Anchor{Ref: g.Ref, Version: g.Version + 1, Root: g.Root, Data: g.Data})
		}
	}
	over(p, p.anchors, next)
}

// erase takes what identifies a person out of rows that stay.
func (p *plan) erase(e storage.Erasure) {
	drop(p, p.identifies, e.Identifies)
	drop(p, p.conversions, e.Dropped)
	drop(p, p.conversions, e.Conversions)
	kept, err := p.conversions.get(p.snapshot, each(e.Conversions))
	if err != nil {
		p.fail(err)
	}
	for i := range kept {
		kept[i].Customer, kept[i].Click, kept[i].CampaignID, kept[i].Sub, kept[i].Metadata = e.Customer, "", "", nil, nil
	}
	over(p, p.conversions, kept)
}

// cutoffs lets payouts pass whose cut-off has no other payout, and that do not
// move to another cut-off.
func (p *plan) cutoffs(payouts []payout.Payout) {
	claimed := map[string]string{}
	for _, o := range payouts {
		cutoff, own := cutoffOf(o), texts(o.ID)
		for _, taker := range p.scan(payoutsByCutoff, cutoff, nil) {
			p.stale = p.stale || !bytes.Equal(taker, own)
		}
		id, taken := claimed[string(cutoff)]
		p.stale = p.stale || taken && id != o.ID
		claimed[string(cutoff)] = o.ID
		old, found, err := p.payouts.row(p.snapshot, own)
		if err != nil {
			p.fail(err)
		}
		p.stale = p.stale || found && !bytes.Equal(cutoffOf(old), cutoff)
	}
}

// counts adds to what is counted already, here or in the same change.
func (p *plan) counts(list []storage.ClickCount) {
	sums := map[string]int64{}
	for i, c := range list {
		k := p.tables.counts.key(c)
		if _, known := sums[string(k)]; !known {
			old, _, err := p.tables.counts.row(p.snapshot, k)
			if err != nil {
				p.fail(err)
			}
			sums[string(k)] = old.Clicks
		}
		sums[string(k)] += c.Clicks
		list[i].Clicks = sums[string(k)]
	}
	over(p, p.tables.counts, list)
}

// claim inserts rows; if one's key is taken the change is stale.
func claim[T any](p *plan, t table[T], rows []T) {
	claimed := make(map[string]bool, len(rows))
	for _, row := range rows {
		k := t.key(row)
		p.stale = p.stale || claimed[string(k)] || t.has(p.snapshot, k)
		claimed[string(k)] = true
	}
	over(p, t, rows)
}

// over writes rows over those with the same key, if any.
func over[T any](p *plan, t table[T], rows []T) {
	for _, row := range rows {
		r, err := encode(p.snapshot, t, row)
		if err != nil {
			p.fail(err)
			return
		}
		p.writes = append(p.writes, func() error { return put(p.snapshot, t, r) })
	}
}

// drop deletes rows by id; if one is not there the change is stale.
func drop[T any](p *plan, t table[T], ids []string) {
	gone := make(map[string]bool, len(ids))
	for _, id := range ids {
		k := texts(id)
		p.stale = p.stale || gone[id] || !t.has(p.snapshot, k)
		gone[id] = true
		p.writes = append(p.writes, func() error {
			if err := unindex(p.snapshot, t, k); err != nil {
				return err
			}
			return p.bucket(t.name).Delete(p.org.and(k))
		})
	}
}

// encoded is a row that can be written.
type encoded struct {
	key     key
	data    []byte
	entries map[string]key // by index
}

func encode[T any](s snapshot, t table[T], row T) (encoded, error) {
	data, err := json.Marshal(row)
	if err != nil {
		return encoded{}, err
	}
	r := encoded{key: t.key(row), data: data, entries: entries(t, row)}
	longest := len(s.org) + len(r.key)
	for _, entry := range r.entries {
		longest = max(longest, len(s.org)+len(entry))
	}
	if longest > bbolt.MaxKeySize {
		return encoded{}, fmt.Errorf("%s: %w", t.name, bolterrors.ErrKeyTooLarge)
	}
	return r, nil
}

// entries are where the indexes have a row.
func entries[T any](t table[T], row T) map[string]key {
	found := make(map[string]key, len(t.indexes))
	for index, of := range t.indexes {
		if indexed := of(row); indexed != nil {
			found[index] = indexed.and(t.key(row))
		}
	}
	return found
}

// put writes a row and moves its index entries.
func put[T any](s snapshot, t table[T], r encoded) error {
	if err := unindex(s, t, r.key); err != nil {
		return err
	}
	for index, entry := range r.entries {
		if err := s.bucket(index).Put(s.org.and(entry), r.key); err != nil {
			return err
		}
	}
	return s.bucket(t.name).Put(s.org.and(r.key), r.data)
}

// unindex deletes the index entries of a row as it is stored, if it is.
func unindex[T any](s snapshot, t table[T], k key) error {
	if len(t.indexes) == 0 {
		return nil
	}
	old, found, err := t.row(s, k)
	if err != nil || !found {
		return err
	}
	for index, entry := range entries(t, old) {
		if err := s.bucket(index).Delete(s.org.and(entry)); err != nil {
			return err
		}
	}
	return nil
}
