package payout

import (
	"errors"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// Accruals is where ledgers and payouts are kept. Each of the functions of this
// package that takes one reads what it needs, and whoever calls it sees to it that
// nothing is written to the same ledger meanwhile: a mutex, a row lock, or a version
// that is checked when the transaction commits.
type Accruals interface {
	// Payouts returns the payouts of a ledger, failed ones included, in order of
	// Through.
	Payouts(l Ledger) ([]Payout, error)

	// Sum adds up the lines of a ledger that are outside a range: those that
	// matured at or before a time, and the others. A sum beyond 64 bits is
	// money.ErrOverflow.
	Sum(l Ledger, outside Range, at time.Time) (matured, pending int64, err error)

	// Lines returns the lines of a ledger with Position ≤ through, in any order.
	Lines(l Ledger, through int64) ([]Line, error)

	// Record writes a payout over the one with the same id, if any. With it, all or
	// nothing, it adds the line that is given, if one is: at the next position of the
	// ledger and with an id of its own. It returns the payout that it wrote, which is
	// Payout.With of the line.
	Record(p Payout, line *Line) (Payout, error)
}

// Cutoff is a cut-off with the least that is paid out at it.
type Cutoff struct {
	At      time.Time // what matures by then is paid out
	Minimum int64     // minor units; less carries over to the next cut-off
}

// Plan returns the payout that is due to a ledger at a cut-off: what matured by then
// and is in no payout, if that is positive and at least the minimum. It is not due
// for a cut-off that is not after that of the last payout (semantics 7.4). The
// payout has no id yet and nothing is written.
func Plan(a Accruals, l Ledger, cut Cutoff) (p Payout, due bool, err error) {
	earlier, err := a.Payouts(l)
	if err != nil {
		return Payout{}, false, err
	}
	covered := coveredBy(earlier)
	if len(earlier) > 0 && !cut.At.After(covered.Cutoff) {
		return Payout{}, false, nil
	}
	matured, _, err := a.Sum(l, covered, cut.At)
	if err != nil || !Issuable(matured, cut.Minimum) {
		return Payout{}, false, err
	}
	return Payout{Partner: l.Partner, Currency: l.Currency, Cutoff: cut.At, Amount: matured, Status: Issued}, true, nil
}

// coveredBy is the range that payouts in order cover together: the last one's
// bounds, since both only grow.
func coveredBy(payouts []Payout) Range {
	if len(payouts) == 0 {
		return Range{}
	}
	last := payouts[len(payouts)-1]
	return Range{Through: last.Through, Cutoff: last.Cutoff}
}

// Issue writes a payout that Plan returned, under an id that is new, and takes its
// amount out of the balance.
func Issue(a Accruals, p Payout, id string, at time.Time) (Payout, error) {
	p.ID, p.IssuedAt = id, at
	debit := p.debit()
	return a.Record(p, &debit)
}

// ErrBeforeIssue is returned for a move that is dated before its payout was issued.
var ErrBeforeIssue = errors.New("must not be before the payout was issued")

// Advance writes what became of a payout. The amount of a failed or canceled one goes
// back to the balance, for a later payout (semantics 7.5). A move that was made before
// changes nothing. The error is a *TransitionError if the payout cannot get there,
// and ErrBeforeIssue.
func Advance(a Accruals, p Payout, m Move) (Payout, error) {
	made := func(before Move) bool { return before.Status == m.Status && before.At.Equal(m.At) }
	if slices.ContainsFunc(p.Moves, made) {
		return p, nil
	}
	if err := Transition(p.Status, m.Status); err != nil {
		return p, err
	}
	if m.At.Before(p.IssuedAt) {
		return p, ErrBeforeIssue
	}
	p.Status, p.Moves = m.Status, append(slices.Clone(p.Moves), m)
	if !m.Status.Returned() {
		return a.Record(p, nil)
	}
	back := p.credit(m.At)
	return a.Record(p, &back)
}

// BalanceOf returns the balance of a ledger. The time only parts pending from
// payable: a line is payable from its MaturesAt on.
func BalanceOf(a Accruals, l Ledger, at time.Time) (b Balance, err error) {
	payouts, err := a.Payouts(l)
	if err != nil {
		return Balance{}, err
	}
	if b.Payable, b.Pending, err = a.Sum(l, coveredBy(payouts), at); err != nil {
		return Balance{}, err
	}
	for _, p := range payouts {
		switch {
		case p.Status.Open():
			b.InPayout, err = money.Add(b.InPayout, p.Amount)
		case p.Status == Paid:
			b.Paid, err = money.Add(b.Paid, p.Amount)
		}
		if err != nil {
			return Balance{}, err
		}
	}
	return b, nil
}

// UpcomingOf returns what a ledger pays out next: at the last cut-off that has
// passed, and at the next one.
func UpcomingOf(a Accruals, l Ledger, last, next Cutoff) (Upcoming, error) {
	due, _, err := Plan(a, l, last)
	if err != nil {
		return Upcoming{}, err
	}
	payouts, err := a.Payouts(l)
	if err != nil {
		return Upcoming{}, err
	}
	matured, _, err := a.Sum(l, coveredBy(payouts), next.At)
	if err != nil {
		return Upcoming{}, err
	}
	return ahead(last.At, next.At, due.Amount, matured, next.Minimum)
}

// StatementOf returns the statement of an issued payout. Its bytes never change.
func StatementOf(a Accruals, p Payout) (Statement, error) {
	payouts, err := a.Payouts(p.Ledger())
	if err != nil {
		return Statement{}, err
	}
	var before *Payout
	for i := range payouts {
		if payouts[i].Through < p.Through {
			before = &payouts[i]
		}
	}
	lines, err := a.Lines(p.Ledger(), p.Through)
	if err != nil {
		return Statement{}, err
	}
	return buildStatement(p, before, lines)
}
