package promo

import (
	"github.com/goaffiliate/affiliate/internal/edit"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/money"
)

// RewardChange edits a Reward. A nil field keeps its value, unless the change is
// to another kind: a reward of another kind starts anew. A span without a number
// of months drops the one there was.
//
// Its JSON is that of a Reward, of which a field may be absent (it keeps its
// value) or null (it is removed).
type RewardChange struct {
	Kind     *RewardKind     `json:"kind,omitempty"`
	Percent  *int            `json:"percent,omitempty"`
	Amount   *int64          `json:"amount,omitempty"` // minor units
	Currency *money.Currency `json:"currency,omitempty"`
	Span     *RewardSpan     `json:"span,omitempty"`
	Months   *int            `json:"months,omitempty"`
	// Remove names fields, as in JSON, that have no value from then on: all but
	// "kind" may be absent.
	Remove []string `json:"-"`
}

// Change returns the change that makes any reward this one.
func (r Reward) Change() *RewardChange {
	return &RewardChange{
		Kind: &r.Kind, Percent: given(r.Percent), Amount: given(r.Amount), Currency: given(r.Currency), Span: given(r.Span),
		Months: given(r.Months),
	}
}

// given is nil for what a reward does not say.
func given[T comparable](value T) *T {
	var none T
	if value == none {
		return nil
	}
	return &value
}

// Apply returns the reward after the change; nil is none. It may be invalid, see
// Reward.Validate.
func (c *RewardChange) Apply(old *Reward) *Reward {
	var r Reward
	if old != nil && (c.Kind == nil || *c.Kind == old.Kind) {
		r = *old
	}
	if c.Span != nil && *c.Span != FirstMonths {
		r.Months = 0
	}
	set(&r.Kind, c.Kind)
	set(&r.Percent, c.Percent)
	set(&r.Amount, c.Amount)
	set(&r.Currency, c.Currency)
	set(&r.Span, c.Span)
	set(&r.Months, c.Months)
	for _, name := range c.Remove {
		switch name {
		case "percent":
			r.Percent = 0
		case "amount":
			r.Amount = 0
		case "currency":
			r.Currency = ""
		case "span":
			r.Span = ""
		case "months":
			r.Months = 0
		}
	}
	return &r
}

func set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}

// Check adds a problem for each removed field that must have a value, or that
// the change gives one. The path stands before its name.
func (c *RewardChange) Check(list *problem.List, path string) {
	edit.Check(list, path, rewardFields(*c), c.Remove, func(name string) bool {
		switch name {
		case "percent", "amount", "currency", "span", "months":
			return true
		}
		return false
	})
}

// rewardFields is a RewardChange without its methods.
type rewardFields RewardChange

// MarshalJSON writes the fields that are given, and a null for each that is
// removed.
func (c RewardChange) MarshalJSON() ([]byte, error) { return edit.Marshal(rewardFields(c), c.Remove) }

// UnmarshalJSON reads what MarshalJSON writes.
func (c *RewardChange) UnmarshalJSON(data []byte) error {
	var next rewardFields
	removed, err := edit.Unmarshal(data, &next)
	if err != nil {
		return err
	}
	next.Remove = removed
	*c = RewardChange(next)
	return nil
}
