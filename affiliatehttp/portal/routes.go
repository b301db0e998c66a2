package portal

import (
	"net/http"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
)

// routes places every handler at its path.
func (p *Portal) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /portal/assets/{file}", p.kit.ServeAsset)
	for path, m := range p.pageRoutes() {
		mux.HandleFunc(path, m.Serve(func(w http.ResponseWriter, r *http.Request, status int) { p.bare(w, r, status) }))
	}
	for path, m := range p.apiRoutes() {
		mux.HandleFunc(path, m.Serve(func(w http.ResponseWriter, _ *http.Request, status int) {
			ui.WriteProblem(w, status, ui.CodeOf(status), "")
		}))
	}
	return mux
}

func (p *Portal) pageRoutes() map[string]ui.Methods {
	get := func(h func(*visit) error) ui.Methods { return ui.Methods{http.MethodGet: p.page(h)} }
	both := func(h, change func(*visit) error) ui.Methods {
		return ui.Methods{http.MethodGet: p.page(h), http.MethodPost: p.form(change)}
	}
	return map[string]ui.Methods{
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
		"/portal/":                           get(func(*visit) error { return ui.Missing() }),
	}
}

func (p *Portal) apiRoutes() map[string]ui.Methods {
	get := func(h func(*visit) (any, error)) ui.Methods {
		return ui.Methods{http.MethodGet: p.api(http.StatusOK, h)}
	}
	return map[string]ui.Methods{
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
		"/v1/portal/adjustments":                get((*visit).adjustmentsAnswer),
		"/v1/portal/conversions":                get((*visit).conversionsAnswer),
		"/v1/portal/conversions/{id}":           get((*visit).conversionAnswer),
		"/v1/portal/payouts":                    get((*visit).payoutsAnswer),
		"/v1/portal/payouts/{id}":               get((*visit).payoutAnswer),
		"/v1/portal/payouts/{id}/statement":     get((*visit).statementAnswer),
		"/v1/portal/payouts/{id}/statement.csv": {http.MethodGet: p.file((*visit).statementCSV)},
		"/v1/portal/":                           get(func(*visit) (any, error) { return nil, ui.Missing() }),
	}
}
