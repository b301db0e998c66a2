package affiliate

import (
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// accruals gives the functions of package payout the ledgers of one partner: what is
// stored, and what the unit adds. The gate on the partner's anchor, which counts the
// positions, keeps everybody else from writing them meanwhile.
type accruals struct {
	*books
	partner string
	payouts []payout.Payout // of all currencies
}

// accruals reads the payouts of a partner.
func (b *books) accruals(partner string) (*accruals, error) {
	payouts, err := b.u.e.store.Payouts(b.u.ctx, b.u.e.org, partner)
	return &accruals{b, partner, payouts}, err
}

// Payouts is part of payout.Accruals.
func (a *accruals) Payouts(l payout.Ledger) ([]payout.Payout, error) {
	return payoutsIn(a.payouts, l.Currency), nil
}

// payoutsIn are the payouts of a partner in one currency.
func payoutsIn(payouts []payout.Payout, currency money.Currency) []payout.Payout {
	var list []payout.Payout
	for _, p := range payouts {
		if p.Currency == currency {
			list = append(list, p)
		}
	}
	return list
}

// Sum is part of payout.Accruals.
func (a *accruals) Sum(l payout.Ledger, outside payout.Range, at time.Time) (matured, pending int64, err error) {
	matured, pending, err = a.u.e.store.Sum(a.u.ctx, a.u.e.org, l.Partner, l.Currency, outside, at)
	for _, line := range a.added(l) {
		if err != nil {
			return 0, 0, err
		}
		switch {
		case outside.Covers(line.Position, line.MaturesAt):
		case line.MaturesAt.After(at):
			pending, err = money.Add(pending, line.Amount)
		default:
			matured, err = money.Add(matured, line.Amount)
		}
	}
	return matured, pending, err
}

// added are the lines of a ledger that the unit adds.
func (b *books) added(l payout.Ledger) (lines []payout.Line) {
	for _, added := range b.u.change.Lines {
		if added.Partner == l.Partner && added.Currency == l.Currency {
			lines = append(lines, added.Line)
		}
	}
	return lines
}

// Lines is part of payout.Accruals.
func (a *accruals) Lines(l payout.Ledger, through int64) ([]payout.Line, error) {
	stored, err := a.u.e.store.Lines(a.u.ctx, a.u.e.org, l.Partner, l.Currency, through)
	lines := make([]payout.Line, len(stored))
	for i, s := range stored {
		lines[i] = s.Line
	}
	for _, line := range a.added(l) {
		if line.Position <= through {
			lines = append(lines, line)
		}
	}
	return lines, err
}

// Record is part of payout.Accruals.
func (a *accruals) Record(p payout.Payout, line *payout.Line) (payout.Payout, error) {
	if line != nil {
		entry := commission.Entry{
			ID: a.u.e.cfg.NewID(), Partner: p.Partner, Component: commission.Component(line.Kind), Cause: "payout:" + p.ID,
			Amount: line.Amount, Currency: p.Currency, At: line.At, MaturesAt: line.MaturesAt, PostedAt: a.u.now,
		}
		a.u.change.Entries = append(a.u.change.Entries, entry)
		if err := a.enter(entry); err != nil {
			return p, err
		}
		line.Position = a.ledgers[p.Partner].Last[p.Currency]
		p = p.With(*line)
	}
	a.u.change.Payouts = append(a.u.change.Payouts, p)
	if i := slices.IndexFunc(a.payouts, func(q payout.Payout) bool { return q.ID == p.ID }); i >= 0 {
		a.payouts[i] = p
	} else {
		a.payouts = append(a.payouts, p)
	}
	return p, nil
}

// lastCutoff is a partner's last cut-off at or before a time, with the minimum of a
// payout run at that time.
func lastCutoff(who *program.Partner, currency money.Currency, at time.Time) (cut payout.Cutoff, ok bool) {
	cut.At, ok = who.CutoffsAt(at).LastCutoff(at)
	cut.Minimum = who.PayoutAt(at).Minimum[currency]
	return cut, ok
}

// nextCutoff is a partner's next cut-off after a time, with the minimum by then.
func nextCutoff(who *program.Partner, currency money.Currency, at time.Time) payout.Cutoff {
	next := who.NextCutoff(at)
	return payout.Cutoff{At: next, Minimum: who.PayoutAt(next).Minimum[currency]}
}

// inPayout reports whether a commission, or the amount of its failed payout
// that was posted back, is in a payout that has not failed (semantics 7.2).
func (u *unit) inPayout(line commission.Commission) (bool, error) {
	row, all, err := u.payoutsOf(line)
	return payout.CoveredBy(payoutsIn(all, line.Currency), row.Places) != nil, err
}

// wasInPayout reports whether anything that a commission earned is or was in a
// payout, also in one that failed (semantics 7.1).
func (u *unit) wasInPayout(line commission.Commission) (bool, error) {
	row, all, err := u.payoutsOf(line)
	return payout.EverCovered(payoutsIn(all, line.Currency), row.Places), err
}

// payoutsOf returns a commission as it was settled, and its partner's payouts
// unless none of them can hold it.
func (u *unit) payoutsOf(line commission.Commission) (row storage.Commission, all []payout.Payout, err error) {
	rows, err := u.e.store.CommissionsFor(u.ctx, u.e.org, []string{line.Conversion})
	i := slices.IndexFunc(rows, func(r storage.Commission) bool { return lineKey(r.Commission) == lineKey(line) })
	if err != nil || i < 0 || len(rows[i].Places) == 0 {
		return row, nil, err
	}
	all, err = u.e.store.Payouts(u.ctx, u.e.org, line.Partner)
	return rows[i], all, err
}
