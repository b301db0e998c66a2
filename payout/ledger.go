package payout

import (
	"cmp"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// The kinds of lines that no commission posts; all others belong to package
// commission.
const (
	// KindPayout is a payout's debit.
	KindPayout = "payout"
	// KindPayoutReturned is the amount of a failed or canceled payout, posted back.
	KindPayoutReturned = "payout_returned"
	// KindAdjustment is an amount that the owner posted, see Adjustment.
	KindAdjustment = "adjustment"
)

// Line is one line of a partner's ledger in one currency. Lines are append-only.
type Line struct {
	// Position orders the ledger's lines as they were committed; it is positive and unique within the ledger.
	Position int64 `json:"position"`
	// EntryID is the id of the ledger entry.
	EntryID string `json:"entryId"`
	// Kind is one of the kinds above or of package commission.
	Kind string `json:"kind"`
	// Conversion, Program and Rule say what the line is for; they are empty where that does not apply.
	Conversion string `json:"conversion,omitempty"`
	Program    string `json:"program,omitempty"`
	Rule       string `json:"rule,omitempty"`
	// Adjustment is the id of the adjustment behind the line, and Reason the
	// owner's for it; empty for all other kinds.
	Adjustment string `json:"adjustment,omitempty"`
	Reason     string `json:"reason,omitempty"`
	// Amount is in minor units: positive is owed to the partner.
	Amount int64 `json:"amount"`
	// MaturesAt is when the line stops being pending.
	MaturesAt time.Time `json:"maturesAt"`
	// At is the time of the fact behind the line.
	At time.Time `json:"at"`
}

// Payout is a frozen amount issued to a partner, and what became of it (semantics
// 7.5). Only Status, Returned and Moves ever change.
type Payout struct {
	ID       string         `json:"id"`                 // unique in the organization
	Partner  string         `json:"partner"`            // id of the partner that is paid
	Currency money.Currency `json:"currency"`           // of the ledger
	Cutoff   time.Time      `json:"cutoff"`             // what matured later is not in it
	Through  int64          `json:"through"`            // the last ledger position it covers, that of its own debit
	Amount   int64          `json:"amount"`             // minor units, positive
	Status   Status         `json:"status"`             // as the last move says
	IssuedAt time.Time      `json:"issuedAt"`           // when it was issued
	Returned int64          `json:"returned,omitempty"` // position of the line that put a failed one's amount back, else 0
	Moves    []Move         `json:"moves"`              // in order
}

// Ledger is one partner's ledger in one currency.
type Ledger struct {
	Partner  string         // id of the partner
	Currency money.Currency // of all its amounts
}

// Ledger returns the ledger that the payout is taken from.
func (p Payout) Ledger() Ledger { return Ledger{p.Partner, p.Currency} }

// Range is what the payouts of a ledger cover together: lines with Position ≤
// Through that matured at or before Cutoff. The zero value covers nothing.
type Range struct {
	Through int64
	Cutoff  time.Time
}

// Covers reports whether a line with that position and maturity is in the range.
func (r Range) Covers(position int64, maturesAt time.Time) bool {
	return position <= r.Through && !maturesAt.After(r.Cutoff)
}

// Place is one ledger position that a commission contributed to.
type Place struct {
	Position  int64     `json:"position"`
	MaturesAt time.Time `json:"maturesAt"`
	Amount    int64     `json:"amount"` // signed minor units
}

// debit is the payout's own line, which takes Amount from the balance. It matures at
// the cut-off, so that the payout's range adds up to zero.
func (p Payout) debit() Line {
	return Line{Kind: KindPayout, Amount: -p.Amount, MaturesAt: p.Cutoff, At: p.IssuedAt}
}

// credit is the line that gives Amount back when the payout failed or was canceled.
// It matured at the payout's cut-off, so that the next payout takes it (semantics
// 7.5).
func (p Payout) credit(at time.Time) Line {
	return Line{Kind: KindPayoutReturned, Amount: p.Amount, MaturesAt: p.Cutoff, At: at}
}

// With returns the payout after its debit, or the return of its amount, got a
// position in the ledger.
func (p Payout) With(line Line) Payout {
	if line.Kind == KindPayoutReturned {
		p.Returned = line.Position
	} else {
		p.Through = line.Position
	}
	return p
}

// within reports whether a line lies inside both bounds of p; no line lies inside
// those of no payout.
func (p *Payout) within(position int64, maturesAt time.Time) bool {
	return p != nil && Range{p.Through, p.Cutoff}.Covers(position, maturesAt)
}

// Issuable reports whether a due amount is paid out: it is positive and at least the minimum, both in minor units.
func Issuable(amount, minimum int64) bool { return amount > 0 && amount >= minimum }

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
