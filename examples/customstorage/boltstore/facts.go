package boltstore

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// Load returns anchors, and with customers those that they are aliases of.
func (r reader) Load(ctx context.Context, org string, refs []storage.Ref) ([]storage.Anchor, error) {
	return read(ctx, r, org, func(s snapshot) ([]storage.Anchor, error) {
		keys := make([]key, len(refs))
		for i, ref := range refs {
			keys[i] = keyOf(ref)
		}
		found, err := s.anchors.get(s, keys)
		for _, a := range found {
			if a.Kind == storage.CustomerAnchor && a.Root != "" {
				keys = append(keys, keyOf(storage.Ref{Kind: a.Kind, Key: a.Root}))
			}
		}
		if err != nil || len(keys) == len(refs) {
			return found, err
		}
		return s.anchors.get(s, keys)
	})
}

// ListAnchors returns a page of the anchors of a kind.
func (r reader) ListAnchors(ctx context.Context, org string, kind storage.AnchorKind, after string, limit int) ([]storage.Anchor, error) {
	return read(ctx, r, org, func(s snapshot) ([]storage.Anchor, error) {
		return s.anchors.list(s, texts(string(kind)), texts(string(kind), after), limit)
	})
}

// Clicks returns clicks by id.
func (r reader) Clicks(ctx context.Context, org string, ids []string) ([]attribution.Click, error) {
	return read(ctx, r, org, func(s snapshot) ([]attribution.Click, error) { return s.clicks.get(s, each(ids)) })
}

// ClicksBefore returns a page of old clicks.
func (r reader) ClicksBefore(ctx context.Context, org string, before time.Time, after storage.Mark, limit int) ([]attribution.Click, error) {
	return read(ctx, r, org, func(s snapshot) ([]attribution.Click, error) {
		var found []attribution.Click
		for _, id := range s.scan(clicksByTime, nil, key(nil).moment(after.At).and(texts(after.ID))) {
			click, _, err := s.clicks.row(s, id)
			if err != nil || len(found) >= limit || !click.At.Before(before) {
				return found, err
			}
			found = append(found, click)
		}
		return found, nil
	})
}

// Touches returns the clicks of visitors or with an id, and the identifies that name
// the visitors or those clicks.
func (r reader) Touches(ctx context.Context, org string, visitors, clicks []string) (found []attribution.Click, identifies []storage.Identify, err error) {
	identifies, err = read(ctx, r, org, func(s snapshot) ([]storage.Identify, error) {
		byVisitor := each(visitors)
		if found, err = s.clicks.get(s, append(s.by(clicksByVisitor, byVisitor), each(clicks)...)); err != nil {
			return nil, err
		}
		keys := s.by(identifiesByVisitor, byVisitor)
		for _, c := range found {
			keys = append(keys, s.by(identifiesByClick, []key{texts(c.ID)})...)
		}
		return s.identifies.get(s, keys)
	})
	return found, identifies, err
}

// IdentifiesOf returns the identifies of customers.
func (r reader) IdentifiesOf(ctx context.Context, org string, customers []string) ([]storage.Identify, error) {
	return read(ctx, r, org, func(s snapshot) ([]storage.Identify, error) {
		return s.identifies.get(s, s.by(identifiesByCustomer, each(customers)))
	})
}

// HasIdentify reports whether an identify is stored.
func (r reader) HasIdentify(ctx context.Context, org, id string) (bool, error) {
	return read(ctx, r, org, func(s snapshot) (bool, error) { return s.identifies.has(s, texts(id)), nil })
}

// Conversions returns conversions by id.
func (r reader) Conversions(ctx context.Context, org string, ids []string) ([]attribution.Conversion, error) {
	return read(ctx, r, org, func(s snapshot) ([]attribution.Conversion, error) { return s.conversions.get(s, each(ids)) })
}

// ConversionsOf returns the conversions of customers.
func (r reader) ConversionsOf(ctx context.Context, org string, customers []string) ([]attribution.Conversion, error) {
	return read(ctx, r, org, func(s snapshot) ([]attribution.Conversion, error) {
		return s.conversions.get(s, s.by(conversionsByCustomer, each(customers)))
	})
}

// ConversionPage returns a page of conversions, latest first.
func (r reader) ConversionPage(ctx context.Context, org string, since time.Time, after storage.Mark, limit int) ([]attribution.Conversion, error) {
	before := key{0xff} // no time begins so
	if after != (storage.Mark{}) {
		before = key(nil).moment(after.At).and(texts(after.ID))
	}
	return read(ctx, r, org, func(s snapshot) (page []attribution.Conversion, err error) {
		for _, id := range s.scanBack(conversionsByTime, nil, before) {
			c, _, err := s.conversions.row(s, id)
			if err != nil || len(page) >= limit || c.At.Before(canonical(since)) {
				return page, err
			}
			page = append(page, c)
		}
		return page, nil
	})
}

// CustomersSince returns a page of the customers with a conversion since a time. It
// jumps from customer to customer, however many conversions these have.
func (r reader) CustomersSince(ctx context.Context, org string, since time.Time, after string, limit int) ([]string, error) {
	return read(ctx, r, org, func(s snapshot) ([]string, error) {
		var customers []string
		past := texts(after).past()
		for len(customers) < limit {
			id, more := s.first(nil, past)
			if !more {
				break
			}
			c, _, err := s.conversions.row(s, id)
			if err != nil {
				return nil, err
			}
			under := texts(c.CustomerKey())
			if _, found := s.first(under, under.moment(since)); found {
				customers = append(customers, c.CustomerKey())
			}
			past = under.past()
		}
		return customers, nil
	})
}

// first returns the first conversion of conversionsByCustomer.
func (s snapshot) first(under, after key) (id key, found bool) {
	for _, id := range s.scan(conversionsByCustomer, under, after) {
		return id, true
	}
	return nil, false
}

// FactsOf returns the facts of conversions.
func (r reader) FactsOf(ctx context.Context, org string, conversions []string) ([]commission.Fact, error) {
	return read(ctx, r, org, func(s snapshot) ([]commission.Fact, error) {
		return s.facts.get(s, s.by(factsByConversion, each(conversions)))
	})
}

// FactsByID returns the facts with an id.
func (r reader) FactsByID(ctx context.Context, org, id string) ([]commission.Fact, error) {
	return read(ctx, r, org, func(s snapshot) ([]commission.Fact, error) {
		return s.facts.get(s, s.by(factsByID, []key{texts(id)}))
	})
}

// SetupSince returns configuration changes in order.
func (r reader) SetupSince(ctx context.Context, org string, after int64) ([]program.Change, error) {
	return read(ctx, r, org, func(s snapshot) ([]program.Change, error) {
		return plain(s.setup.list(s, nil, key(nil).number(after), noLimit))
	})
}

// Notes returns a page of the notes of a kind.
func (r reader) Notes(ctx context.Context, org string, kind storage.NoteKind, after storage.NoteMark, limit int) ([]storage.Note, error) {
	return read(ctx, r, org, func(s snapshot) ([]storage.Note, error) {
		return s.notesBehind(texts(string(kind)), texts(string(kind), after.Key, after.ID), limit)
	})
}

// notesBehind returns notes in the order of their lanes, those behind a place only.
func (s snapshot) notesBehind(under, after key, limit int) ([]storage.Note, error) {
	var keys []key
	for _, k := range s.scan(notesByLane, under, after) {
		if len(keys) >= limit {
			break
		}
		keys = append(keys, bytes.Clone(k))
	}
	return s.notes.get(s, keys)
}

// NotesFor returns notes by key.
func (r reader) NotesFor(ctx context.Context, org string, kinds []storage.NoteKind, keys []string, limit int) ([]storage.Note, error) {
	return read(ctx, r, org, func(s snapshot) ([]storage.Note, error) {
		var found []storage.Note
		for _, kind := range slices.Compact(slices.Sorted(slices.Values(kinds))) {
			for _, name := range slices.Compact(slices.Sorted(slices.Values(keys))) {
				lane, err := s.notesBehind(texts(string(kind), name), nil, limit)
				if err != nil {
					return nil, err
				}
				found = append(found, lane...)
			}
		}
		slices.SortFunc(found, func(a, b storage.Note) int { return a.Mark().Compare(b.Mark()) })
		return found[:min(len(found), max(limit, 0))], nil
	})
}

// Backlog counts the notes that wait.
func (r reader) Backlog(ctx context.Context, org string) ([]storage.Waiting, error) {
	return read(ctx, r, org, func(s snapshot) ([]storage.Waiting, error) {
		waiting := map[storage.NoteKind]storage.Waiting{}
		for k := range s.scan(s.notes.name, nil, nil) {
			n, _, err := s.notes.row(s, k)
			if err != nil {
				return nil, err
			}
			w, known := waiting[n.Kind]
			if !known || n.At.Before(w.Oldest) {
				w.Kind, w.Oldest = n.Kind, n.At
			}
			w.Notes++
			waiting[n.Kind] = w
		}
		return slices.Collect(maps.Values(waiting)), nil
	})
}
