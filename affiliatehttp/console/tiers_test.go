package console_test

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// answered requires that a form came back unsaved, with a message at a field, a
// line in the summary that leads there and has the focus, and all that was typed.
func (r reader) answered(target, field, message string, changes ...string) string {
	r.Helper()
	rec := r.fill(target, changes...)
	body := rec.Body.String()
	require.Equal(r, http.StatusUnprocessableEntity, rec.Code, "%s %v", target, changes)
	id := "f-" + strings.NewReplacer("[", "-", "]", "", ".", "-").Replace(field)
	at := strings.Index(body, `id="`+id+`-wrong"`)
	require.Positive(r, at, "nothing is said at %s of %v", field, changes)
	require.Contains(r, html.UnescapeString(body[at:at+300]), message)
	require.Contains(r, body, `<a href="#`+id+`">`, "the summary leads to the field")
	require.Regexp(r, `class="notice notice-bad" role="alert" tabindex="-1" autofocus>`, body, "the summary has the focus")
	sent := formOf(body)
	for i := 0; i < len(changes); i += 2 {
		require.Equal(r, changes[i+1], strings.TrimRight(sent.Get(changes[i]), "\n"), "%s is kept", changes[i])
	}
	return body
}

const terms = "/admin/programs/cloud/terms"

// What is typed about tiers is saved as it stands there, or it is answered.
func TestTierStepsAreNeverDroppedOrReadBackwards(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	before := w.settings("cloud")
	const steps, metric = "rules[0].thresholds", "rules[0].metric"
	for name, c := range map[string]struct {
		field, message string
		changes        []string
	}{
		"half a step":        {steps, "“40” is not a step", []string{steps, "10 = 25\n40"}},
		"no rate":            {steps, "“40 =” is not a step", []string{steps, "10 = 25\n40 ="}},
		"no number":          {steps, "“= 30” is not a step", []string{steps, "= 30"}},
		"two in a line":      {steps, "is not a step", []string{steps, "10 = 25, 40 = 30"}},
		"percent first":      {steps, "“25% = 10” is not a step", []string{steps, "25% = 10"}},
		"negative":           {steps, "“-1 = 25” is not a step", []string{steps, "-1 = 25"}},
		"highest first":      {steps, "“10 = 25” comes after “40 = 30”", []string{steps, "40 = 30\n10 = 25"}},
		"the same twice":     {steps, "“10 = 30” comes after “10 = 25”", []string{steps, "10 = 25\n10 = 30"}},
		"none":               {steps, "Enter at least one step", []string{steps, ""}},
		"steps of nothing":   {metric, "There are steps below", []string{metric, ""}},
		"steps of a new row": {"rules[2].value", "or empty “Steps” too", []string{"rules[2].thresholds", "10 = 25"}},
		"a metric alone":     {"rules[2].value", "or empty “What counts” too", []string{"rules[2].metric", "revenue"}},
		"a new row's months": {"rules[2].value", "Enter what this commission pays", []string{"rules[2].months", "6"}},
		"a new row's id":     {"rules[2].value", "Enter what this commission pays", []string{"rules[2].id", "bonus-2"}},
		"backwards":          {steps, "From 25 conversions on it would pay 10%, less than 20% without tiers", []string{steps, "25 = 10\n30 = 40"}},
		"falling":            {steps, "From 40 conversions on it would pay 25%, less than 30% at the step before", []string{steps, "10 = 30\n40 = 25"}},
		"a higher base rate": {steps, "From 10 conversions on it would pay 25%, less than 30% without tiers", []string{"rules[0].value", "30"}},
		"a fixed rate":       {steps, "it would pay $20.00, less than $30.00", []string{"rules[0].type", "fixed", "rules[0].value", "30", steps, "10 = 20"}},
	} {
		owner.answered(terms, c.field, c.message, c.changes...)
		require.Equal(t, before, w.settings("cloud"), name)
	}
}

// A step that pays less is allowed, once the owner says that it is meant.
func TestATierBelowTheBaseRateIsAskedAbout(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	require.NotContains(t, owner.ok(terms), "pay less at these steps")
	body := owner.answered(terms, "rules[0].thresholds", "less than 20% without tiers", "rules[0].thresholds", "25 = 10")
	require.Contains(t, body, `name="rules[0].lower"`)
	body = owner.submit(body, terms).Body.String()
	require.Contains(t, body, "less than 20% without tiers", "sent again unchanged, it is asked again")
	page := owner.sent(owner.submit(body, terms, "rules[0].lower", "1"))
	require.Contains(t, page, "10% from 25 conversions a month on")
	require.Equal(t, []commission.Threshold{{At: 25, Value: "10"}}, w.settings("cloud").Terms.Rules[0].Tiers.Thresholds)
	require.Contains(t, owner.sent(owner.fill(terms, "holdbackDays", "7")), "notice-good", "what is stored is not asked about again")
}

func TestMonthsOfZeroAndIdsWithSpacesAreAnswered(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	before := w.settings("cloud")
	owner.answered(terms, "rules[0].months", "At least 1 month. Leave empty for no limit.", "rules[0].months", "0")
	owner.answered(terms, "rules[2].id", "An ID has no spaces", "rules[2].value", "5", "rules[2].id", "my bonus")
	require.Equal(t, before, w.settings("cloud"))
	owner.answered("/admin/partners/new", "id", "An ID has no spaces", "id", "ada b", "name", "Ada B")
	owner.answered("/admin/programs/new", "id", "An ID has no spaces", "id", "my\u00a0shop", "name", "Shop", "destinationUrl", "https://acme.example/", "rules[0].value", "20")
	owner.answered("/admin/partners/ada/links", "key", "letters, digits", "key", "my link")
	owner.answered("/admin/partners/ada/codes", "code", "3 to 40", "code", "MY CODE")

	// One that is stored with a space, by the API, can be edited on.
	rules := []commission.Rule{{
		ID: "old id", Trigger: commission.Every, Type: commission.Percent, Value: "15",
		Tiers: &commission.Tiers{Metric: commission.Revenue, Period: commission.PerMonth, Thresholds: []commission.Threshold{{At: 100, Value: "10"}}},
	}}
	w.clock.Advance(1)
	w.must(errOf(w.eng.EditProgram(w.ctx(), "eu", program.SettingsChange{Rules: rules}, affiliate.Always())))
	owner.sent(owner.fill("/admin/programs/eu/terms", "holdbackDays", "7"))
	require.Equal(t, rules, w.settings("eu").Terms.Rules)
}
