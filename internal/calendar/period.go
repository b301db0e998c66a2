package calendar

import "time"

// Period names a stretch of time over which something is counted, as terms spell it.
type Period string

// The periods of semantics 5.1. A week begins on Monday; Payout runs between the cut-offs of a partner's cadence.
const (
	Day      Period = "day"
	Week     Period = "week"
	Month    Period = "month"
	Quarter  Period = "quarter"
	Year     Period = "year"
	Lifetime Period = "lifetime"
	Payout   Period = "payout"
)

// Valid reports whether p is one of the constants.
func (p Period) Valid() bool {
	switch p {
	case Day, Week, Month, Quarter, Year, Lifetime, Payout:
		return true
	default:
		return false
	}
}

// Bounds returns the period around t in loc: start, which is in it, and end, which is not, both in UTC. Lifetime has no
// bounds: both are the zero time. The result is not ok for Payout, which depends on a partner's cadence, and for a period that
// is not valid.
//
// A period begins at local midnight of its first day as time.Date resolves it. Where a clock change skips that midnight, the
// instant may carry the date before; where it repeats, it is one of the two. The periods are what lies between one such
// instant and the next distinct one, so they tile time, whatever a zone does, and t is always inside its own.
func Bounds(p Period, t time.Time, loc *time.Location) (start, end time.Time, ok bool) {
	if p == Lifetime {
		return time.Time{}, time.Time{}, true
	}
	begin := beginnings(p, t, orUTC(loc))
	if begin == nil {
		return time.Time{}, time.Time{}, false
	}
	// The period that the local date suggests is at most one off; two on either side allow for a beginning that coincides
	// with its neighbour's (a whole day was skipped).
	start, end = begin(-2), begin(2)
	for i := -1; i <= 1; i++ {
		at := begin(i)
		if !at.After(t) && at.After(start) {
			start = at
		}
		if at.After(t) && at.Before(end) {
			end = at
		}
	}
	return start.UTC(), end.UTC(), true
}

// beginnings returns the beginning of the i-th period from the one that t's local date lies in, or nil for a period that the
// calendar does not define.
func beginnings(p Period, t time.Time, loc *time.Location) func(i int) time.Time {
	year, month, day := t.In(loc).Date()
	at := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, loc)
	}
	switch p {
	case Day:
		return func(i int) time.Time { return at(year, month, day+i) }
	case Week:
		// Sunday is 0 in package time and the last day here.
		monday := day - (int(t.In(loc).Weekday())+6)%7
		return func(i int) time.Time { return at(year, month, monday+7*i) }
	case Month:
		return func(i int) time.Time { return at(year, month+time.Month(i), 1) }
	case Quarter:
		first := month - (month-1)%3
		return func(i int) time.Time { return at(year, first+time.Month(3*i), 1) }
	case Year:
		return func(i int) time.Time { return at(year+i, time.January, 1) }
	default:
		return nil
	}
}
