package ui

import (
	"net/http"
	"slices"
	"strings"
)

// Methods are the handlers of one path. Paths are few and plain, so the methods
// are told apart here: an unknown one is answered in the form that the caller
// reads.
type Methods map[string]http.HandlerFunc

// Serve picks the handler of the method. Whoever may GET may ask for the head.
func (m Methods) Serve(refuse func(http.ResponseWriter, *http.Request, int)) http.HandlerFunc {
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
