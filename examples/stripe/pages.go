package main

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/money"
)

//go:embed pages
var files embed.FS

// policy is what the pages may load and send: the tracking script and its calls,
// Stripe's buy button, and forms that Stripe's Checkout answers after a redirect.
const policy = "default-src 'none'; style-src 'self'; script-src 'self' https://js.stripe.com; connect-src 'self' https://api.stripe.com; " +
	"frame-src https://js.stripe.com; form-action 'self' https://checkout.stripe.com; frame-ancestors 'none'; base-uri 'none'"

func parsePages() (*template.Template, error) {
	return template.New("pages").Funcs(template.FuncMap{
		"money": func(minor int64, currency money.Currency) string { return amount(minor, currency) },
	}).ParseFS(files, "pages/*.html")
}

func (a *app) show(w http.ResponseWriter, r *http.Request, page string, data map[string]any) {
	data["Script"] = a.aff.Script().Version()
	var body bytes.Buffer
	if err := a.pages.ExecuteTemplate(&body, page, data); err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = body.WriteTo(w) // a browser that is gone needs no page
}

// pricing is the page that the links of partners lead to.
func (a *app) pricing(w http.ResponseWriter, r *http.Request) {
	a.show(w, r, "pricing", map[string]any{"Goods": a.goods, "Referral": affiliatehttp.FromRequest(r).Referral, "Days": trialDays})
}

// thanks is where Stripe sends buyers back to. It says nothing about the payment:
// anybody can open it, and the webhook knows.
func (a *app) thanks(w http.ResponseWriter, r *http.Request) {
	a.show(w, r, "thanks", map[string]any{})
}

// partner shows what a partner has, and why. It belongs behind a log-in.
func (a *app) partner(w http.ResponseWriter, r *http.Request) {
	id, ctx := r.PathValue("id"), r.Context()
	balances, err := a.eng.Balances(ctx, id, time.Time{})
	if errors.Is(err, affiliate.ErrNotFound) {
		http.NotFound(w, r)
		return
	}
	var page affiliate.CommissionPage
	if err == nil {
		page, err = a.eng.Commissions(ctx, id, "", 50)
	}
	var reasons []reasoned
	for _, c := range page.Commissions {
		x, failed := a.eng.Explain(ctx, c.Conversion)
		err = errors.Join(err, failed)
		reasons = append(reasons, reasoned{c, why(x)})
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.show(w, r, "partner", map[string]any{"Partner": id, "Balances": balances, "Commissions": reasons})
}

// reasoned is a commission and the reasons for it.
type reasoned struct {
	affiliate.Commission
	Why []string
}

func style(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "pages/style.css") }
