package payout

import (
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// Balance is what a partner has in one currency, in minor units, by how far it has come (semantics 7.1). The four add up to
// the partner's net commissions.
type Balance struct {
	// Pending is what has not matured and is in no payout.
	Pending int64 `json:"pending"`
	// Payable is what has matured and is in no payout; it may be negative (semantics 7.3).
	Payable int64 `json:"payable"`
	// InPayout is the amounts of payouts that are issued or processing.
	InPayout int64 `json:"inPayout"`
	// Paid is the amounts of payouts that are paid.
	Paid int64 `json:"paid"`
}

// BalanceAt returns the balance of one partner and currency from all its lines and payouts, in any order. The time only
// parts pending from payable: a line is payable from its MaturesAt on. The error is money.ErrOverflow.
func BalanceAt(lines []Line, payouts []Payout, at time.Time) (Balance, error) {
	var b Balance
	add := func(to *int64, amount int64) (err error) {
		*to, err = money.Add(*to, amount)
		return err
	}
	for _, line := range lines {
		if Covering(payouts, line.Position, line.MaturesAt) != nil {
			continue
		}
		to := &b.Payable
		if line.MaturesAt.After(at) {
			to = &b.Pending
		}
		if err := add(to, line.Amount); err != nil {
			return Balance{}, err
		}
	}
	for _, p := range payouts {
		var err error
		switch {
		case p.Status.Open():
			err = add(&b.InPayout, p.Amount)
		case p.Status == Paid:
			err = add(&b.Paid, p.Amount)
		}
		if err != nil {
			return Balance{}, err
		}
	}
	return b, nil
}
