package decision_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
)

// rule is a rule of 10 % or of 5.00, by its trigger and event type.
func rule(id string, trigger commission.Trigger, event string, kind commission.Type) commission.Rule {
	value := "10"
	if kind == commission.Fixed {
		value = "500"
	}
	return commission.Rule{ID: id, Trigger: trigger, EventType: event, Type: kind, Value: value}
}

// fired writes which rules fire on which days for a customer of ada's.
func fired(w *world, sales ...commission.Sale) map[int][]string {
	decided := w.decide(decision.Customer{Clicks: []attribution.Click{click("ada", 1)}, Sales: sales})
	out := map[int][]string{}
	for _, s := range sales {
		for _, l := range decided[s.ID].Lines {
			d := int(s.At.Sub(day(0)).Hours() / 24)
			out[d] = append(out[d], l.Rule)
		}
	}
	return out
}

func TestTriggers(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Rules: []commission.Rule{
		rule("every", commission.Every, "", commission.Percent),
		rule("first", commission.First, "", commission.Percent),
		rule("subsequent", commission.Subsequent, "", commission.Percent),
		rule("invoice", commission.First, "invoice_paid", commission.Percent),
		rule("signup", commission.First, "signup", commission.Fixed),
		rule("paid signup", commission.First, "signup", commission.Percent),
	}})
	require.Equal(t, map[int][]string{
		2: {"signup"},
		3: {"every", "first", "paid signup"}, // a signup for money; the signup bonus is consumed
		4: {"every", "subsequent", "invoice"},
		5: {"every", "subsequent"},
	}, fired(w,
		sale(2, typed("signup"), amount(0)), sale(3, typed("signup")), sale(4), sale(5),
		sale(6, typed("trial_started"), amount(0)),
	))
	require.Equal(t, map[int][]string{9: {"every", "first", "invoice"}}, fired(w, sale(8, amount(0)), sale(9)), "a trial invoice is nobody's first")
	require.Equal(t, map[int][]string{8: {"every", "first", "invoice"}, 9: {"every", "subsequent"}},
		fired(w, sale(9), sale(8, with(commission.Fact{Kind: commission.Refund, ID: "r", At: day(8), All: true}))), "consumed even if refunded")
	require.Equal(t, map[int][]string{9: {"every", "first", "invoice"}},
		fired(w, sale(8, with(commission.Fact{Kind: commission.Amendment, At: day(20), Amount: 0})), sale(9)), "the amount is the amended one")
}

// Ties in time are broken by the external id, in byte order.
func TestFirstOfTheSameInstant(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Rules: []commission.Rule{rule("first", commission.First, "", commission.Percent)}})
	named := func(id string) commission.Sale { return sale(5, func(s *commission.Sale) { s.ID = id }) }
	decided := w.decide(decision.Customer{Clicks: []attribution.Click{click("ada", 1)}, Sales: []commission.Sale{named("in_9"), named("in_10"), named("In_9")}})
	require.Len(t, decided["In_9"].Lines, 1)
	require.Empty(t, decided["in_10"].Lines)
	require.Empty(t, decided["in_9"].Lines)
}

// First is the first conversion that is credited to the (program, partner,
// customer), whether or not the rule was in force then.
func TestFirstIsOfThePartnership(t *testing.T) {
	first := program.SettingsChange{Rules: []commission.Rule{rule("first", commission.First, "", commission.Percent)}}
	w := newWorld(t, first)
	w.program("shop", first)
	w.approve("ada", "shop", ever())
	for _, code := range [][3]string{{"ADA10", "ada", "main"}, {"ADASHOP", "ada", "shop"}, {"BOB10", "bob", "main"}} {
		w.code(code[0], code[1], code[2])
	}
	require.Equal(t, map[int][]string{2: {"first"}, 3: {"first"}, 5: {"first"}}, fired(w,
		sale(2, withCode("ADA10")), sale(3, withCode("BOB10")), sale(4, withCode("ADA10")), sale(5, withCode("ADASHOP")), sale(6, withCode("BOB10")),
	), "programs do not share a first, nor do partners")

	late := newWorld(t, program.SettingsChange{Rules: []commission.Rule{rule("old", commission.Every, "", commission.Percent)}})
	late.change(program.Change{Kind: program.Override, At: day(3), Partner: "ada", Program: "main", Terms: &program.TermsChange{
		Rules: []commission.Rule{rule("first", commission.First, "", commission.Percent), rule("subsequent", commission.Subsequent, "", commission.Percent)},
	}})
	require.Equal(t, map[int][]string{2: {"old"}, 4: {"subsequent"}}, fired(late, sale(2), sale(4)))
}

func TestVoidCreditConsumesNothing(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Rules: []commission.Rule{rule("first", commission.First, "invoice_paid", commission.Percent)}})
	w.suspend("ada", day(5))
	w.change(program.Change{Kind: program.Reinstate, At: day(7), Partner: "ada"})
	require.Equal(t, map[int][]string{8: {"first"}}, fired(w, sale(3, typed("signup"), amount(0)), sale(6), sale(8)))
}

// A cap of m months pays while at < first + m months, counted from the first
// and clamped to the end of the month, in the program's zone.
func TestMonthsCap(t *testing.T) {
	utc := func(month time.Month, d, hour int) time.Time {
		return time.Date(2026, month, d, hour, 0, 0, 0, time.UTC)
	}
	for _, c := range []struct {
		name   string
		zone   string
		months int
		first  time.Time
		end    time.Time // the first instant that is not paid
	}{
		{"a month", "UTC", 1, utc(1, 10, 9), utc(2, 10, 9)},
		{"31 January and a month", "UTC", 1, utc(1, 31, 9), utc(2, 28, 9)},
		{"31 January and two months", "UTC", 2, utc(1, 31, 9), utc(3, 31, 9)},
		{"a year", "UTC", 12, utc(1, 31, 9), utc(1, 31, 9).AddDate(1, 0, 0)},
		{"30 January in UTC", "UTC", 1, utc(1, 30, 20), utc(2, 28, 20)},
		{"is the 31st in Tokyo", "Asia/Tokyo", 1, utc(1, 30, 20), utc(2, 27, 20)},
	} {
		t.Run(c.name, func(t *testing.T) {
			capped := rule("rev", commission.Every, "", commission.Percent)
			capped.Recurring, capped.Months = true, c.months
			w := newWorld(t, program.SettingsChange{Rules: []commission.Rule{capped}, TimeZone: &c.zone})
			at := func(id string, when time.Time) commission.Sale {
				return sale(1, func(s *commission.Sale) { s.ID, s.At = id, when })
			}
			decided := w.decide(decision.Customer{
				Clicks: []attribution.Click{click("ada", 1)},
				Sales:  []commission.Sale{at("first", c.first), at("last", c.end.Add(-1)), at("late", c.end)},
			})
			require.Len(t, decided["first"].Lines, 1)
			require.Len(t, decided["last"].Lines, 1)
			require.Empty(t, decided["late"].Lines)
		})
	}
}

// A monthly plan with a cap of twelve months pays twelve invoices; a cap counts
// from the first matching conversion, which another rule's may be.
func TestMonthsCapCountsInvoices(t *testing.T) {
	capped := rule("rev", commission.Every, "invoice_paid", commission.Percent)
	capped.Recurring, capped.Months = true, 12
	uncapped := rule("all", commission.Every, "invoice_paid", commission.Percent)
	uncapped.Recurring = true
	w := newWorld(t, program.SettingsChange{Rules: []commission.Rule{capped, uncapped}})
	sales := []commission.Sale{sale(2, typed("signup"), amount(0))}
	for month := range 15 {
		sales = append(sales, sale(1, func(s *commission.Sale) {
			s.ID, s.At = fmt.Sprintf("in_%02d", month), time.Date(2026, time.January, 31, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 30*month)
		}))
	}
	decided := w.decide(decision.Customer{Clicks: []attribution.Click{click("ada", 1)}, Sales: sales})
	count := map[string]int{}
	for _, o := range decided {
		for _, l := range o.Lines {
			count[l.Rule]++
		}
	}
	require.Equal(t, map[string]int{"rev": 13, "all": 15}, count, "every 30 days: 13 within a year")
	require.Equal(t, commission.WhyCapReached, decided["in_13"].Explanation.Rules[0].Why)
}

// Past the end of a program nothing repeats; a first still pays.
func TestEndedProgram(t *testing.T) {
	rules := []commission.Rule{
		rule("every", commission.Every, "", commission.Percent), rule("signup", commission.Every, "signup", commission.Fixed),
		rule("subsequent", commission.Subsequent, "invoice_paid", commission.Percent),
	}
	w := newWorld(t, program.SettingsChange{Rules: rules, EndsAt: ptr(day(10))})
	require.Equal(t, map[int][]string{9: {"every"}, 12: {"signup"}},
		fired(w, sale(9), sale(10), sale(11), sale(12, typed("signup"), amount(0)), sale(13, typed("signup"), amount(0)), sale(400)))
	require.Equal(t, map[int][]string{20: {"every"}}, fired(w, sale(20), sale(21)), "a touch from before, in its window")
	require.Empty(t, fired(w, sale(90)), "outside it")
	decided := w.decide(decision.Customer{Clicks: []attribution.Click{click("ada", 1)}, Sales: []commission.Sale{sale(9), sale(10)}})
	require.True(t, decided["in_010"].Attributed())
	require.Equal(t, attribution.NoRule, decided["in_010"].Reason)
	require.Equal(t, commission.RuleNote{Partner: "ada", Program: "main", Rule: "every", Why: commission.WhyEnded}, decided["in_010"].Explanation.Rules[0])
}

// Past the end a rule without an event type pays the first conversion of each
// type that it matches, and its trigger still counts over all of them.
func TestAfterTheEndARuleWithoutAnEventTypePaysTheFirstOfEachType(t *testing.T) {
	rules := []commission.Rule{
		rule("every", commission.Every, "", commission.Percent), rule("fixed", commission.Every, "", commission.Fixed),
		rule("first", commission.First, "", commission.Percent), rule("subsequent", commission.Subsequent, "", commission.Percent),
	}
	w := newWorld(t, program.SettingsChange{Rules: rules, EndsAt: ptr(day(10))})
	upgrade, empty := typed("upgrade"), typed("signup")
	require.Equal(t, map[int][]string{
		9: {"every", "fixed", "first"}, 12: {"every", "fixed", "subsequent"}, 15: {"every", "fixed", "subsequent"},
	}, fired(w, sale(9), sale(11), sale(12, upgrade), sale(13, upgrade), sale(14, empty, amount(0)), sale(15, empty), sale(16, empty)))
}

func TestRuleNotes(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Rules: []commission.Rule{
		rule("first", commission.First, "", commission.Percent), rule("subsequent", commission.Subsequent, "", commission.Percent),
		rule("signup", commission.Every, "signup", commission.Fixed),
	}})
	decided := w.decide(decision.Customer{Clicks: []attribution.Click{click("ada", 1)}, Sales: []commission.Sale{sale(2), sale(3)}})
	why := func(id string) []string {
		var out []string
		for _, n := range decided[id].Explanation.Rules {
			out = append(out, fmt.Sprintf("%s %v %s", n.Rule, n.Fired, n.Why))
		}
		return out
	}
	require.Equal(t, []string{"first true ", "subsequent false first", "signup false no_match"}, why("in_002"))
	require.Equal(t, []string{"first false not_first", "subsequent true ", "signup false no_match"}, why("in_003"))
}

// Every rule that matches pays, in its own currency, times the share.
func TestWhatRulesPay(t *testing.T) {
	euros := rule("euros", commission.Every, "", commission.Fixed)
	euros.Currency = "eur"
	w := newWorld(t, program.SettingsChange{
		Currency: ptr(money.Currency("gbp")), Model: ptr(attribution.Linear), HoldbackDays: ptr(30),
		Rules: []commission.Rule{rule("percent", commission.Every, "", commission.Percent), rule("fixed", commission.Every, "", commission.Fixed), euros},
	})
	got := w.one(sale(10, amount(3333), with(commission.Fact{Kind: commission.Amendment, At: day(11), Amount: 5000})), click("ada", 4), click("bob", 5))
	require.Equal(t, []string{
		"ada/main/percent=250", "ada/main/fixed=250", "ada/main/euros=250", "bob/main/percent=250", "bob/main/fixed=250", "bob/main/euros=250",
	}, paid(got))
	for i, want := range []money.Currency{"usd", "gbp", "eur"} {
		require.Equal(t, want, got.Lines[i].Currency, "percent in the conversion's, fixed in its own, else the program's")
	}
	line := got.Lines[0]
	require.Equal(t, commission.Commission{
		Conversion: "in_010", Partner: "ada", Program: "main", Rule: "percent", Type: commission.Percent, Value: "10",
		Share: money.Share{Num: 1, Den: 2}, Amount: 5000, Paid: "usd", Currency: "usd", Accrued: 250, Exact: "250",
		Source: commission.FromApproval, TermsFrom: ever(), At: day(10), MaturesAt: day(40), TouchAt: day(4), TouchID: "k4",
	}, line)
}

// Terms are those in force at the conversion: override, snapshot or program.
func TestTermsOfTheConversion(t *testing.T) {
	w := newWorld(t)
	w.change(program.Change{Kind: program.Override, At: day(10), Partner: "ada", Program: "main", Terms: &program.TermsChange{Rules: percent("30"), HoldbackDays: ptr(5)}})
	w.edit(day(12), program.SettingsChange{Rules: percent("40")})
	w.change(program.Change{Kind: program.ClearOverride, At: day(15), Partner: "ada", Program: "main"})
	decided := w.decide(decision.Customer{Clicks: []attribution.Click{click("ada", 1)}, Sales: []commission.Sale{sale(9), sale(10), sale(15)}})
	for id, want := range map[string][]any{
		"in_009": {int64(2000), commission.FromApproval, ever(), day(9)},
		"in_010": {int64(3000), commission.FromAmendment, day(10), day(15)},
		"in_015": {int64(4000), commission.FromProgram, day(12), day(15)},
	} {
		l := decided[id].Lines[0]
		require.Equal(t, want, []any{l.Accrued, l.Source, l.TermsFrom, l.MaturesAt}, id)
	}
}

// Partners by different terms of one rule are still paid together.
func TestConservationAcrossTerms(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Model: ptr(attribution.Linear), Rules: percent("10")})
	w.change(program.Change{Kind: program.Override, At: day(2), Partner: "bob", Program: "main", Terms: &program.TermsChange{Rules: percent("30")}})
	got := w.one(sale(10, amount(5)), click("ada", 4), click("bob", 5)) // 0.25 + 0.75
	require.Equal(t, []string{"ada/main/rev=0", "bob/main/rev=1"}, paid(got))
}

func TestReviewsReachTheLines(t *testing.T) {
	held := commission.Fact{Kind: commission.Hold, Partner: "ada", Program: "main", Rule: "rev", At: day(12)}
	refunded := commission.Fact{Kind: commission.Refund, ID: "r", At: day(11), Amount: 5000}
	line := newWorld(t).one(sale(10, with(held, refunded)), click("ada", 5)).Lines[0]
	require.True(t, line.Held)
	require.Equal(t, []commission.Level{{At: day(11), Cause: "refund:r", Refunded: 5000}}, line.Ladder)
	net, err := line.Net(0)
	require.NoError(t, err)
	require.EqualValues(t, 1000, net)
}

// The largest amount can be shared.
func TestHugeAmounts(t *testing.T) {
	huge := rule("huge", commission.Every, "", commission.Fixed)
	huge.Value = "9223372036854775807"
	w := newWorld(t, program.SettingsChange{Model: ptr(attribution.Linear), Rules: []commission.Rule{huge}})
	got := w.one(sale(10, amount(math.MaxInt64)), click("ada", 4), click("bob", 5))
	require.Equal(t, []string{"ada/main/huge=4611686018427387904", "bob/main/huge=4611686018427387903"}, paid(got))
}
