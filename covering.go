package affiliate

import (
	"slices"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

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
