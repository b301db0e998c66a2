package affiliatehttp

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goaffiliate/affiliate"
)

// Sizes of a page of a list.
const (
	DefaultPage = 50
	MaxPage     = 200
)

// maxCursor is how long the place of a page may be: it names a few ids.
const maxCursor = 4 << 10

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
	p, f := readPage(r)
	if f != nil {
		f.write(w)
		return Page{}, false
	}
	return p, true
}

func readPage(r *http.Request) (Page, *failure) {
	query := r.URL.Query()
	p := Page{Limit: DefaultPage, After: query.Get("after")}
	var problems []affiliate.Problem
	table, f := wantsCSV(r)
	if f != nil {
		return Page{}, f
	}
	if table {
		p.Limit = csvPage
	}
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > MaxPage {
			problems = append(problems, affiliate.Problem{Field: "limit", Message: "must be a number from 1 to " + strconv.Itoa(MaxPage)})
		}
		p.Limit = n
	}
	if len(p.After) > maxCursor || !utf8.ValidString(p.After) || strings.ContainsFunc(p.After, unicode.IsControl) {
		problems = append(problems, badCursor())
	}
	if len(problems) > 0 {
		return Page{}, invalid(problems...)
	}
	return p, nil
}

func badCursor() affiliate.Problem {
	return affiliate.Problem{Field: "after", Message: "must be what a page before gave as nextAfter"}
}

// pageOf cuts a page of what is to be kept out of a list of things that have keys
// of their own and are never taken away. The place where the page before ended
// need not be kept any more: it may have changed since.
func pageOf[T any](p Page, items []T, key func(T) string, keep func(T) bool) (List[T], *failure) {
	if p.After != "" {
		i := slices.IndexFunc(items, func(item T) bool { return key(item) == p.After })
		if i < 0 {
			return List[T]{}, invalid(badCursor())
		}
		items = items[i+1:]
	}
	list := List[T]{Items: []T{}}
	for _, item := range items {
		switch {
		case !keep(item):
		case len(list.Items) == p.Limit:
			list.NextAfter = key(list.Items[p.Limit-1])
			return list, nil
		default:
			list.Items = append(list.Items, item)
		}
	}
	return list, nil
}

// all keeps everything.
func all[T any](T) bool { return true }

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
