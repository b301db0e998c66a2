package payout

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/money"
)

// ErrInvalidSchedule is the base of the error for a schedule that cannot be used; the error lists every problem with its
// field.
var ErrInvalidSchedule = errors.New("invalid schedule")

// Cadence names how often a partner is paid.
type Cadence string

// The cadences of semantics 7.4. Custom ones are five-field cron expressions.
const (
	Daily   Cadence = "daily"
	Weekly  Cadence = "weekly"
	Monthly Cadence = "monthly"
	Cron    Cadence = "cron"
)

// Schedule says when a partner is paid and from which balance on. The zero value is the default: monthly on day 1 at 00:00
// UTC, without a minimum.
type Schedule struct {
	// Cadence is one of the constants; empty is Monthly.
	Cadence Cadence
	// Weekday is the day of a weekly cut-off. In JSON it is the English name in lower case.
	Weekday time.Weekday
	// Day is the day of a monthly cut-off, 1 to 31, clamped to the last day of a shorter month; 0 is 1.
	Day int
	// Hour is the full hour, 0 to 23, of a daily, weekly or monthly cut-off.
	Hour int
	// TimeZone is the IANA zone of all of the above and of Cron; empty is UTC.
	TimeZone string
	// Cron is a standard five-field expression (minute, hour, day of month, month, day of week) for the cadence Cron, and
	// empty for the others. When both day fields are restricted (neither begins with *), either may match.
	Cron string
	// Minimum is the least sum, in minor units, that is paid out per currency; a currency that is absent has none.
	Minimum map[money.Currency]int64
}

// Validate returns nil, or an error that is ErrInvalidSchedule and names every problem with its field.
func (s Schedule) Validate() error {
	_, err := Compile(s)
	return err
}

// Compile validates s and returns its cut-offs. The error is that of Validate.
func Compile(s Schedule) (Calendar, error) {
	var found problem.List
	c := Calendar{cadence: s.Cadence, weekday: s.Weekday, day: s.Day, hours: 1 << uint(s.Hour&31), minutes: 1}
	if c.cadence == "" {
		c.cadence = Monthly
	}
	if c.day == 0 {
		c.day = 1
	}
	s.checkFields(&found)
	c.loc = location(s.TimeZone, &found)
	switch {
	case c.cadence == Cron:
		c.setCron(s.Cron, &found)
	case s.Cron != "":
		// Ignoring it would pay at other times than the ones written down.
		found.Add("cron", "is only for the cadence %q", Cron)
	}
	if err := found.Err(ErrInvalidSchedule); err != nil {
		return Calendar{}, err
	}
	return c, nil
}

func (s Schedule) checkFields(found *problem.List) {
	switch s.Cadence {
	case "", Daily, Weekly, Monthly, Cron:
	default:
		found.Add("cadence", "%q is not one of daily, weekly, monthly, cron", s.Cadence)
	}
	if s.Weekday < time.Sunday || s.Weekday > time.Saturday {
		found.Add("weekday", "%d is not from 0 (sunday) to 6 (saturday)", s.Weekday)
	}
	if s.Day < 0 || s.Day > 31 {
		found.Add("day", "%d is not from 1 to 31", s.Day)
	}
	if s.Hour < 0 || s.Hour > 23 {
		found.Add("hour", "%d is not from 0 to 23", s.Hour)
	}
	for _, currency := range slices.Sorted(maps.Keys(s.Minimum)) {
		if !currency.Valid() {
			found.Add("minimum."+string(currency), "is not a currency")
		}
		if minimum := s.Minimum[currency]; minimum < 0 {
			found.Add("minimum."+string(currency), "%d is negative", minimum)
		}
	}
}

// location returns the zone, or nil and a problem. The machine's own zone is refused: cut-offs may not depend on where they
// are computed.
func location(name string, found *problem.List) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil || loc == time.Local {
		found.Add("timeZone", "%q is not an IANA time zone", name)
		return nil
	}
	return loc
}

// scheduleJSON is the wire form of a schedule.
type scheduleJSON struct {
	Cadence  Cadence                  `json:"cadence,omitempty"`
	Weekday  string                   `json:"weekday,omitempty"`
	Day      int                      `json:"day,omitempty"`
	Hour     int                      `json:"hour,omitempty"`
	TimeZone string                   `json:"timeZone,omitempty"`
	Cron     string                   `json:"cron,omitempty"`
	Minimum  map[money.Currency]int64 `json:"minimum,omitempty"`
}

// MarshalJSON writes cadence, weekday ("monday"), day, hour, timeZone, cron and minimum, without the ones that are zero, the
// weekday always.
func (s Schedule) MarshalJSON() ([]byte, error) {
	wire := scheduleJSON{
		Cadence: s.Cadence, Day: s.Day, Hour: s.Hour, TimeZone: s.TimeZone, Cron: s.Cron, Minimum: s.Minimum,
	}
	wire.Weekday = strings.ToLower(s.Weekday.String())
	return json.Marshal(wire)
}

// UnmarshalJSON reads what MarshalJSON writes; a field that is absent keeps its value, an absent or empty weekday is Monday.
// An unknown weekday is ErrInvalidSchedule; everything else is left to Validate.
func (s *Schedule) UnmarshalJSON(data []byte) error {
	wire := scheduleJSON{
		Cadence: s.Cadence, Day: s.Day, Hour: s.Hour, TimeZone: s.TimeZone, Cron: s.Cron, Minimum: maps.Clone(s.Minimum),
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	weekday, ok := parseWeekday(wire.Weekday, time.Monday)
	if !ok {
		var found problem.List
		found.Add("weekday", "%q is not the name of a day in lower case", wire.Weekday)
		return found.Err(ErrInvalidSchedule)
	}
	*s = Schedule{
		Cadence: wire.Cadence, Weekday: weekday, Day: wire.Day, Hour: wire.Hour, TimeZone: wire.TimeZone, Cron: wire.Cron,
		Minimum: wire.Minimum,
	}
	return nil
}

func parseWeekday(name string, fallback time.Weekday) (time.Weekday, bool) {
	if name == "" {
		return fallback, true
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.ToLower(d.String()) == name {
			return d, true
		}
	}
	return 0, false
}
