package affiliatehttp

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/goaffiliate/affiliate"
)

// described are the query parameters that openapi.json names for the owner's
// routes, by path and method.
var described = sync.OnceValue(func() map[string]map[string][]string {
	type parameter struct {
		Ref  string `json:"$ref"`
		Name string `json:"name"`
		In   string `json:"in"`
	}
	var doc struct {
		Paths      map[string]map[string]json.RawMessage `json:"paths"`
		Components struct {
			Parameters map[string]parameter `json:"parameters"`
		} `json:"components"`
	}
	routes := map[string]map[string][]string{}
	if json.Unmarshal(openAPI, &doc) != nil { // a test reads it, too
		return routes
	}
	for path, methods := range doc.Paths {
		for method, text := range methods {
			var operation struct {
				Tags       []string    `json:"tags"`
				Parameters []parameter `json:"parameters"`
			}
			if json.Unmarshal(text, &operation) != nil || !slices.Contains(operation.Tags, "owner") {
				continue // the parameters of all methods are a list
			}
			names := []string{}
			for _, p := range operation.Parameters {
				if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
					p = doc.Components.Parameters[name]
				}
				if p.In == "query" {
					names = append(names, p.Name)
				}
			}
			if routes[path] == nil {
				routes[path] = map[string][]string{}
			}
			routes[path][strings.ToUpper(method)] = names
		}
	}
	return routes
})

// checkQuery refuses what an owner's route does not know, so that a filter that is
// misspelled is no filter that holds for everything. Of a handler that the host
// mounted by itself the route is not known, and nothing is refused.
func checkQuery(r *http.Request) *failure {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	names, known := described()[r.Pattern][method]
	if !known || r.URL.RawQuery == "" {
		return nil
	}
	var problems []affiliate.Problem
	for _, name := range slices.Sorted(maps.Keys(r.URL.Query())) {
		if !slices.Contains(names, name) {
			problems = append(problems, affiliate.Problem{Field: shown(name), Message: "is not a parameter of this route"})
		}
	}
	if len(problems) > 0 {
		return invalid(problems...)
	}
	return nil
}
