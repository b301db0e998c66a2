package affiliatehttp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// asOwner sends a request of the owner and returns status and decoded answer.
func (f *fixture) asOwner(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	w := f.do(method, path, body, "Authorization", owner)
	return w.Code, object(t, w)
}

func object(t *testing.T, w *httptest.ResponseRecorder) (doc map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc), w.Body.String())
	want := "application/json"
	if w.Code >= 400 {
		want = "application/problem+json"
	}
	require.Equal(t, want, w.Header().Get("Content-Type"))
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	return doc
}

// ok sends a request of the owner that must be answered with a status.
func (f *fixture) ok(t *testing.T, status int, method, path, body string) map[string]any {
	t.Helper()
	code, doc := f.asOwner(t, method, path, body)
	require.Equal(t, status, code, "%s %s: %v", method, path, doc)
	return doc
}

// set is ok for a configuration call, which says whether it changed anything.
func (f *fixture) set(t *testing.T, changed bool, status int, method, path, body string) map[string]any {
	t.Helper()
	doc := f.ok(t, status, method, path, body)
	require.Equal(t, changed, doc["changed"], "%s %s", method, path)
	delete(doc, "changed")
	return doc
}

// refused sends a request of the owner that must be refused, and returns the
// fields at fault.
func (f *fixture) refused(t *testing.T, status int, code, method, path, body string) []string {
	t.Helper()
	w := f.do(method, path, body, "Authorization", owner)
	a := decoded(t, w)
	require.Equal(t, status, w.Code, "%s %s %s: %s", method, path, body, w.Body.String())
	require.Equal(t, code, a.Code, w.Body.String())
	return a.fields()
}

// ownerRoutes are all routes of the owner, with ids that exist in a fixture.
func ownerRoutes() map[string][]string {
	const sale = "/v1/commissions/o1:alex:" + launch + ":sale"
	return map[string][]string{
		"/v1/organization":                              {"GET", "PATCH"},
		"/v1/programs":                                  {"GET", "POST"},
		"/v1/programs/" + launch:                        {"GET", "PATCH"},
		"/v1/programs/" + launch + "/end":               {"POST"},
		"/v1/programs/" + launch + "/adopt":             {"POST"},
		"/v1/adjustments":                               {"GET", "POST"},
		"/v1/customers":                                 {"GET"},
		"/v1/customers/c1":                              {"GET", "DELETE"},
		"/v1/commissions":                               {"GET"},
		"/v1/stats":                                     {"GET"},
		"/v1/partners":                                  {"GET", "POST"},
		"/v1/partners/alex":                             {"GET", "PATCH"},
		"/v1/partners/alex/suspend":                     {"POST"},
		"/v1/partners/alex/reinstate":                   {"POST"},
		"/v1/partners/alex/balances":                    {"GET"},
		"/v1/partners/alex/commissions":                 {"GET"},
		"/v1/partnerships":                              {"GET"},
		"/v1/partnerships/alex/" + launch:               {"GET", "PUT", "DELETE"},
		"/v1/partnerships/alex/" + launch + "/override": {"PUT", "DELETE"},
		"/v1/links":                                     {"GET", "POST"},
		"/v1/links/alex":                                {"GET"},
		"/v1/codes":                                     {"GET", "POST"},
		"/v1/codes/ALEX10":                              {"GET"},
		"/v1/codes/ALEX10/retire":                       {"POST"},
		"/v1/conversions/o1/accept-claim":               {"POST"},
		"/v1/conversions/o1/explanation.txt":            {"GET"},
		sale + "/reject":                                {"POST"},
		sale + "/hold":                                  {"POST"},
		sale + "/release":                               {"POST"},
		"/v1/payout-runs":                               {"POST"},
		"/v1/payouts":                                   {"GET"},
		"/v1/payouts/p":                                 {"GET", "PATCH"},
		"/v1/payouts/p/statement":                       {"GET"},
		"/v1/payouts/p/statement.csv":                   {"GET"},
		"/v1/payouts/p/statement.html":                  {"GET"},
	}
}

func TestWhoIsOwner(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.dump(t)
	for path, methods := range ownerRoutes() {
		for _, method := range methods {
			for who, want := range map[string]int{
				"": 401, "Bearer nobody": 401, key: 403, "Bearer partner": 403, "Bearer other owner": 403, "Bearer suspended": 403,
			} {
				w := f.do(method, path, "{}", "Authorization", who)
				assert.Equal(t, want, w.Code, "%s %s as %q", method, path, who)
				assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			}
			if method == "GET" {
				continue
			}
			for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}} {
				w := f.do(method, path, "{}", append(header, "Authorization", owner)...)
				assert.Equal(t, 403, w.Code, "%s %s with %v", method, path, header)
			}
			if method == "DELETE" {
				continue
			}
			for body, status := range map[string]int{"": 400, "[]": 400, "{": 400, `{"a":1,"a":1}`: 400, `{} {}`: 400, `{"nobody":1}`: 422} {
				assert.Equal(t, status, f.do(method, path, body, "Authorization", owner).Code, "%s %s with %s", method, path, body)
			}
			assert.Equal(t, 415, f.do(method, path, "{}", "Authorization", owner, "Content-Type", "text/plain").Code)
			assert.Equal(t, 413, f.do(method, path, strings.Repeat(" ", 70<<10), "Authorization", owner).Code)
		}
		w := f.do("BREW", path, "", "Authorization", owner)
		want := strings.Join(methods, ", ")
		assert.Equal(t, 405, w.Code)
		assert.Equal(t, want, strings.Replace(w.Header().Get("Allow"), ", HEAD", "", 1), path)
	}
	require.Equal(t, before, f.dump(t), "nothing was stored")

	var err error
	f.handler, err = affiliatehttp.New(f.eng, affiliatehttp.Config{})
	require.NoError(t, err)
	f.routes = f.handler.Routes()
	for path, methods := range ownerRoutes() {
		require.Equal(t, 401, f.do(methods[0], path, "{}", "Authorization", owner).Code, "nobody authenticates")
	}
}

func TestTheStoreIsDown(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.store.down.Store(true)
	for path, method := range map[string]string{
		"/v1/programs": "GET", "/v1/partners/alex": "GET", "/v1/organization": "GET", "/v1/links": "GET", "/v1/codes": "GET",
		"/v1/partnerships": "GET", "/v1/partners/alex/suspend": "POST", "/v1/payout-runs": "POST", "/v1/partners/alex/balances": "GET",
	} {
		w := f.do(method, path, "{}", "Authorization", owner)
		require.Equal(t, 503, w.Code, path)
		require.Equal(t, "5", w.Header().Get("Retry-After"))
	}
	w := f.do("POST", "/v1/payout-runs", "{}", "Authorization", owner)
	require.Contains(t, decoded(t, w).Detail, "the same run again", "some may have been issued")
}

// A call without any body is one with an empty object.
func TestEmptyBodies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	r := httptest.NewRequest(http.MethodPost, "/v1/partners/alex/suspend", nil)
	r.Header.Set("Authorization", owner)
	w := httptest.NewRecorder()
	f.routes.ServeHTTP(w, r)
	require.Equal(t, 200, w.Code)
	require.Equal(t, "suspended", object(t, w)["state"])
}

// Every handler serves under another router, which knows no path values.
func TestHandlersAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for path, serve := range map[string]http.HandlerFunc{
		"/x/v1/programs/" + launch:          f.handler.Program,
		"/x/v1/partners/alex":               f.handler.Partner,
		"/x/v1/partners/alex/balances":      f.handler.PartnerBalances,
		"/x/v1/partnerships/alex/" + launch: f.handler.Partnership,
		"/x/v1/links/alex":                  f.handler.Link,
		"/x/v1/codes/alex10":                f.handler.Code,
	} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", owner)
		w := httptest.NewRecorder()
		serve(w, r)
		require.Equal(t, 200, w.Code, path)
	}
	r := httptest.NewRequest(http.MethodPut, "/x/partnerships/alex/"+launch+"/override", strings.NewReader(`{"holdbackDays":3}`))
	r.Header.Set("Authorization", owner)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	f.handler.Override(w, r)
	require.Equal(t, 200, w.Code, w.Body.String())
}

// pages reads a list to its end, so many at a time, and returns what id holds.
func (f *fixture) pages(t *testing.T, path, id string, limit int, between func()) (ids []string) {
	t.Helper()
	for after, n := "", 0; ; n++ {
		require.Less(t, n, 60, "no end")
		query := url.Values{"limit": {fmt.Sprint(limit)}}
		if after != "" {
			query.Set("after", after)
		}
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		page := f.ok(t, 200, "GET", path+sep+query.Encode(), "")
		items, _ := page["items"].([]any)
		require.LessOrEqual(t, len(items), limit)
		for _, item := range items {
			fields, _ := item.(map[string]any)
			ids = append(ids, fmt.Sprint(fields[id]))
		}
		after, _ = page["nextAfter"].(string)
		if after == "" {
			return ids
		}
		between()
	}
}

func TestPagesStayStable(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 5 {
		f.ok(t, 201, "POST", "/v1/programs", fmt.Sprintf(`{"id":"p%d",`+someRules+`}`, i))
		f.ok(t, 201, "POST", "/v1/partners", fmt.Sprintf(`{"id":"m%d/ä ~","name":"M"}`, i))
		f.ok(t, 201, "PUT", fmt.Sprintf("/v1/partnerships/%s/p%d", url.PathEscape(fmt.Sprintf("m%d/ä ~", i)), i), `{}`)
		f.ok(t, 201, "POST", "/v1/links", fmt.Sprintf(`{"key":"m%d","partnerId":"m%d/ä ~","programId":"p%d"}`, i, i, i))
	}
	n, left := 0, 0
	insert := func() {
		if n, left = n+1, left-1; left < 0 {
			return // an end must come
		}
		f.wait(time.Second)
		f.ok(t, 201, "POST", "/v1/programs", fmt.Sprintf(`{"id":"a%d",`+someRules+`}`, n))
		f.ok(t, 201, "POST", "/v1/partners", fmt.Sprintf(`{"id":"a%d"}`, n))
		f.ok(t, 201, "PUT", fmt.Sprintf("/v1/partnerships/a%d/p1", n), `{}`)
		f.ok(t, 201, "POST", "/v1/links", fmt.Sprintf(`{"key":"a%d","partnerId":"alex","programId":"%s"}`, n, launch))
	}
	for path, id := range map[string]string{
		"/v1/programs": "id", "/v1/partners": "id", "/v1/links": "key", "/v1/codes": "code",
		"/v1/partnerships": "partnerId", "/v1/links?partnerId=alex": "key", "/v1/partnerships?programId=p1": "partnerId",
	} {
		before := f.pages(t, path, id, 200, func() {})
		left = 3
		list := f.pages(t, path, id, 2, insert)
		seen := map[string]bool{}
		for _, id := range list {
			require.False(t, seen[id], "%s: %s is there twice", path, id)
			seen[id] = true
		}
		for _, id := range before {
			require.True(t, seen[id], "%s: %s is missing", path, id)
		}
		for _, query := range []string{"limit=0", "limit=201", "limit=x", "after=nothing", "after=%00"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			fields := f.refused(t, 422, "invalid_input", "GET", path+sep+query, "")
			require.Equal(t, []string{strings.SplitN(query, "=", 2)[0]}, fields)
		}
	}
}

const someRules = `"destinationUrl":"https://acme.example/","rules":[{"id":"sale","trigger":"every","type":"percent","value":"20"}]`
