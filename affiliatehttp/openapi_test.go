package affiliatehttp_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
)

// described reads the document as a client does.
func (f *fixture) described(t *testing.T) map[string]any {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/v1/openapi.json", nil)
	w := httptest.NewRecorder()
	f.routes.ServeHTTP(w, r)
	require.Equal(t, 200, w.Code)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	var doc map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	require.Equal(t, "3.1.0", doc["openapi"])
	return doc
}

func fields(of any, name string) map[string]any {
	all, _ := of.(map[string]any)
	value, _ := all[name].(map[string]any)
	return value
}

// operations are the methods of each path.
func operations(doc map[string]any) map[string][]string {
	list := map[string][]string{}
	for path, item := range fields(doc, "paths") {
		for method := range item.(map[string]any) {
			if method != "parameters" {
				list[path] = append(list[path], strings.ToUpper(method))
			}
		}
	}
	return list
}

func TestEveryRouteIsDescribed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	paths := operations(f.described(t))
	served := f.handler.Patterns()
	source, err := os.ReadFile("portal/routes.go")
	require.NoError(t, err)
	for _, found := range regexp.MustCompile(`"(/v1/portal/[^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		served = append(served, found[1])
	}
	require.Greater(t, len(served), 50)
	require.ElementsMatch(t, served, slices.Collect(maps.Keys(paths)))

	nobody := func(*http.Request) (string, error) { return "", errors.New("nobody") }
	pages, err := portal.New(f.eng, portal.Config{Key: []byte(strings.Repeat("k", 32)), BaseURL: "https://go.example", Authenticate: nobody})
	require.NoError(t, err)
	for path, methods := range paths {
		handler := f.routes
		if strings.HasPrefix(path, "/v1/portal/") {
			handler = pages
		}
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			r := httptest.NewRequest(method, regexp.MustCompile(`{\w+}`).ReplaceAllString(path, "x"), nil)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			assert.Equal(t, slices.Contains(methods, method), w.Code != 405, "%s %s: %d", method, path, w.Code)
		}
	}
}

// The document holds together: references lead somewhere, nothing is left over,
// ids are unique, and every operation of somebody who must be known says so.
func TestTheDocumentHoldsTogether(t *testing.T) {
	t.Parallel()
	doc := newFixture(t).described(t)
	used := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				parts := strings.Split(ref, "/")
				require.Len(t, parts, 4, ref)
				require.Contains(t, fields(fields(doc, "components"), parts[2]), parts[3], ref)
				used[parts[2]+"/"+parts[3]] = true
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(doc)
	for _, kind := range []string{"schemas", "responses", "parameters"} {
		for name := range fields(fields(doc, "components"), kind) {
			require.True(t, used[kind+"/"+name], "nobody uses %s", name)
		}
	}
	ids := map[string]bool{}
	for path, item := range fields(doc, "paths") {
		for method, of := range item.(map[string]any) {
			operation, ok := of.(map[string]any)
			if !ok {
				continue
			}
			id, _ := operation["operationId"].(string)
			require.NotEmpty(t, id, "%s %s", method, path)
			require.False(t, ids[id], id)
			ids[id] = true
			if tags, _ := operation["tags"].([]any); tags[0] != "public" {
				require.Contains(t, operation["responses"], "401", id)
			}
		}
	}
}
