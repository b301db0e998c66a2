package affiliatetest

import (
	"strconv"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// Every begins a rule that fires on each conversion of an event type, like
// "invoice_paid"; "" is any conversion with a positive amount. Its value follows:
//
//	Every("invoice_paid").Percent("20").ForMonths(12).As("revenue")
//
// Unless As names the rule, its id is trigger_event: every_invoice_paid.
func Every(eventType string) Rule { return rule(commission.Every, eventType) }

// First begins a rule that fires on a customer's first conversion of an event
// type only.
func First(eventType string) Rule { return rule(commission.First, eventType) }

// Subsequent begins a rule that fires on all of a customer's conversions of an
// event type but the first.
func Subsequent(eventType string) Rule { return rule(commission.Subsequent, eventType) }

func rule(t commission.Trigger, eventType string) Rule {
	id := string(t)
	if eventType != "" {
		id += "_" + eventType
	}
	return Rule{ID: id, Trigger: t, EventType: eventType}
}

// Percent pays a part of the amount, like "12.5".
func (r Rule) Percent(rate string) Rule {
	r.Type, r.Value = commission.Percent, rate
	return r
}

// Fixed pays an amount in minor units of the program's currency; see In.
func (r Rule) Fixed(minor int64) Rule {
	r.Type, r.Value = commission.Fixed, strconv.FormatInt(minor, 10)
	return r
}

// In gives a fixed amount another currency.
func (r Rule) In(currency money.Currency) Rule {
	r.Currency = currency
	return r
}

// ForMonths makes the rule recurring and caps it: it fires until this many
// months after the customer's first matching conversion.
func (r Rule) ForMonths(n int) Rule {
	r.Recurring, r.Months = true, &n
	return r
}

// Tiered makes the value depend on how much the partner sells in a period.
func (r Rule) Tiered(t commission.Tiers) Rule {
	r.Tiers = &t
	return r
}

// As names the rule, for expectations and overrides.
func (r Rule) As(id string) Rule {
	r.ID = id
	return r
}
