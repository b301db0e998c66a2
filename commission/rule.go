package commission

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/calendar"
	"github.com/goaffiliate/affiliate/money"
)

// Trigger says on which of the matching conversions a rule fires.
type Trigger string

// The triggers (semantics 4.3).
const (
	Every      Trigger = "every"
	First      Trigger = "first"
	Subsequent Trigger = "subsequent"
)

// Type says how a rule's value is read.
type Type string

// The types of rules.
const (
	Percent Type = "percent" // of the commissionable amount
	Fixed   Type = "fixed"   // whole minor units
)

// Metric is what a tier counts.
type Metric string

// The metrics of tiers.
const (
	Conversions Metric = "conversions"
	Revenue     Metric = "revenue"
)

// Period is the time over which tiers count before they start anew.
type Period string

// The periods. Those of the calendar are in the program's time zone, a week
// starts on Monday (semantics 5.1).
const (
	PerDay      = Period(calendar.Day)
	PerWeek     = Period(calendar.Week)
	PerMonth    = Period(calendar.Month)
	PerQuarter  = Period(calendar.Quarter)
	PerYear     = Period(calendar.Year)
	PerLifetime = Period(calendar.Lifetime) // never starts anew
	PerPayout   = Period(calendar.Payout)   // between two cut-offs of the partner
)

// Bounds returns the period that holds t in a time zone: from start on, before
// end. Both are zero for PerLifetime. Not ok is PerPayout, whose bounds are the
// partner's cut-offs, and anything that is no period.
func (p Period) Bounds(t time.Time, loc *time.Location) (start, end time.Time, ok bool) {
	return calendar.Bounds(calendar.Period(p), t, loc)
}

// Rule is one sub-rule of a program's offer.
type Rule struct {
	ID        string         `json:"id"`
	Trigger   Trigger        `json:"trigger"`
	EventType string         `json:"eventType,omitempty"` // empty: every conversion with a positive amount
	Type      Type           `json:"type"`
	Value     string         `json:"value"`               // "12.5" percent, or "5000" minor units
	Currency  money.Currency `json:"currency,omitempty"`  // fixed only; default: the program's
	Recurring bool           `json:"recurring,omitempty"` // permits Months
	Months    int            `json:"months,omitempty"`    // cap in months from the first; 0: none
	Tiers     *Tiers         `json:"tiers,omitempty"`
}

// Tiers raise (or lower) the value of a rule as a partner sells more in a
// period (semantics 5).
type Tiers struct {
	Metric Metric // what is counted
	Period Period // over which it is counted

	// Retroactive tiers apply the value reached to all of the period; the others
	// apply to a conversion the value in force at its own time. Nil is true, in
	// Go as in JSON.
	Retroactive *bool

	Thresholds []Threshold // ascending
}

// IsRetroactive reports whether the value reached applies to all of the period,
// which is so unless Retroactive says otherwise.
func (t *Tiers) IsRetroactive() bool { return t.Retroactive == nil || *t.Retroactive }

// tiersJSON is the form of the wire, where retroactive is the default.
type tiersJSON struct {
	Metric      Metric      `json:"metric"`
	Period      Period      `json:"period"`
	Retroactive *bool       `json:"retroactive,omitempty"`
	Thresholds  []Threshold `json:"thresholds"`
}

// MarshalJSON writes metric, period, retroactive and thresholds.
func (t Tiers) MarshalJSON() ([]byte, error) {
	retroactive := t.IsRetroactive()
	return json.Marshal(tiersJSON{t.Metric, t.Period, &retroactive, t.Thresholds})
}

// UnmarshalJSON reads what MarshalJSON writes and refuses unknown fields;
// retroactive defaults to true.
func (t *Tiers) UnmarshalJSON(data []byte) error {
	var wire tiersJSON
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wire); err != nil {
		return err
	}
	*t = Tiers(wire)
	if t.IsRetroactive() {
		t.Retroactive = nil // equal tiers are equal, however they were written
	}
	return nil
}

// Threshold puts its value in force once the metric reaches At.
type Threshold struct {
	At    int64  `json:"at"` // conversions, or minor units of revenue
	Value string `json:"value"`
}

// Terms are what a partnership is paid by: the rules, and how long commissions
// are held back.
type Terms struct {
	Rules        []Rule `json:"rules"`
	HoldbackDays int    `json:"holdbackDays"`
}

// classes returns the classes of "matching conversion" that a conversion falls
// into. A rule's first is the first conversion of the rule's own class that is
// credited to the same (program, partner, customer), whether or not the rule
// was in force then, so firsts are kept per class and not per rule.
func classes(eventType string, amount int64) []string {
	switch {
	case amount > 0:
		return []string{anyPaid, paidOf + eventType, anyOf + eventType}
	case eventType == attribution.InvoicePaid:
		return nil // a zero invoice matches no rule at all (semantics 4.5)
	default:
		return []string{anyOf + eventType}
	}
}

// Classes of conversions: every positive amount, a positive amount of a type, a
// type with or without an amount.
const (
	anyPaid = "+"
	paidOf  = "+:"
	anyOf   = "=:"
)

// classAfterEnd returns the class of conversions of which the rule pays the first
// past the end of its program: those of one event type that it matches, also for a
// rule without one (semantics 2.3).
func (r Rule) classAfterEnd(eventType string) string {
	if r.EventType == "" {
		return paidOf + eventType
	}
	return r.class()
}

// class returns the class of conversions that the rule matches.
func (r Rule) class() string {
	switch {
	case r.EventType == "":
		return anyPaid
	case r.Type == Percent:
		return paidOf + r.EventType
	default:
		return anyOf + r.EventType
	}
}
