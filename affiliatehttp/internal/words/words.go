// Package words says in English what terms, rewards, schedules and ledger lines
// are, the same to partners and owners.
//
// What may not live here: what only one of them is told, and anything that
// decides or computes.
package words

import (
	"fmt"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/promo"
)

// Event names a type of conversion.
func Event(kind string) string {
	switch kind {
	case "":
		return "payment"
	case attribution.InvoicePaid:
		return "paid invoice"
	case attribution.Signup:
		return "sign-up"
	case attribution.TrialStarted:
		return "started trial"
	case attribution.SubscriptionCreated:
		return "new subscription"
	default:
		return "“" + strings.ReplaceAll(kind, "_", " ") + "”"
	}
}

// Rate writes the value of a rule: "20%" or "$50.00".
func Rate(kind commission.Type, value string, c money.Currency) string {
	if kind == commission.Percent {
		return value + "%"
	}
	minor, err := money.ParseWhole(value)
	if err != nil { // terms are checked before they are stored
		return value
	}
	return ui.Money(minor, c)
}

// Rule says what a rule pays: "20% of every paid invoice".
func Rule(r commission.Rule, c money.Currency) string {
	if r.Currency != "" {
		c = r.Currency
	}
	link, noun := "for", Event(r.EventType)
	if r.Type == commission.Percent {
		link = "of"
	}
	text := Rate(r.Type, r.Value, c) + " " + link
	switch r.Trigger {
	case commission.First:
		text += " a customer’s first " + noun
	case commission.Subsequent:
		text += " every " + noun + " after a customer’s first"
	default:
		text += " every " + noun
	}
	if r.Months > 0 {
		text += fmt.Sprintf(", for %s per customer", Count(int64(r.Months), "month"))
	}
	return text
}

// Thresholds says what tiers add: "25% from 10 conversions a month on, for the
// whole month".
func Thresholds(r commission.Rule, c money.Currency) []string {
	var lines []string
	if r.Tiers == nil {
		return nil
	}
	for _, t := range r.Tiers.Thresholds {
		line := Rate(r.Type, t.Value, RuleCurrency(r, c)) + " from " + Goal(r.Tiers.Metric, t.At, c) + " " + per(r.Tiers.Period) + " on"
		if r.Tiers.IsRetroactive() {
			line += ", for " + whole(r.Tiers.Period)
		}
		lines = append(lines, line)
	}
	return lines
}

// RuleCurrency is the currency of a rule on a program with a currency.
func RuleCurrency(r commission.Rule, c money.Currency) money.Currency {
	if r.Currency != "" {
		return r.Currency
	}
	return c
}

// Goal writes what a tier asks for.
func Goal(m commission.Metric, n int64, c money.Currency) string {
	if m == commission.Revenue {
		return ui.ShortMoney(n, c) + " in sales"
	}
	return Count(n, "conversion")
}

// Count writes a number of things.
func Count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return ui.Group(fmt.Sprint(n)) + " " + noun + "s"
}

func per(p commission.Period) string {
	switch p {
	case commission.PerLifetime:
		return "in total"
	case commission.PerPayout:
		return "per payout period"
	default:
		return "a " + string(p)
	}
}

// whole says what a tier covers that applies to all of its period.
func whole(p commission.Period) string {
	switch p {
	case commission.PerLifetime:
		return "all conversions, earlier ones too"
	case commission.PerPayout:
		return "the whole payout period"
	default:
		return "the whole " + string(p)
	}
}

// This names the period that runs now.
func This(p commission.Period) string {
	switch p {
	case commission.PerDay:
		return "today"
	case commission.PerLifetime:
		return "in total"
	case commission.PerPayout:
		return "this payout period"
	default:
		return "this " + string(p)
	}
}

// AtCheckout says why customers do not get the reward of a code at checkout; it is
// empty where they do, or where the code is retired.
func AtCheckout(s affiliate.CodeReward) string {
	switch s.Status {
	case affiliate.RewardNotApplied:
		return "Not applied at checkout"
	case affiliate.RewardPending:
		return "Not applied at checkout yet"
	case affiliate.RewardFailed:
		if s.Message != "" {
			return "Not applied at checkout: " + s.Message
		}
		return "Not applied at checkout"
	default:
		return ""
	}
}

// Reward says what customers get for using a code.
func Reward(r *promo.Reward) string {
	if r == nil {
		return ""
	}
	what := ""
	switch r.Kind {
	case promo.PercentOff:
		what = fmt.Sprintf("%d%% off", r.Percent)
	case promo.AmountOff:
		what = ui.Money(r.Amount, r.Currency) + " off"
	case promo.FreeMonths:
		return Count(int64(r.Months), "free month")
	default:
		return ""
	}
	switch r.Span {
	case promo.FirstInvoice:
		return what + " the first invoice"
	case promo.FirstMonths:
		return fmt.Sprintf("%s for %s", what, Count(int64(r.Months), "month"))
	default:
		return what + " every invoice"
	}
}

// Cadence says when the partner is paid.
func Cadence(s payout.Schedule) string {
	zone := s.TimeZone
	if zone == "" {
		zone = "UTC"
	}
	hour := fmt.Sprintf("at %02d:00 (%s)", s.Hour, zone)
	switch s.Cadence {
	case payout.Daily:
		return "Every day " + hour
	case payout.Weekly:
		return "Every " + s.Weekday.String() + " " + hour
	case payout.Cron:
		return "On a schedule of its own (" + s.Cron + ", " + zone + ")"
	default:
		return fmt.Sprintf("Every month on day %d %s", max(s.Day, 1), hour)
	}
}

// LineKind names a line of a statement.
func LineKind(kind string) string {
	switch commission.Component(kind) {
	case commission.Accrual:
		return "Commission"
	case commission.TierAdjustment:
		return "Tier bonus"
	case commission.Reversal:
		return "Refund"
	case commission.TierReversal:
		return "Refund of a tier bonus"
	case commission.Payout:
		return "Payout"
	case commission.PayoutReturned:
		return "Returned payout"
	case payout.KindAdjustment:
		return "Adjustment"
	default:
		return "Correction"
	}
}

// Sooner reports whether a time says when something happens: reviews hold money
// back until the end of days.
func Sooner(t time.Time) bool { return t.Before(commission.Never) }
