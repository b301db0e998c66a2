package program_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

func (w *world) editPartner(at time.Time, f program.Profile) {
	w.Helper()
	w.do(program.Change{Kind: program.EditPartner, At: at, Partner: "ada", Profile: &f})
}

func (w *world) partner() *program.Partner {
	p, ok := w.Partner("ada")
	require.True(w, ok)
	return p
}

func TestAnEditOfThePayoutKeepsWhatItLeavesOut(t *testing.T) {
	w := newWorld(t)
	first := payout.Schedule{Weekday: time.Monday, Day: 1, Hour: 9, TimeZone: "Europe/Berlin", Minimum: map[money.Currency]int64{"usd": 1000}}
	w.editPartner(ever(), program.Profile{Payout: first.Change()})
	w.editPartner(day(20), program.Profile{Payout: &payout.ScheduleChange{Day: ptr(15)}})
	want := first
	want.Day = 15
	require.Equal(t, want, w.partner().PayoutAt(day(20)))
	require.Equal(t, first, w.partner().PayoutAt(day(20).Add(-1)), "nothing before it moves")

	// An edit that arrives late lies below one that was dated after it.
	w.editPartner(day(10), program.Profile{Payout: &payout.ScheduleChange{Day: ptr(5), Minimum: map[money.Currency]int64{"eur": 1}}})
	want.Minimum = map[money.Currency]int64{"usd": 1000, "eur": 1}
	require.Equal(t, want, w.partner().PayoutAt(day(20)))
	require.Equal(t, 5, w.partner().PayoutAt(day(10)).Day)
}

func TestEditsThatTogetherLeaveNoScheduleAreRefused(t *testing.T) {
	w := newWorld(t)
	w.editPartner(day(10), program.Profile{Payout: payout.Schedule{Cadence: payout.Cron, Cron: "0 0 1 * *"}.Change()})
	w.editPartner(day(20), program.Profile{Payout: &payout.ScheduleChange{Cron: ptr("0 0 2 * *")}})
	monthly := program.Change{
		Kind: program.EditPartner, At: day(15), Partner: "ada", Profile: &program.Profile{Payout: &payout.ScheduleChange{Cadence: ptr(payout.Monthly)}},
	}
	require.ErrorIs(t, w.try(monthly), payout.ErrInvalidSchedule, "the expression of day 20 would have no cadence")
	monthly.At = day(25)
	w.do(monthly)
	require.Empty(t, w.partner().PayoutAt(day(25)).Cron)
}

func TestPayoutSettingsAreEffectiveDated(t *testing.T) {
	w := newWorld(t)
	utc := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, time.UTC) }
	w.editPartner(utc(1, 20), program.Profile{Payout: &payout.ScheduleChange{Day: ptr(10)}})
	period := func(at time.Time) [2]time.Time {
		from, to := w.Period("ada", "main", commission.PerPayout, at)
		return [2]time.Time{from, to}
	}
	require.Equal(t, [2]time.Time{utc(1, 1), utc(2, 1)}, period(utc(1, 19)), "a tier period by the settings at the conversion's time")
	require.Equal(t, [2]time.Time{utc(1, 10), utc(2, 10)}, period(utc(1, 20)))
	last, _ := w.partner().CutoffsAt(utc(1, 19)).LastCutoff(utc(1, 19))
	require.Equal(t, utc(1, 1), last)

	require.Equal(t, utc(2, 10), w.partner().NextCutoff(utc(1, 5)), "the 1st of February is none any more by then")
	require.Equal(t, utc(2, 10), w.partner().NextCutoff(utc(1, 20)))
	require.Equal(t, utc(1, 1), w.partner().NextCutoff(utc(1, 1).Add(-1)))
}

// allSet is a program of which everything is said that may be absent.
func allSet() program.SettingsChange {
	return program.SettingsChange{
		Name: ptr("Main"), Title: ptr("Acme"), DeepLinkDomains: &[]string{"acme.example"}, StartsAt: ptr(day(1)), EndsAt: ptr(day(90)),
		Reward: promo.Reward{Kind: promo.PercentOff, Percent: 10, Span: promo.FirstInvoice}.Change(),
	}
}

func TestRemovingTakesAwayWhatMayBeAbsent(t *testing.T) {
	for name, gone := range map[string]func(program.Settings) bool{
		"name":            func(s program.Settings) bool { return s.Name == "" },
		"title":           func(s program.Settings) bool { return s.Title == "" },
		"deepLinkDomains": func(s program.Settings) bool { return len(s.DeepLinkDomains) == 0 },
		"startsAt":        func(s program.Settings) bool { return s.StartsAt.IsZero() },
		"endsAt":          func(s program.Settings) bool { return s.EndsAt.IsZero() },
		"reward":          func(s program.Settings) bool { return s.Reward == nil },
	} {
		w := newWorld(t)
		w.edit(day(1), allSet())
		var edit program.SettingsChange
		require.NoError(t, json.Unmarshal([]byte(`{"`+name+`":null}`), &edit))
		require.Equal(t, []string{name}, edit.Remove)
		w.edit(day(10), edit)
		before, _ := w.program().At(day(9))
		after, _ := w.program().At(day(10))
		require.False(t, gone(before), name)
		require.True(t, gone(after), name)
		require.True(t, w.Has(program.Change{Kind: program.EditProgram, At: day(10), Program: "main", Settings: &edit}), "the same again is known")
	}
}

func TestRemovingWhatMustHaveAValueIsInvalidTerms(t *testing.T) {
	w := newWorld(t)
	w.approve(day(1))
	for _, name := range []string{
		"destinationUrl", "currency", "timeZone", "attributionModel", "attributionWindowDays", "methods", "binding", "partnerCodes",
		"rules", "holdbackDays", "unknown",
	} {
		err := w.try(program.Change{Kind: program.EditProgram, At: day(2), Program: "main", Settings: &program.SettingsChange{Remove: []string{name}}})
		require.ErrorIs(t, err, commission.ErrInvalidTerms)
		require.Equal(t, []string{name}, fields(err))
	}
	for _, name := range []string{"rules", "holdbackDays"} {
		err := w.try(program.Change{
			Kind: program.Override, At: day(2), Partner: "ada", Program: "main", Terms: &program.TermsChange{Remove: []string{name}},
		})
		require.ErrorIs(t, err, commission.ErrInvalidTerms)
		require.Equal(t, []string{name}, fields(err))
	}
	for name, f := range map[string]program.Profile{
		"rank": {Remove: []string{"rank"}}, "payout": {Remove: []string{"payout"}},
		"payout.day": {Payout: &payout.ScheduleChange{Remove: []string{"day"}}},
		"match":      {Remove: []string{"match"}, Match: &[]attribution.Condition{}},
	} {
		err := w.try(program.Change{Kind: program.EditPartner, At: day(2), Partner: "ada", Profile: &f})
		require.ErrorIs(t, err, commission.ErrInvalidTerms)
		require.Equal(t, []string{name}, fields(err))
	}
}

func TestRemovingThePartsOfAProfile(t *testing.T) {
	w := newWorld(t)
	w.editPartner(ever(), program.Profile{
		Name: ptr("Ada"), Email: ptr("ada@partners.test"), Match: &[]attribution.Condition{{Field: "sub1", Op: attribution.Equals, Value: "a"}},
	})
	w.editPartner(day(5), program.Profile{Remove: []string{"name", "email", "match"}})
	require.Empty(t, w.partner().Name)
	require.Empty(t, w.partner().Email)
	require.Len(t, w.partner().MatchAt(day(4)), 1)
	require.Empty(t, w.partner().MatchAt(day(5)))
}

func TestARewardMayBeEditedInPart(t *testing.T) {
	w := newWorld(t)
	w.edit(day(1), allSet())
	w.edit(day(10), program.SettingsChange{Reward: &promo.RewardChange{Percent: ptr(20)}})
	after, _ := w.program().At(day(10))
	require.Equal(t, &promo.Reward{Kind: promo.PercentOff, Percent: 20, Span: promo.FirstInvoice}, after.Reward)

	late := program.Change{Kind: program.EditProgram, At: day(5), Program: "main", Settings: &program.SettingsChange{Remove: []string{"reward"}}}
	err := w.try(late)
	require.ErrorIs(t, err, commission.ErrInvalidTerms, "the edit of day 10 would have nothing to edit")
	require.Contains(t, fields(err), "reward.kind")
}
