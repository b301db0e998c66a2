package reference

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func utc(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestAddMonthsClampsAndCountsFromTheAnchor(t *testing.T) {
	assert.Equal(t, utc("2026-02-28 10:00"), addMonths(utc("2026-01-31 10:00"), 1, time.UTC))
	assert.Equal(t, utc("2028-02-29 10:00"), addMonths(utc("2028-01-31 10:00"), 1, time.UTC))
	assert.Equal(t, utc("2026-03-31 10:00"), addMonths(utc("2026-01-31 10:00"), 2, time.UTC))
	assert.Equal(t, utc("2027-02-28 10:00"), addMonths(utc("2026-11-30 10:00"), 3, time.UTC))
	// 1 February 04:00 UTC is 31 January 23:00 in New York: a month on is 28 February 23:00 there.
	ny := zone("America/New_York")
	assert.Equal(t, utc("2026-03-01 04:00"), addMonths(utc("2026-02-01 04:00"), 1, ny).UTC())
	// 31 March 23:00 is summer time, 04:00 became 03:00 UTC.
	assert.Equal(t, utc("2026-04-01 03:00"), addMonths(utc("2026-02-01 04:00"), 2, ny).UTC())
}

func TestLastCutoff(t *testing.T) {
	at := func(p PayoutPlan, text string) string {
		return lastCutoff(p, utc(text)).UTC().Format("2006-01-02 15:04")
	}
	assert.Equal(t, "2026-06-01 00:00", at(PayoutPlan{}, "2026-06-01 00:00"), "the cut-off itself counts")
	assert.Equal(t, "2026-05-01 00:00", at(PayoutPlan{}, "2026-05-31 23:59"))
	assert.Equal(t, "2026-02-28 09:00", at(PayoutPlan{Cadence: "monthly", Day: 31, Hour: 9}, "2026-03-30 00:00"))
	assert.Equal(t, "2026-06-07 22:00", at(PayoutPlan{Cadence: "weekly", Weekday: "monday", TimeZone: "Europe/Berlin"}, "2026-06-10 00:00"))
	assert.Equal(t, "2026-06-09 03:00", at(PayoutPlan{Cadence: "daily", Hour: 3}, "2026-06-10 02:59"))
	assert.Equal(t, "2026-06-05 12:30", at(PayoutPlan{Cadence: "cron", Cron: "*/30 12 * * 5"}, "2026-06-10 00:00"))
	// Both day fields restricted: the 13th or a Friday. 13 June 2026 is a Saturday.
	friday := PayoutPlan{Cadence: "cron", Cron: "0 0 13 * 5"}
	assert.Equal(t, "2026-06-12 00:00", at(friday, "2026-06-12 23:00"))
	assert.Equal(t, "2026-06-13 00:00", at(friday, "2026-06-14 00:00"))
}

func TestPeriodStart(t *testing.T) {
	start := func(period string) string {
		return periodStart(period, utc("2026-05-17 12:00"), time.UTC, PayoutPlan{Day: 15}).Format(time.DateOnly)
	}
	assert.Equal(t, "2026-05-17", start("day"))
	assert.Equal(t, "2026-05-11", start("week")) // the 17th is a Sunday
	assert.Equal(t, "2026-05-01", start("month"))
	assert.Equal(t, "2026-04-01", start("quarter"))
	assert.Equal(t, "2026-01-01", start("year"))
	assert.Equal(t, "2026-05-15", start("payout"))
}

func TestRoundHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct{ num, den, want int64 }{{1, 2, 1}, {-1, 2, -1}, {49, 100, 0}, {-49, 100, 0}, {5, 2, 3}, {-7, 3, -2}} {
		assert.Equal(t, c.want, round(big.NewRat(c.num, c.den)), "%d/%d", c.num, c.den)
	}
}

func TestNormalEmail(t *testing.T) {
	assert.Equal(t, "ada@partners.test", normalEmail("  Ada+shop+x@Partners.TEST "))
	assert.NotEqual(t, normalEmail("a@b.test"), normalEmail("a@c.test"))
}
