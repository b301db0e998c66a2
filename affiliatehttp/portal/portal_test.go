package portal_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/stretchr/testify/require"
)

// reader is somebody with a browser.
type reader struct {
	testing.TB
	who     string
	handler http.Handler
}

func (w *world) reader(who string, handler http.Handler) reader { return reader{w.TB, who, handler} }

// send asks for a page; headers come in pairs.
func (r reader) send(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, "https://acme.example"+target, strings.NewReader(body))
	if r.who != "" {
		req.Header.Set("Partner", r.who)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	r.handler.ServeHTTP(rec, req)
	return rec
}

func (r reader) get(target string) *httptest.ResponseRecorder {
	return r.send(http.MethodGet, target, "")
}

// ok returns the body of an answer that is 200.
func (r reader) ok(target string) string {
	r.Helper()
	rec := r.get(target)
	require.Equal(r, http.StatusOK, rec.Code, "%s: %s", target, rec.Body)
	return rec.Body.String()
}

// decode reads JSON.
func (r reader) decode(target string, into any) {
	r.Helper()
	require.NoError(r, json.Unmarshal([]byte(r.ok(target)), into), target)
}

// post sends a form with the token of the page.
func (r reader) post(target string, fields url.Values, headers ...string) *httptest.ResponseRecorder {
	r.Helper()
	fields = url.Values(http.Header(fields).Clone())
	if !fields.Has("csrf") {
		fields.Set("csrf", r.token())
	}
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"}, headers...)
	return r.send(http.MethodPost, target, fields.Encode(), headers...)
}

// sent requires that a form was taken, and returns the page after it.
func (r reader) sent(rec *httptest.ResponseRecorder) string {
	r.Helper()
	require.Equal(r, http.StatusSeeOther, rec.Code, rec.Body.String())
	next := r.send(http.MethodGet, rec.Header().Get("Location"), "", "Cookie", cookies(rec))
	require.Equal(r, http.StatusOK, next.Code, next.Body.String())
	return next.Body.String()
}

// cookies are those that a browser sends after an answer.
func cookies(rec *httptest.ResponseRecorder) string {
	var list []string
	for _, c := range rec.Result().Cookies() {
		list = append(list, c.Name+"="+c.Value)
	}
	return strings.Join(list, "; ")
}

var tokenField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (r reader) token() string {
	r.Helper()
	found := tokenField.FindStringSubmatch(r.ok("/portal/settings"))
	require.Len(r, found, 2)
	return found[1]
}

// program returns the reference of a program by its title.
func (r reader) program(title string) string {
	r.Helper()
	var list struct {
		Items []struct{ ID, Title string }
	}
	r.decode("/v1/portal/programs", &list)
	for _, p := range list.Items {
		if p.Title == title {
			return p.ID
		}
	}
	r.Fatalf("no program %q", title)
	return ""
}

// apiPaths are the JSON routes that need no id.
func apiPaths() []string {
	return []string{
		"overview", "balances", "tiers", "charts", "charts?days=90", "charts?days=365", "profile", "programs", "links", "codes",
		"clicks?limit=200", "commissions?limit=200", "conversions?limit=200", "payouts",
	}
}

var href = regexp.MustCompile(`href="([^"#]+)`)

// crawl reads every page and file that the pages lead to, and every JSON route,
// by address. Of conversions it reads the first few of each state.
func (r reader) crawl() map[string]string {
	r.Helper()
	seen := map[string]string{}
	queue := []string{"/portal", "/portal?days=365", "/portal/links?link=ada-blog&to=https%3A%2F%2Facme.example%2Fa"}
	for _, path := range apiPaths() {
		queue = append(queue, "/v1/portal/"+path)
	}
	conversions := 0
	for len(queue) > 0 {
		target := queue[0]
		queue = queue[1:]
		if _, done := seen[target]; done {
			continue
		}
		rec := r.get(target)
		require.Equal(r, http.StatusOK, rec.Code, target)
		seen[target] = rec.Body.String()
		if strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
			for _, found := range href.FindAllStringSubmatch(rec.Body.String(), -1) {
				next := html.UnescapeString(found[1])
				if strings.Contains(next, "/conversions/") || strings.Contains(next, "after=") {
					if conversions++; conversions > 24 {
						continue
					}
				}
				if strings.HasPrefix(next, "/portal") {
					queue = append(queue, next)
				}
			}
			if id, found := strings.CutPrefix(target, "/portal/conversions/"); found {
				queue = append(queue, "/v1/portal/conversions/"+id)
			}
			if id, found := strings.CutPrefix(target, "/portal/payouts/"); found {
				queue = append(queue, "/v1/portal/payouts/"+id, "/v1/portal/payouts/"+id+"/statement", "/v1/portal/payouts/"+id+"/statement.csv")
			}
		}
	}
	return seen
}

// busy is a year of ada's, read by ada.
func busy(t *testing.T) (*world, reader) {
	t.Helper()
	w, ada := unsettled(t)
	require.NoError(t, affiliatetest.Settle(t.Context(), w.eng))
	return w, ada
}

func unsettled(t *testing.T) (*world, reader) {
	t.Helper()
	w := newWorld(t)
	w.year("ada-blog")
	return w, w.reader("ada", w.portal())
}

func TestEveryPageIsThere(t *testing.T) {
	w, ada := busy(t)
	pages := ada.crawl()
	require.Greater(t, len(pages), 60)
	for _, part := range []string{"/portal/conversions/", "/portal/payouts/", "/statement.csv", "/retire", "state=under_review", "/portal/assets/"} {
		require.True(t, slices.ContainsFunc(keys(pages), func(k string) bool { return strings.Contains(k, part) }), part)
	}
	empty := w.reader("eve", w.portal()).crawl()
	require.Contains(t, empty["/portal/links"], "No links yet")
	require.Contains(t, empty["/portal/commissions"], "No earnings yet")
	require.Contains(t, empty["/portal/payouts"], "No payouts yet")
	require.Contains(t, empty["/portal/programs"], "No programs yet")
	require.Contains(t, empty["/portal"], "$0.00")
}

func keys(m map[string]string) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	return list
}

// Reading changes nothing, whatever is read and whatever waits.
func TestGetChangesNothing(t *testing.T) {
	w, ada := unsettled(t)
	before := w.dump()
	ada.crawl()
	ada.get("/portal/links?key=new&program=" + ada.program("Acme Cloud"))
	ada.get("/portal/codes?code=NEW&program=" + ada.program("Acme Cloud"))
	ada.get("/portal/theme?theme=dark")
	require.Equal(t, before, w.dump())
}

func TestHeaders(t *testing.T) {
	w := newWorld(t)
	ada := w.reader("ada", w.portal())
	for _, target := range []string{"/portal", "/portal/nope", "/v1/portal/overview", "/v1/portal/nope", "/portal/settings"} {
		h := ada.get(target).Header()
		require.Equal(t, "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; "+
			"frame-ancestors 'none'; base-uri 'none'", h.Get("Content-Security-Policy"), target)
		require.Equal(t, "no-store", h.Get("Cache-Control"))
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
	}
	for _, name := range regexp.MustCompile(`/portal/assets/[^"]+`).FindAllString(ada.ok("/portal"), -1) {
		rec := w.reader("", w.portal()).get(name)
		require.Equal(t, http.StatusOK, rec.Code, name)
		require.Contains(t, rec.Header().Get("Cache-Control"), "immutable")
	}
	require.Equal(t, http.StatusNotFound, ada.get("/portal/assets/000000000000-app.css").Code)
	require.Equal(t, http.StatusNotFound, ada.get("/portal/assets/..%2fapp.css").Code)
}

func TestMethods(t *testing.T) {
	w := newWorld(t)
	ada := w.reader("ada", w.portal())
	require.Equal(t, http.StatusOK, ada.send(http.MethodHead, "/portal", "").Code)
	rec := ada.send(http.MethodPut, "/portal/links", "")
	require.Equal(t, http.StatusMethodNotAllowed, rec.Code)
	require.Equal(t, "GET, POST", rec.Header().Get("Allow"))
	rec = ada.send(http.MethodDelete, "/v1/portal/links", "")
	require.Equal(t, http.StatusMethodNotAllowed, rec.Code)
	require.Equal(t, "application/problem+json", rec.Header().Get("Content-Type"))
	require.Contains(t, rec.Body.String(), `"code":"method_not_allowed"`)
}
