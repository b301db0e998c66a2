package reference

import (
	"time"
)

// forever is before every fact: the time of the configuration.
var forever = time.Time{}

func zone(name string) *time.Location {
	if name == "" {
		return time.UTC
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic("reference: unknown time zone " + name)
	}
	return loc
}

func daysInMonth(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// addMonths keeps the day of the month, clamped (semantics 1.6).
func addMonths(anchor time.Time, months int, loc *time.Location) time.Time {
	local := anchor.In(loc)
	firstOf := time.Date(local.Year(), local.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	day := min(local.Day(), daysInMonth(firstOf.Year(), firstOf.Month()))
	h, m, s := local.Clock()
	return time.Date(firstOf.Year(), firstOf.Month(), day, h, m, s, local.Nanosecond(), loc)
}

// periodStart is the start of the tier period that holds t (semantics 5.1).
func periodStart(period string, t time.Time, loc *time.Location, plan PayoutPlan) time.Time {
	local := t.In(loc)
	y, m, d := local.Date()
	switch period {
	case "day":
		return time.Date(y, m, d, 0, 0, 0, 0, loc)
	case "week":
		back := (int(local.Weekday()) + 6) % 7
		return time.Date(y, m, d-back, 0, 0, 0, 0, loc)
	case "month":
		return time.Date(y, m, 1, 0, 0, 0, 0, loc)
	case "quarter":
		return time.Date(y, (m-1)/3*3+1, 1, 0, 0, 0, 0, loc)
	case "year":
		return time.Date(y, 1, 1, 0, 0, 0, 0, loc)
	case "payout":
		return lastCutoff(plan, t)
	}
	return forever
}

// lastCutoff is the partner's last cut-off at or before t (semantics 7.4).
func lastCutoff(plan PayoutPlan, t time.Time) time.Time {
	loc := zone(plan.TimeZone)
	y, m, d := t.In(loc).Date()
	best := forever
	consider := func(c time.Time) {
		if !c.After(t) && c.After(best) {
			best = c
		}
	}
	switch plan.Cadence {
	case "daily":
		for k := -2; k <= 1; k++ {
			consider(time.Date(y, m, d+k, plan.Hour, 0, 0, 0, loc))
		}
	case "weekly":
		for k := -8; k <= 1; k++ {
			day := time.Date(y, m, d+k, 0, 0, 0, 0, time.UTC)
			if day.Weekday() == weekdayOf(plan.Weekday) {
				consider(time.Date(y, m, d+k, plan.Hour, 0, 0, 0, loc))
			}
		}
	case "cron":
		return lastCron(parseCron(plan.Cron), t, loc)
	default:
		for k := -2; k <= 1; k++ {
			first := time.Date(y, m+time.Month(k), 1, 0, 0, 0, 0, time.UTC)
			day := min(max(plan.Day, 1), daysInMonth(first.Year(), first.Month()))
			consider(time.Date(first.Year(), first.Month(), day, plan.Hour, 0, 0, 0, loc))
		}
	}
	return best
}

func weekdayOf(name string) time.Weekday {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if equalFold(d.String(), name) {
			return d
		}
	}
	return time.Monday
}
