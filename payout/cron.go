package payout

import (
	"errors"
	"strings"
	"time"

	cron "github.com/netresearch/go-cron"

	"github.com/goaffiliate/affiliate/internal/problem"
)

// cronDays is the date part of a cron expression, as sets of bits: bit n is day, month or weekday n.
type cronDays struct {
	days, months, weekdays uint64
	// either is true when both day fields are restricted; crontab(5) then runs on a match of either. A field that begins
	// with * does not count as restricted, also */2.
	either bool
}

func (d cronDays) match(date time.Time) bool {
	day, weekday := has(d.days, date.Day()), has(d.weekdays, int(date.Weekday()))
	if !has(d.months, int(date.Month())) {
		return false
	}
	if d.either {
		return day || weekday
	}
	return day && weekday
}

// calendarCycle is 400 years of the Gregorian calendar in days, after which dates and weekdays repeat.
const calendarCycle = 146_097

// setCron takes the hours, minutes and dates from expr, or adds a problem.
func (c *Calendar) setCron(expr string, found *problem.List) {
	spec, either, err := parseCron(expr)
	if err != nil {
		found.Add("cron", "%q: %v", expr, err)
		return
	}
	c.hours, c.minutes = spec.Hour, spec.Minute
	c.cron = cronDays{days: spec.Dom, months: spec.Month, weekdays: spec.Dow, either: either}
	date := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	for range calendarCycle {
		if c.cron.match(date) {
			return
		}
		date = date.AddDate(0, 0, 1)
	}
	found.Add("cron", "%q never comes due", expr)
}

var (
	errCronFields = errors.New("needs five fields: minute, hour, day of month, month, day of week")
	errCronChar   = errors.New("has a character that no field may have")
	errCronList   = errors.New("has an empty item in a list")
)

// parseCron reads the standard five-field form. What the parser knows beyond it (zones, descriptors, signs, "?", lists with
// holes) is refused here, so that an expression means the same to every other tool.
func parseCron(expr string) (spec *cron.SpecSchedule, either bool, err error) {
	fields := strings.Fields(expr)
	if len(fields) != 5 {
		return nil, false, errCronFields
	}
	for _, field := range fields {
		if strings.ContainsFunc(field, notCron) {
			return nil, false, errCronChar
		}
		if strings.HasPrefix(field, ",") || strings.HasSuffix(field, ",") || strings.Contains(field, ",,") {
			return nil, false, errCronList
		}
	}
	parser, err := cron.TryNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	if err != nil {
		return nil, false, err
	}
	parsed, err := parser.Parse(strings.Join(fields, " "))
	if err != nil {
		return nil, false, err
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, false, errCronFields
	}
	return spec, !strings.HasPrefix(fields[2], "*") && !strings.HasPrefix(fields[4], "*"), nil
}

func notCron(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("*/,-", r)
}

func has(set uint64, n int) bool { return set&(1<<uint(n)) != 0 }
