package payout_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/payout"
)

type cutoffCase struct {
	name             string
	schedule         payout.Schedule
	at, last, coming string
}

func TestCutoffs(t *testing.T) {
	const berlin, newYork = "Europe/Berlin", "America/New_York"
	for _, c := range []cutoffCase{
		{"the default", payout.Schedule{}, "2025-05-14T12:00:00Z", "2025-05-01T00:00:00Z", "2025-06-01T00:00:00Z"},
		{"at the cut-off", payout.Schedule{}, "2025-05-01T00:00:00Z", "2025-05-01T00:00:00Z", "2025-06-01T00:00:00Z"},
		{"just before it", payout.Schedule{}, "2025-04-30T23:59:59.999999Z", "2025-04-01T00:00:00Z", "2025-05-01T00:00:00Z"},
		{"clamped", payout.Schedule{Day: 31}, "2025-03-01T00:00:00Z", "2025-02-28T00:00:00Z", "2025-03-31T00:00:00Z"},
		{"leap year", payout.Schedule{Day: 30}, "2024-03-01T00:00:00Z", "2024-02-29T00:00:00Z", "2024-03-30T00:00:00Z"},
		{
			"daily",
			payout.Schedule{Cadence: payout.Daily, Hour: 6},
			"2025-05-14T05:00:00Z", "2025-05-13T06:00:00Z", "2025-05-14T06:00:00Z",
		},
		{
			"weekly",
			payout.Schedule{Cadence: payout.Weekly, Weekday: time.Friday, Hour: 17, TimeZone: newYork},
			"2025-05-16T20:59:59Z", "2025-05-09T21:00:00Z", "2025-05-16T21:00:00Z",
		},
		{
			"a local date that is not the date in UTC",
			payout.Schedule{TimeZone: "Pacific/Kiritimati"},
			"2025-04-30T10:00:00Z", "2025-04-30T10:00:00Z", "2025-05-31T10:00:00Z",
		},
		{ // 02:00 does not exist on 30 March; time.Date makes it 03:00 CEST.
			"a skipped hour",
			payout.Schedule{Cadence: payout.Daily, Hour: 2, TimeZone: berlin},
			"2025-03-30T01:00:00Z", "2025-03-30T01:00:00Z", "2025-03-31T00:00:00Z",
		},
		{ // 01:00 is repeated on 2 November; time.Date takes the first.
			"a repeated hour",
			payout.Schedule{Cadence: payout.Daily, Hour: 1, TimeZone: newYork},
			"2025-11-02T05:30:00Z", "2025-11-02T05:00:00Z", "2025-11-03T06:00:00Z",
		},
		{ // 30 December 2011 does not exist; its midnight is that of the 29th.
			"a skipped day",
			payout.Schedule{Cadence: payout.Daily, TimeZone: "Pacific/Apia"},
			"2011-12-30T09:59:00Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z",
		},
		{ // Noon of the skipped date, other than its midnight, is that of the day after.
			"a skipped noon",
			payout.Schedule{Cadence: payout.Cron, Cron: "0 12 30 * *", TimeZone: "Pacific/Apia"},
			"2011-12-30T09:00:00Z", "2011-11-30T22:00:00Z", "2011-12-30T22:00:00Z",
		},
	} {
		c.require(t)
	}
}

func TestCronCutoffs(t *testing.T) {
	for _, c := range []cutoffCase{
		{
			"cron",
			payout.Schedule{Cadence: payout.Cron, Cron: "30 6,18 * * mon-fri"},
			"2025-05-17T12:00:00Z", "2025-05-16T18:30:00Z", "2025-05-19T06:30:00Z",
		},
		{
			"cron, either day field",
			payout.Schedule{Cadence: payout.Cron, Cron: "0 0 15 * 1"},
			"2025-05-13T00:00:00Z", "2025-05-12T00:00:00Z", "2025-05-15T00:00:00Z",
		},
		{ // The first odd day that is a Monday.
			"cron, a star is no restriction",
			payout.Schedule{Cadence: payout.Cron, Cron: "0 0 */2 * 1"},
			"2025-05-13T00:00:00Z", "2025-05-05T00:00:00Z", "2025-05-19T00:00:00Z",
		},
		{
			"cron, sunday is 7",
			payout.Schedule{Cadence: payout.Cron, Cron: "0 0 * * 7"},
			"2025-05-14T00:00:00Z", "2025-05-11T00:00:00Z", "2025-05-18T00:00:00Z",
		},
		{ // 2100 is no leap year.
			"cron, eight years apart",
			payout.Schedule{Cadence: payout.Cron, Cron: "0 0 29 2 *"},
			"2100-01-01T00:00:00Z", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z",
		},
		{
			"cron, in its zone",
			payout.Schedule{Cadence: payout.Cron, Cron: "15 0 1 */3 *", TimeZone: "Asia/Kolkata"},
			"2025-05-14T00:00:00Z", "2025-03-31T18:45:00Z", "2025-06-30T18:45:00Z",
		},
	} {
		c.require(t)
	}
}

func (c cutoffCase) require(t *testing.T) {
	t.Helper()
	calendar, err := payout.Compile(c.schedule)
	require.NoError(t, err, c.name)
	last, ok := calendar.LastCutoff(at(t, c.at))
	require.True(t, ok, c.name)
	require.Equal(t, at(t, c.last), last, c.name)
	next, ok := calendar.NextCutoff(at(t, c.at))
	require.True(t, ok, c.name)
	require.Equal(t, at(t, c.coming), next, c.name)
	start, end := calendar.PeriodOf(at(t, c.at))
	require.Equal(t, last, start, c.name)
	require.Equal(t, next, end, c.name)
}

func TestZeroCalendarHasNoCutoffs(t *testing.T) {
	var none payout.Calendar
	_, ok := none.LastCutoff(at(t, "2025-01-01T00:00:00Z"))
	require.False(t, ok)
	_, ok = none.NextCutoff(at(t, "2025-01-01T00:00:00Z"))
	require.False(t, ok)
}

var zones = []string{
	"UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Pacific/Kwajalein", "America/Sao_Paulo", "Asia/Amman",
	"America/St_Johns", "Australia/Lord_Howe", "Pacific/Kiritimati", "America/Juneau", "Asia/Beirut",
}

// Cut-offs tile time: the next of the last is the next, the last of the next is the next, and nothing lies between.
func TestCutoffsTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := payout.Schedule{
			Cadence: rapid.SampledFrom([]payout.Cadence{
				"", payout.Daily, payout.Weekly, payout.Monthly, payout.Cron,
			}).Draw(t, "cadence"),
			Weekday:  time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")),
			Day:      rapid.IntRange(0, 31).Draw(t, "day"),
			Hour:     rapid.IntRange(0, 23).Draw(t, "hour"),
			TimeZone: rapid.SampledFrom(zones).Draw(t, "zone"),
		}
		if s.Cadence == payout.Cron {
			s.Cron = rapid.SampledFrom([]string{
				"*/30 * * * *", "30 0,1,2,3,23 * * *", "0 0 29 2 *", "0 12 30 * *", "59 23 * * 5", "0 0 1,15 * 1",
			}).Draw(t, "cron")
		}
		when := time.Unix(rapid.Int64Range(-3786912000, 4102444800).Draw(t, "at"), 0)
		if rapid.Bool().Draw(t, "near Apia's skipped day") {
			when = at(t, "2011-12-30T10:00:00Z").Add(time.Duration(rapid.IntRange(-4000, 4000).Draw(t, "minutes")) * time.Minute)
		}
		requireCutoffs(t, s, when)
	})
}

func requireCutoffs(t require.TestingT, s payout.Schedule, when time.Time) {
	calendar, err := payout.Compile(s)
	require.NoError(t, err)
	start, end := calendar.PeriodOf(when)
	require.False(t, start.After(when), "%+v at %v", s, when)
	require.True(t, end.After(when), "%+v at %v", s, when)
	for _, inside := range []time.Time{start, end.Add(-1)} {
		again, until := calendar.PeriodOf(inside)
		require.Equal(t, start, again, "%+v at %v", s, when)
		require.Equal(t, end, until, "%+v at %v", s, when)
	}
	next, _ := calendar.PeriodOf(end)
	require.Equal(t, end, next, "%+v at %v", s, when)
	_, before := calendar.PeriodOf(start.Add(-1))
	require.Equal(t, start, before, "%+v at %v", s, when)
}

func FuzzCronSchedule(f *testing.F) {
	f.Add("0 0 1 * *", "UTC", int64(1746057600))
	f.Add("*/7 1-3 */2 jan-mar mon", "Europe/Berlin", int64(1743296400))
	f.Add("30 2 30 12 *", "Pacific/Apia", int64(1325239200))
	f.Add("0 0 30 2 *", "", int64(0))
	f.Add("@every 1s", "Local", int64(0))
	f.Fuzz(func(t *testing.T, expr, zone string, unix int64) {
		s := payout.Schedule{Cadence: payout.Cron, Cron: expr, TimeZone: zone}
		if err := s.Validate(); err != nil {
			require.ErrorIs(t, err, payout.ErrInvalidSchedule)
			return
		}
		requireCutoffs(t, s, time.Unix(unix%(1<<34), 0))
	})
}

func at(t require.TestingT, s string) time.Time {
	parsed, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return parsed.UTC()
}
