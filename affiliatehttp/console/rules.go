package console

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// maxRows bounds how many rules a form holds.
const maxRows = 50

// Fields of a rule; a form calls them rules[0].value and so on.
func ruleParts() []string {
	return []string{"id", "value", "type", "trigger", "eventType", "months", "metric", "period", "mode", "thresholds", "lower"}
}

func ruleField(row int, part string) string { return fmt.Sprintf("rules[%d].%s", row, part) }

// ruleFields are the names of all fields that a form with rules may have.
func ruleFields() []string {
	names := []string{"rows"}
	for row := range maxRows {
		for _, part := range ruleParts() {
			names = append(names, ruleField(row, part))
		}
	}
	return names
}

// rules fills in the fields with rules, and a row for one more.
func (in values) rules(list []commission.Rule, c money.Currency) {
	for i, r := range list {
		set := func(part, text string) { in[ruleField(i, part)] = text }
		set("id", r.ID)
		set("type", string(r.Type))
		set("value", valueText(r, r.Value, c))
		set("trigger", string(r.Trigger))
		set("eventType", r.EventType)
		if r.Months > 0 {
			set("months", strconv.Itoa(r.Months))
		}
		if r.Tiers != nil {
			set("metric", string(r.Tiers.Metric))
			set("period", string(r.Tiers.Period))
			if !r.Tiers.IsRetroactive() {
				set("mode", "progressive")
			}
			set("thresholds", thresholdText(r, c))
		}
	}
	in["rows"] = strconv.Itoa(min(len(list)+1, maxRows))
}

// valueText writes a rule's value as people enter it: fixed ones in major units.
func valueText(r commission.Rule, value string, c money.Currency) string {
	if r.Type == commission.Percent {
		return value
	}
	if r.Currency != "" {
		c = r.Currency
	}
	n, err := money.ParseWhole(value)
	if err != nil { // terms are checked before they are stored
		return value
	}
	return ui.Plain(n, c)
}

// rowCount is how many rules the form shows.
func (in values) rowCount() int {
	n, err := strconv.Atoi(in["rows"])
	if err != nil {
		return 1
	}
	return min(max(n, 1), maxRows)
}

// ruleGroups are the fields of all rules.
func ruleGroups(in values) []ui.Fieldset {
	var groups []ui.Fieldset
	for i := range in.rowCount() {
		legend, help := fmt.Sprintf("Commission %d", i+1), "Clear the amount to remove it."
		if in[ruleField(i, "id")] == "" {
			help = "Leave empty if you need no other."
			if i == 0 {
				help = ""
			}
		}
		groups = append(groups, ui.Fieldset{Legend: legend, Help: help, Fields: rateFields(in, i)}, ui.Fieldset{
			Legend: tieredRate, Fold: in[ruleField(i, "metric")] == "", Fields: tierFields(in, i),
		})
	}
	return groups
}

func rateFields(in values, i int) []ui.Field {
	name := func(part string) string { return ruleField(i, part) }
	return []ui.Field{
		{Name: name("value"), Label: "Amount", Kind: "text", Value: in[name("value")], Half: true, Placeholder: "20", Required: in.rowCount() == 1, Plain: true},
		{Name: name("type"), Label: "Kind", Kind: ui.Select, Half: true, Options: ui.Choices(in[name("type")],
			string(commission.Percent), "Percent of the sale", string(commission.Fixed), "Fixed amount")},
		{Name: name("trigger"), Label: "When", Kind: ui.Select, Half: true, Options: ui.Choices(in[name("trigger")],
			string(commission.Every), "Every time", string(commission.First), "A customer’s first only", string(commission.Subsequent), "All but a customer’s first")},
		{
			Name: name("eventType"), Label: "Event type", Kind: "text", Value: in[name("eventType")], Half: true,
			Suggest: []string{attribution.InvoicePaid, attribution.Signup, attribution.TrialStarted, attribution.SubscriptionCreated},
			Help:    "Leave empty to match every paid event.",
		},
		{Name: name("months"), Label: "Months per customer", Kind: "text", Value: in[name("months")], Half: true, Help: "Leave empty for no limit."},
		{Name: name("id"), Label: "Commission ID", Kind: "text", Value: in[name("id")], Half: true, Help: "Leave empty to generate one."},
	}
}

// parsed are the rules of a form, and which row each came from.
type parsed struct {
	rules []commission.Rule
	rows  []int
}

// parse reads the rules of a form. What a form does not show is kept from the
// rules that were there. What cannot be read is in w.
func (in values) parse(old []commission.Rule, c money.Currency, w wrong) parsed {
	var p parsed
	for i := range in.rowCount() {
		if in[ruleField(i, "value")] == "" {
			if part := in.begun(i, old); part != "" {
				w[ruleField(i, "value")] = "Enter what this commission pays, or empty " + part + " too."
			}
			continue
		}
		p.rules, p.rows = append(p.rules, in.rule(i, old, c, w)), append(p.rows, i)
	}
	for i := range p.rules {
		for n := 1; p.rules[i].ID == ""; n++ {
			id := fmt.Sprintf("rule-%d", n)
			if taken := func(r commission.Rule) bool { return r.ID == id }; !slices.ContainsFunc(p.rules, taken) && !slices.ContainsFunc(old, taken) {
				p.rules[i].ID = id
			}
		}
	}
	return p
}

// begun names what is filled in of a row without an amount, "" for nothing. The
// row of a commission that is there is removed by emptying its amount.
func (in values) begun(i int, old []commission.Rule) string {
	if slices.ContainsFunc(old, func(r commission.Rule) bool { return r.ID == in[ruleField(i, "id")] }) {
		return ""
	}
	for _, f := range append(rateFields(in, i), tierFields(in, i)...) {
		typed := f.Kind == "text" || f.Kind == ui.Area || f.Name == ruleField(i, "metric")
		if typed && in[f.Name] != "" {
			return "“" + f.Label + "”"
		}
	}
	return ""
}

func (in values) rule(i int, old []commission.Rule, c money.Currency, w wrong) commission.Rule {
	get := func(part string) string { return in[ruleField(i, part)] }
	r := commission.Rule{
		ID: get("id"), Trigger: commission.Trigger(get("trigger")), Type: commission.Type(get("type")), EventType: get("eventType"),
	}
	at := slices.IndexFunc(old, func(o commission.Rule) bool { return o.ID == r.ID })
	if at >= 0 {
		r.Recurring = old[at].Recurring
		if r.Type == commission.Fixed {
			r.Currency = old[at].Currency
		}
	}
	if at < 0 && spaced(r.ID) {
		w[ruleField(i, "id")] = noSpaces
	}
	if months := in.number(ruleField(i, "months"), w); months != nil && *months == 0 {
		w[ruleField(i, "months")] = "At least 1 month. Leave empty for no limit."
	} else if months != nil {
		r.Months, r.Recurring = *months, true
	}
	var ok bool
	if r.Value, ok = value(r, get("value"), c); !ok {
		w[ruleField(i, "value")] = "A percentage like 12.5, or an amount like 25.00."
	}
	r.Tiers = in.tiers(i, r, c, w)
	if ask := in.lower(i, r, c); ask != "" && w[ruleField(i, "thresholds")] == "" && (at < 0 || !sameRates(r, old[at])) {
		w[ruleField(i, "thresholds")] = ask
	}
	return r
}

// value reads what a rule pays.
func value(r commission.Rule, text string, c money.Currency) (string, bool) {
	if r.Type == commission.Percent {
		text = strings.TrimSpace(strings.TrimSuffix(text, "%"))
		_, err := money.ParseRate(text)
		return text, err == nil
	}
	if r.Currency != "" {
		c = r.Currency
	}
	n, err := minor(text, c)
	return strconv.FormatInt(n, 10), err == nil && n >= 0
}

// rename puts the messages about rules at the rows that they came from.
func (p parsed) rename(w wrong) wrong {
	out := wrong{}
	for field, message := range w {
		for i, row := range p.rows {
			rest, found := strings.CutPrefix(field, fmt.Sprintf("rules[%d].", i))
			if !found {
				continue
			}
			if rest, found = strings.CutPrefix(rest, "tiers."); found && strings.HasPrefix(rest, "thresholds") {
				rest = "thresholds"
			}
			field = ruleField(row, rest)
			break
		}
		out[field] = message
	}
	return out
}

func holdbackField(in values) ui.Field {
	return ui.Field{
		Name: "holdbackDays", Label: "Days until a commission is payable", Kind: "text", Value: in["holdbackDays"], Half: true,
		Help: "Time for refunds. Usually 30.",
	}
}
