package payout

import (
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// Upcoming is what a partner is paid next in one currency, in minor units, as far as is known now (semantics 7.4). Between a
// cut-off and its run two payouts are ahead: the one that is due, and the next one.
type Upcoming struct {
	// Cutoff is the last cut-off that has passed.
	Cutoff time.Time `json:"cutoff"`
	// Due is what a run would issue for Cutoff now. It is 0 where that cut-off has been paid out, or has nothing to pay out.
	Due int64 `json:"due"`
	// NextCutoff is the first cut-off after that.
	NextCutoff time.Time `json:"nextCutoff"`
	// Next is what matures by NextCutoff on top of Due, with what carries over. It is paid out if it is Issuable, and may be
	// negative.
	Next int64 `json:"next"`
	// Minimum is the least that is paid out.
	Minimum int64 `json:"minimum"`
}

// ahead splits what matures by the next cut-off into the payout that is due and the next one. Matured is what a payout at
// next would take of the balance as it is; due is what a run would issue for the cut-off before it, 0 for nothing. The error
// is money.ErrOverflow.
func ahead(cutoff, next time.Time, due, matured, minimum int64) (Upcoming, error) {
	rest, err := money.Sub(matured, due)
	return Upcoming{Cutoff: cutoff, Due: due, NextCutoff: next, Next: rest, Minimum: minimum}, err
}

// NextIssuable reports whether Next is paid out at NextCutoff.
func (u Upcoming) NextIssuable() bool { return Issuable(u.Next, u.Minimum) }
