package affiliate

import (
	"slices"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// inPayout reports whether a commission, or the amount of its failed payout
// that was posted back, is in a payout that has not failed (semantics 7.2).
func (u *unit) inPayout(line commission.Commission) (bool, error) {
	row, all, err := u.payoutsOf(line)
	return coveredBy(all, line.Currency, row) != nil, err
}

// wasInPayout reports whether anything that a commission earned is or was in a
// payout, also in one that failed (semantics 7.1).
func (u *unit) wasInPayout(line commission.Commission) (bool, error) {
	row, all, err := u.payoutsOf(line)
	var list []payout.Payout
	for _, p := range all {
		if p.Currency == line.Currency {
			list = append(list, p.Payout)
		}
	}
	inside := map[string]int64{} // amount by payout; what was taken back inside of one is not in it
	for _, place := range row.Places {
		if p := payout.Covering(list, place.Position, place.MaturesAt); p != nil {
			inside[p.ID] += place.Amount
		}
	}
	for _, amount := range inside {
		if amount != 0 {
			return true, err
		}
	}
	return false, err
}

// payoutsOf returns a commission as it was settled, and its partner's payouts
// unless none of them can hold it.
func (u *unit) payoutsOf(line commission.Commission) (row storage.Commission, all []storage.Payout, err error) {
	rows, err := u.e.store.CommissionsFor(u.ctx, u.e.org, []string{line.Conversion})
	i := slices.IndexFunc(rows, func(r storage.Commission) bool { return lineKey(r.Commission) == lineKey(line) })
	if err != nil || i < 0 || len(rows[i].Places) == 0 {
		return row, nil, err
	}
	all, err = u.e.store.Payouts(u.ctx, u.e.org, line.Partner)
	return rows[i], all, err
}

// coveredBy returns the payout, not failed or canceled, that something of a
// commission is in, following the amounts of failed ones to where they were
// posted back. What was earned and taken back inside one payout is not in it.
func coveredBy(all []storage.Payout, currency money.Currency, row storage.Commission) *storage.Payout {
	var list []payout.Payout
	byID := map[string]*storage.Payout{}
	for i, p := range all {
		if p.Currency == currency {
			list = append(list, p.Payout)
			byID[p.ID] = &all[i]
		}
	}
	inside := map[string]int64{} // amount by payout
	for _, place := range row.Places {
		p := payout.Covering(list, place.Position, place.MaturesAt)
		for p != nil && p.Status.Returned() {
			p = payout.Covering(list, byID[p.ID].Returned, p.Cutoff)
		}
		if p != nil {
			inside[p.ID] += place.Amount
		}
	}
	for _, p := range list {
		if inside[p.ID] != 0 {
			return byID[p.ID]
		}
	}
	return nil
}
