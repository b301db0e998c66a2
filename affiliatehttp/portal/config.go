package portal

import (
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/internal/problem"
)

// Brand is whose portal this is: name, logo, colors, footer. Its zero value is
// neutral.
type Brand = ui.Brand

// Config holds what a portal may be told. Key and BaseURL are required.
type Config struct {
	// Authenticate says which partner sends a request: typically it looks up a
	// session. Nil, an error and an empty id let nobody in.
	Authenticate func(*http.Request) (partner string, err error)

	// Session names the session that the tokens of forms are bound to. Default:
	// the partner's id.
	Session func(*http.Request) string

	// SignIn is where pages send a visitor who is not signed in, with the page
	// as "next". Default: such a visitor gets a page with status 401.
	SignIn string

	// SignOut is the address that the button for it posts to. Default: no button.
	SignOut string

	// SignOutToken returns the host's own token for that form, which carries it
	// in its field csrf. Default: none.
	SignOutToken func(*http.Request) string

	// Key is a secret of at least 32 bytes. The tokens of forms and the
	// references of conversions are made with it: with another key, bookmarks of
	// conversions no longer open.
	Key []byte

	// BaseURL is where referral links are served, like https://example.com: a
	// link is BaseURL + "/r/" + its key.
	BaseURL string

	// Prefix is what the host strips from paths before they come here, like
	// "/aff".
	Prefix string

	// Insecure leaves out the cookie's Secure attribute, for http://localhost.
	Insecure bool

	// Brand is whose portal this is.
	Brand Brand

	// Templates take the place of the portal's own with the same file name:
	// layout.html, parts.html, error.html, and those in the folder templates.
	Templates fs.FS

	// ShowSaleAmounts says whether partners see the amounts of sales on a
	// program, by its id. Default: on none.
	ShowSaleAmounts func(program string) bool

	// Logger gets what an answer does not tell: failures of the store. No
	// personal data is ever logged. Default: discard.
	Logger *slog.Logger
}

//go:embed templates/*.html
var embedded embed.FS

// Portal serves one Engine's partners. It is safe for concurrent use.
type Portal struct {
	eng *affiliate.Engine
	cfg Config
	kit *ui.Kit
	mux *http.ServeMux
}

// New returns the portal of an Engine. The error unwraps to
// affiliate.ErrInvalidInput and names every field that cannot be used, or tells
// of a template that cannot be parsed.
func New(eng *affiliate.Engine, cfg Config) (*Portal, error) {
	var list problem.List
	if !ui.Absolute(cfg.BaseURL) {
		list.Add("baseUrl", "must be an absolute http or https address")
	}
	if err := list.Err(affiliate.ErrInvalidInput); err != nil {
		return nil, err
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	if cfg.ShowSaleAmounts == nil {
		cfg.ShowSaleAmounts = func(string) bool { return false }
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	own, err := fs.Sub(embedded, "templates")
	if err != nil {
		return nil, err
	}
	kit, err := ui.New(ui.Options{
		Brand: cfg.Brand, Pages: own, Override: cfg.Templates, Key: cfg.Key, Prefix: cfg.Prefix, Root: "/portal", Insecure: cfg.Insecure,
	}, affiliate.ErrInvalidInput)
	if err != nil {
		return nil, err
	}
	p := &Portal{eng: eng, cfg: cfg, kit: kit}
	p.mux = p.routes()
	return p, nil
}

// ServeHTTP serves all pages and answers.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }
