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

func TestValidate(t *testing.T) {
	for _, s := range []payout.Schedule{
		{},
		{Cadence: payout.Daily, Hour: 23},
		{Cadence: payout.Weekly, Weekday: time.Saturday},
		{Cadence: payout.Monthly, Day: 31, TimeZone: "Asia/Tokyo"},
		{Cadence: payout.Cron, Cron: "0 9 * * MON-FRI"},
		{Minimum: map[money.Currency]int64{"usd": 0, "jpy": 5000}},
	} {
		require.NoError(t, s.Validate(), "%+v", s)
	}
}

func TestValidateReportsEveryProblem(t *testing.T) {
	err := payout.Schedule{
		Cadence: "hourly", Weekday: 7, Day: 32, Hour: 24, TimeZone: "Mars/Base", Cron: "* * * * *",
		Minimum: map[money.Currency]int64{"zzz": -1, "usd": -5},
	}.Validate()
	require.ErrorIs(t, err, payout.ErrInvalidSchedule)
	var typed *problem.Error
	require.ErrorAs(t, err, &typed)
	var fields []string
	for _, p := range typed.Problems {
		fields = append(fields, p.Field)
	}
	require.Equal(t, []string{
		"cadence", "weekday", "day", "hour", "minimum.usd", "minimum.zzz", "minimum.zzz", "timeZone", "cron",
	}, fields)
	require.Error(t, payout.Schedule{TimeZone: "Local"}.Validate(), "no machine's own zone")
	require.Error(t, payout.Schedule{Weekday: -1, Day: -1, Hour: -1}.Validate())
}

func TestValidateCron(t *testing.T) {
	for _, ok := range []string{
		"0 0 1 * *", "*/15 * * * *", "0 9-17/2 * jan-mar mon,wed", "0 0 29 2 *", "0 0 * * 7", " 0\t0 1 * * ", "0 0 31 2 1",
		"5,35 0 1 * *",
	} {
		require.NoError(t, payout.Schedule{Cadence: payout.Cron, Cron: ok}.Validate(), ok)
	}
	for _, bad := range []string{
		"", "* * * *", "0 0 0 1 * *", "@daily", "@every 1h", "TZ=UTC 0 0 * * *", "CRON_TZ=UTC 0 0 1 * *", "60 * * * *",
		"* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8", "0 0 L * *", "0 0 1W * *", "0 0 * * 1#2",
		"H 0 * * *", "0 0 ? * *", "+5 0 * * *", "-5 0 * * *", "1,,2 0 * * *", ", 0 * * *", "*/0 * * * *", "1/2/3 0 * * *",
		"0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 * * foo", "٣ 0 * * *",
	} {
		err := payout.Schedule{Cadence: payout.Cron, Cron: bad}.Validate()
		require.ErrorIs(t, err, payout.ErrInvalidSchedule, bad)
		require.ErrorContains(t, err, "cron: ", bad)
	}
}

func TestScheduleJSON(t *testing.T) {
	full := payout.Schedule{
		Cadence: payout.Weekly, Weekday: time.Monday, Day: 3, Hour: 9, TimeZone: "Europe/Berlin",
		Minimum: map[money.Currency]int64{"usd": 5000},
	}
	data, err := json.Marshal(full)
	require.NoError(t, err)
	require.JSONEq(t, `{"cadence":"weekly","weekday":"monday","day":3,"hour":9,"timeZone":"Europe/Berlin",
		"minimum":{"usd":5000}}`, string(data))
	for _, s := range []payout.Schedule{full, {}, {Cadence: payout.Weekly}, {Cadence: payout.Cron, Cron: "0 0 1 * *"}} {
		data, err := json.Marshal(s)
		require.NoError(t, err)
		var back payout.Schedule
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, s, back)
	}
	data, err = json.Marshal(payout.Schedule{Cadence: payout.Weekly})
	require.NoError(t, err)
	require.JSONEq(t, `{"cadence":"weekly","weekday":"sunday"}`, string(data), "a weekly sunday is written out")

	edited := full
	require.NoError(t, json.Unmarshal([]byte(`{"hour":10,"minimum":{"eur":1}}`), &edited))
	require.Equal(t, 10, edited.Hour)
	require.Equal(t, time.Monday, edited.Weekday, "an absent field keeps its value")
	require.Equal(t, map[money.Currency]int64{"usd": 5000}, full.Minimum, "the original's map is left alone")

	require.ErrorIs(t, json.Unmarshal([]byte(`{"weekday":"Montag"}`), &edited), payout.ErrInvalidSchedule)
	require.Error(t, json.Unmarshal([]byte(`{"hour":"x"}`), &edited))
}
