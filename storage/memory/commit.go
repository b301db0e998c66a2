package memory

import (
	"slices"

	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// fits reports whether a change can be applied: all gates are at their version,
// all claims free, all notes there.
func (o *organization) fits(c storage.Change) bool {
	return o.gatesFit(c.Gates) && deletable(o.notes, c.Done) && deletable(o.events.table, c.Taken) && deletable(o.clicks, c.Purge) && o.erasuresFit(c.Erasures) && o.payoutsFit(c.Payouts) &&
		o.clicks.free(c.Clicks) && o.identifies.free(c.Identifies) && o.conversions.free(c.Conversions) &&
		o.facts.free(c.Facts) && o.setup.free(c.Setup) && o.entries.free(c.Entries) && o.notes.free(c.Notes) &&
		o.lines.free(c.Lines) && o.adjustments.free(c.Adjustments) && o.events.free(c.Events)
}

func (o *organization) gatesFit(gates []storage.Gate) bool {
	passed := make(map[storage.Ref]bool, len(gates))
	for _, g := range gates {
		a, _ := o.anchor(g.Ref)
		if a.Version != g.Version || passed[g.Ref] {
			return false
		}
		passed[g.Ref] = true
	}
	return true
}

// deletable reports whether there is a row for each id, which come once.
func deletable[T any](t table[string, T], ids []string) bool {
	gone := make(map[string]bool, len(ids))
	for _, id := range ids {
		if _, ok := t.rows[id]; !ok || gone[id] {
			return false
		}
		gone[id] = true
	}
	return true
}

// erasuresFit reports whether all rows that erasures name are there.
func (o *organization) erasuresFit(list []storage.Erasure) bool {
	conversions, identifies := map[string]bool{}, map[string]bool{}
	for _, e := range list {
		for _, id := range slices.Concat(e.Conversions, e.Dropped) {
			if _, ok := o.conversions.rows[id]; !ok || conversions[id] {
				return false
			}
			conversions[id] = true
		}
		for _, key := range e.Identifies {
			if _, ok := o.identifies.rows[key]; !ok || identifies[key] {
				return false
			}
			identifies[key] = true
		}
	}
	return true
}

func (o *organization) erase(e storage.Erasure) {
	o.identifies.remove(e.Identifies)
	o.conversions.remove(e.Dropped)
	kept := o.conversions.get(e.Conversions)
	o.conversions.remove(e.Conversions)
	for i := range kept {
		kept[i].Customer, kept[i].Click, kept[i].CampaignID, kept[i].Sub, kept[i].Metadata = e.Customer, "", "", nil, nil
	}
	o.conversions.put(kept)
}

func (o *organization) removeNotes(ids []string) {
	places := make([]string, len(ids))
	for i, id := range ids {
		places[i] = o.lanes.key(o.notes.rows[id])
	}
	o.lanes.remove(places)
	o.notes.remove(ids)
}

// payoutsFit reports whether no other payout has the cut-off of one of these,
// and whether one with the same id, if any, is of the same cut-off.
func (o *organization) payoutsFit(payouts []payout.Payout) bool {
	claimed := make(map[cutoffKey]string, len(payouts))
	for _, p := range payouts {
		cutoff := keyOfCutoff(p)
		if id, taken := o.cutoffs[cutoff]; taken && id != p.ID {
			return false
		}
		if id, taken := claimed[cutoff]; taken && id != p.ID {
			return false
		}
		if old, ok := o.payouts.rows[p.ID]; ok && keyOfCutoff(old) != cutoff {
			return false
		}
		claimed[cutoff] = p.ID
	}
	return true
}

// apply writes a change that fits.
func (o *organization) apply(c storage.Change) {
	for _, g := range c.Gates {
		switch {
		case g.Drop:
			o.anchors[g.Kind].remove([]string{g.Key})
		case g.Version == 0:
			o.putAnchor(storage.Anchor{Ref: g.Ref, Version: max(1, g.Start), Root: g.Root, Data: g.Data})
		default:
			o.putAnchor(storage.Anchor{Ref: g.Ref, Version: g.Version + 1, Root: g.Root, Data: g.Data})
		}
	}
	o.removeNotes(c.Done)
	o.events.remove(c.Taken)
	o.clicks.remove(c.Purge)
	for _, e := range c.Erasures {
		o.erase(e)
	}
	o.clicks.put(c.Clicks)
	o.identifies.put(c.Identifies)
	o.conversions.put(c.Conversions)
	o.facts.put(c.Facts)
	o.setup.put(c.Setup)
	o.entries.put(c.Entries)
	o.notes.put(c.Notes)
	o.lanes.put(c.Notes)
	o.commissions.put(c.Commissions)
	o.lines.put(c.Lines)
	o.payouts.put(c.Payouts)
	for _, p := range c.Payouts {
		o.cutoffs[keyOfCutoff(p)] = p.ID
	}
	for _, count := range c.Counts {
		count.Clicks += o.counts.rows[keyOfCount(count)].Clicks
		o.counts.put([]storage.ClickCount{count})
	}
	o.adjustments.put(c.Adjustments)
	o.events.put(c.Events)
}
