package ui

import (
	"net/http"
	"time"
)

// Page is what the layout shows around the content of a page.
type Page struct {
	Title   string
	Nav     []NavItem
	Account string  // who is signed in
	SignOut SignOut // the button to sign out; without an address: none
	Notice  *Notice // what just happened
	Banner  *Notice // what the reader should know on every page
	Zone    *time.Location
	Body    any // the page's own

	// Filled in by Render.
	Brand   Brand
	Theme   string
	Token   string
	Current string // path and query of this page
	kit     *Kit
}

// SignOut is the host's form that signs out.
type SignOut struct {
	Address string
	Token   string // the host's own, in the field csrf; empty: none
}

// NewSignOut returns that form for a request. Token may be nil.
func NewSignOut(r *http.Request, address string, token func(*http.Request) string) SignOut {
	form := SignOut{Address: address}
	if address != "" && token != nil {
		form.Token = token(r)
	}
	return form
}

// NavItem is one entry of the navigation.
type NavItem struct {
	Name, Icon, Path string
	Current          bool
}

// Tones of a notice.
const (
	Good = "good"
	Warn = "warn"
	Bad  = "bad"
)

// Notice is a message on a page.
type Notice struct {
	Tone, Text string
}

// To returns the address of a page.
func (p Page) To(path string) string { return p.kit.To(path) }

// Asset returns the address of a style sheet or script.
func (p Page) Asset(name string) string { return p.kit.Asset(name) }

// Root is the address of the first page.
func (p Page) Root() string { return p.kit.To(p.kit.opt.Root) }

// Home is where the logo leads.
func (p Page) Home() string {
	if p.Brand.HomeURL != "" {
		return p.Brand.HomeURL
	}
	return p.Root()
}

func (p Page) in(t time.Time) time.Time {
	if p.Zone == nil {
		return t.UTC()
	}
	return t.In(p.Zone)
}

// Date writes a day in the reader's zone: "3 Mar 2026".
func (p Page) Date(t time.Time) string { return Date(p.in(t)) }

// DateTime writes a minute in the reader's zone: "3 Mar 2026, 14:05".
func (p Page) DateTime(t time.Time) string { return DateTime(p.in(t)) }

// ZoneName names the reader's zone.
func (p Page) ZoneName() string {
	if p.Zone == nil {
		return "UTC"
	}
	return p.Zone.String()
}

// Date writes a day in the time's own zone.
func Date(t time.Time) string { return t.Format("2 Jan 2006") }

// DateTime writes a minute in the time's own zone.
func DateTime(t time.Time) string { return t.Format("2 Jan 2006, 15:04") }

// Render answers with a page. Session is what the tokens of its forms are bound
// to.
func (k *Kit) Render(w http.ResponseWriter, r *http.Request, status int, name, session string, p Page) error {
	p.kit, p.Brand, p.Theme, p.Token = k, k.opt.Brand, Theme(r), k.Token(session)
	p.Current = k.To(r.URL.RequestURI())
	html, err := k.pages.render(name, p)
	Secure(w.Header())
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Cookie")
	w.WriteHeader(status)
	_, _ = w.Write(html) // a reader that is gone needs no page
	return nil
}
