package console

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// linkURL is the address to share.
func (v *visit) linkURL(key string) string { return v.cfg.BaseURL + "/r/" + key }

// codesBody is the page of codes.
type codesBody struct {
	Codes    ui.List[codeView]
	Next     string
	Total    int64
	Query    string
	Programs []ui.Option
	States   []ui.Option
	Filtered bool
}

func (v *visit) codesPage() error {
	q, of, state := v.query("q"), v.query("program"), v.query("state")
	body := codesBody{
		Query: q, Filtered: q+of+state != "", Programs: v.programChoices(of),
		States: ui.Choices(state, "", "All", "active", "Active", "retired", "Retired"),
	}
	found := slices.DeleteFunc(v.setup.Codes(), func(c *promo.Code) bool {
		text := strings.ToLower(c.Code + "\n" + c.Partner + "\n" + v.partnerName(c.Partner))
		return of != "" && c.Program != of || state != "" && c.ActiveAt(v.now) != (state == "active") || !strings.Contains(text, strings.ToLower(q))
	})
	body.Total = int64(len(found))
	page, err := ui.PageOf(v.r, found, func(c *promo.Code) string { return c.Code })
	if err != nil {
		return err
	}
	for _, c := range page.Items {
		body.Codes.Items = append(body.Codes.Items, v.code(c))
	}
	if err := v.atCheckout(body.Codes.Items); err != nil {
		return err
	}
	body.Next = v.kit.Next(v.r, page.NextAfter)
	return v.show(http.StatusOK, "codes", "Promo codes", body)
}

// ownPrograms are the programs of a partner, to choose from.
func (v *visit) ownPrograms(p *program.Partner, selected string) []ui.Option {
	var list []ui.Option
	for _, on := range v.setup.PartnershipsOf(p.ID) {
		list = append(list, ui.Option{Value: on.Program, Label: v.programName(on.Program), Selected: on.Program == selected})
	}
	return list
}

func (v *visit) newCodePage() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	return v.newCodeForm(http.StatusOK, p, values{}, nil)
}

func (v *visit) newCodeForm(status int, p *program.Partner, in values, w wrong) error {
	f := ui.Form{Action: v.to(partnerPath(p.ID) + "/codes"), Button: "Add code", Groups: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "program", Label: "Program", Kind: ui.Select, Options: v.ownPrograms(p, in["program"]), Half: true},
		{Name: "code", Label: "Code", Kind: "text", Value: in["code"], Required: true, Half: true, Placeholder: "ADA20", Help: "3 to 40 letters, digits and hyphens."},
	}}}}
	w.place(&f)
	return v.showForm(status, formBody{
		Title: "New code", Lead: "For " + v.partnerName(p.ID) + ". The partner is credited when customers use it.",
		Crumb: v.crumb(v.partnerName(p.ID), partnerPath(p.ID)), Form: f,
	})
}

func (v *visit) addCode() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	in := v.values([]string{"program", "code"})
	if in["program"] == "" {
		return v.newCodeForm(http.StatusUnprocessableEntity, p, in, wrong{"program": "Please choose one of the partner’s programs."})
	}
	if _, err := v.eng.AddCode(v.ctx, affiliate.Code{Code: in["code"], Partner: p.ID, Program: in["program"]}); err != nil {
		status, w, fatal := v.refusal(err)
		if fatal != nil {
			return fatal
		}
		return v.newCodeForm(status, p, in, w)
	}
	return v.done(partnerPath(p.ID), "code")
}

func (v *visit) newLinkPage() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	return v.newLinkForm(http.StatusOK, p, values{}, nil)
}

func (v *visit) newLinkForm(status int, p *program.Partner, in values, w wrong) error {
	f := ui.Form{Action: v.to(partnerPath(p.ID) + "/links"), Button: "Add link", Groups: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "program", Label: "Program", Kind: ui.Select, Options: v.ownPrograms(p, in["program"]), Half: true},
		{Name: "key", Label: "Name", Kind: "text", Value: in["key"], Half: true, Placeholder: "spring-video", Help: "The end of the address. Leave empty to generate one."},
		{Name: "url", Label: "Leads to", Kind: "url", Value: in["url"], Placeholder: "https://", Help: "Leave empty to use the program’s own page. It must be on a domain that the program allows."},
	}}}}
	w.place(&f)
	return v.showForm(status, formBody{Title: "New link", Lead: "For " + v.partnerName(p.ID) + ".", Crumb: v.crumb(v.partnerName(p.ID), partnerPath(p.ID)), Form: f})
}

func (v *visit) addLink() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	in := v.values([]string{"program", "key", "url"})
	key := in["key"]
	if key == "" {
		key = strings.ToLower(rand.Text()[:10])
	}
	w := wrong{}
	if _, on := v.setup.Partnership(p.ID, in["program"]); !on {
		w["program"] = "Please choose one of the partner’s programs."
	}
	if !program.ValidLinkKey(key) {
		w["key"] = "1 to 64 letters, digits, hyphens and underscores."
	}
	if in["url"] != "" && !program.ValidURL(in["url"]) {
		w["url"] = "An absolute address that begins with https://."
	}
	if _, taken := v.setup.Link(key); taken {
		w["key"] = "This name is taken. Please choose another one."
	}
	if len(w) > 0 {
		return v.newLinkForm(http.StatusUnprocessableEntity, p, in, w)
	}
	_, err = v.eng.AddLink(v.ctx, affiliate.Link{Key: key, Partner: p.ID, Program: in["program"], URL: in["url"]})
	if err != nil {
		status, w, fatal := v.refusal(err)
		if fatal != nil {
			return fatal
		}
		return v.newLinkForm(status, p, in, w)
	}
	return v.done(partnerPath(p.ID), "link")
}

// owned is the code that the address names.
func (v *visit) owned() (*promo.Code, error) {
	c, ok := v.setup.Code(idOf(v.r.PathValue("code")))
	if !ok {
		return nil, ui.Missing()
	}
	return c, nil
}

func (v *visit) retirePage() error {
	c, err := v.owned()
	if err != nil {
		return err
	}
	return v.confirm("Retire "+c.Code+"?", "Retire "+c.Code, true, v.crumb(v.partnerName(c.Partner), partnerPath(c.Partner)),
		"From now on the code earns nothing and gives no discount. It stays reserved for "+v.partnerName(c.Partner)+". You can reactivate it.")
}

func (v *visit) retireCode() error {
	c, err := v.owned()
	if err != nil {
		return err
	}
	if c.ActiveAt(v.now) {
		if _, err := v.eng.RetireCode(v.ctx, c.Code, time.Time{}); err != nil {
			return err
		}
	}
	return v.done(partnerPath(c.Partner), "retired")
}

func (v *visit) reactivatePage() error {
	c, err := v.owned()
	if err != nil {
		return err
	}
	return v.confirm("Reactivate "+c.Code+"?", "Reactivate", false, v.crumb(v.partnerName(c.Partner), partnerPath(c.Partner)),
		"From now on the code counts again for "+v.partnerName(c.Partner)+" on "+v.programName(c.Program)+".")
}

func (v *visit) reactivateCode() error {
	c, err := v.owned()
	if err != nil {
		return err
	}
	if !c.ActiveAt(v.now) {
		if _, err := v.eng.AddCode(v.ctx, affiliate.Code{Code: c.Code, Partner: c.Partner, Program: c.Program}); err != nil {
			return err
		}
	}
	return v.done(partnerPath(c.Partner), "reactivated")
}
