package console

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
)

// root is below what all pages are.
const root = "/admin"

// routes places every handler at its path.
func (c *Console) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+root+"/assets/{file}", c.kit.ServeAsset)
	for path, m := range c.pages() {
		mux.HandleFunc(root+path, m.Serve(c.bare))
	}
	return mux
}

func (c *Console) pages() map[string]ui.Methods {
	get := func(h func(*visit) error) ui.Methods { return ui.Methods{http.MethodGet: c.page(h)} }
	post := func(h func(*visit) error) ui.Methods { return ui.Methods{http.MethodPost: c.form(h)} }
	both := func(h, change func(*visit) error) ui.Methods {
		return ui.Methods{http.MethodGet: c.page(h), http.MethodPost: c.form(change)}
	}
	pages := map[string]ui.Methods{
		"":        get((*visit).overviewPage),
		"/{$}":    get((*visit).overviewPage),
		"/setup":  get((*visit).setupPage),
		"/stripe": get((*visit).stripePage),
		"/theme":  post((*visit).chooseTheme),

		"/programs":               get((*visit).programsPage),
		"/programs/new":           both((*visit).newProgramPage, (*visit).createProgram),
		"/programs/{id}":          get((*visit).programPage),
		"/programs/{id}/terms":    both((*visit).termsPage, (*visit).editTerms),
		"/programs/{id}/settings": both((*visit).settingsPage, (*visit).editSettings),
		"/programs/{id}/end":      both((*visit).endPage, (*visit).endProgram),
		"/programs/{id}/everyone": both((*visit).everyonePage, (*visit).addEveryone),
		"/programs/{id}/default":  post((*visit).setDefault),

		"/partners":                                  get((*visit).partnersPage),
		"/partners/new":                              both((*visit).newPartnerPage, (*visit).createPartner),
		"/partners/{id}":                             get((*visit).partnerPage),
		"/partners/{id}/edit":                        both((*visit).profilePage, (*visit).editPartner),
		"/partners/{id}/suspend":                     both((*visit).suspendPage, (*visit).suspend),
		"/partners/{id}/reinstate":                   both((*visit).reinstatePage, (*visit).reinstate),
		"/partners/{id}/approve":                     both((*visit).approvePage, (*visit).approve),
		"/partners/{id}/codes":                       both((*visit).newCodePage, (*visit).addCode),
		"/partners/{id}/links":                       both((*visit).newLinkPage, (*visit).addLink),
		"/partners/{id}/adjustments":                 both((*visit).adjustmentsPage, (*visit).adjust),
		"/partners/{id}/programs/{program}":          get((*visit).grantPage),
		"/partners/{id}/programs/{program}/override": both((*visit).overridePage, (*visit).override),
		"/partners/{id}/programs/{program}/clear":    both((*visit).clearPage, (*visit).clearOverride),

		"/codes":                   get((*visit).codesPage),
		"/codes/{code}/retire":     both((*visit).retirePage, (*visit).retireCode),
		"/codes/{code}/reactivate": both((*visit).reactivatePage, (*visit).reactivateCode),

		"/conversions":             get((*visit).conversionsPage),
		"/conversions/{id}":        get((*visit).conversionPage),
		"/conversions/{id}/review": both((*visit).reviewPage, (*visit).review),
		"/conversions/{id}/claim":  both((*visit).claimPage, (*visit).acceptClaim),
		"/conversions/{id}/erase":  both((*visit).erasePage, (*visit).erase),

		"/payouts":                    get((*visit).payoutsPage),
		"/payouts/run":                both((*visit).runPage, (*visit).run),
		"/payouts/move":               both((*visit).movePage, (*visit).move),
		"/payouts/{id}":               get((*visit).payoutPage),
		"/payouts/{id}/statement.csv": get((*visit).statementCSV),

		"/": get(func(*visit) error { return ui.Missing() }),
	}
	for name, s := range standings() {
		pages["/partners/{id}/programs/{program}/"+name] = both(s.page, s.make)
	}
	return pages
}

// segment writes an id as one segment of a path that no server and no browser
// reads otherwise: plain ids as they are, all others encoded.
func segment(id string) string {
	plain := id != "" && !slices.Contains([]string{"new", "run", "move"}, id) && id[0] != '.' && !strings.ContainsFunc(id, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("_-.@", r)
	})
	if plain {
		return id
	}
	return "~" + base64.RawURLEncoding.EncodeToString([]byte(id))
}

// idOf returns the id that a segment was written for, or "".
func idOf(segment string) string {
	encoded, found := strings.CutPrefix(segment, "~")
	if !found {
		return segment
	}
	id, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return ""
	}
	return string(id)
}

// Paths of pages about one thing.
func programPath(id string) string    { return root + "/programs/" + segment(id) }
func partnerPath(id string) string    { return root + "/partners/" + segment(id) }
func codePath(code string) string     { return root + "/codes/" + segment(code) }
func conversionPath(id string) string { return root + "/conversions/" + segment(id) }
func payoutPath(id string) string     { return root + "/payouts/" + segment(id) }

func grantPath(partner, program string) string {
	return partnerPath(partner) + "/programs/" + segment(program)
}
