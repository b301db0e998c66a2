package affiliate

import (
	"context"
	"time"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

// UpcomingPayout is what a partner is paid next in one currency.
type UpcomingPayout struct {
	Partner  string         `json:"partner"`
	Currency money.Currency `json:"currency"`
	payout.Upcoming
}

// UpcomingPayouts returns what a partner is paid next, by currency:
// what is due at their last cut-off and not issued yet, which is what RunPayouts
// would issue now, and what the next cut-off brings apart from that. It has no
// currency in which nothing was ever earned. It returns ErrNotFound.
func (e *Engine) UpcomingPayouts(ctx context.Context, partner string) ([]UpcomingPayout, error) {
	var list []UpcomingPayout
	err := e.view(ctx, func(u *unit) (err error) {
		list, err = u.upcoming(partner)
		return err
	}, partnerRef(partner))
	return list, wrap("upcoming payouts", err)
}

func (u *unit) upcoming(partner string) ([]UpcomingPayout, error) {
	b, err := u.aheadOf(partner, ledgersOnly)
	if err != nil {
		return nil, err
	}
	who, _ := u.setup.Partner(partner)
	ledger, err := b.ledger(partner)
	if err != nil {
		return nil, err
	}
	accruals, err := b.accruals(partner)
	if err != nil {
		return nil, err
	}
	list := make([]UpcomingPayout, 0, len(ledger.Last))
	for _, currency := range sortedKeys(ledger.Last) {
		last, _ := lastCutoff(who, currency, u.now) // every partner has cut-offs
		of := payout.Ledger{Partner: partner, Currency: currency}
		next, err := payout.UpcomingOf(accruals, of, last, nextCutoff(who, currency, u.now))
		if err != nil {
			return nil, err
		}
		list = append(list, UpcomingPayout{Partner: partner, Currency: currency, Upcoming: next})
	}
	return list, nil
}

// NextPayout returns the partner's next cut-off after now. It returns
// ErrNotFound.
func (e *Engine) NextPayout(ctx context.Context, partner string) (time.Time, error) {
	setup, err := e.Configuration(ctx)
	if err != nil {
		return time.Time{}, wrap("next payout", err)
	}
	who, ok := setup.Partner(partner)
	if !ok {
		return time.Time{}, wrap("next payout", notFound("partner", partner))
	}
	return who.NextCutoff(e.now()), nil
}
