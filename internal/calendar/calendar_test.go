package calendar_test

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/internal/calendar"
)

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		anchor string
		months int
		zone   string
		want   string
	}{
		{"2025-01-31T10:00:00Z", 1, "UTC", "2025-02-28T10:00:00Z"},
		{"2024-01-31T10:00:00Z", 1, "UTC", "2024-02-29T10:00:00Z"},
		{"2025-01-31T10:00:00Z", 2, "UTC", "2025-03-31T10:00:00Z"},
		{"2024-02-29T00:00:00Z", 12, "UTC", "2025-02-28T00:00:00Z"},
		{"2024-02-29T00:00:00Z", 48, "UTC", "2028-02-29T00:00:00Z"},
		{"2025-03-31T00:00:00Z", -1, "UTC", "2025-02-28T00:00:00Z"},
		{"2025-01-15T00:00:00Z", -13, "UTC", "2023-12-15T00:00:00Z"},
		// The date is the local one: 1 Feb in Tokyo, although 31 Jan in UTC.
		{"2025-01-31T20:00:00Z", 1, "Asia/Tokyo", "2025-02-28T20:00:00Z"},
		// The wall clock stays across a change of the offset.
		{"2025-02-15T12:00:00Z", 2, "Europe/Berlin", "2025-04-15T11:00:00Z"},
		// 02:30 does not exist on 30 March: time.Date makes it 03:30.
		{"2025-02-28T01:30:00.123456789Z", 1, "Europe/Berlin", "2025-03-28T01:30:00.123456789Z"},
		{"2025-01-30T01:30:00Z", 2, "Europe/Berlin", "2025-03-30T01:30:00Z"},
	} {
		got := calendar.AddMonths(at(t, c.anchor), c.months, zone(t, c.zone))
		require.Equal(t, at(t, c.want), got, "%s + %d in %s", c.anchor, c.months, c.zone)
		require.Equal(t, time.UTC, got.Location())
	}
	require.Equal(t, at(t, "2025-02-28T10:00:00Z"), calendar.AddMonths(at(t, "2025-01-31T10:00:00Z"), 1, nil), "nil is UTC")
}

func TestDaysIn(t *testing.T) {
	for year, want := range map[int]int{2023: 28, 2024: 29, 1900: 28, 2000: 29} {
		require.Equal(t, want, calendar.DaysIn(year, time.February))
	}
	require.Equal(t, 31, calendar.DaysIn(2024, time.December))
	require.Equal(t, 30, calendar.DaysIn(2024, time.April))
}

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		period          calendar.Period
		at, zone        string
		wantIn, wantOut string
	}{
		{calendar.Day, "2025-05-14T13:00:00Z", "UTC", "2025-05-14T00:00:00Z", "2025-05-15T00:00:00Z"},
		{calendar.Day, "2025-05-14T00:00:00Z", "UTC", "2025-05-14T00:00:00Z", "2025-05-15T00:00:00Z"},
		{calendar.Day, "2025-05-14T23:00:00Z", "Asia/Tokyo", "2025-05-14T15:00:00Z", "2025-05-15T15:00:00Z"},
		{calendar.Week, "2025-05-14T13:00:00Z", "UTC", "2025-05-12T00:00:00Z", "2025-05-19T00:00:00Z"},
		{calendar.Week, "2025-05-18T23:59:59Z", "UTC", "2025-05-12T00:00:00Z", "2025-05-19T00:00:00Z"},
		{calendar.Week, "2025-05-12T00:00:00Z", "UTC", "2025-05-12T00:00:00Z", "2025-05-19T00:00:00Z"},
		{calendar.Month, "2024-02-29T13:00:00Z", "UTC", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"},
		{calendar.Month, "2024-12-31T13:00:00Z", "UTC", "2024-12-01T00:00:00Z", "2025-01-01T00:00:00Z"},
		{calendar.Quarter, "2025-05-31T13:00:00Z", "UTC", "2025-04-01T00:00:00Z", "2025-07-01T00:00:00Z"},
		{calendar.Quarter, "2025-12-31T13:00:00Z", "UTC", "2025-10-01T00:00:00Z", "2026-01-01T00:00:00Z"},
		{calendar.Year, "2025-05-31T13:00:00Z", "UTC", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
		// A day of 23 hours.
		{calendar.Day, "2025-03-30T12:00:00Z", "Europe/Berlin", "2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z"},
		// Samoa had no 30 December 2011: the 29th is followed by the 31st.
		{calendar.Day, "2011-12-30T09:59:00Z", "Pacific/Apia", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
		{calendar.Day, "2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		// Brazil skipped midnight of 4 November 2018; time.Date resolves it to 23:00 of the 3rd.
		{calendar.Day, "2018-11-04T01:30:00Z", "America/Sao_Paulo", "2018-11-03T03:00:00Z", "2018-11-04T02:00:00Z"},
		{calendar.Day, "2018-11-04T02:30:00Z", "America/Sao_Paulo", "2018-11-04T02:00:00Z", "2018-11-05T02:00:00Z"},
	} {
		start, end, ok := calendar.Bounds(c.period, at(t, c.at), zone(t, c.zone))
		require.True(t, ok)
		require.Equal(t, at(t, c.wantIn), start, "%s %s %s", c.period, c.at, c.zone)
		require.Equal(t, at(t, c.wantOut), end, "%s %s %s", c.period, c.at, c.zone)
	}
}

func TestBoundsWithoutACalendar(t *testing.T) {
	start, end, ok := calendar.Bounds(calendar.Lifetime, time.Now(), nil)
	require.True(t, ok)
	require.True(t, start.IsZero() && end.IsZero())
	for _, p := range []calendar.Period{calendar.Payout, "", "fortnight"} {
		_, _, ok := calendar.Bounds(p, time.Now(), nil)
		require.False(t, ok, p)
	}
	require.True(t, calendar.Payout.Valid())
	require.True(t, calendar.Quarter.Valid())
	require.False(t, calendar.Period("fortnight").Valid())
}

// awkward zones skip midnights (Beirut, Sao Paulo, Asuncion), whole days (Apia, Kwajalein), repeat midnight (Amman, Havana),
// fall back over it (St. John's), repeat a date (Juneau) or sit at the ends of the range.
var awkward = []string{
	"UTC", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "Pacific/Kwajalein", "America/Asuncion", "Asia/Amman",
	"America/Havana", "America/St_Johns", "America/Juneau", "Pacific/Kiritimati", "Pacific/Niue", "Australia/Lord_Howe",
	"Europe/Berlin", "Africa/Casablanca", "Antarctica/Troll",
}

var bounded = []calendar.Period{calendar.Day, calendar.Week, calendar.Month, calendar.Quarter, calendar.Year}

func TestPeriodsTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(t, rapid.SampledFrom(awkward).Draw(t, "zone"))
		p := rapid.SampledFrom(bounded).Draw(t, "period")
		// From 1850 to 2100, so that all of the zones' history is in reach.
		when := time.Unix(rapid.Int64Range(-3786912000, 4102444800).Draw(t, "at"), 0)
		requireTile(t, p, when, loc)
	})
}

// Every forty minutes around the clock changes that are hard.
func TestPeriodsTileAroundClockChanges(t *testing.T) {
	for name, around := range map[string]string{
		"America/Sao_Paulo": "2018-11-04T00:00:00Z", "Asia/Beirut": "2022-03-27T00:00:00Z",
		"Pacific/Apia": "2011-12-30T00:00:00Z", "Pacific/Kwajalein": "1993-08-21T00:00:00Z",
		"America/Asuncion": "2017-10-01T00:00:00Z", "Asia/Amman": "2021-10-29T00:00:00Z",
		"America/St_Johns": "2006-10-29T00:00:00Z", "America/Juneau": "1867-10-19T00:00:00Z",
		"America/Havana": "2022-11-06T00:00:00Z",
	} {
		for i := -80; i <= 80; i++ {
			for _, p := range bounded {
				requireTile(t, p, at(t, around).Add(time.Duration(i)*40*time.Minute), zone(t, name))
			}
		}
	}
}

func requireTile(t require.TestingT, p calendar.Period, when time.Time, loc *time.Location) {
	start, end, ok := calendar.Bounds(p, when, loc)
	require.True(t, ok)
	label := fmt.Sprint(p, when.UTC(), loc)
	require.False(t, start.After(when), label)
	require.True(t, end.After(when), label)
	for _, inside := range []time.Time{start, end.Add(-1)} {
		s, e, _ := calendar.Bounds(p, inside, loc)
		require.Equal(t, start, s, label)
		require.Equal(t, end, e, label)
	}
	_, before, _ := calendar.Bounds(p, start.Add(-1), loc)
	require.Equal(t, start, before, label)
	after, _, _ := calendar.Bounds(p, end, loc)
	require.Equal(t, end, after, label)
}

func FuzzAddMonths(f *testing.F) {
	f.Add(int64(1738317600), 1, "UTC")
	f.Add(int64(1709164800), 12, "Europe/Berlin")
	f.Add(int64(1325152800), 1, "Pacific/Apia")
	f.Add(int64(-3786912000), -5, "America/Sao_Paulo")
	f.Fuzz(func(t *testing.T, unix int64, months int, name string) {
		loc, err := time.LoadLocation(name)
		if err != nil {
			return // no such zone
		}
		anchor := time.Unix(unix%(1<<36), unix&0xffff).In(loc)
		months %= 12_000
		got := calendar.AddMonths(anchor, months, loc)
		require.True(t, calendar.AddMonths(anchor, months+1, loc).After(got), "monotone")

		month := int(anchor.Month()) - 1 + months
		first := time.Date(anchor.Year(), time.Month(month+1), 1, 0, 0, 0, 0, time.UTC)
		last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		hour, minute, second := anchor.Clock()
		want := time.Date(first.Year(), first.Month(), min(anchor.Day(), last), hour, minute, second, anchor.Nanosecond(), loc)
		require.True(t, want.Equal(got), "%v, not %v", got, want)
	})
}

func at(t require.TestingT, s string) time.Time {
	parsed, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return parsed.UTC()
}

func zone(t require.TestingT, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}
