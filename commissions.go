package affiliate

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
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
	all, err := u.payoutsFor(row.Partner)
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

// CommissionPage is one page of a partner's commissions.
type CommissionPage struct {
	Commissions []Commission `json:"commissions"`
	Next        string       `json:"next"` // cursor of the next page; empty after the last
	Settled
}

// Commissions returns a partner's commissions, latest conversion first. Limit is at
// most 500; 0 means 50. It returns ErrNotFound and ErrInvalidInput.
func (e *Engine) Commissions(ctx context.Context, partner, after string, limit int) (page CommissionPage, err error) {
	err = e.view(ctx, func(u *unit) error {
		page, err = u.commissionPage(partner, after, limit)
		return err
	}, partnerRef(partner))
	return page, wrap("commissions", err)
}

func (u *unit) commissionPage(partner, after string, limit int) (CommissionPage, error) {
	b, err := u.aheadOf(partner, eachCommission)
	if err != nil {
		return CommissionPage{}, err
	}
	mark, err := readCursor(after)
	if err != nil {
		return CommissionPage{}, err
	}
	if limit <= 0 {
		limit = 50
	}
	rows, more, err := b.commissionsAfter(partner, mark, min(limit, pageSize))
	if err != nil {
		return CommissionPage{}, err
	}
	payouts, err := u.e.store.Payouts(u.ctx, u.e.org, partner)
	if err != nil {
		return CommissionPage{}, err
	}
	page := CommissionPage{Settled: b.settled}
	if more {
		page.Next = cursor(rows[len(rows)-1].Mark())
	}
	for _, row := range rows {
		if neverPaid(row) {
			continue
		}
		page.Commissions = append(page.Commissions, u.standingIn(row, payouts))
	}
	return page, nil
}

// commissionsFor returns the commissions of a conversion as the books have them.
func (b *books) commissionsFor(conversion string) ([]storage.Commission, error) {
	stored, err := b.u.e.store.CommissionsFor(b.u.ctx, b.u.e.org, []string{conversion})
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(stored, func(row storage.Commission) bool { return b.rows[lineKey(row.Commission)] != nil })
	for _, row := range b.rows {
		if row.Conversion == conversion {
			rows = append(rows, *row)
		}
	}
	return rows, nil
}

// commissionsAfter returns a page of a partner's commissions as the books have them,
// and whether there are more.
func (b *books) commissionsAfter(partner string, after storage.CommissionMark, limit int) (page []storage.Commission, more bool, err error) {
	want := limit + 1 + len(b.rows)
	stored, err := b.u.e.store.CommissionPage(b.u.ctx, b.u.e.org, partner, after, want)
	if err != nil {
		return nil, false, err
	}
	var end storage.CommissionMark // of what was read; zero: that is all
	if len(stored) == want {
		end = stored[want-1].Mark()
	}
	for _, row := range stored {
		if b.rows[lineKey(row.Commission)] == nil {
			page = append(page, row)
		}
	}
	for _, row := range b.rows {
		at := row.Mark()
		if row.Partner == partner && !row.Gone && (after == storage.CommissionMark{} || at.Compare(after) < 0) && at.Compare(end) >= 0 {
			page = append(page, *row)
		}
	}
	slices.SortFunc(page, func(a, b storage.Commission) int { return b.Mark().Compare(a.Mark()) })
	return page[:min(len(page), limit)], len(page) > limit, nil
}

// cursor returns a place in a list of commissions as text that is safe in a URL.
func cursor(m storage.CommissionMark) string {
	data, err := json.Marshal(m)
	if err != nil {
		return "" // only a year beyond 9999 does that; such a page has no next
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

func readCursor(text string) (m storage.CommissionMark, err error) {
	if text == "" {
		return m, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		return m, invalid("after", "is not where an earlier page ended")
	}
	return m, nil
}
