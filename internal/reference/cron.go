package reference

import (
	"strconv"
	"strings"
	"time"
)

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

// cronSpec is a five-field cron expression: minute, hour, day of month, month, day of week.
type cronSpec struct {
	minute, hour, day, month, weekday map[int]bool
	anyDay, anyWeekday                bool
}

func parseCron(text string) cronSpec {
	f := strings.Fields(text)
	if len(f) != 5 {
		panic("reference: bad cron " + text)
	}
	week := cronField(f[4], 0, 7)
	if week[7] {
		week[0] = true
	}
	return cronSpec{
		minute: cronField(f[0], 0, 59), hour: cronField(f[1], 0, 23), day: cronField(f[2], 1, 31),
		month: cronField(f[3], 1, 12), weekday: week, anyDay: f[2] == "*", anyWeekday: f[4] == "*",
	}
}

// cronField reads lists, ranges, steps and stars of numbers.
func cronField(text string, low, high int) map[int]bool {
	set := map[int]bool{}
	for _, part := range strings.Split(text, ",") {
		span, stepText, hasStep := strings.Cut(part, "/")
		step := 1
		if hasStep {
			step = mustInt(stepText)
		}
		from, to := low, high
		if span != "*" {
			a, b, isRange := strings.Cut(span, "-")
			from = mustInt(a)
			to = from
			if isRange {
				to = mustInt(b)
			} else if hasStep {
				to = high
			}
		}
		for v := from; v <= to; v += step {
			set[v] = true
		}
	}
	return set
}

func mustInt(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic("reference: bad number " + text)
	}
	return n
}

// onDay says whether the expression runs on a calendar day. When both day fields are restricted, either will do.
func (c cronSpec) onDay(day time.Time) bool {
	if !c.month[int(day.Month())] {
		return false
	}
	dom, dow := c.day[day.Day()], c.weekday[int(day.Weekday())]
	if c.anyDay || c.anyWeekday {
		return dom && dow
	}
	return dom || dow
}

// lastCron is the last run at or before t; local times are resolved as time.Date does.
func lastCron(c cronSpec, t time.Time, loc *time.Location) time.Time {
	y, m, d := t.In(loc).Date()
	best, found := forever, 0
	for k := 1; k > -366*9 && found < 2; k-- {
		if !c.onDay(time.Date(y, m, d+k, 0, 0, 0, 0, time.UTC)) {
			continue
		}
		hit := false
		for hour := range c.hour {
			for minute := range c.minute {
				at := time.Date(y, m, d+k, hour, minute, 0, 0, loc)
				if at.After(t) {
					continue
				}
				hit = true
				if at.After(best) {
					best = at
				}
			}
		}
		if hit {
			found++
		}
	}
	return best
}
