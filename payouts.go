package affiliate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

// Payout is an issued payout and what became of it.
type Payout = payout.Payout

// Balance is what a partner has in one currency, in minor units. The four
// figures add up to the partner's commissions, net.
type Balance struct {
	Partner  string         `json:"partner"`
	Currency money.Currency `json:"currency"`
	payout.Balance
	Settled
}

// PayoutRun says which payouts to issue.
type PayoutRun struct {
	At       time.Time // each partner's last cut-off at or before it; default: now
	DryRun   bool      // only tell what would be issued
	Partners []string  // ids; none: all partners
	Exclude  []string  // ids of partners who are not paid by this run
}

// pays reports whether a run is for a partner.
func (in PayoutRun) pays(partner string) bool {
	return (len(in.Partners) == 0 || slices.Contains(in.Partners, partner)) && !slices.Contains(in.Exclude, partner)
}

const pageSize = 500 // the most rows that one answer has

// RunPayouts issues at most one payout per partner, currency and cut-off, if what
// matured by then is positive and at least the partner's minimum (semantics 7.4). It
// first settles what late facts and configuration changes ask for that were recorded by
// now, and what waits for the partners. The same run again, also from two processes at
// once or after a crash, issues nothing twice. It returns what this call issued; a
// partner whose payout fails does not keep others from theirs, and the error names all
// of them. It returns ErrNotFound for a partner in Partners or Exclude whom nobody knows.
func (e *Engine) RunPayouts(ctx context.Context, in PayoutRun) ([]Payout, error) {
	if in.At.Year() > 9999 || in.At.Year() < 1 {
		return nil, wrap("run payouts", invalid("at", "is out of range"))
	}
	if err := e.checkRun(ctx, in); err != nil {
		return nil, wrap("run payouts", err)
	}
	issued, err := e.runPayouts(ctx, in)
	return issued, wrap("run payouts", err)
}

// checkRun reports ErrNotFound for a partner whom nobody knows: one that is misspelled
// would be paid by no run, or by each.
func (e *Engine) checkRun(ctx context.Context, in PayoutRun) error {
	if len(in.Partners)+len(in.Exclude) == 0 {
		return nil
	}
	setup, err := e.Configuration(ctx)
	if err != nil {
		return err
	}
	for _, id := range slices.Concat(in.Partners, in.Exclude) {
		if _, known := setup.Partner(id); !known {
			return notFound("partner", id)
		}
	}
	return nil
}

// payPartner issues what is due to one partner by a time, or by now. A payout is
// issued at the run's own time, or now if that is yet to come.
func (b *books) payPartner(partner string, runAt time.Time, dryRun bool) ([]Payout, error) {
	u := b.u
	if err := u.load(partnerRef(partner)); err != nil {
		return nil, err
	}
	ledger, err := b.ledger(partner)
	if err != nil {
		return nil, err
	}
	who, ok := u.setup.Partner(partner)
	if !ok {
		return nil, nil
	}
	runAt = at(runAt, u.now)
	issuedAt := runAt
	if runAt.After(u.now) {
		issuedAt = u.now
	}
	accruals, err := b.accruals(partner)
	if err != nil {
		return nil, err
	}
	var issued []Payout
	for _, currency := range sortedKeys(ledger.Last) {
		cut, ok := lastCutoff(who, currency, runAt)
		if !ok {
			continue
		}
		p, due, err := payout.Plan(accruals, payout.Ledger{Partner: partner, Currency: currency}, cut)
		if err != nil {
			return nil, err
		}
		if !due {
			continue
		}
		if p.IssuedAt = issuedAt; !dryRun {
			if p, err = payout.Issue(accruals, p, u.e.cfg.NewID(), issuedAt); err != nil {
				return nil, err
			}
			if err := u.event(EventPayoutIssued, payoutEvent(p)); err != nil {
				return nil, err
			}
		}
		issued = append(issued, p)
	}
	if dryRun || len(issued) == 0 {
		return issued, nil
	}
	return issued, u.put(partnerRef(partner), ledger)
}

// MovePayout records what became of a payout: processing, paid, failed or
// canceled. The amount of a failed or canceled one is payable again, for a later
// payout. The same move at the same time again changes nothing. It returns
// ErrNotFound, ErrInvalidInput, also for a time before the payout was issued, and
// ErrInvalidTransition.
func (e *Engine) MovePayout(ctx context.Context, id string, to payout.Status, effectiveAt time.Time) (Payout, error) {
	var moved Payout
	err := e.do(ctx, func(u *unit) error {
		if err := checkMove(u.now, to, effectiveAt); err != nil {
			return err
		}
		p, found, err := e.store.Payout(ctx, e.org, id)
		if err != nil {
			return err
		}
		if !found {
			return notFound("payout", id)
		}
		b := newBooks(u)
		if err := u.load(partnerRef(p.Partner)); err != nil {
			return err
		}
		ledger, err := b.ledger(p.Partner)
		if err != nil {
			return err
		}
		if p, _, err = e.store.Payout(ctx, e.org, id); err != nil { // as of the anchor
			return err
		}
		move := payout.Move{Status: to, At: at(effectiveAt, latest(u.now, p.IssuedAt))}
		if effectiveAt.IsZero() && len(p.Moves) > 0 && p.Status == to { // the last move, told again
			moved = p
			return nil
		}
		moved, err = payout.Advance(&accruals{books: b, partner: p.Partner}, p, move)
		switch {
		case errors.Is(err, payout.ErrBeforeIssue):
			return invalid("at", err.Error()+", at "+p.IssuedAt.Format(time.RFC3339))
		case err != nil || len(moved.Moves) == len(p.Moves):
			return err
		}
		if err := u.event(EventType("payout."+string(to)), payoutEvent(moved)); err != nil {
			return err
		}
		return u.put(partnerRef(p.Partner), ledger)
	})
	return moved, wrap("move payout", err)
}

// checkMove checks what can be said of a move without its payout.
func checkMove(now time.Time, to payout.Status, when time.Time) error {
	if !to.Valid() {
		var list problem.List
		list.Add("status", "%q is not a status of a payout", to)
		return list.Err(ErrInvalidTransition)
	}
	c := checks{now: now}
	c.time(when)
	return c.err()
}

// Payout returns a payout as it stands. It returns ErrNotFound.
func (e *Engine) Payout(ctx context.Context, id string) (Payout, error) {
	p, found, err := e.store.Payout(ctx, e.org, id)
	if err == nil && !found {
		err = notFound("payout", id)
	}
	return p, wrap("payout", err)
}

// Payouts returns the payouts of a partner, or of all partners for "", by
// partner, currency and cut-off.
func (e *Engine) Payouts(ctx context.Context, partner string) ([]Payout, error) {
	list, err := e.store.Payouts(ctx, e.org, partner)
	return list, wrap("payouts", err)
}

// Balances returns a partner's balances by currency. The time only splits pending from
// payable; zero is now. It returns ErrNotFound.
func (e *Engine) Balances(ctx context.Context, partner string, splitAt time.Time) (balances []Balance, err error) {
	err = e.view(ctx, func(u *unit) error {
		balances, err = u.balances(partner, splitAt)
		return err
	}, partnerRef(partner))
	return balances, wrap("balances", err)
}

func (u *unit) balances(partner string, splitAt time.Time) ([]Balance, error) {
	b, err := u.aheadOf(partner, ledgersOnly)
	if err != nil {
		return nil, err
	}
	ledger, err := b.ledger(partner)
	if err != nil {
		return nil, err
	}
	accruals, err := b.accruals(partner)
	if err != nil {
		return nil, err
	}
	var balances []Balance
	for _, currency := range sortedKeys(ledger.Last) {
		balance, err := payout.BalanceOf(accruals, payout.Ledger{Partner: partner, Currency: currency}, at(splitAt, u.now))
		if err != nil {
			return nil, err
		}
		balances = append(balances, Balance{Partner: partner, Currency: currency, Balance: balance, Settled: b.settled})
	}
	return balances, nil
}

// Statement returns the entries of one payout with opening and closing balance.
// Its bytes never change. It returns ErrNotFound.
func (e *Engine) Statement(ctx context.Context, payoutID string) (payout.Statement, error) {
	p, found, err := e.store.Payout(ctx, e.org, payoutID)
	if err == nil && !found {
		err = notFound("payout", payoutID)
	}
	if err != nil {
		return payout.Statement{}, wrap("statement", err)
	}
	accruals, err := newBooks(newUnit(ctx, e, e.now())).accruals(p.Partner)
	if err != nil {
		return payout.Statement{}, wrap("statement", err)
	}
	s, err := payout.StatementOf(accruals, p)
	return s, wrap(fmt.Sprintf("statement %q", payoutID), err)
}

func sortedKeys(m map[money.Currency]int64) []money.Currency {
	keys := make([]money.Currency, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
