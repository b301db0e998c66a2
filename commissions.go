package affiliate

import (
	"time"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// Commission is a commission as it stands.
type Commission struct {
	ID         string            `json:"id"` // stable
	Conversion string            `json:"conversion"`
	Partner    string            `json:"partner"`
	Program    string            `json:"program"`
	Rule       string            `json:"rule"`
	Amount     int64             `json:"amount"` // minor units: accrued plus tier adjustment less reversals
	Currency   money.Currency    `json:"currency"`
	Status     commission.Status `json:"status"`
	At         time.Time         `json:"at"` // of the conversion
	PayableAt  time.Time         `json:"payableAt"`
	Suspect    string            `json:"suspect,omitempty"` // what is suspect about its click, while it is under review for that
}

// standing is a settled commission as it stands.
func (u *unit) standing(row storage.Commission) (Commission, error) {
	all, err := u.e.store.Payouts(u.ctx, u.e.org, row.Partner)
	if err != nil {
		return Commission{}, err
	}
	return u.standingIn(row, all), nil
}

func (u *unit) standingIn(row storage.Commission, payouts []payout.Payout) Commission {
	return Commission{
		ID: row.Key(), Conversion: row.Conversion, Partner: row.Partner, Program: row.Program, Rule: row.Rule,
		Amount: row.Net, Currency: row.Currency, Status: row.Status(row.Net, reached(payout.CoveredBy(payoutsIn(payouts, row.Currency), row.Places)), u.now),
		At: row.At, PayableAt: row.MaturesAt, Suspect: row.Suspect,
	}
}

// reached says how far the money of a commission has come that is in a payout, or
// in none.
func reached(in *payout.Payout) commission.Status {
	switch {
	case in == nil:
		return ""
	case in.Status.Open():
		return commission.StatusInPayout
	}
	return commission.StatusPaid
}
