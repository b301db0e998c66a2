package promo

import (
	"errors"

	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/money"
)

// ErrInvalidReward is the base of every complaint about a reward.
var ErrInvalidReward = errors.New("invalid reward")

// RewardKind is what the customer gets.
type RewardKind string

// The kinds of customer rewards.
const (
	PercentOff RewardKind = "percent_off"
	AmountOff  RewardKind = "amount_off"
	FreeMonths RewardKind = "free_months"
)

// RewardSpan is which invoices the reward applies to.
type RewardSpan string

// The spans of customer rewards.
const (
	FirstInvoice RewardSpan = "first_invoice"
	EveryInvoice RewardSpan = "every_invoice"
	FirstMonths  RewardSpan = "first_months"
)

// Reward is what a customer gets for using a code. A payment provider carries
// it out; attribution never waits for that (semantics 6.4).
type Reward struct {
	Kind     RewardKind     `json:"kind"`
	Percent  int            `json:"percent,omitempty"`  // percent_off: 1–100
	Amount   int64          `json:"amount,omitempty"`   // amount_off: minor units, > 0
	Currency money.Currency `json:"currency,omitempty"` // amount_off
	Span     RewardSpan     `json:"span,omitempty"`     // percent_off, amount_off
	Months   int            `json:"months,omitempty"`   // free_months, and span first_months: ≥ 1
}

// Validate reports every problem of the reward with its field; the error
// unwraps to ErrInvalidReward.
func (r Reward) Validate() error {
	var list problem.List
	switch r.Kind {
	case PercentOff:
		if r.Percent < 1 || r.Percent > 100 {
			list.Add("percent", "must be 1 to 100")
		}
	case AmountOff:
		if r.Amount < 1 {
			list.Add("amount", "must be at least 1 minor unit")
		}
		if !r.Currency.Valid() {
			list.Add("currency", "unknown currency %q", r.Currency)
		}
	case FreeMonths:
		if r.Months < 1 {
			list.Add("months", "must be at least 1")
		}
		return list.Err(ErrInvalidReward)
	default:
		list.Add("kind", "unknown kind %q", r.Kind)
	}
	switch r.Span {
	case FirstInvoice, EveryInvoice:
	case FirstMonths:
		if r.Months < 1 {
			list.Add("months", "must be at least 1")
		}
	default:
		list.Add("span", "unknown span %q", r.Span)
	}
	return list.Err(ErrInvalidReward)
}
