package console

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
)

// programView is a program in a list.
type programView struct {
	ID, Name, Link string
	State          string
	Default        bool
	Currency       money.Currency
	Pays           string // its first rule in words
	More           int    // rules beside that
	Partners       int
	Codes          int
}

// settingsOf are the settings in force or, before there are any, the first to
// come.
func (v *visit) settingsOf(p *program.Program) program.Settings {
	if s, ok := p.At(v.now); ok {
		return s
	}
	return p.Latest()
}

// programName is what the owner calls a program.
func (v *visit) programName(id string) string {
	p, ok := v.setup.Program(id)
	if !ok {
		return id
	}
	s := v.settingsOf(p)
	return cmp.Or(s.Name, s.Title, id)
}

// counted are how many partners are on a program and how many of its codes are
// active, by program.
func (v *visit) counted() (partners, codes map[string]int) {
	partners, codes = map[string]int{}, map[string]int{}
	for _, p := range v.setup.Partners() {
		for _, on := range v.setup.PartnershipsOf(p.ID) {
			partners[on.Program]++
		}
	}
	for _, c := range v.setup.Codes() {
		if c.ActiveAt(v.now) {
			codes[c.Program]++
		}
	}
	return partners, codes
}

func (v *visit) programs() []programView {
	partners, codes := v.counted()
	first := v.setup.Default(v.now)
	var list []programView
	for _, p := range v.setup.Programs() {
		s := v.settingsOf(p)
		view := programView{
			ID: p.ID, Name: v.programName(p.ID), Link: v.to(programPath(p.ID)), State: string(p.LifecycleAt(v.now)),
			Default: first != nil && first.ID == p.ID, Currency: p.Currency, Partners: partners[p.ID], Codes: codes[p.ID],
		}
		if len(s.Terms.Rules) > 0 {
			view.Pays, view.More = words.Rule(s.Terms.Rules[0], p.Currency), len(s.Terms.Rules)-1
		}
		list = append(list, view)
	}
	return list
}

// programsBody is the page of programs.
type programsBody struct {
	Programs ui.List[programView]
	Next     string
}

func (v *visit) programsPage() error {
	page, err := ui.PageOf(v.r, v.programs(), func(p programView) string { return p.ID })
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "programs", "Programs", programsBody{page, v.kit.Next(v.r, page.NextAfter)})
}

// program is the one that the address names.
func (v *visit) program() (*program.Program, error) {
	p, ok := v.setup.Program(idOf(v.r.PathValue("id")))
	if !ok {
		return nil, ui.Missing()
	}
	return p, nil
}

// programBody is the page of one program.
type programBody struct {
	programView
	Title      string // shown to partners
	Zone       string
	Starts     *time.Time
	Ends       *time.Time
	Terms      []string
	Holdback   string
	Reward     string
	Applies    bool // at checkout
	Settings   []ui.Pair
	Path       string
	PartnersOn string // address
	Outside    int64  // partners who were never on it
	CodesOn    string
}

func (v *visit) programPage() error {
	p, err := v.program()
	if err != nil {
		return err
	}
	s := v.settingsOf(p)
	list := v.programs()
	view := list[slices.IndexFunc(list, func(x programView) bool { return x.ID == p.ID })]
	body := programBody{
		programView: view, Title: s.Title, Zone: p.Location.String(), Terms: termsInWords(s.Terms, p.Currency), Holdback: holdback(s.Terms),
		Reward: words.Reward(s.Reward), Applies: v.eng.AppliesRewards(), Settings: v.settingsInWords(s), Path: v.to(programPath(p.ID)),
		Outside: v.outside(p), PartnersOn: v.to(root+"/partners", "program", p.ID), CodesOn: v.to(root+"/codes", "program", p.ID),
	}
	if !s.StartsAt.IsZero() {
		body.Starts = &s.StartsAt
	}
	if !s.EndsAt.IsZero() {
		body.Ends = &s.EndsAt
	}
	return v.show(http.StatusOK, "program", view.Name, body)
}

// Ended reports whether there is nothing left to end.
func (b programBody) Ended() bool { return b.State == string(program.Ended) }

func termsInWords(t commission.Terms, c money.Currency) []string {
	var lines []string
	for _, r := range t.Rules {
		lines = append(lines, words.Rule(r, c))
		lines = append(lines, words.Thresholds(r, c)...)
	}
	return lines
}

func holdback(t commission.Terms) string {
	if t.HoldbackDays == 0 {
		return "payable at once"
	}
	return "payable after " + words.Count(int64(t.HoldbackDays), "day")
}

func (v *visit) settingsInWords(s program.Settings) []ui.Pair {
	pairs := []ui.Pair{
		{Label: "Links lead to", Text: cmp.Or(s.DestinationURL, "Nowhere yet. Set a destination.")},
		{Label: "Deep links to", Text: cmp.Or(joined(s.DeepLinkDomains), "No other pages")},
		{Label: "Attribution model", Text: modelWords(s.Model)},
		{Label: "Attribution window", Text: words.Count(int64(s.WindowDays), "day")},
		{Label: "Later payments", Text: bindingWords(s.Binding)},
		{Label: "Attribution order", Text: methodsWords(s.Methods)},
	}
	own := "added by you"
	if s.PartnerCodes {
		own = "added by you and by partners"
	}
	pairs = append(pairs, ui.Pair{Label: "Codes", Text: own})
	for i, p := range pairs[2:] { // the first two are addresses
		pairs[i+2].Text = strings.ToUpper(p.Text[:1]) + p.Text[1:]
	}
	return pairs
}

// endPage asks before a program is ended: partners feel it at once.
func (v *visit) endPage() error {
	p, err := v.program()
	if err != nil {
		return err
	}
	if p.LifecycleAt(v.now) == program.Ended {
		return v.done(programPath(p.ID), "ended")
	}
	partners, codes := v.counted()
	return v.confirm("End "+v.programName(p.ID)+" now?", "End the program", true, v.crumb(v.programName(p.ID), programPath(p.ID)),
		fmt.Sprintf("From now on no click or code of this program earns anything, and recurring commissions stop. This affects %s and %s.",
			words.Count(int64(partners[p.ID]), "partner"), words.Count(int64(codes[p.ID]), "active code")),
		"Links still open their pages. What was earned will be paid out.")
}

func (v *visit) endProgram() error {
	p, err := v.program()
	if err != nil {
		return err
	}
	if p.LifecycleAt(v.now) != program.Ended { // sent twice, it ends once
		if _, err := v.eng.EndProgram(v.ctx, p.ID); err != nil {
			return err
		}
	}
	return v.done(programPath(p.ID), "ended")
}

func (v *visit) setDefault() error {
	p, err := v.program()
	if err != nil {
		return err
	}
	if _, err := v.eng.SetDefaultProgram(v.ctx, p.ID, time.Time{}); err != nil {
		return err
	}
	return v.done(programPath(p.ID), "default")
}

// newProgramPage asks for what a program needs; all else has defaults.
func (v *visit) newProgramPage() error {
	in := v.newProgramValues()
	return v.newProgramForm(http.StatusOK, in, nil)
}

func (v *visit) newProgramForm(status int, in values, w wrong) error {
	f := ui.Form{Action: v.to(root + "/programs/new"), Button: "Create program", Groups: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "name", Label: "Name", Kind: "text", Value: in["name"], Required: true, Half: true, Help: "Only you see it, unless there is no title."},
		{Name: "id", Label: "ID", Kind: "text", Value: in["id"], Required: true, Half: true, Placeholder: "main", Help: "Used in the API. Can’t be changed later."},
		{Name: "title", Label: "Title for partners", Kind: "text", Value: in["title"], Half: true},
		{Name: "currency", Label: "Currency", Kind: "text", Value: in["currency"], Required: true, Half: true, Placeholder: "USD", Help: "For fixed commissions and tiers. Can’t be changed later."},
		{Name: "destinationUrl", Label: "Links lead to", Kind: "url", Value: in["destinationUrl"], Required: true, Half: true, Placeholder: "https://"},
		{Name: "timeZone", Label: "Time zone", Kind: "text", Value: in["timeZone"], Half: true, Placeholder: "UTC", Help: "For the days and months of tiers. Can’t be changed later."},
	}}}}
	f.Groups = append(f.Groups, ruleGroups(in)...)
	f.Groups = append(f.Groups, ui.Fieldset{Fields: []ui.Field{holdbackField(in)}})
	f.Hidden = []ui.Pair{{Label: "rows", Text: in["rows"]}}
	w.place(&f)
	return v.showForm(status, formBody{
		Title: "New program", Lead: "Choose what you pay for. Everything else has a default and can be changed later.",
		Crumb: v.crumb("Programs", root+"/programs"), Form: f,
	})
}

func (v *visit) newProgramValues() values {
	in := values{"currency": "USD", "holdbackDays": "30"}
	in.rules(nil, "usd")
	return in
}

func (v *visit) createProgram() error {
	in := v.values(append(ruleFields(), "name", "id", "title", "currency", "destinationUrl", "timeZone", "holdbackDays"))
	w := wrong{}
	if spaced(in["id"]) {
		w["id"] = noSpaces
	}
	currency, err := money.ParseCurrency(in["currency"])
	if err != nil {
		w["currency"] = "Three letters of ISO 4217, like USD or EUR."
	}
	change := program.SettingsChange{Currency: &currency}
	for name, target := range map[string]**string{
		"name": &change.Name, "title": &change.Title, "destinationUrl": &change.DestinationURL, "timeZone": &change.TimeZone,
	} {
		if text := in[name]; text != "" {
			*target = &text
		}
	}
	change.HoldbackDays = in.number("holdbackDays", w)
	rows := in.parse(nil, currency, w)
	change.Rules = rows.rules
	if len(w) == 0 && len(rows.rules) == 0 {
		w["rules[0].value"] = "Enter what is paid. A program needs at least one commission."
	}
	if len(w) > 0 {
		return v.newProgramForm(http.StatusUnprocessableEntity, in, w)
	}
	if _, err := v.eng.CreateProgram(v.ctx, in["id"], change, time.Time{}); err != nil {
		status, w, fatal := v.refusal(err)
		if fatal != nil {
			return fatal
		}
		return v.newProgramForm(status, in, rows.rename(w))
	}
	return v.done(programPath(in["id"]), "program")
}

// partnersOf are the partners on a program.
func (v *visit) partnersOf(programID string) []*program.Partner {
	return slices.DeleteFunc(slices.Clone(v.setup.Partners()), func(p *program.Partner) bool {
		_, on := v.setup.Partnership(p.ID, programID)
		return !on
	})
}

// state is a partner's, for a pill.
func (v *visit) state(p *program.Partner) string {
	if p.SuspendedAt(v.now) {
		return "suspended"
	}
	return "active"
}
