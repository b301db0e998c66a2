package payout

import (
	"iter"
	"math/bits"
	"time"

	"github.com/goaffiliate/affiliate/internal/calendar"
)

// Calendar is the cut-offs of a valid schedule, compiled by Compile. The zero value has none. It is immutable and safe for
// concurrent use.
//
// A cut-off is a local date and time of day as time.Date resolves it in the schedule's zone (semantics 1.6). Two of them that
// a clock change makes coincide are one cut-off.
type Calendar struct {
	loc     *time.Location
	cadence Cadence
	weekday time.Weekday
	day     int
	// hours and minutes are the times of day, as sets of bits.
	hours, minutes uint64
	cron           cronDays
}

// LastCutoff returns the last cut-off at or before t, in UTC. It is not ok for the zero Calendar only.
func (c Calendar) LastCutoff(t time.Time) (time.Time, bool) {
	return c.nearest(t, -1)
}

// NextCutoff returns the first cut-off after t, in UTC. It is not ok for the zero Calendar only.
func (c Calendar) NextCutoff(t time.Time) (time.Time, bool) {
	return c.nearest(t, 1)
}

// PeriodOf returns the payout period around t: from one cut-off, included, to the next, excluded (semantics 5.1), both in
// UTC. Both are the zero time for the zero Calendar.
func (c Calendar) PeriodOf(t time.Time) (start, end time.Time) {
	start, _ = c.LastCutoff(t)
	end, _ = c.NextCutoff(t)
	return start, end
}

// slack is how many days a cut-off may lie off the place in the order that its local date suggests. No zone ever skipped or
// repeated more than one day.
const slack = 2

// nearest walks from t's local date, day by day in the direction of step, to the cut-off that is nearest to t on that side:
// at or before it for −1, after it for 1. It begins slack days early and goes on for as many after the first find.
func (c Calendar) nearest(t time.Time, step int) (best time.Time, found bool) {
	if c.loc == nil {
		return time.Time{}, false
	}
	year, month, day := t.In(c.loc).Date()
	date := time.Date(year, month, day-step*slack, 0, 0, 0, 0, time.UTC)
	// Dates repeat after a cycle, so a schedule that comes due at all does so within one.
	for left := calendarCycle + 2*slack; left > 0; left-- {
		for at := range c.on(date) {
			if at.After(t) != (step > 0) {
				continue
			}
			if !found {
				best, found, left = at, true, slack+1
			}
			if best.After(at) == (step > 0) {
				best = at
			}
		}
		date = date.AddDate(0, 0, step)
	}
	return best.UTC(), found
}

// on yields the cut-offs of a local date.
func (c Calendar) on(date time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		if !c.due(date) {
			return
		}
		year, month, day := date.Date()
		for hour := range each(c.hours) {
			for minute := range each(c.minutes) {
				if !yield(time.Date(year, month, day, hour, minute, 0, 0, c.loc)) {
					return
				}
			}
		}
	}
}

// due reports whether a local date has cut-offs.
func (c Calendar) due(date time.Time) bool {
	switch c.cadence {
	case Daily:
		return true
	case Weekly:
		return date.Weekday() == c.weekday
	case Monthly:
		return date.Day() == min(c.day, calendar.DaysIn(date.Year(), date.Month()))
	case Cron:
		return c.cron.match(date)
	default:
		return false
	}
}

// each yields the members of a set of bits below 60 in ascending order; the parser keeps a flag of its own above.
func each(set uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for set &= 1<<60 - 1; set != 0; set &= set - 1 {
			if !yield(bits.TrailingZeros64(set)) {
				return
			}
		}
	}
}
