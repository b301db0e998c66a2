package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/storekit"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// Load returns anchors, and with customers those that they are aliases of.
func (s *Store) Load(ctx context.Context, org string, refs []storage.Ref) ([]storage.Anchor, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	found := map[storage.Ref]storage.Anchor{}
	for _, ref := range refs {
		a, ok := o.anchor(ref)
		if !ok {
			continue
		}
		found[ref] = storekit.Clone(a)
		if ref.Kind != storage.CustomerAnchor || a.Root == "" {
			continue
		}
		root := storage.Ref{Kind: storage.CustomerAnchor, Key: a.Root}
		if a, ok := o.anchor(root); ok {
			found[root] = storekit.Clone(a)
		}
	}
	return slices.Collect(maps.Values(found)), nil
}

// ListAnchors returns a page of the anchors of a kind.
func (s *Store) ListAnchors(ctx context.Context, org string, kind storage.AnchorKind, after string, limit int) ([]storage.Anchor, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	anchors, ok := o.anchors[kind]
	if !ok {
		return nil, nil
	}
	return anchors.after(after, limit, every), nil
}

// Clicks returns clicks by id.
func (s *Store) Clicks(ctx context.Context, org string, ids []string) ([]attribution.Click, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.clicks.get(ids), nil
}

// ClicksBefore returns a page of old clicks.
func (s *Store) ClicksBefore(ctx context.Context, org string, before time.Time, after storage.Mark, limit int) ([]attribution.Click, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var found []attribution.Click
	for _, c := range o.clicks.rows {
		if c.At.Before(before) && attribution.Before(after.At, after.ID, c.At, c.ID) {
			found = append(found, storekit.Clone(c))
		}
	}
	attribution.SortClicks(found)
	return found[:min(len(found), max(limit, 0))], nil
}

// Touches returns the clicks of visitors or with an id, and the identifies that
// name the visitors or those clicks.
func (s *Store) Touches(ctx context.Context, org string, visitors, clicks []string) ([]attribution.Click, []storage.Identify, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, nil, err
	}
	defer s.mu.Unlock()
	found := o.clicks.get(append(o.clicks.by(clicksByVisitor, visitors...), clicks...))
	keys := o.identifies.by(identifiesByVisitor, visitors...)
	for _, c := range found {
		keys = append(keys, o.identifies.by(identifiesByClick, c.ID)...)
	}
	return found, o.identifies.get(keys), nil
}

// IdentifiesOf returns the identifies of customers.
func (s *Store) IdentifiesOf(ctx context.Context, org string, customers []string) ([]storage.Identify, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.identifies.get(o.identifies.by(identifiesByCustomer, customers...)), nil
}

// HasIdentify reports whether an identify is stored.
func (s *Store) HasIdentify(ctx context.Context, org, key string) (bool, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	_, ok := o.identifies.rows[key]
	return ok, nil
}

// Conversions returns conversions by id.
func (s *Store) Conversions(ctx context.Context, org string, ids []string) ([]attribution.Conversion, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.conversions.get(ids), nil
}

// ConversionsOf returns the conversions of customers.
func (s *Store) ConversionsOf(ctx context.Context, org string, customers []string) ([]attribution.Conversion, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.conversions.get(o.conversions.by(conversionsByCustomer, customers...)), nil
}

// CustomersSince returns a page of the customers with a conversion since a time.
func (s *Store) CustomersSince(ctx context.Context, org string, since time.Time, after string, limit int) ([]string, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	since = storekit.Time(since)
	found := map[string]bool{}
	for _, c := range o.conversions.rows {
		if customer := c.CustomerKey(); customer > after && !c.At.Before(since) {
			found[customer] = true
		}
	}
	customers := slices.Sorted(maps.Keys(found))
	return customers[:min(len(customers), max(limit, 0))], nil
}

// FactsOf returns the facts of conversions.
func (s *Store) FactsOf(ctx context.Context, org string, conversions []string) ([]commission.Fact, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.facts.get(o.facts.by(factsByConversion, conversions...)), nil
}

// FactsByID returns the facts with an id.
func (s *Store) FactsByID(ctx context.Context, org, id string) ([]commission.Fact, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.facts.get(o.facts.by(factsByID, id)), nil
}

// SetupSince returns configuration changes in order.
func (s *Store) SetupSince(ctx context.Context, org string, after int64) ([]program.Change, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return o.setup.after(after, len(o.setup.rows), every), nil
}

// every passes every row.
func every[T any](T) bool { return true }

// ConversionPage returns a page of conversions, latest first.
func (s *Store) ConversionPage(ctx context.Context, org string, since time.Time, after storage.Mark, limit int) ([]attribution.Conversion, error) {
	o, err := s.open(ctx, org)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	since, after.At = storekit.Time(since), storekit.Time(after.At)
	var found []attribution.Conversion
	for _, c := range o.conversions.rows {
		if !c.At.Before(since) && (after == storage.Mark{} || attribution.Before(c.At, c.ID, after.At, after.ID)) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b attribution.Conversion) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	found = found[:min(len(found), max(limit, 0))]
	for i := range found {
		found[i] = storekit.Clone(found[i])
	}
	return found, nil
}
