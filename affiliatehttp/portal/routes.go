package portal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
)

// methods are the handlers of one path.
type methods map[string]http.HandlerFunc

// routes places every handler at its path. Paths are few and plain, so the
// methods are told apart here: an unknown one is answered in the form that the
// caller reads.
func (p *Portal) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /portal/assets/{file}", p.kit.ServeAsset)
	for path, m := range p.pageRoutes() {
		mux.HandleFunc(path, m.serve(func(w http.ResponseWriter, r *http.Request, status int) { p.bare(w, r, status) }))
	}
	for path, m := range p.apiRoutes() {
		mux.HandleFunc(path, m.serve(func(w http.ResponseWriter, _ *http.Request, status int) {
			ui.WriteProblem(w, status, codeOf(status), "")
		}))
	}
	return mux
}

func (p *Portal) pageRoutes() map[string]methods {
	get := func(h func(*visit) error) methods { return methods{http.MethodGet: p.page(h)} }
	both := func(h, change func(*visit) error) methods {
		return methods{http.MethodGet: p.page(h), http.MethodPost: p.form(change)}
	}
	return map[string]methods{
		"/portal":                            get((*visit).dashboardPage),
		"/portal/{$}":                        get((*visit).dashboardPage),
		"/portal/links":                      both((*visit).linksPage, (*visit).createLink),
		"/portal/codes":                      both((*visit).codesPage, (*visit).addCode),
		"/portal/codes/{code}/retire":        both((*visit).retirePage, (*visit).retireCode),
		"/portal/clicks":                     get((*visit).clicksPage),
		"/portal/commissions":                get((*visit).commissionsPage),
		"/portal/conversions/{id}":           get((*visit).conversionPage),
		"/portal/payouts":                    get((*visit).payoutsPage),
		"/portal/payouts/{id}":               get((*visit).payoutPage),
		"/portal/payouts/{id}/statement.csv": get((*visit).statementCSV),
		"/portal/programs":                   get((*visit).programsPage),
		"/portal/settings":                   get((*visit).settingsPage),
		"/portal/theme":                      {http.MethodPost: p.form((*visit).chooseTheme)},
		"/portal/":                           get(func(*visit) error { return missing() }),
	}
}

func (p *Portal) apiRoutes() map[string]methods {
	get := func(h func(*visit) (any, error)) methods { return methods{http.MethodGet: p.api(http.StatusOK, h)} }
	return map[string]methods{
		"/v1/portal/overview": get((*visit).overviewAnswer),
		"/v1/portal/balances": get((*visit).balancesAnswer),
		"/v1/portal/tiers":    get((*visit).tiersAnswer),
		"/v1/portal/charts":   get((*visit).chartsAnswer),
		"/v1/portal/profile":  get((*visit).profileAnswer),
		"/v1/portal/programs": get((*visit).programsAnswer),
		"/v1/portal/links": {
			http.MethodGet:  p.api(http.StatusOK, (*visit).linksAnswer),
			http.MethodPost: p.change(http.StatusCreated, (*visit).createLinkAnswer),
		},
		"/v1/portal/deep-links": get((*visit).deepLinkAnswer),
		"/v1/portal/codes": {
			http.MethodGet:  p.api(http.StatusOK, (*visit).codesAnswer),
			http.MethodPost: p.change(http.StatusCreated, (*visit).addCodeAnswer),
		},
		"/v1/portal/codes/{code}":               {http.MethodDelete: p.change(http.StatusOK, (*visit).retireCodeAnswer)},
		"/v1/portal/clicks":                     get((*visit).clicksAnswer),
		"/v1/portal/commissions":                get((*visit).commissionsAnswer),
		"/v1/portal/conversions":                get((*visit).conversionsAnswer),
		"/v1/portal/conversions/{id}":           get((*visit).conversionAnswer),
		"/v1/portal/payouts":                    get((*visit).payoutsAnswer),
		"/v1/portal/payouts/{id}":               get((*visit).payoutAnswer),
		"/v1/portal/payouts/{id}/statement":     get((*visit).statementAnswer),
		"/v1/portal/payouts/{id}/statement.csv": {http.MethodGet: p.file((*visit).statementCSV)},
		"/v1/portal/":                           get(func(*visit) (any, error) { return nil, missing() }),
	}
}

// serve picks the handler of the method. Whoever may GET may ask for the head.
func (m methods) serve(refuse func(http.ResponseWriter, *http.Request, int)) http.HandlerFunc {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	allowed := strings.Join(names, ", ")
	return func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		if h, ok := m[method]; ok {
			h(w, r)
			return
		}
		w.Header().Set("Allow", allowed)
		refuse(w, r, http.StatusMethodNotAllowed)
	}
}
