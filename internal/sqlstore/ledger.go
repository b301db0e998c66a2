package sqlstore

import (
	"context"
	"time"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// CommissionsOf returns all commissions of a rule for a partner.
func (s *Store) CommissionsOf(ctx context.Context, org, partner, program, rule string) ([]storage.Commission, error) {
	return list(ctx, s, s.tables.commissions, s.reads.commissionsOf, org, partner, program, rule)
}

// CommissionsFor returns the commissions of conversions.
func (s *Store) CommissionsFor(ctx context.Context, org string, conversions []string) ([]storage.Commission, error) {
	return list(ctx, s, s.tables.commissions, s.reads.commissionsFor, texts(conversions), org)
}

// CommissionPage returns a page of a partner's commissions, latest first.
func (s *Store) CommissionPage(ctx context.Context, org, partner string, after storage.CommissionMark, limit int) ([]storage.Commission, error) {
	query, args := s.reads.firstPage, []any{org, partner}
	if after != (storage.CommissionMark{}) {
		query = s.reads.nextPage
		args = append(args, s.dialect.Time(&after.At), after.Conversion, after.Program, after.Rule, string(after.Currency))
	}
	return list(ctx, s, s.tables.commissions, query, append(args, max(limit, 0))...)
}

// Sum adds up the lines outside a range. It reads those after the range's
// position, and those before it that matured after its cut-off, and no others.
func (s *Store) Sum(ctx context.Context, org, partner string, currency money.Currency, outside payout.Range, at time.Time) (matured, pending int64, err error) {
	moment := s.dialect.Time(&at)
	query, args := s.reads.sumAll, []any{moment, moment, org, partner, string(currency)}
	if outside.Through > 0 {
		query = s.reads.sum
		args = append(args, outside.Through, org, partner, string(currency), s.dialect.Time(&outside.Cutoff), outside.Through)
	}
	sums, _, err := one(ctx, s, "sum of aff_ledger", query, args,
		func(sums *[2]int64) []any { return []any{&sums[0], &sums[1]} })
	return sums[0], sums[1], err
}

// Lines returns the lines up to a position, in order.
func (s *Store) Lines(ctx context.Context, org, partner string, currency money.Currency, through int64) ([]storage.LedgerLine, error) {
	return list(ctx, s, s.tables.lines, s.reads.lines, org, partner, string(currency), through)
}

// Payouts returns the payouts of a partner, or of all.
func (s *Store) Payouts(ctx context.Context, org, partner string) ([]payout.Payout, error) {
	if partner == "" {
		return list(ctx, s, s.tables.payouts, s.reads.payouts, org)
	}
	return list(ctx, s, s.tables.payouts, s.reads.payoutsOf, org, partner)
}

// Payout returns a payout by id.
func (s *Store) Payout(ctx context.Context, org, id string) (p payout.Payout, found bool, err error) {
	return one(ctx, s, "read aff_payouts", s.reads.payout, []any{org, id},
		func(p *payout.Payout) []any { return payoutFields(s.dialect, p) })
}

// Adjustments returns adjustments by id.
func (s *Store) Adjustments(ctx context.Context, org string, ids []string) ([]payout.Adjustment, error) {
	return list(ctx, s, s.tables.adjustments, s.reads.adjustments, texts(ids), org)
}

// AdjustmentPage returns a page of a partner's adjustments, or of all, latest first.
func (s *Store) AdjustmentPage(ctx context.Context, org, partner string, after storage.Mark, limit int) ([]payout.Adjustment, error) {
	after = fromTheLatest(after)
	query, args := s.reads.adjustmentPage, []any{org}
	if partner != "" {
		query, args = s.reads.adjustmentPageOf, append(args, partner)
	}
	return list(ctx, s, s.tables.adjustments, query, append(args, s.dialect.Time(&after.At), after.ID, max(limit, 0))...)
}

// ClickCounts returns the click counts of a partner.
func (s *Store) ClickCounts(ctx context.Context, org, partner string) ([]storage.ClickCount, error) {
	return list(ctx, s, s.tables.counts, s.reads.counts, org, partner)
}
