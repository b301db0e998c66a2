package affiliatehttp

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

//go:embed statement.html
var statementPage embed.FS

// pagePolicy lets the page load nothing: it brings its own style.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

// Statement serves GET /v1/payouts/{payoutId}/statement, the lines of a payout with
// opening and closing balance. Its bytes never change. Errors: 401, 403, 404, 503.
func (h *Handler) Statement(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: func(c *call) (int, any, *failure) {
		return c.statement(func(s payout.Statement) (file, error) {
			data, err := s.JSON()
			return file{contentType: "application/json", data: append(data, '\n')}, err
		})
	}})
}

// StatementCSV serves GET /v1/payouts/{payoutId}/statement.csv, the same as a table
// for spreadsheets. Errors: as Statement.
func (h *Handler) StatementCSV(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: func(c *call) (int, any, *failure) {
		return c.statement(func(s payout.Statement) (file, error) {
			data, err := s.CSV()
			return file{contentType: "text/csv; charset=utf-8", name: "statement-" + s.Payout + ".csv", data: data}, err
		})
	}})
}

// StatementHTML serves GET /v1/payouts/{payoutId}/statement.html, the same as a page
// to print. Errors: as Statement.
func (h *Handler) StatementHTML(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: func(c *call) (int, any, *failure) {
		return c.statement(func(s payout.Statement) (file, error) {
			data, err := statementHTML(s)
			return file{contentType: "text/html; charset=utf-8", policy: pagePolicy, data: data}, err
		})
	}})
}

func (c *call) statement(write func(payout.Statement) (file, error)) (int, any, *failure) {
	s, err := c.eng.Statement(c.ctx, c.owning("payoutId"))
	var doc file
	if err == nil {
		doc, err = write(s)
	}
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return http.StatusOK, doc, nil
}

func statementHTML(s payout.Statement) ([]byte, error) {
	page, err := template.New("statement.html").Funcs(template.FuncMap{
		"money": func(minor int64) string { return money.Amount{Minor: minor, Currency: s.Currency}.String() },
		"neg":   money.Neg,
		"time":  func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") },
		"words": func(kind string) string { return strings.ReplaceAll(kind, "_", " ") },
	}).ParseFS(statementPage, "statement.html")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, s)
	return out.Bytes(), err
}
