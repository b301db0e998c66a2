package portal

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/program"
)

// visit is one request of one partner.
type visit struct {
	*Portal
	w       http.ResponseWriter
	r       *http.Request
	ctx     context.Context
	me      *program.Partner
	setup   *program.Configuration
	now     time.Time
	zone    *time.Location
	session string
}

// visit finds out who asks. The error is an *ui.AnswerError or the Engine's.
func (p *Portal) visit(w http.ResponseWriter, r *http.Request) (*visit, error) {
	if p.cfg.Authenticate == nil {
		return nil, ui.Unauthenticated()
	}
	id, err := p.cfg.Authenticate(r)
	if err != nil || id == "" {
		return nil, ui.Unauthenticated()
	}
	setup, err := p.eng.Configuration(r.Context())
	if err != nil {
		return nil, err
	}
	me, ok := setup.Partner(id)
	if !ok {
		return nil, ui.Forbidden("this account is not a partner's")
	}
	v := &visit{Portal: p, w: w, r: r, ctx: r.Context(), me: me, setup: setup, now: p.eng.Now(), session: "partner:" + id}
	if p.cfg.Session != nil {
		v.session = "session:" + p.cfg.Session(r)
	}
	if v.zone, err = time.LoadLocation(me.PayoutAt(v.now).TimeZone); err != nil {
		v.zone = time.UTC // a zone that this machine does not know
	}
	return v, nil
}

// page serves a page.
func (p *Portal) page(h func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := p.visit(w, r)
		if err == nil {
			err = h(v)
		}
		if err != nil {
			p.failPage(w, r, v, err)
		}
	}
}

// form serves a form that was posted, if it was posted by one of our pages.
func (p *Portal) form(h func(*visit) error) http.HandlerFunc {
	return p.page(func(v *visit) error {
		if !v.kit.Form(v.w, v.r, v.session) {
			return ui.Forbidden("this form was sent from elsewhere, or it is too old; go back, reload the page and try again")
		}
		return h(v)
	})
}

// api serves JSON.
func (p *Portal) api(status int, h func(*visit) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := p.visit(w, r)
		var doc any
		if err == nil {
			doc, err = h(v)
		}
		if err != nil {
			p.failJSON(w, r, err)
			return
		}
		ui.WriteJSON(w, status, doc)
	}
}

// change serves JSON that changes something. A browser that carries a session
// cookie may only send it from the same origin.
func (p *Portal) change(status int, h func(*visit) (any, error)) http.HandlerFunc {
	return p.api(status, func(v *visit) (any, error) {
		if !v.kit.SameSite(v.r) {
			return nil, ui.Forbidden("requests from other sites are refused")
		}
		kind, _, _ := strings.Cut(v.r.Header.Get("Content-Type"), ";")
		if v.r.Method == http.MethodPost && !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
			return nil, &ui.AnswerError{Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type", Detail: "the body must be application/json"}
		}
		return h(v)
	})
}

// file serves something that is no page, with errors as JSON.
func (p *Portal) file(h func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := p.visit(w, r)
		if err == nil {
			err = h(v)
		}
		if err != nil {
			p.failJSON(w, r, err)
		}
	}
}

// show renders a page of the partner's.
func (v *visit) show(status int, name, title string, body any) error {
	page := ui.Page{
		Title: title, Nav: v.nav(), Account: v.name(), SignOut: ui.NewSignOut(v.r, v.cfg.SignOut, v.cfg.SignOutToken), Zone: v.zone, Body: body,
		Notice: doneNotice(v.kit.Told(v.w, v.r, v.session, v.now)),
	}
	if v.me.SuspendedAt(v.now) {
		page.Banner = &ui.Notice{Tone: ui.Warn, Text: "Your account is suspended. New conversions earn nothing. What you have earned is still yours and will be paid out."}
	}
	if err := v.kit.Render(v.w, v.r, status, name, v.session, page); err != nil {
		v.cfg.Logger.ErrorContext(v.ctx, "portal: page not rendered", "page", name, "error", err)
	}
	return nil
}

func (v *visit) name() string {
	if v.me.Name != "" {
		return v.me.Name
	}
	return v.me.ID
}

func (v *visit) nav() []ui.NavItem {
	items := []ui.NavItem{
		{Name: "Overview", Icon: "home", Path: "/portal"},
		{Name: "Links", Icon: "link", Path: "/portal/links"},
		{Name: "Codes", Icon: "tag", Path: "/portal/codes"},
		{Name: "Earnings", Icon: "coins", Path: "/portal/commissions"},
		{Name: "Payouts", Icon: "wallet", Path: "/portal/payouts"},
		{Name: "Clicks", Icon: "chart", Path: "/portal/clicks"},
		{Name: "Programs", Icon: "grid", Path: "/portal/programs"},
		{Name: "Settings", Icon: "gear", Path: "/portal/settings"},
	}
	path := strings.TrimSuffix(v.r.URL.Path, "/")
	if strings.HasPrefix(path, "/portal/conversions/") {
		path = "/portal/commissions"
	}
	for i, item := range items {
		items[i].Current = path == item.Path || item.Path != "/portal" && strings.HasPrefix(path, item.Path+"/")
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
	text := ""
	switch what {
	case "link":
		text = "Your link is ready to share."
	case "code":
		text = "Your code is active. Customers can use it right away."
	case "retired":
		text = "The code is retired. It earns nothing new. What it earned is still yours."
	default:
		return nil
	}
	return &ui.Notice{Tone: ui.Good, Text: text}
}

func (v *visit) chooseTheme() error {
	v.kit.ServeTheme(v.w, v.r)
	return nil
}

// ref makes an id opaque, for this partner.
func (v *visit) ref(kind, id string) string { return v.kit.Seal.Seal(v.scope(kind), id) }

// open returns the id of a reference. What was not made for this partner is not
// found.
func (v *visit) open(kind, ref string) (string, error) {
	id, ok := v.kit.Seal.Open(v.scope(kind), ref)
	if !ok {
		return "", ui.Missing()
	}
	return id, nil
}

func (v *visit) scope(kind string) string {
	return kind + "\x00" + v.eng.Organization() + "\x00" + v.me.ID
}
