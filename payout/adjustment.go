package payout

import (
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// Adjustment is an amount that the owner posts to a partner by hand: a bonus, a
// correction, a balance taken over from another system. It belongs to no
// conversion and is undone only by another one (semantics 7.8).
type Adjustment struct {
	ID       string         `json:"id"`           // the owner's, unique in the organization
	Partner  string         `json:"partner"`      // id of the partner
	Currency money.Currency `json:"currency"`     // of the amount
	Amount   int64          `json:"amount"`       // signed minor units, never 0
	Reason   string         `json:"reason"`       // shown to the partner, too
	By       string         `json:"by,omitempty"` // who posted it
	At       time.Time      `json:"at"`           // when it matures
}

// Ledger returns the ledger that the adjustment is posted to.
func (a Adjustment) Ledger() Ledger { return Ledger{a.Partner, a.Currency} }

// Line returns the adjustment's line of the ledger, without position and entry id.
func (a Adjustment) Line() Line {
	return Line{Kind: KindAdjustment, Adjustment: a.ID, Reason: a.Reason, Amount: a.Amount, MaturesAt: a.At, At: a.At}
}
