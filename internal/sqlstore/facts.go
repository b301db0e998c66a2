package sqlstore

import (
	"context"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// Load returns anchors, and with customers those that they are aliases of, in
// one statement.
func (s *Store) Load(ctx context.Context, org string, refs []storage.Ref) ([]storage.Anchor, error) {
	query, args := s.few(org, refs)
	if args == nil {
		wanted := pairs(refs)
		query, args = s.reads.load, []any{wanted, org, wanted, org, org}
	}
	found, err := list(ctx, s, s.tables.anchors, query, args...)
	return unique(found, func(a storage.Anchor) storage.Ref { return a.Ref }), err
}

// few returns the statement and the arguments for a few refs, or none if they are
// too many.
func (s *Store) few(org string, refs []storage.Ref) (query string, args []any) {
	if len(refs) == 0 || len(refs) > fewRefs {
		return "", nil
	}
	customers := 0
	args = make([]any, 0, 3*fewRefs+2*fewCustomers)
	for _, r := range refs {
		args = append(args, org, string(r.Kind), r.Key)
	}
	for _, r := range refs {
		if r.Kind == storage.CustomerAnchor {
			args, customers = append(args, org, r.Key), customers+1
		}
	}
	if customers > fewCustomers {
		return "", nil
	}
	return s.reads.loadFew[len(refs)-1][customers], args
}

// ListAnchors returns a page of the anchors of a kind.
func (s *Store) ListAnchors(ctx context.Context, org string, kind storage.AnchorKind, after string, limit int) ([]storage.Anchor, error) {
	return list(ctx, s, s.tables.anchors, s.reads.listAnchors, org, string(kind), after, max(limit, 0))
}

// Clicks returns clicks by id.
func (s *Store) Clicks(ctx context.Context, org string, ids []string) ([]attribution.Click, error) {
	return list(ctx, s, s.tables.clicks, s.reads.clicks, texts(ids), org)
}

// ClicksBefore returns a page of old clicks.
func (s *Store) ClicksBefore(ctx context.Context, org string, before time.Time, after storage.Mark, limit int) ([]attribution.Click, error) {
	return list(ctx, s, s.tables.clicks, s.reads.clicksBefore,
		org, s.dialect.Time(&before), s.dialect.Time(&after.At), after.ID, max(limit, 0))
}

// Touches returns the clicks of visitors or with an id, and the identifies that
// name the visitors or those clicks.
func (s *Store) Touches(ctx context.Context, org string, visitors, clicks []string) ([]attribution.Click, []storage.Identify, error) {
	by := texts(named(visitors))
	found, err := list(ctx, s, s.tables.clicks, s.reads.touches, by, org, texts(clicks), org)
	if err != nil {
		return nil, nil, err
	}
	found = unique(found, func(c attribution.Click) string { return c.ID })
	ids := make([]string, len(found))
	for i, c := range found {
		ids[i] = c.ID
	}
	identifies, err := list(ctx, s, s.tables.identifies, s.reads.identifies, by, org, texts(named(ids)), org)
	return found, unique(identifies, func(i storage.Identify) string { return i.Key }), err
}

// named returns the ids without the empty one, which most rows have in place of
// the visitor or click that they do not name.
func named(ids []string) []string {
	list := make([]string, 0, len(ids))
	for _, id := range ids {
		if id != "" {
			list = append(list, id)
		}
	}
	return list
}

// IdentifiesOf returns the identifies of customers.
func (s *Store) IdentifiesOf(ctx context.Context, org string, customers []string) ([]storage.Identify, error) {
	return list(ctx, s, s.tables.identifies, s.reads.identifiesOf, texts(customers), org)
}

// HasIdentify reports whether an identify is stored.
func (s *Store) HasIdentify(ctx context.Context, org, key string) (bool, error) {
	_, found, err := one(ctx, s, "read aff_identifies", s.reads.hasIdentify, []any{org, key},
		func(n *int64) []any { return []any{n} })
	return found, err
}

// Conversions returns conversions by id.
func (s *Store) Conversions(ctx context.Context, org string, ids []string) ([]attribution.Conversion, error) {
	return list(ctx, s, s.tables.conversions, s.reads.conversions, texts(ids), org)
}

// ConversionsOf returns the conversions of customers.
func (s *Store) ConversionsOf(ctx context.Context, org string, customers []string) ([]attribution.Conversion, error) {
	return list(ctx, s, s.tables.conversions, s.reads.conversionsOf, texts(customers), org)
}

// ConversionPage returns a page of conversions, latest first.
func (s *Store) ConversionPage(ctx context.Context, org string, since time.Time, after storage.Mark, limit int) ([]attribution.Conversion, error) {
	after = fromTheLatest(after)
	return list(ctx, s, s.tables.conversions, s.reads.conversionPage,
		org, s.dialect.Time(&since), s.dialect.Time(&after.At), after.ID, max(limit, 0))
}

// fromTheLatest is the mark of a list that runs from the latest to the earliest.
func fromTheLatest(after storage.Mark) storage.Mark {
	if after == (storage.Mark{}) {
		after.At = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return after
}

// fewConversions is how many conversions are looked through for their customers. Beyond it
// customers are walked in their order, past those without a recent conversion:
// many pages then read the table once together, not once each.
const fewConversions = 1000

// CustomersSince returns a page of the customers with a conversion since a time.
func (s *Store) CustomersSince(ctx context.Context, org string, since time.Time, after string, limit int) ([]string, error) {
	column := func(key *string) []any { return []any{key} }
	lately, err := scan(ctx, s, "read customers", s.reads.lately, []any{org, s.dialect.Time(&since), fewConversions + 1}, column)
	if err != nil {
		return nil, err
	}
	if len(lately) > fewConversions {
		return scan(ctx, s, "read customers", s.reads.customersSince,
			[]any{org, s.dialect.Time(&since), after, max(limit, 0)}, column)
	}
	slices.Sort(lately)
	lately = slices.DeleteFunc(slices.Compact(lately), func(key string) bool { return key <= after })
	return lately[:min(len(lately), max(limit, 0))], nil
}

// FactsOf returns the facts of conversions.
func (s *Store) FactsOf(ctx context.Context, org string, conversions []string) ([]commission.Fact, error) {
	return list(ctx, s, s.tables.facts, s.reads.factsOf, texts(named(conversions)), org)
}

// FactsByID returns the facts with an id.
func (s *Store) FactsByID(ctx context.Context, org, id string) ([]commission.Fact, error) {
	if id == "" {
		return nil, ctx.Err()
	}
	return list(ctx, s, s.tables.facts, s.reads.factsByID, org, id)
}

// SetupSince returns configuration changes in order.
func (s *Store) SetupSince(ctx context.Context, org string, after int64) ([]program.Change, error) {
	return list(ctx, s, s.tables.setup, s.reads.setupSince, org, after)
}
