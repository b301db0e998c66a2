package commission

import (
	"errors"
	"fmt"

	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/money"
)

// ErrInvalidTerms is the base of every complaint about terms.
var ErrInvalidTerms = errors.New("invalid terms")

const (
	maxHoldbackDays = 3650
	maxMonths       = 1200
	maxRules        = 200
)

// Validate reports every problem of the terms with its field (semantics 4.7).
// The error unwraps to ErrInvalidTerms.
func (t Terms) Validate() error {
	var list problem.List
	t.Check(&list, "")
	return list.Err(ErrInvalidTerms)
}

// Check adds every problem of the terms to a list; prefix is put before each
// field.
func (t Terms) Check(list *problem.List, prefix string) {
	if len(t.Rules) == 0 {
		list.Add(prefix+"rules", "must not be empty")
	}
	if len(t.Rules) > maxRules {
		list.Add(prefix+"rules", "must not be more than %d", maxRules)
	}
	if t.HoldbackDays < 0 || t.HoldbackDays > maxHoldbackDays {
		list.Add(prefix+"holdbackDays", "must be 0 to %d", maxHoldbackDays)
	}
	seen := map[string]bool{}
	for i, r := range t.Rules {
		at := fmt.Sprintf("%srules[%d].", prefix, i)
		list.ID(at+"id", r.ID, true)
		if r.ID != "" && seen[r.ID] {
			list.Add(at+"id", "duplicate id %q", r.ID)
		}
		seen[r.ID] = true
		r.check(list, at)
	}
}

func (r Rule) check(list *problem.List, at string) {
	switch r.Trigger {
	case Every, First, Subsequent:
	default:
		list.Add(at+"trigger", "unknown trigger %q", r.Trigger)
	}
	switch r.Type {
	case Percent, Fixed:
	default:
		list.Add(at+"type", "unknown type %q", r.Type)
	}
	if r.Currency != "" && !r.Currency.Valid() {
		list.Add(at+"currency", "unknown currency %q", r.Currency)
	}
	r.checkValue(list, at+"value", r.Value)
	switch {
	case r.Months < 0 || r.Months > maxMonths:
		list.Add(at+"months", "must be 1 to %d", maxMonths)
	case r.Months > 0 && !r.Recurring:
		list.Add(at+"months", "needs recurring")
	}
	if r.Tiers != nil {
		r.checkTiers(list, at+"tiers.")
	}
}

func (r Rule) checkValue(list *problem.List, field, value string) {
	var err error
	switch r.Type {
	case Percent:
		_, err = money.ParseRate(value)
	case Fixed:
		_, err = money.ParseWhole(value)
	}
	if err != nil {
		list.Add(field, "%v", err)
	}
}

func (r Rule) checkTiers(list *problem.List, at string) {
	switch r.Tiers.Metric {
	case Conversions, Revenue:
	default:
		list.Add(at+"metric", "unknown metric %q", r.Tiers.Metric)
	}
	switch r.Tiers.Period {
	case PerDay, PerWeek, PerMonth, PerQuarter, PerYear, PerLifetime, PerPayout:
	default:
		list.Add(at+"period", "unknown period %q", r.Tiers.Period)
	}
	if len(r.Tiers.Thresholds) == 0 {
		list.Add(at+"thresholds", "must not be empty")
	}
	for i, th := range r.Tiers.Thresholds {
		field := fmt.Sprintf("%sthresholds[%d].", at, i)
		switch {
		case th.At < 0:
			list.Add(field+"at", "must not be negative")
		case i > 0 && th.At <= r.Tiers.Thresholds[i-1].At:
			list.Add(field+"at", "must ascend")
		}
		r.checkValue(list, field+"value", th.Value)
	}
}
