package console

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/program"
)

// visit is one request of an owner.
type visit struct {
	*Console
	w       http.ResponseWriter
	r       *http.Request
	ctx     context.Context
	eng     *affiliate.Engine
	setup   *program.Configuration
	now     time.Time
	session string
}

// visit finds out who asks. The error is a *ui.AnswerError or the Engine's.
func (c *Console) visit(w http.ResponseWriter, r *http.Request) (*visit, error) {
	if c.cfg.Authenticate == nil {
		return nil, ui.Unauthenticated()
	}
	eng, err := c.engine(r)
	if err != nil {
		return nil, err
	}
	who, err := c.cfg.Authenticate(r)
	switch {
	case errors.Is(err, affiliatehttp.ErrForbidden):
		return nil, ui.Forbidden("these pages are for the owner")
	case err != nil:
		return nil, ui.Unauthenticated()
	case who.Role != affiliatehttp.RoleOwner || who.Organization != eng.Organization():
		return nil, ui.Forbidden("these pages are for the owner")
	}
	setup, err := eng.Configuration(r.Context())
	if err != nil {
		return nil, err
	}
	v := &visit{Console: c, w: w, r: r, ctx: affiliate.WithActor(r.Context(), who.ID), eng: eng, setup: setup, now: eng.Now(), session: "organization:" + who.Organization}
	if c.cfg.Session != nil {
		v.session = "session:" + c.cfg.Session(r)
	}
	return v, nil
}

// engine returns the Engine of the organization that a request is for.
func (c *Console) engine(r *http.Request) (*affiliate.Engine, error) {
	eng, err := c.cfg.Resolve(r)
	if err == nil && eng == nil {
		err = affiliate.ErrNotFound
	}
	return eng, err
}

// page serves a page.
func (c *Console) page(h func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := c.visit(w, r)
		if err == nil {
			err = h(v)
		}
		if err != nil {
			c.fail(w, r, v, err)
		}
	}
}

// form serves a form that was posted, if it was posted by one of our pages.
func (c *Console) form(h func(*visit) error) http.HandlerFunc {
	return c.page(func(v *visit) error {
		if !v.kit.Form(v.w, v.r, v.session) {
			return ui.Forbidden("this form was sent from elsewhere, or it is too old; go back, reload the page and try again")
		}
		return h(v)
	})
}

// show renders a page.
func (v *visit) show(status int, name, title string, body any) error {
	page := ui.Page{
		Title: title, Nav: v.nav(), Account: "Owner", SignOut: ui.NewSignOut(v.r, v.cfg.SignOut, v.cfg.SignOutToken), Zone: v.cfg.Zone, Body: body,
		Notice: doneNotice(v.kit.Told(v.w, v.r, v.session, v.now)),
	}
	if v.cfg.Account != nil {
		page.Account = v.cfg.Account(v.r)
	}
	if err := v.kit.Render(v.w, v.r, status, name, v.session, page); err != nil {
		v.cfg.Logger.ErrorContext(v.ctx, "console: page not rendered", "page", name, "error", err)
	}
	return nil
}

func (v *visit) nav() []ui.NavItem {
	items := []ui.NavItem{
		{Name: "Overview", Icon: "home", Path: root},
		{Name: "Programs", Icon: "grid", Path: root + "/programs"},
		{Name: "Partners", Icon: "users", Path: root + "/partners"},
		{Name: "Codes", Icon: "tag", Path: root + "/codes"},
		{Name: "Conversions", Icon: "coins", Path: root + "/conversions"},
		{Name: "Payouts", Icon: "wallet", Path: root + "/payouts"},
	}
	if v.cfg.Stripe != nil {
		items = append(items, ui.NavItem{Name: "Stripe", Icon: "link", Path: root + "/stripe"})
	}
	items = append(items, ui.NavItem{Name: "Setup", Icon: "gear", Path: root + "/setup"})
	path := strings.TrimSuffix(v.r.URL.Path, "/")
	for i, item := range items {
		items[i].Current = path == item.Path || item.Path != root && strings.HasPrefix(path, item.Path+"/")
	}
	return items
}

// done sends the browser on after a change, so that a reload repeats nothing.
func (v *visit) done(path, what string) error {
	v.kit.Done(v.w, v.r, v.session, path, what, v.now)
	return nil
}

// doneNotice is the message for a change that was just made.
func doneNotice(what string) *ui.Notice {
	text := map[string]string{
		"program":         "The program is created. Add partners and they can start.",
		"terms":           "Saved. The change applies from now on.",
		"unchanged":       "Nothing was different, so nothing was changed.",
		"ended":           "The program has ended.",
		"default":         "This is the default program now.",
		"partner":         "The partner is added.",
		"profile":         "Saved.",
		"suspended":       "The partner is suspended. What was earned will be paid out.",
		"reinstated":      "The partner earns again.",
		"approved":        "The partner is on the program, with a code and a link.",
		"approved-again":  "The partner is on the program again, with today’s terms.",
		"suspended-there": "The partner is suspended on this program. What was earned will be paid out.",
		"revoked":         "The partnership is revoked. What was earned will be paid out.",
		"everyone":        "All partners are on the program now.",
		"adopted":         "The program’s terms of today apply to this partner from now on.",
		"adjusted":        "The amount is posted.",
		"erased":          "The customer is erased. What the partners earned stays.",
		"override":        "The custom commission applies from now on.",
		"cleared":         "The program’s terms apply from now on.",
		"code":            "The code is active.",
		"link":            "The link is ready.",
		"retired":         "The code is retired. It earns nothing new. What it earned stays.",
		"reactivated":     "The code is active again.",
		"reject":          "The commission is rejected.",
		"hold":            "The commission is under review and is not paid until you release it.",
		"release":         "The commission is released.",
		"accepted":        "The sign-up is accepted, and the sale is credited.",
		"issued":          "The payouts are issued. Mark them as paid once the money is on its way.",
		"nothing-due":     "Nothing is left to issue.",
		"moved":           "The payouts are updated.",
	}[what]
	if text == "" {
		return nil
	}
	return &ui.Notice{Tone: ui.Good, Text: text}
}

func (v *visit) chooseTheme() error {
	v.kit.ServeTheme(v.w, v.r)
	return nil
}

// query is a parameter of the address, input a field of a posted form.
func (v *visit) query(name string) string { return strings.TrimSpace(v.r.URL.Query().Get(name)) }
func (v *visit) input(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }

// to is the address of a page.
func (v *visit) to(path string, pairs ...string) string { return v.kit.To(ui.Query(path, pairs...)) }

// date writes a day in the owner's zone.
func (v *visit) date(t time.Time) string { return ui.Date(t.In(v.cfg.Zone)) }
