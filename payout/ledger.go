package payout

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// ErrCutoffPassed reports a cut-off that is not after the one of the last payout issued to that partner and currency
// (semantics 7.4).
var ErrCutoffPassed = errors.New("cut-off is not after the last issued one")

// The kinds of the lines that payouts themselves post; all other kinds belong to package commission.
const (
	// KindPayout is a payout's debit.
	KindPayout = "payout"
	// KindPayoutReturned is the amount of a failed or canceled payout, posted back.
	KindPayoutReturned = "payout_returned"
)

// Line is one line of a partner's ledger in one currency. Lines are append-only.
type Line struct {
	// Position orders the ledger's lines as they were committed; it is positive and unique within the ledger.
	Position int64 `json:"position"`
	// EntryID is the id of the ledger entry.
	EntryID string `json:"entryId"`
	// Kind is KindPayout, KindPayoutReturned or a kind of package commission.
	Kind string `json:"kind"`
	// Conversion, Program and Rule say what the line is for; they are empty where that does not apply.
	Conversion string `json:"conversion,omitempty"`
	Program    string `json:"program,omitempty"`
	Rule       string `json:"rule,omitempty"`
	// Amount is in minor units: positive is owed to the partner.
	Amount int64 `json:"amount"`
	// MaturesAt is when the line stops being pending.
	MaturesAt time.Time `json:"maturesAt"`
	// At is the time of the fact behind the line.
	At time.Time `json:"at"`
}

// Payout is a frozen amount issued to a partner (semantics 7.5). Everything but Status stays as issued.
type Payout struct {
	ID       string
	Partner  string
	Currency money.Currency
	// Cutoff is the cut-off it was issued for: what matured later is not in it.
	Cutoff time.Time
	// Through is the last ledger position it covers, which is that of its own debit.
	Through int64
	// Amount is in minor units and positive.
	Amount   int64
	Status   Status
	IssuedAt time.Time
}

// Debit returns the payout's own line, which takes Amount from the balance at position Through and matures at Cutoff.
func (p Payout) Debit(entryID string) Line {
	return Line{
		Position: p.Through, EntryID: entryID, Kind: KindPayout, Amount: -p.Amount, MaturesAt: p.Cutoff, At: p.IssuedAt,
	}
}

// Return returns the line that gives Amount back after the payout failed or was canceled at the given time. It matured at
// the payout's cut-off, so that the next payout takes it (semantics 7.5); position is after Through.
func (p Payout) Return(entryID string, position int64, at time.Time) Line {
	return Line{
		Position: position, EntryID: entryID, Kind: KindPayoutReturned, Amount: p.Amount, MaturesAt: p.Cutoff, At: at,
	}
}

// within reports whether a line lies inside both bounds of p; no line lies inside those of no payout.
func (p *Payout) within(position int64, maturesAt time.Time) bool {
	return p != nil && position <= p.Through && !maturesAt.After(p.Cutoff)
}

// Issuable reports whether a due amount is paid out: it is positive and at least the minimum, both in minor units.
func Issuable(amount, minimum int64) bool { return amount > 0 && amount >= minimum }

// Due returns what a payout at the cut-off would take: the lines that matured at or before it and are in no payout, in
// position order, and their sum in minor units, which may be negative. Lines are all lines of one partner and currency, in
// any order; last is the payout issued last to them, nil for none. The error is ErrCutoffPassed or money.ErrOverflow.
func Due(lines []Line, last *Payout, cutoff time.Time) (amount int64, covered []Line, err error) {
	if last != nil && !cutoff.After(last.Cutoff) {
		return 0, nil, fmt.Errorf("%w: %v, last %v", ErrCutoffPassed, cutoff.UTC(), last.Cutoff.UTC())
	}
	for _, line := range lines {
		if !line.MaturesAt.After(cutoff) && !last.within(line.Position, line.MaturesAt) {
			covered = append(covered, line)
		}
	}
	sortLines(covered)
	amount, err = sum(covered)
	if err != nil {
		return 0, nil, err
	}
	return amount, covered, nil
}

// Covering returns the payout whose range has a line at that position and maturity, or nil. Payouts are all of one partner
// and currency, failed ones included, in any order; the result points into them.
func Covering(payouts []Payout, pos int64, maturesAt time.Time) *Payout {
	var first *Payout
	for i := range payouts {
		p := &payouts[i]
		if p.within(pos, maturesAt) && (first == nil || p.Through < first.Through) {
			first = p
		}
	}
	return first
}

func sortLines(lines []Line) {
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(a.Position, b.Position) })
}

func sum(lines []Line) (total int64, err error) {
	for _, line := range lines {
		if total, err = money.Add(total, line.Amount); err != nil {
			return 0, err
		}
	}
	return total, nil
}
