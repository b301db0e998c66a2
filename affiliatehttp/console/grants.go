package console

import (
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// approvePage asks which program a partner is approved on.
func (v *visit) approvePage() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	return v.approveForm(http.StatusOK, p, nil)
}

func (v *visit) approveForm(status int, p *program.Partner, w wrong) error {
	var options []ui.Option
	for _, of := range v.setup.Programs() {
		if _, on := v.setup.Partnership(p.ID, of.ID); !on {
			s := v.settingsOf(of)
			label := v.programName(of.ID) + " (" + ui.Words(string(of.LifecycleAt(v.now))) + ")"
			if len(s.Terms.Rules) > 0 {
				label += ": " + words.Rule(s.Terms.Rules[0], of.Currency)
			}
			options = append(options, ui.Option{Value: of.ID, Label: label})
		}
	}
	f := ui.Form{Action: v.to(partnerPath(p.ID) + "/approve"), Button: "Add to program", Groups: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "program", Label: "Program", Kind: ui.Select, Options: options},
	}}}}
	w.place(&f)
	return v.showForm(status, formBody{
		Title: "Add " + v.partnerName(p.ID) + " to a program", Crumb: v.crumb(v.partnerName(p.ID), partnerPath(p.ID)), Form: f,
		Text: []string{"The partner keeps the program’s current terms, even if the program changes its offer later. They get a code and a link right away."},
	})
}

func (v *visit) approve() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	if _, ok := v.setup.Program(v.input("program")); !ok {
		return v.approveForm(http.StatusUnprocessableEntity, p, wrong{"program": "Please choose one of the programs."})
	}
	if _, err := v.eng.ApprovePartnership(v.ctx, p.ID, v.input("program"), time.Time{}); err != nil {
		return err
	}
	return v.done(partnerPath(p.ID), "approved")
}

// granted is the partnership that the address names.
func (v *visit) granted() (*program.Partnership, *program.Program, error) {
	on, ok := v.setup.Partnership(idOf(v.r.PathValue("id")), idOf(v.r.PathValue("program")))
	if !ok {
		return nil, nil, ui.Missing()
	}
	of, ok := v.setup.Program(on.Program)
	if !ok {
		return nil, nil, ui.Missing()
	}
	return on, of, nil
}

// grantBody is the page of what a partner is paid on a program.
type grantBody struct {
	grantView
	Partner, PartnerURL, Path string
	Differs                   bool // the program offers something else now
	Actions                   []ui.Tab
	Offer                     []string
	OfferHoldback             string
}

func (v *visit) grantPage() error {
	on, of, err := v.granted()
	if err != nil {
		return err
	}
	live := v.settingsOf(of).Terms
	body := grantBody{
		grantView: v.grant(on), Partner: v.partnerName(on.Partner), PartnerURL: v.to(partnerPath(on.Partner)), Path: v.to(grantPath(on.Partner, on.Program)),
		Offer: termsInWords(live, of.Currency), OfferHoldback: holdback(live),
	}
	terms, _ := v.setup.Terms(on.Partner, on.Program, v.now)
	body.Differs = !reflect.DeepEqual(terms.Terms, live)
	body.Actions = v.standingActions(on, terms.Source, body.Differs)
	return v.show(http.StatusOK, "grant", body.Partner+" on "+body.Name, body)
}

// overridePage is the form of terms of a partner's own.
func (v *visit) overridePage() error {
	on, of, err := v.granted()
	if err != nil {
		return err
	}
	terms, _ := v.setup.Terms(on.Partner, on.Program, v.now)
	in := values{"holdbackDays": strconv.Itoa(terms.HoldbackDays)}
	in.rules(terms.Rules, of.Currency)
	return v.overrideForm(http.StatusOK, on, in, nil, nil)
}

func (v *visit) overrideForm(status int, on *program.Partnership, in values, w wrong, notice *ui.Notice) error {
	terms, _ := v.setup.Terms(on.Partner, on.Program, v.now)
	f := ui.Form{
		Action: v.to(grantPath(on.Partner, on.Program) + "/override"), Button: "Save custom commission",
		Hidden: []ui.Pair{{Label: "was", Text: mark(terms)}, {Label: "rows", Text: in["rows"]}},
		Groups: append(ruleGroups(in), ui.Fieldset{Fields: []ui.Field{holdbackField(in)}}),
	}
	w.place(&f)
	if notice == nil {
		notice = &ui.Notice{Tone: ui.Warn, Text: "These terms apply to conversions from now on. Earlier conversions stay as they are."}
	}
	return v.showForm(status, formBody{
		Title: "Custom commission", Lead: v.partnerName(on.Partner) + " on " + v.programName(on.Program),
		Crumb: v.crumb("Terms of "+v.partnerName(on.Partner), grantPath(on.Partner, on.Program)), Notice: notice, Form: f,
	})
}

func (v *visit) override() error {
	on, of, err := v.granted()
	if err != nil {
		return err
	}
	in := v.values(append(ruleFields(), "holdbackDays"))
	terms, _ := v.setup.Terms(on.Partner, on.Program, v.now)
	if v.stale(mark(terms)) {
		return v.overrideForm(http.StatusConflict, on, in, nil, staleNotice())
	}
	w := wrong{}
	rows, change := in.termsOf(terms.Terms, of, w)
	if len(w) > 0 {
		return v.overrideForm(http.StatusUnprocessableEntity, on, in, w, nil)
	}
	if change.Rules == nil && change.HoldbackDays == nil {
		return v.done(grantPath(on.Partner, on.Program), "unchanged")
	}
	if _, err := v.eng.OverrideTerms(v.ctx, on.Partner, on.Program, change, time.Time{}); err != nil {
		status, w, fatal := v.refusal(err)
		if fatal != nil {
			return fatal
		}
		return v.overrideForm(status, on, in, rows.rename(w), nil)
	}
	return v.done(grantPath(on.Partner, on.Program), "override")
}

func (v *visit) clearPage() error {
	on, of, err := v.granted()
	if err != nil {
		return err
	}
	live := v.settingsOf(of).Terms
	text := append([]string{"From now on the partner is paid what the program offers, including later changes:"}, termsInWords(live, of.Currency)...)
	return v.confirm("Use the program’s terms?", "Use program terms", false,
		v.crumb("Terms of "+v.partnerName(on.Partner), grantPath(on.Partner, on.Program)), append(text, "Commissions are "+holdback(live)+".")...)
}

func (v *visit) clearOverride() error {
	on, _, err := v.granted()
	if err != nil {
		return err
	}
	terms, _ := v.setup.Terms(on.Partner, on.Program, v.now)
	if terms.Source == commission.FromAmendment { // sent twice, it is cleared once
		if _, err := v.eng.ClearOverride(v.ctx, on.Partner, on.Program, time.Time{}); err != nil {
			return err
		}
	}
	return v.done(grantPath(on.Partner, on.Program), "cleared")
}
