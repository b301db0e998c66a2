package boltstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// CommissionsOf returns all commissions of a rule for a partner.
func (r reader) CommissionsOf(ctx context.Context, org, partner, program, rule string) ([]storage.Commission, error) {
	return read(ctx, r, org, func(s snapshot) ([]storage.Commission, error) {
		return s.commissions.list(s, texts(partner, program, rule), nil, noLimit)
	})
}

// CommissionsFor returns the commissions of conversions.
func (r reader) CommissionsFor(ctx context.Context, org string, conversions []string) ([]storage.Commission, error) {
	return read(ctx, r, org, func(s snapshot) ([]storage.Commission, error) {
		return s.commissions.get(s, s.by(commissionsByConversion, each(conversions)))
	})
}

// CommissionPage returns a page of a partner's commissions, latest first.
func (r reader) CommissionPage(ctx context.Context, org, partner string, after storage.CommissionMark, limit int) ([]storage.Commission, error) {
	before := texts(partner).past()
	if after != (storage.CommissionMark{}) {
		var last storage.Commission
		last.Partner, last.At, last.Conversion = partner, after.At, after.Conversion
		last.Program, last.Rule, last.Currency = after.Program, after.Rule, after.Currency
		before = entries(r.commissions, last)[commissionsByTime]
	}
	return read(ctx, r, org, func(s snapshot) ([]storage.Commission, error) {
		var keys []key
		for _, k := range s.scanBack(commissionsByTime, texts(partner), before) {
			if len(keys) >= limit {
				break
			}
			keys = append(keys, slices.Clone(k))
		}
		return s.commissions.get(s, keys)
	})
}

// Sum adds up the lines outside a range.
func (r reader) Sum(ctx context.Context, org, partner string, currency money.Currency, outside payout.Range, at time.Time) (matured, pending int64, err error) {
	at, cutoff := canonical(at), canonical(outside.Cutoff)
	_, err = read(ctx, r, org, func(s snapshot) (sum *int64, err error) {
		for k := range s.scan(s.lines.name, texts(partner, string(currency)), nil) {
			line, _, err := s.lines.row(s, k)
			if err != nil {
				return nil, err
			}
			if line.Position <= outside.Through && !line.MaturesAt.After(cutoff) {
				continue
			}
			if sum = &pending; !line.MaturesAt.After(at) {
				sum = &matured
			}
			if *sum, err = money.Add(*sum, line.Amount); err != nil {
				return nil, fmt.Errorf("sum of %s in %s: %w", partner, currency, err)
			}
		}
		return sum, nil
	})
	if err != nil {
		return 0, 0, err
	}
	return matured, pending, nil
}

// Lines returns the lines up to a position, in order.
func (r reader) Lines(ctx context.Context, org, partner string, currency money.Currency, through int64) ([]storage.LedgerLine, error) {
	return read(ctx, r, org, func(s snapshot) ([]storage.LedgerLine, error) {
		var lines []storage.LedgerLine
		for k := range s.scan(s.lines.name, texts(partner, string(currency)), nil) {
			line, _, err := s.lines.row(s, k)
			if err != nil || line.Position > through {
				return lines, err
			}
			lines = append(lines, line)
		}
		return lines, nil
	})
}

// Payouts returns the payouts of a partner, or of all.
func (r reader) Payouts(ctx context.Context, org, partner string) ([]payout.Payout, error) {
	return read(ctx, r, org, func(s snapshot) ([]payout.Payout, error) {
		return s.payouts.get(s, s.by(payoutsByPartner, []key{named(partner)}))
	})
}

// Payout returns a payout by id.
func (r reader) Payout(ctx context.Context, org, id string) (p payout.Payout, found bool, err error) {
	p, err = read(ctx, r, org, func(s snapshot) (p payout.Payout, err error) {
		p, found, err = s.payouts.row(s, texts(id))
		return p, err
	})
	return p, found, err
}

// Adjustments returns adjustments by id.
func (r reader) Adjustments(ctx context.Context, org string, ids []string) ([]payout.Adjustment, error) {
	return read(ctx, r, org, func(s snapshot) ([]payout.Adjustment, error) { return s.adjustments.get(s, each(ids)) })
}

// AdjustmentPage returns a page of a partner's adjustments, or of all, latest first.
func (r reader) AdjustmentPage(ctx context.Context, org, partner string, after storage.Mark, limit int) ([]payout.Adjustment, error) {
	index, under := adjustmentsByTime, key(nil)
	if partner != "" {
		index, under = adjustmentsByPartner, texts(partner)
	}
	before := under.and(key{0xff}) // no time begins so
	if after != (storage.Mark{}) {
		before = under.moment(after.At).and(texts(after.ID))
	}
	return read(ctx, r, org, func(s snapshot) (page []payout.Adjustment, err error) {
		for _, id := range s.scanBack(index, under, before) {
			a, _, err := s.adjustments.row(s, id)
			if err != nil || len(page) >= limit {
				return page, err
			}
			page = append(page, a)
		}
		return page, nil
	})
}

// ClickCounts returns the click counts of a partner.
func (r reader) ClickCounts(ctx context.Context, org, partner string) ([]storage.ClickCount, error) {
	return read(ctx, r, org, func(s snapshot) ([]storage.ClickCount, error) {
		return s.counts.list(s, texts(partner), nil, noLimit)
	})
}

// Events returns a page of the outbox.
func (r reader) Events(ctx context.Context, org, after string, limit int) ([]storage.Event, error) {
	return read(ctx, r, org, func(s snapshot) ([]storage.Event, error) { return s.events.list(s, nil, texts(after), limit) })
}

// Rows returns every row of the organization.
func (r reader) Rows(ctx context.Context, org string) (storage.Rows, error) {
	return read(ctx, r, org, func(s snapshot) (rows storage.Rows, err error) {
		err = errors.Join(
			all(s, s.anchors, &rows.Anchors), all(s, s.clicks, &rows.Clicks), all(s, s.identifies, &rows.Identifies),
			all(s, s.conversions, &rows.Conversions), all(s, s.facts, &rows.Facts), all(s, s.entries, &rows.Entries),
			all(s, s.notes, &rows.Notes), all(s, s.commissions, &rows.Commissions), all(s, s.lines, &rows.Lines),
			all(s, s.payouts, &rows.Payouts), all(s, s.adjustments, &rows.Adjustments), all(s, s.counts, &rows.Counts), all(s, s.events, &rows.Events),
		)
		if err == nil {
			rows.Setup, err = plain(s.setup.list(s, nil, nil, noLimit))
		}
		return rows, err
	})
}

func all[T any](s snapshot, t table[T], rows *[]T) (err error) {
	*rows, err = t.list(s, nil, nil, noLimit)
	return err
}
