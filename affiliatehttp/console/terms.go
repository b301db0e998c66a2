package console

import (
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// offer is what a form of schedule and terms is about.
type offer struct {
	StartsAt, EndsAt time.Time
	Terms            commission.Terms
}

func offerOf(s program.Settings) offer { return offer{s.StartsAt, s.EndsAt, s.Terms} }

// termsPage is the form of a program's schedule and terms.
func (v *visit) termsPage() error {
	p, err := v.program()
	if err != nil {
		return err
	}
	return v.termsForm(http.StatusOK, p, v.termsValues(p), nil, nil)
}

func (v *visit) termsValues(p *program.Program) values {
	s := v.settingsOf(p)
	in := values{
		"startsAt": localText(s.StartsAt, p.Location), "endsAt": localText(s.EndsAt, p.Location),
		"holdbackDays": strconv.Itoa(s.Terms.HoldbackDays),
	}
	in.rules(s.Terms.Rules, p.Currency)
	return in
}

func (v *visit) termsForm(status int, p *program.Program, in values, w wrong, notice *ui.Notice) error {
	zone := "Time zone: " + p.Location.String() + "."
	f := ui.Form{
		Action: v.to(programPath(p.ID) + "/terms"), Button: "Save schedule and terms",
		Hidden: []ui.Pair{{Label: "was", Text: mark(offerOf(v.settingsOf(p)))}, {Label: "rows", Text: in["rows"]}},
		Groups: []ui.Fieldset{{Legend: "Schedule", Fields: []ui.Field{
			{Name: "startsAt", Label: "Starts", Kind: "datetime-local", Value: in["startsAt"], Half: true, Help: "Leave empty if it is already running. " + zone},
			{Name: "endsAt", Label: "Ends", Kind: "datetime-local", Value: in["endsAt"], Half: true, Help: "Leave empty for no end. Partners are told a week before."},
		}}},
	}
	f.Groups = append(f.Groups, ruleGroups(in)...)
	f.Groups = append(f.Groups, ui.Fieldset{Fields: []ui.Field{holdbackField(in)}})
	w.place(&f)
	if notice == nil {
		partners, _ := v.counted()
		notice = &ui.Notice{Tone: ui.Warn, Text: fmt.Sprintf("New terms apply to partners you add from now on. The %s on this program keep "+
			"the terms they joined with. To change those, set a custom commission for a partner.", words.Count(int64(partners[p.ID]), "partner"))}
	}
	return v.showForm(status, formBody{
		Title: "Schedule and terms", Lead: v.programName(p.ID), Crumb: v.crumb(v.programName(p.ID), programPath(p.ID)), Notice: notice, Form: f,
	})
}

// editTerms changes what the form says otherwise than the program does.
func (v *visit) editTerms() error {
	p, err := v.program()
	if err != nil {
		return err
	}
	in := v.values(append(ruleFields(), "startsAt", "endsAt", "holdbackDays"))
	s := v.settingsOf(p)
	if v.stale(mark(offerOf(s))) {
		return v.termsForm(http.StatusConflict, p, in, nil, staleNotice())
	}
	change, rows, w := in.termsChange(p, s)
	if len(w) > 0 {
		return v.termsForm(http.StatusUnprocessableEntity, p, in, w, nil)
	}
	if reflect.DeepEqual(change, program.SettingsChange{}) {
		return v.done(programPath(p.ID), "unchanged")
	}
	if _, err := v.eng.EditProgram(v.ctx, p.ID, change, time.Time{}); err != nil {
		status, w, fatal := v.refusal(err)
		if fatal != nil {
			return fatal
		}
		return v.termsForm(status, p, in, rows.rename(w), nil)
	}
	return v.done(programPath(p.ID), "terms")
}

func (in values) termsChange(p *program.Program, s program.Settings) (change program.SettingsChange, rows parsed, w wrong) {
	w = wrong{}
	for _, t := range []struct {
		name string
		old  time.Time
		to   **time.Time
	}{{"startsAt", s.StartsAt, &change.StartsAt}, {"endsAt", s.EndsAt, &change.EndsAt}} {
		switch {
		case in[t.name] == localText(t.old, p.Location):
		case in[t.name] == "":
			change.Remove = append(change.Remove, t.name)
		default:
			at := in.when(t.name, p.Location, w)
			*t.to = &at
		}
	}
	start, end := in.when("startsAt", p.Location, w), in.when("endsAt", p.Location, w)
	if len(w) == 0 && !end.IsZero() && !end.After(start) {
		w["endsAt"] = "The end must be after the start."
	}
	rows, terms := in.termsOf(s.Terms, p, w)
	change.Rules, change.HoldbackDays = terms.Rules, terms.HoldbackDays
	return change, rows, w
}

// termsOf reads terms. What is as it was is nil.
func (in values) termsOf(old commission.Terms, p *program.Program, w wrong) (rows parsed, change program.TermsChange) {
	if days := in.number("holdbackDays", w); days != nil && *days != old.HoldbackDays {
		change.HoldbackDays = days
	}
	rows = in.parse(old.Rules, p.Currency, w)
	if len(rows.rules) == 0 {
		w["rules[0].value"] = "Enter what is paid. A program needs at least one commission."
	}
	if !reflect.DeepEqual(rows.rules, old.Rules) {
		change.Rules = rows.rules
	}
	return rows, change
}
