package console

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// tieredRate is the legend of the steps of a commission.
const tieredRate = "Tiered rate"

// asked says in the values of a form that a row was asked whether its steps are
// to pay less. It is no field: nobody can send it.
func asked(i int) string { return fmt.Sprintf("asked %d", i) }

func thresholdText(r commission.Rule, c money.Currency) string {
	var lines []string
	for _, t := range r.Tiers.Thresholds {
		from := strconv.FormatInt(t.At, 10)
		if r.Tiers.Metric == commission.Revenue {
			from = ui.Plain(t.At, c)
		}
		lines = append(lines, from+" = "+valueText(r, t.Value, c))
	}
	return strings.Join(lines, "\n")
}

func tierFields(in values, i int) []ui.Field {
	name := func(part string) string { return ruleField(i, part) }
	list := []ui.Field{
		{Name: name("metric"), Label: "What counts", Kind: ui.Select, Half: true, Options: ui.Choices(in[name("metric")],
			"", "No tiers", string(commission.Conversions), "Number of conversions", string(commission.Revenue), "Revenue")},
		{Name: name("period"), Label: "Counted per", Kind: ui.Select, Half: true, Options: ui.Choices(in[name("period")],
			string(commission.PerMonth), "Month", string(commission.PerQuarter), "Quarter", string(commission.PerYear), "Year", string(commission.PerWeek), "Week",
			string(commission.PerDay), "Day", string(commission.PerPayout), "Payout period", string(commission.PerLifetime), "Lifetime")},
		{Name: name("mode"), Label: "Applies to", Kind: ui.Select, Options: ui.Choices(in[name("mode")],
			"", "The whole period, once it is reached", "progressive", "Conversions from then on")},
		{
			Name: name("thresholds"), Label: "Steps", Kind: ui.Area, Value: in[name("thresholds")], Placeholder: "10 = 25\n40 = 30",
			Help: "One step per line, lowest first: 10 = 25 pays 25 from the tenth on. Revenue is an amount like 1000.00.",
		},
	}
	if in[name("lower")] != "" || in[asked(i)] != "" {
		list = append(list, ui.Field{Name: name("lower"), Label: "Yes, pay less at these steps", Kind: ui.Check, Value: in[name("lower")]})
	}
	return list
}

// tiers reads the steps of a row. Nothing that was typed is dropped: what cannot
// be read, or would be read otherwise than it stands there, is in w.
func (in values) tiers(i int, r commission.Rule, c money.Currency, w wrong) *commission.Tiers {
	field, lines := ruleField(i, "thresholds"), in.lines(ruleField(i, "thresholds"))
	t := &commission.Tiers{
		Metric: commission.Metric(in[ruleField(i, "metric")]), Period: commission.Period(in[ruleField(i, "period")]),
	}
	if in[ruleField(i, "mode")] != "" { // progressive
		t.Retroactive = new(bool)
	}
	switch {
	case t.Metric == "" && len(lines) == 0:
		return nil
	case t.Metric == "":
		w[ruleField(i, "metric")] = "There are steps below. Choose what they count, or empty the steps."
		return nil
	case len(lines) == 0:
		w[field] = "Enter at least one step, or choose “No tiers”."
	}
	for n, line := range lines {
		step, ok := readStep(line, t.Metric, r, c)
		if !ok {
			w[field] = fmt.Sprintf("“%s” is not a step. Each line is a number, an equals sign and what is paid, like 10 = 25.", line)
			return t
		}
		if n > 0 && step.At <= t.Thresholds[n-1].At {
			w[field] = fmt.Sprintf("“%s” comes after “%s”. Each step must begin higher than the one before.", line, lines[n-1])
			return t
		}
		t.Thresholds = append(t.Thresholds, step)
	}
	return t
}

// readStep reads a line like "10 = 25".
func readStep(line string, m commission.Metric, r commission.Rule, c money.Currency) (commission.Threshold, bool) {
	from, pays, found := strings.Cut(line, "=")
	from = strings.TrimSpace(from)
	at, err := strconv.ParseInt(from, 10, 64)
	if m == commission.Revenue {
		at, err = minor(from, c)
	}
	v, ok := value(r, strings.TrimSpace(pays), c)
	return commission.Threshold{At: at, Value: v}, found && ok && err == nil && at >= 0
}

// lower asks about steps that pay less than the rate before them, unless the form
// says that they are to. It is allowed, and more often it is a step that was
// written the wrong way round.
func (in values) lower(i int, r commission.Rule, c money.Currency) string {
	if r.Tiers == nil {
		return ""
	}
	before, name := r.Value, "without tiers"
	for _, t := range r.Tiers.Thresholds {
		if less(t.Value, before) {
			in[asked(i)] = "1"
			if in[ruleField(i, "lower")] != "" {
				return ""
			}
			rate := func(v string) string { return words.Rate(r.Type, v, words.RuleCurrency(r, c)) }
			return fmt.Sprintf("From %s on it would pay %s, less than %s %s. Correct the steps, or tick “Yes, pay less at these steps”.",
				words.Goal(r.Tiers.Metric, t.At, c), rate(t.Value), rate(before), name)
		}
		before, name = t.Value, "at the step before"
	}
	return ""
}

// less compares values of one rule. What is no number is refused elsewhere.
func less(a, b string) bool {
	x, err := decimal.NewFromString(a)
	if err != nil {
		return false
	}
	y, err := decimal.NewFromString(b)
	return err == nil && x.LessThan(y)
}

// sameRates reports whether a rule pays what it paid before: then nothing is
// asked.
func sameRates(a, b commission.Rule) bool {
	return a.Type == b.Type && a.Value == b.Value && reflect.DeepEqual(a.Tiers, b.Tiers)
}
