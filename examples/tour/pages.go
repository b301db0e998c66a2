package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

//go:embed pages
var files embed.FS

func parsePages() (*template.Template, error) {
	return template.New("pages").Funcs(template.FuncMap{
		"money": func(minor int64, currency money.Currency) string { return amount(minor, currency) },
		"usd":   func(minor int64) string { return amount(minor, "usd") },
		"day":   func(t time.Time) string { return t.Format(day) },
		"time":  func(t time.Time) string { return t.Format(day + " 15:04") },
	}).ParseFS(files, "pages/*.html")
}

// show renders a page, or with Accept: application/json what it is made of.
func (a *app) show(w http.ResponseWriter, r *http.Request, page string, data any) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Header.Get("Accept") == "application/json" {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(data); err != nil {
			a.log.WarnContext(r.Context(), "answer not written", "error", err)
		}
		return
	}
	var body bytes.Buffer
	err := a.pages.ExecuteTemplate(&body, page, map[string]any{
		"Now": a.clock.now(), "Script": a.aff.Script().Version(), "Form": a.who.Forms().Token(w, r), "Data": data,
	})
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	_, _ = body.WriteTo(w) // a browser that is gone needs no page
}

func style(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "pages/style.css") }
