package calendar

import "time"

// AddMonths returns the instant, in UTC, whose wall clock in loc is that of anchor with months added to its month. The day is
// clamped to the last one of the target month. Count from the anchor, not from an earlier result: 31 Jan + 1 month is
// 28 Feb and + 2 months is 31 Mar (semantics 1.6). Months may be negative.
func AddMonths(anchor time.Time, months int, loc *time.Location) time.Time {
	loc = orUTC(loc)
	local := anchor.In(loc)
	year, month := shift(local.Year(), local.Month(), months)
	day := min(local.Day(), DaysIn(year, month))
	return time.Date(year, month, day, local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), loc).UTC()
}

// DaysIn returns how many days the month has in that year, from 28 to 31.
func DaysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// shift returns the year and month that lie months after the given ones.
func shift(year int, month time.Month, months int) (int, time.Month) {
	first := time.Date(year, month+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	return first.Year(), first.Month()
}

func orUTC(loc *time.Location) *time.Location {
	if loc == nil {
		return time.UTC
	}
	return loc
}
