package affiliate

import (
	"context"
	"time"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

// UpcomingPayout is what a partner is paid next in one currency.
type UpcomingPayout struct {
	Partner  string
	Currency money.Currency
	payout.Upcoming
}

// UpcomingPayouts settles and returns what a partner is paid next, by currency:
// what is due at their last cut-off and not issued yet, which is what RunPayouts
// would issue now, and what the next cut-off brings apart from that. It has no
// currency in which nothing was ever earned. It returns ErrNotFound.
func (e *Engine) UpcomingPayouts(ctx context.Context, partner string) ([]UpcomingPayout, error) {
	if err := e.settleAll(ctx); err != nil {
		return nil, wrap("upcoming payouts", err)
	}
	list, err := newUnit(ctx, e, e.now()).upcoming(partner)
	return list, wrap("upcoming payouts", err)
}

func (u *unit) upcoming(partner string) ([]UpcomingPayout, error) {
	if err := u.load(partnerRef(partner)); err != nil {
		return nil, err
	}
	who, ok := u.setup.Partner(partner)
	if !ok {
		return nil, notFound("partner", partner)
	}
	ledger, err := newBooks(u).ledger(partner)
	if err != nil {
		return nil, err
	}
	earlier, err := u.e.store.Payouts(u.ctx, u.e.org, partner)
	if err != nil {
		return nil, err
	}
	list := make([]UpcomingPayout, 0, len(ledger.Last))
	for _, currency := range sortedKeys(ledger.Last) {
		next, err := u.ahead(who, currency, earlier)
		if err != nil {
			return nil, err
		}
		list = append(list, UpcomingPayout{Partner: partner, Currency: currency, Upcoming: next})
	}
	return list, nil
}

// ahead asks what a run would issue, by the rule of the run itself, and what
// comes after.
func (u *unit) ahead(who *program.Partner, currency money.Currency, earlier []Payout) (payout.Upcoming, error) {
	cutoff, _ := who.CutoffsAt(u.now).LastCutoff(u.now) // every partner has cut-offs
	next := who.NextCutoff(u.now)
	due, _, err := u.due(who, currency, u.now, cutoff, earlier)
	if err != nil {
		return payout.Upcoming{}, err
	}
	outside := covered(lastPayout(earlier, currency))
	matured, _, err := u.e.store.Sum(u.ctx, u.e.org, who.ID, currency, outside, next)
	if err != nil {
		return payout.Upcoming{}, err
	}
	return payout.Ahead(cutoff, next, due.Amount, matured, who.PayoutAt(next).Minimum[currency])
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
