package portal

import (
	"fmt"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/calendar"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// event names a type of conversion.
func event(kind string) string {
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

// rate writes the value of a rule: "20%" or "$50.00".
func rate(kind commission.Type, value string, c money.Currency) string {
	if kind == commission.Percent {
		return value + "%"
	}
	minor, err := money.ParseWhole(value)
	if err != nil { // terms are checked before they are stored
		return value
	}
	return ui.Money(minor, c)
}

// describe says what a rule pays: "20% of every paid invoice".
func describe(r commission.Rule, c money.Currency) string {
	if r.Currency != "" {
		c = r.Currency
	}
	link, noun := "for", event(r.EventType)
	if r.Type == commission.Percent {
		link = "of"
	}
	text := rate(r.Type, r.Value, c) + " " + link
	switch r.Trigger {
	case commission.First:
		text += " a customer’s first " + noun
	case commission.Subsequent:
		text += " every " + noun + " after a customer’s first"
	default:
		text += " every " + noun
	}
	if r.Months > 0 {
		text += fmt.Sprintf(", for %s per customer", countOf(int64(r.Months), "month"))
	}
	return text
}

// thresholds says what tiers add: "25% from 10 conversions a month on, for the
// whole month".
func thresholds(r commission.Rule, c money.Currency) []string {
	var lines []string
	if r.Tiers == nil {
		return nil
	}
	for _, t := range r.Tiers.Thresholds {
		line := rate(r.Type, t.Value, ruleCurrency(r, c)) + " from " + goal(r.Tiers.Metric, t.At, c) + " " + per(r.Tiers.Period) + " on"
		if !r.Tiers.Progressive {
			line += ", for " + whole(r.Tiers.Period)
		}
		lines = append(lines, line)
	}
	return lines
}

func ruleCurrency(r commission.Rule, c money.Currency) money.Currency {
	if r.Currency != "" {
		return r.Currency
	}
	return c
}

// goal writes what a tier asks for.
func goal(m commission.Metric, n int64, c money.Currency) string {
	if m == commission.Revenue {
		return ui.ShortMoney(n, c) + " in sales"
	}
	return countOf(n, "conversion")
}

func countOf(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return ui.Group(fmt.Sprint(n)) + " " + noun + "s"
}

func per(p calendar.Period) string {
	switch p {
	case calendar.Lifetime:
		return "in total"
	case calendar.Payout:
		return "per payout period"
	default:
		return "a " + string(p)
	}
}

// whole says what a tier covers that applies to all of its period.
func whole(p calendar.Period) string {
	switch p {
	case calendar.Lifetime:
		return "everything, earlier conversions too"
	case calendar.Payout:
		return "the whole payout period"
	default:
		return "the whole " + string(p)
	}
}

// this names the period that runs now.
func this(p calendar.Period) string {
	switch p {
	case calendar.Day:
		return "today"
	case calendar.Lifetime:
		return "in total"
	case calendar.Payout:
		return "this payout period"
	default:
		return "this " + string(p)
	}
}

// conditions says how credit is given and when money becomes payable.
func conditions(s program.Settings, holdback int) []string {
	var lines []string
	if s.WindowDays > 0 {
		lines = append(lines, fmt.Sprintf("A click counts for %s.", countOf(int64(s.WindowDays), "day")))
	}
	switch s.Model {
	case attribution.FirstClick:
		lines = append(lines, "When a customer came through several links, the first click gets the credit.")
	case attribution.Linear:
		lines = append(lines, "When a customer came through several links, all clicks share the credit equally.")
	case attribution.Position:
		lines = append(lines, "When a customer came through several links, the first and the last click get 40% each and those between share the rest.")
	default:
		lines = append(lines, "When a customer came through several links, the last click gets the credit.")
	}
	if s.Binding == attribution.Sticky {
		lines = append(lines, "A customer you brought stays yours: later payments count for you, too.")
	}
	if holdback > 0 {
		lines = append(lines, fmt.Sprintf("Commissions become payable %s after the sale. A refund takes its part back.", countOf(int64(holdback), "day")))
	} else {
		lines = append(lines, "Commissions are payable at once. A refund takes its part back.")
	}
	return lines
}

// reward says what customers get for using a code.
func reward(r *promo.Reward) string {
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
		return countOf(int64(r.Months), "free month")
	default:
		return ""
	}
	switch r.Span {
	case promo.FirstInvoice:
		return what + " the first invoice"
	case promo.FirstMonths:
		return fmt.Sprintf("%s for %s", what, countOf(int64(r.Months), "month"))
	default:
		return what + " every invoice"
	}
}

// cadence says when the partner is paid.
func cadence(s payout.Schedule) string {
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

// lineKind names a line of a statement.
func lineKind(kind string) string {
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
		return "Payout that did not arrive"
	default:
		return "Correction"
	}
}

// sooner reports whether a time says when something happens: reviews hold money
// back until the end of days.
func sooner(t time.Time) bool { return t.Before(commission.Never) }
