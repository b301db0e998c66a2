package console

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/internal/problem"
)

// Brand is whose console this is: name, logo, colors, footer. Its zero value is
// neutral.
type Brand = ui.Brand

// Config holds what a console may be told. Key and BaseURL are required.
type Config struct {
	// Resolve picks the Engine of a request, for hosts with many organizations:
	// by host name, say. affiliate.ErrNotFound is answered with 404, any other
	// error with 503. Nil: the Engine that New was given.
	Resolve func(*http.Request) (*affiliate.Engine, error)

	// Authenticate says who sends a request. Only the role owner of the Engine's
	// organization gets in. Nil and an error let nobody in;
	// affiliatehttp.ErrForbidden is answered with 403 in place of 401.
	Authenticate func(*http.Request) (affiliatehttp.Principal, error)

	// Session names the session that the tokens of forms are bound to. Default:
	// the organization, so that a token serves all of its owners.
	Session func(*http.Request) string

	// Account is the name of who is signed in, to show. Default: "Owner".
	Account func(*http.Request) string

	// SignIn is where pages send a visitor who is not signed in, with the page
	// as "next". Default: such a visitor gets a page with status 401.
	SignIn string

	// SignOut is the address that the button for it posts to. Default: no button.
	SignOut string

	// SignOutToken returns the host's own token for that form, which carries it
	// in its field csrf. Default: none.
	SignOutToken func(*http.Request) string

	// Key is a secret of at least 32 bytes, which the tokens of forms are made
	// with.
	Key []byte

	// BaseURL is where the routes of package affiliatehttp are served, like
	// https://example.com: a link is BaseURL + "/r/" + its key.
	BaseURL string

	// PortalURL is where partners sign in to their portal, to show it. Default:
	// the checklist asks for one.
	PortalURL string

	// Prefix is what the host strips from paths before they come here, like
	// "/aff".
	Prefix string

	// Insecure leaves out the cookie's Secure attribute, for http://localhost.
	Insecure bool

	// Zone is what times are shown in. Default: UTC.
	Zone *time.Location

	// Brand is whose console this is.
	Brand Brand

	// Templates take the place of the console's own with the same file name:
	// layout.html, parts.html, error.html, and those in the folder templates.
	Templates fs.FS

	// Stripe tells how the connection to Stripe is doing. Default: no such page.
	Stripe func(context.Context) (StripeStatus, error)

	// Logger gets what an answer does not tell: failures of the store. No
	// personal data is ever logged. Default: discard.
	Logger *slog.Logger
}

//go:embed templates/*.html
var embedded embed.FS

// Console serves the owners of an Engine's organization, or of each one that
// Config.Resolve knows. It is safe for concurrent use.
type Console struct {
	cfg Config
	kit *ui.Kit
	mux *http.ServeMux
}

// New returns the console of an Engine, which may be nil with Config.Resolve.
// The error unwraps to affiliate.ErrInvalidInput and names every field that
// cannot be used, or tells of a template that cannot be parsed.
func New(eng *affiliate.Engine, cfg Config) (*Console, error) {
	var list problem.List
	if eng == nil && cfg.Resolve == nil {
		list.Add("resolve", "must be set where there is no Engine")
	}
	if !ui.Absolute(cfg.BaseURL) {
		list.Add("baseUrl", "must be an absolute http or https address")
	}
	if cfg.PortalURL != "" && !ui.Absolute(cfg.PortalURL) {
		list.Add("portalUrl", "must be an absolute http or https address")
	}
	if err := list.Err(affiliate.ErrInvalidInput); err != nil {
		return nil, err
	}
	if cfg.Resolve == nil {
		cfg.Resolve = func(*http.Request) (*affiliate.Engine, error) { return eng, nil }
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	own, err := fs.Sub(embedded, "templates")
	if err != nil {
		return nil, err
	}
	kit, err := ui.New(ui.Options{
		Brand: cfg.Brand, Pages: own, Override: cfg.Templates, Key: cfg.Key, Prefix: cfg.Prefix, Root: root, Insecure: cfg.Insecure,
	}, affiliate.ErrInvalidInput)
	if err != nil {
		return nil, err
	}
	c := &Console{cfg: cfg, kit: kit}
	c.mux = c.routes()
	return c, nil
}

// ServeHTTP serves all pages.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.mux.ServeHTTP(w, r) }
