package payout_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

func full() payout.Schedule {
	return payout.Schedule{
		Cadence: payout.Weekly, Weekday: time.Friday, Day: 3, Hour: 9, TimeZone: "Europe/Berlin",
		Minimum: map[money.Currency]int64{"usd": 5000, "eur": 4000},
	}
}

func TestAChangeKeepsWhatItLeavesOut(t *testing.T) {
	for _, c := range []struct {
		text string
		edit func(*payout.Schedule)
	}{
		{`{}`, func(*payout.Schedule) {}},
		{`{"day":15}`, func(s *payout.Schedule) { s.Day = 15 }},
		{`{"hour":0}`, func(s *payout.Schedule) { s.Hour = 0 }},
		{`{"weekday":"sunday"}`, func(s *payout.Schedule) { s.Weekday = time.Sunday }},
		{`{"timeZone":"UTC"}`, func(s *payout.Schedule) { s.TimeZone = "UTC" }},
		{`{"cadence":"cron","cron":"0 0 1 * *"}`, func(s *payout.Schedule) { s.Cadence, s.Cron = payout.Cron, "0 0 1 * *" }},
		{`{"minimum":{"usd":100}}`, func(s *payout.Schedule) { s.Minimum["usd"] = 100 }},
		{`{"minimum":{"usd":null}}`, func(s *payout.Schedule) { delete(s.Minimum, "usd") }},
		{`{"minimum":{"usd":null,"jpy":7}}`, func(s *payout.Schedule) { s.Minimum = map[money.Currency]int64{"eur": 4000, "jpy": 7} }},
		{`{"minimum":null}`, func(s *payout.Schedule) { s.Minimum = nil }},
	} {
		var change payout.ScheduleChange
		require.NoError(t, json.Unmarshal([]byte(c.text), &change))
		want := full()
		c.edit(&want)
		require.Equal(t, want, change.Apply(full()), c.text)
		data, err := json.Marshal(change)
		require.NoError(t, err)
		require.JSONEq(t, c.text, string(data), "it is stored as it was said")
	}
}

func TestAnotherCadenceRemovesTheCronExpression(t *testing.T) {
	cron := payout.Schedule{Cadence: payout.Cron, Cron: "0 0 1 * *"}
	monthly := payout.Monthly
	after := (&payout.ScheduleChange{Cadence: &monthly}).Apply(cron)
	require.NoError(t, after.Validate())
	require.Empty(t, after.Cron)
}

func TestAWholeScheduleIsAChange(t *testing.T) {
	for _, s := range []payout.Schedule{full(), {}, {Cadence: payout.Cron, Cron: "0 0 1 * *"}} {
		require.Equal(t, s, s.Change().Apply(payout.Schedule{Weekday: time.Monday, Day: 9, TimeZone: "Asia/Tokyo"}))
		data, err := json.Marshal(s.Change())
		require.NoError(t, err)
		var again payout.ScheduleChange
		require.NoError(t, json.Unmarshal(data, &again))
		require.Equal(t, s, again.Apply(payout.Schedule{Hour: 5}))
	}
	require.ErrorIs(t, json.Unmarshal([]byte(`{"weekday":"Montag"}`), &payout.ScheduleChange{}), payout.ErrInvalidSchedule)
	require.Error(t, json.Unmarshal([]byte(`{"hour":"x"}`), &payout.ScheduleChange{}))
}

func TestWhatAScheduleAlwaysHasCannotBeRemoved(t *testing.T) {
	for name, refused := range map[string]bool{
		"cron": false, "minimum": false, "minimum.usd": false, "minimum.xyz": true, "cadence": true, "weekday": true, "day": true,
		"hour": true, "timeZone": true,
	} {
		var list problem.List
		(&payout.ScheduleChange{Remove: []string{name}}).Check(&list, "payout.")
		require.Equal(t, refused, len(list) == 1, name)
		if refused {
			require.Equal(t, "payout."+name, list[0].Field)
		}
	}
}
