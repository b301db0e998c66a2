package payout

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/internal/edit"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/money"
)

// ScheduleChange edits a Schedule. A nil field keeps its value, and so does the minimum of a currency that Minimum leaves
// out. A cron expression goes with the cadence Cron: a change to another cadence removes it.
//
// Its JSON is that of a Schedule, of which a field may be absent (it keeps its value) or null (it is removed).
type ScheduleChange struct {
	Cadence  *Cadence
	Weekday  *time.Weekday
	Day      *int
	Hour     *int
	TimeZone *string
	Cron     *string
	// Minimum sets the minimum of each of its currencies, in minor units.
	Minimum map[money.Currency]int64
	// Remove names what has no value from then on: "cron", "minimum" (of every currency), or the minimum of one currency,
	// like "minimum.eur". The other fields always have a value.
	Remove []string
}

// Change returns the change that gives every field the value it has in s. Minimums of other currencies stay.
func (s Schedule) Change() *ScheduleChange {
	return &ScheduleChange{
		Cadence: &s.Cadence, Weekday: &s.Weekday, Day: &s.Day, Hour: &s.Hour, TimeZone: &s.TimeZone, Cron: &s.Cron,
		Minimum: maps.Clone(s.Minimum),
	}
}

// Apply returns the schedule after the change. It may be invalid, see Schedule.Validate.
func (c *ScheduleChange) Apply(s Schedule) Schedule {
	s.Minimum = maps.Clone(s.Minimum)
	for _, name := range c.Remove {
		currency, one := strings.CutPrefix(name, minimumOf)
		switch {
		case name == "cron":
			s.Cron = ""
		case name == "minimum":
			clear(s.Minimum)
		case one:
			delete(s.Minimum, money.Currency(currency))
		}
	}
	if c.Cadence != nil && *c.Cadence != Cron {
		s.Cron = ""
	}
	set(&s.Cadence, c.Cadence)
	set(&s.Weekday, c.Weekday)
	set(&s.Day, c.Day)
	set(&s.Hour, c.Hour)
	set(&s.TimeZone, c.TimeZone)
	set(&s.Cron, c.Cron)
	for currency, least := range c.Minimum {
		if s.Minimum == nil {
			s.Minimum = map[money.Currency]int64{}
		}
		s.Minimum[currency] = least
	}
	if len(s.Minimum) == 0 {
		s.Minimum = nil
	}
	return s
}

func set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}

// minimumOf stands before the currency whose minimum is removed.
const minimumOf = "minimum."

// Check adds a problem for each removed field that must have a value, or that the change gives one. The path stands before
// its name.
func (c *ScheduleChange) Check(list *problem.List, path string) {
	edit.Check(list, path, c.wire(), c.Remove, func(name string) bool {
		currency, one := strings.CutPrefix(name, minimumOf)
		return name == "cron" || name == "minimum" || one && money.Currency(currency).Valid()
	})
}

// changeJSON is the wire form of a change.
type changeJSON struct {
	Cadence  *Cadence                  `json:"cadence,omitempty"`
	Weekday  *string                   `json:"weekday,omitempty"`
	Day      *int                      `json:"day,omitempty"`
	Hour     *int                      `json:"hour,omitempty"`
	TimeZone *string                   `json:"timeZone,omitempty"`
	Cron     *string                   `json:"cron,omitempty"`
	Minimum  map[money.Currency]*int64 `json:"minimum,omitempty"`
}

// wire is the change without what it removes.
func (c ScheduleChange) wire() changeJSON {
	wire := changeJSON{
		Cadence: c.Cadence, Day: c.Day, Hour: c.Hour, TimeZone: c.TimeZone, Cron: c.Cron, Minimum: map[money.Currency]*int64{},
	}
	if c.Weekday != nil {
		day := strings.ToLower(c.Weekday.String())
		wire.Weekday = &day
	}
	for currency, least := range c.Minimum {
		wire.Minimum[currency] = &least
	}
	return wire
}

// MarshalJSON writes the fields that are set, and a null for each that is removed.
func (c ScheduleChange) MarshalJSON() ([]byte, error) {
	wire := c.wire()
	var removed []string
	for _, name := range c.Remove {
		currency, one := strings.CutPrefix(name, minimumOf)
		if !one {
			removed = append(removed, name)
		} else if _, given := wire.Minimum[money.Currency(currency)]; !given {
			wire.Minimum[money.Currency(currency)] = nil
		}
	}
	return edit.Marshal(wire, removed)
}

// UnmarshalJSON reads what MarshalJSON writes. An unknown weekday is ErrInvalidSchedule; everything else is left to
// Schedule.Validate.
func (c *ScheduleChange) UnmarshalJSON(data []byte) error {
	var wire changeJSON
	removed, err := edit.Unmarshal(data, &wire)
	if err != nil {
		return err
	}
	next := ScheduleChange{
		Cadence: wire.Cadence, Day: wire.Day, Hour: wire.Hour, TimeZone: wire.TimeZone, Cron: wire.Cron, Remove: removed,
	}
	if wire.Weekday != nil && *wire.Weekday != "" {
		day, ok := parseWeekday(*wire.Weekday, time.Monday)
		if !ok {
			var found problem.List
			found.Add("weekday", "%q is not the name of a day in lower case", *wire.Weekday)
			return found.Err(ErrInvalidSchedule)
		}
		next.Weekday = &day
	}
	for _, currency := range slices.Sorted(maps.Keys(wire.Minimum)) {
		if least := wire.Minimum[currency]; least != nil {
			if next.Minimum == nil {
				next.Minimum = map[money.Currency]int64{}
			}
			next.Minimum[currency] = *least
		} else {
			next.Remove = append(next.Remove, minimumOf+string(currency))
		}
	}
	*c = next
	return nil
}
