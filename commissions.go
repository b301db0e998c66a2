package affiliate

import (
	"time"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/storage"
)

// Commission is a commission as it stands.
type Commission struct {
	ID         string // stable
	Conversion string
	Partner    string
	Program    string
	Rule       string
	Amount     int64 // minor units: accrued plus tier adjustment less reversals
	Currency   money.Currency
	Status     CommissionStatus
	At         time.Time // of the conversion
	PayableAt  time.Time
	Suspect    string // what is suspect about its click, while it is under review for that
}

// CommissionStatus is where a commission is on its way (semantics 7.1).
type CommissionStatus string

// The states of a commission.
const (
	StatusPending     CommissionStatus = "pending"
	StatusPayable     CommissionStatus = "payable"
	StatusInPayout    CommissionStatus = "in_payout"
	StatusPaid        CommissionStatus = "paid"
	StatusUnderReview CommissionStatus = "under_review"
	StatusRejected    CommissionStatus = "rejected"
	StatusReversed    CommissionStatus = "reversed"
)

// status says where a commission is.
func (u *unit) status(l commission.Commission, net int64, in *storage.Payout) CommissionStatus {
	switch {
	case l.Rejected():
		return StatusRejected
	case l.Held:
		return StatusUnderReview
	case in != nil && in.Status.Open():
		return StatusInPayout
	case in != nil:
		return StatusPaid
	case net == 0 && len(l.Ladder) > 0:
		return StatusReversed
	case l.MaturesAt.After(u.now):
		return StatusPending
	}
	return StatusPayable
}

// standing is a settled commission as it stands.
func (u *unit) standing(row storage.Commission) (Commission, error) {
	all, err := u.e.store.Payouts(u.ctx, u.e.org, row.Partner)
	if err != nil {
		return Commission{}, err
	}
	return u.standingIn(row, all), nil
}

func (u *unit) standingIn(row storage.Commission, payouts []storage.Payout) Commission {
	return Commission{
		ID: row.Key(), Conversion: row.Conversion, Partner: row.Partner, Program: row.Program, Rule: row.Rule,
		Amount: row.Net, Currency: row.Currency, Status: u.status(row.Commission, row.Net, coveredBy(payouts, row.Currency, row)),
		At: row.At, PayableAt: row.MaturesAt, Suspect: row.Suspect,
	}
}
