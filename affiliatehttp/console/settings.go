package console

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/deeplink"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

func settingNames() []string {
	return []string{
		"name", "title", "destinationUrl", "deepLinkDomains", "attributionModel", "attributionWindowDays", "binding", "partnerCodes",
		"reward", "rewardValue", "rewardSpan", "rewardMonths",
	}
}

// settingsPage is the form of all that is neither schedule nor terms.
func (v *visit) settingsPage() error {
	p, err := v.program()
	if err != nil {
		return err
	}
	return v.settingsForm(http.StatusOK, p, settingValues(v.settingsOf(p)), nil, nil)
}

func settingValues(s program.Settings) values {
	in := values{
		"name": s.Name, "title": s.Title, "destinationUrl": s.DestinationURL, "deepLinkDomains": lined(s.DeepLinkDomains),
		"attributionModel": string(s.Model), "attributionWindowDays": strconv.Itoa(s.WindowDays), "binding": string(s.Binding),
	}
	if s.PartnerCodes {
		in["partnerCodes"] = "1"
	}
	if r := s.Reward; r != nil {
		in["reward"], in["rewardSpan"] = string(r.Kind), string(r.Span)
		if r.Months > 0 {
			in["rewardMonths"] = strconv.Itoa(r.Months)
		}
		switch r.Kind {
		case promo.PercentOff:
			in["rewardValue"] = strconv.Itoa(r.Percent)
		case promo.AmountOff:
			in["rewardValue"] = ui.Plain(r.Amount, r.Currency)
		default: // months say it all
		}
	}
	return in
}

func (v *visit) settingsForm(status int, p *program.Program, in values, w wrong, notice *ui.Notice) error {
	f := ui.Form{
		Action: v.to(programPath(p.ID) + "/settings"), Button: "Review changes",
		Hidden: []ui.Pair{{Label: "was", Text: mark(v.settingsOf(p))}},
		Groups: []ui.Fieldset{
			{Fields: []ui.Field{
				{Name: "name", Label: "Name", Kind: "text", Value: in["name"], Half: true, Help: "Only you see it."},
				{Name: "title", Label: "Title for partners", Kind: "text", Value: in["title"], Half: true},
				{Name: "destinationUrl", Label: "Links lead to", Kind: "url", Value: in["destinationUrl"], Placeholder: "https://"},
				{Name: "deepLinkDomains", Label: "Domains that partners may link to", Kind: ui.Area, Value: in["deepLinkDomains"], Placeholder: "example.com\ndocs.example.com", Help: "One per line, without https://. Leave empty to allow only the address above."},
			}},
			{Legend: "Attribution", Fields: []ui.Field{
				{Name: "attributionModel", Label: "If there are several clicks", Kind: ui.Select, Half: true, Options: ui.Choices(in["attributionModel"],
					string(attribution.LastClick), "The last click is credited", string(attribution.FirstClick), "The first click is credited",
					string(attribution.Linear), "All clicks share equally", string(attribution.Position), "First 40%, last 40%, others share 20%")},
				{Name: "attributionWindowDays", Label: "Attribution window in days", Kind: "text", Value: in["attributionWindowDays"], Half: true, Required: true},
				{Name: "binding", Label: "Later payments of a customer", Kind: ui.Select, Options: ui.Choices(in["binding"],
					string(attribution.Sticky), "Stay with the partner who brought the customer", string(attribution.PerConversion), "Are attributed each on their own")},
			}},
			{Legend: "Codes", Fields: []ui.Field{
				{Name: "partnerCodes", Label: "Partners may add and retire codes", Kind: ui.Check, Value: in["partnerCodes"]},
				{Name: "reward", Label: "Customers get", Kind: ui.Select, Half: true, Options: ui.Choices(in["reward"],
					"", "No discount", string(promo.PercentOff), "Percent off", string(promo.AmountOff), "An amount off", string(promo.FreeMonths), "Free months")},
				{Name: "rewardValue", Label: "How much", Kind: "text", Value: in["rewardValue"], Half: true, Help: "Percent, or an amount in the program’s currency."},
				{Name: "rewardSpan", Label: "On", Kind: ui.Select, Half: true, Options: ui.Choices(in["rewardSpan"],
					string(promo.FirstInvoice), "The first invoice", string(promo.FirstMonths), "The first months", string(promo.EveryInvoice), "Every invoice")},
				{Name: "rewardMonths", Label: "How many months", Kind: "text", Value: in["rewardMonths"], Half: true, Help: "For free months, and for the first months."},
			}},
		},
	}
	w.place(&f)
	return v.showForm(status, formBody{
		Title: "Settings", Lead: v.programName(p.ID) + ". You review the changes before they are saved.",
		Crumb: v.crumb(v.programName(p.ID), programPath(p.ID)), Notice: notice, Form: f,
	})
}

// editSettings shows what a change touches, and makes it once that is confirmed.
func (v *visit) editSettings() error {
	p, err := v.program()
	if err != nil {
		return err
	}
	in, s := v.values(settingNames()), v.settingsOf(p)
	if v.stale(mark(s)) {
		return v.settingsForm(http.StatusConflict, p, in, nil, staleNotice())
	}
	change, w := in.settingsChange(p, s)
	if len(w) > 0 {
		return v.settingsForm(http.StatusUnprocessableEntity, p, in, w, nil)
	}
	if reflect.DeepEqual(change, program.SettingsChange{}) {
		return v.done(programPath(p.ID), "unchanged")
	}
	probe := program.Change{Kind: program.EditProgram, Program: p.ID, Settings: &change, At: v.now}
	err = v.setup.Check(probe)
	if err == nil && v.input("confirm") == "" {
		return v.settingsPreview(p, s, change, in)
	}
	if err == nil {
		_, err = v.eng.EditProgram(v.ctx, p.ID, change, time.Time{})
	}
	if err != nil {
		status, w, fatal := v.refusal(err)
		if fatal != nil {
			return fatal
		}
		return v.settingsForm(status, p, in, hostsAtOne(w), nil)
	}
	return v.done(programPath(p.ID), "terms")
}

// hostsAtOne puts what is wrong with a host at the field of all of them.
func hostsAtOne(w wrong) wrong {
	out := wrong{}
	for field, message := range w {
		if len(field) > 15 && field[:15] == "deepLinkDomains" {
			field, message = "deepLinkDomains", "Each line "+message+"."
		}
		out[field] = message
	}
	return out
}

func (in values) settingsChange(p *program.Program, s program.Settings) (change program.SettingsChange, w wrong) {
	w = wrong{}
	for _, t := range []struct {
		name, old string
		to        **string
	}{{"name", s.Name, &change.Name}, {"title", s.Title, &change.Title}, {"destinationUrl", s.DestinationURL, &change.DestinationURL}} {
		if text := in[t.name]; text != t.old {
			*t.to = &text
		}
	}
	if hosts := in.lines("deepLinkDomains"); !slices.Equal(hosts, s.DeepLinkDomains) {
		hosts = append([]string{}, hosts...)
		change.DeepLinkDomains = &hosts
	}
	if m := attribution.Model(in["attributionModel"]); m != s.Model {
		change.Model = &m
	}
	if b := attribution.BindingMode(in["binding"]); b != s.Binding {
		change.Binding = &b
	}
	if days := in.number("attributionWindowDays", w); days != nil && *days != s.WindowDays {
		change.WindowDays = days
	}
	if own := in["partnerCodes"] != ""; own != s.PartnerCodes {
		change.PartnerCodes = &own
	}
	switch r := in.reward(p, w); {
	case r == nil && s.Reward != nil:
		change.Remove = append(change.Remove, "reward")
	case r != nil && !reflect.DeepEqual(r, s.Reward):
		change.Reward = r.Change()
	}
	return change, w
}

// reward reads what customers get.
func (in values) reward(p *program.Program, w wrong) *promo.Reward {
	if in["reward"] == "" {
		return nil
	}
	r := &promo.Reward{Kind: promo.RewardKind(in["reward"])}
	months := in.number("rewardMonths", w)
	if r.Kind != promo.FreeMonths {
		r.Span = promo.RewardSpan(in["rewardSpan"])
	}
	if months != nil && (r.Kind == promo.FreeMonths || r.Span == promo.FirstMonths) {
		r.Months = *months
	}
	switch r.Kind {
	case promo.PercentOff:
		if n := in.number("rewardValue", w); n != nil {
			r.Percent = *n
		}
	case promo.AmountOff:
		var err error
		r.Currency = p.Currency
		if r.Amount, err = minor(in["rewardValue"], p.Currency); err != nil {
			w["rewardValue"] = "An amount like 10.00."
		}
	default: // months say it all
	}
	return r
}

// settingsPreview says what a change touches, before it is made.
func (v *visit) settingsPreview(p *program.Program, s program.Settings, change program.SettingsChange, in values) error {
	f := ui.Form{
		Action: v.to(programPath(p.ID) + "/settings"), Button: "Save changes", Back: v.to(programPath(p.ID) + "/settings"), BackText: "Back",
		Hidden: []ui.Pair{{Label: "was", Text: v.input("was")}, {Label: "confirm", Text: "1"}},
	}
	for _, name := range settingNames() {
		f.Hidden = append(f.Hidden, ui.Pair{Label: name, Text: in[name]})
	}
	return v.showForm(http.StatusOK, formBody{
		Title: "Review changes", Lead: v.programName(p.ID), Crumb: v.crumb(v.programName(p.ID), programPath(p.ID)),
		Items: v.touched(p, s, change), Form: f,
	})
}

// touched says in words what a change means for whom.
func (v *visit) touched(p *program.Program, s program.Settings, change program.SettingsChange) []string {
	follow, lost := v.linksTouched(p, s, change)
	var lines []string
	if change.Name != nil || change.Title != nil {
		lines = append(lines, "Name or title: only the text changes.")
	}
	if to := change.DestinationURL; to != nil {
		lines = append(lines, fmt.Sprintf("Destination: links without a page of their own lead to %s at once. That is %s.", *to, words.Count(follow, "link")))
	}
	if change.DeepLinkDomains != nil {
		lines = append(lines, fmt.Sprintf("Domains: links to a page on a domain that is no longer allowed lead to the program’s destination instead. That is %s.", words.Count(lost, "link")))
	}
	if days := change.WindowDays; days != nil {
		lines = append(lines, fmt.Sprintf("Window: conversions from now on look back %s in place of %s, also at earlier clicks. Earlier conversions stay as they are.",
			words.Count(int64(*days), "day"), words.Count(int64(s.WindowDays), "day")))
	}
	if m := change.Model; m != nil {
		lines = append(lines, "Credit: for conversions from now on, "+modelWords(*m)+". Earlier ones stay as they are.")
	}
	if b := change.Binding; b != nil {
		lines = append(lines, "Later payments: from now on "+bindingWords(*b)+".")
	}
	if own := change.PartnerCodes; own != nil {
		text := "Codes: only you add and retire codes. Those that partners added stay."
		if *own {
			text = fmt.Sprintf("Codes: partners may have up to %d active codes of their choice.", promo.MaxActive)
		}
		lines = append(lines, text)
	}
	if change.Reward != nil {
		lines = append(lines, "Discount: codes that are made from now on give "+words.Reward(change.Reward.Apply(s.Reward))+". Codes that exist keep theirs.")
	}
	if slices.Contains(change.Remove, "reward") {
		lines = append(lines, "Discount: codes that are made from now on give none. Codes that exist keep theirs.")
	}
	return lines
}

// linksTouched counts links that follow the program's destination, and those
// whose own page a change of hosts takes away.
func (v *visit) linksTouched(p *program.Program, s program.Settings, change program.SettingsChange) (follow, lost int64) {
	hosts := s.DeepLinkDomains
	if change.DeepLinkDomains != nil {
		hosts = *change.DeepLinkDomains
	}
	for _, who := range v.partnersOf(p.ID) {
		for _, l := range v.setup.LinksOf(who.ID) {
			if l.Program != p.ID {
				continue
			}
			_, before := deeplink.Check(l.URL, s.DeepLinkDomains)
			_, after := deeplink.Check(l.URL, hosts)
			if !after {
				follow++
			}
			if before && !after {
				lost++
			}
		}
	}
	return follow, lost
}
