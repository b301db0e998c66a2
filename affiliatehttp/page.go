package affiliatehttp

import (
	"net/http"
	"strconv"

	"github.com/goaffiliate/affiliate"
)

// Sizes of a page of a list.
const (
	DefaultPage = 50
	MaxPage     = 200
)

// Page is the part of a list that a request asks for with ?limit= and ?after=.
type Page struct {
	Limit int    // 1 to MaxPage
	After string // nextAfter of the page before; empty: from the start
}

// List is a page of a list as it is answered. NextAfter is empty on the last
// one.
type List[T any] struct {
	Items     []T    `json:"items"`
	NextAfter string `json:"nextAfter,omitempty"`
}

// ReadPage returns the page that a request asks for, or answers 422 and reports
// false.
func ReadPage(w http.ResponseWriter, r *http.Request) (p Page, ok bool) {
	query := r.URL.Query()
	p = Page{Limit: DefaultPage, After: query.Get("after")}
	var problems []affiliate.Problem
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > MaxPage {
			problems = append(problems, affiliate.Problem{Field: "limit", Message: "must be a number from 1 to " + strconv.Itoa(MaxPage)})
		}
		p.Limit = n
	}
	if len(p.After) > maxSigned || tag(p.After[:min(len(p.After), maxTag)]) != p.After[:min(len(p.After), maxTag)] {
		problems = append(problems, affiliate.Problem{Field: "after", Message: "must be what a page before gave as nextAfter"})
	}
	if len(problems) > 0 {
		invalid(problems...).write(w)
		return Page{}, false
	}
	return p, true
}

// WriteList answers with one page of a list.
func WriteList[T any](w http.ResponseWriter, items []T, nextAfter string) {
	WriteJSON(w, http.StatusOK, List[T]{Items: each(items, func(v T) T { return v }), NextAfter: nextAfter})
}

// WriteJSON answers with a document. It is never cached.
func WriteJSON(w http.ResponseWriter, status int, doc any) {
	writeJSON(w, status, "application/json", doc)
}

// WriteProblem answers with an error as problem+json (RFC 9457): a stable code
// and, for invalid values, which and why.
func WriteProblem(w http.ResponseWriter, status int, code, detail string, problems ...affiliate.Problem) {
	fail(status, code, detail, problems...).write(w)
}

// WriteError answers with the problem that an error of the Engine is, as the
// routes of this package do. Fields are those of the Engine's inputs.
func (h *Handler) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	h.failed(r.Context(), err, nil).write(w)
}
