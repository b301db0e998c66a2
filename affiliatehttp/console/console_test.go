package console_test

import (
	"crypto/sha256"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/stretchr/testify/require"
)

// reader is somebody with a browser.
type reader struct {
	testing.TB
	role    string
	handler http.Handler
}

func (w *world) owner() reader { return reader{w.TB, "owner", w.console()} }

// send asks for a page; headers come in pairs.
func (r reader) send(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, "https://acme.example"+target, strings.NewReader(body))
	if r.role != "" {
		req.Header.Set("Role", r.role)
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

// post sends a form with the token of the session.
func (r reader) post(target string, fields url.Values, headers ...string) *httptest.ResponseRecorder {
	r.Helper()
	fields = url.Values(http.Header(fields).Clone())
	if fields == nil {
		fields = url.Values{}
	}
	if !fields.Has("csrf") {
		fields.Set("csrf", r.token())
	}
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"}, headers...)
	return r.send(http.MethodPost, target, fields.Encode(), headers...)
}

var tokenField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (r reader) token() string {
	r.Helper()
	found := tokenField.FindStringSubmatch(r.ok("/admin/codes"))
	require.Len(r, found, 2)
	return found[1]
}

var (
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	textField   = regexp.MustCompile(`<input type="(?:text|email|url|datetime-local)" id="[^"]+" name="([^"]+)" value="([^"]*)"`)
	areaField   = regexp.MustCompile(`(?s)<textarea id="[^"]+" name="([^"]+)"[^>]*>\n(.*?)</textarea>`)
	checkField  = regexp.MustCompile(`<input type="checkbox" id="[^"]+" name="([^"]+)" value="1" checked`)
	selectField = regexp.MustCompile(`(?s)<select id="[^"]+" name="([^"]+)".*?</select>`)
	selected    = regexp.MustCompile(`<option value="([^"]*)" selected`)
	firstOption = regexp.MustCompile(`<option value="([^"]*)"`)
)

// form reads the form of a page, as a browser would send it untouched.
func formOf(page string) url.Values {
	fields := url.Values{}
	page = page[strings.Index(page, "<main"):strings.Index(page, "</main>")]
	for _, kind := range []*regexp.Regexp{hiddenField, textField, areaField} {
		for _, f := range kind.FindAllStringSubmatch(page, -1) {
			fields.Add(html.UnescapeString(f[1]), html.UnescapeString(f[2]))
		}
	}
	for _, f := range checkField.FindAllStringSubmatch(page, -1) {
		fields.Set(f[1], "1")
	}
	for _, f := range selectField.FindAllStringSubmatch(page, -1) {
		value := selected.FindStringSubmatch(f[0])
		if value == nil {
			value = firstOption.FindStringSubmatch(f[0])
		}
		if value != nil {
			fields.Set(f[1], html.UnescapeString(value[1]))
		}
	}
	return fields
}

// fill sends the form of a page with some fields changed.
func (r reader) fill(target string, changes ...string) *httptest.ResponseRecorder {
	r.Helper()
	return r.submit(r.ok(target), target, changes...)
}

// submit sends the form that a page shows.
func (r reader) submit(page, target string, changes ...string) *httptest.ResponseRecorder {
	r.Helper()
	fields := formOf(page)
	for i := 0; i < len(changes); i += 2 {
		fields.Set(changes[i], changes[i+1])
	}
	path, _, _ := strings.Cut(target, "?")
	return r.post(path, fields)
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

var href = regexp.MustCompile(`href="([^"]+)"`)

// crawl reads every page and file that the pages lead to, by address. Of
// conversions it reads some.
func (r reader) crawl() map[string]string {
	r.Helper()
	seen := map[string]string{}
	queue := []string{"/admin", "/admin?days=365", "/admin/setup"}
	conversions := 0
	for len(queue) > 0 {
		target := queue[0]
		queue = queue[1:]
		if _, done := seen[target]; done {
			continue
		}
		rec := r.get(target)
		if rec.Code == http.StatusSeeOther { // nothing to confirm
			target = rec.Header().Get("Location")
			rec = r.get(target)
		}
		require.Equal(r, http.StatusOK, rec.Code, target)
		seen[target] = rec.Body.String()
		if !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
			continue
		}
		for _, found := range href.FindAllStringSubmatch(rec.Body.String(), -1) {
			next, _, _ := strings.Cut(html.UnescapeString(found[1]), "#")
			if (strings.Contains(next, "/conversions/") || strings.Contains(next, "after=")) && !strings.Contains(next, "/review?") {
				if conversions++; conversions > 80 {
					continue
				}
			}
			if strings.HasPrefix(next, "/admin") {
				queue = append(queue, next)
			}
		}
	}
	return seen
}

// busy is half a year of an organization.
func busy(t *testing.T) (*world, reader) {
	t.Helper()
	w, owner := unsettled(t)
	require.NoError(t, affiliatetest.Settle(t.Context(), w.eng))
	return w, owner
}

func unsettled(t *testing.T) (*world, reader) {
	t.Helper()
	w := newWorld(t)
	w.halfYear()
	return w, w.owner()
}

func TestEveryPageIsThere(t *testing.T) {
	_, owner := busy(t)
	pages := owner.crawl()
	for _, part := range []string{
		"/admin/programs/cloud/terms", "/admin/programs/cloud/settings", "/admin/programs/cloud/end", "/admin/programs/new", "/admin/partners/new",
		"/admin/partners/ada/edit", "/admin/partners/ada/suspend", "/admin/partners/eve/approve", "/admin/partners/ada/codes", "/admin/partners/ada/links",
		"/admin/partners/ada/programs/cloud/override", "/admin/partners/ada/programs/cloud/revoke", "/admin/partners/ada/programs/cloud/suspend",
		"/admin/partners/ada/adjustments", "/erase", "/admin/codes/ADA10/retire", "/admin/codes/OLD-ADA/reactivate", "/admin/payouts/run", "/statement.csv", "state=under_review", "/admin/assets/",
	} {
		found := false
		for target := range pages {
			found = found || strings.Contains(target, part)
		}
		require.True(t, found, part)
	}
	reviews := 0
	for target := range pages {
		if strings.Contains(target, "/review?") {
			reviews++
		}
	}
	require.Greater(t, reviews, 10)
}

// A new organization is led from an empty page to the first payout.
func TestEmptyStates(t *testing.T) {
	w := empty(t)
	owner := w.owner()
	pages := owner.crawl()
	for target, says := range map[string]string{
		"/admin": "0 of 4 done", "/admin/programs": "No programs yet", "/admin/partners": "No partners yet", "/admin/codes": "No codes yet",
		"/admin/conversions": "No commissions yet", "/admin/payouts": "No payouts yet", "/admin/setup": "Not seen yet",
	} {
		require.Contains(t, pages[target], says, target)
	}
	require.Contains(t, owner.ok("/admin/payouts/run"), "Nothing is due")
}

// Reading changes nothing, whatever is read and whatever waits.
func TestGetChangesNothing(t *testing.T) {
	w, owner := unsettled(t)
	before := w.dump()
	owner.crawl()
	for _, target := range []string{"/admin/theme?theme=dark", "/admin/programs/cloud/default", "/admin/programs/cloud/end?confirm=1", "/admin/partners/ada/suspend?confirm=1"} {
		owner.get(target)
	}
	require.Equal(t, before, w.dump())
}

// dump identifies everything that is stored.
func (w *world) dump() string {
	w.Helper()
	rows, err := w.store.Rows(w.ctx(), w.eng.Organization())
	w.must(err)
	text, err := rows.Canonical()
	w.must(err)
	return fmt.Sprintf("%x", sha256.Sum256(text))
}

func TestHeaders(t *testing.T) {
	owner := newWorld(t).owner()
	for _, target := range []string{"/admin", "/admin/nope", "/admin/programs/nope"} {
		h := owner.get(target).Header()
		require.Equal(t, "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; "+
			"frame-ancestors 'none'; base-uri 'none'", h.Get("Content-Security-Policy"), target)
		require.Equal(t, "no-store", h.Get("Cache-Control"))
	}
	rec := owner.send(http.MethodDelete, "/admin/programs/cloud", "")
	require.Equal(t, http.StatusMethodNotAllowed, rec.Code)
	require.Equal(t, "GET", rec.Header().Get("Allow"))
	require.Equal(t, http.StatusOK, owner.send(http.MethodHead, "/admin", "").Code)
}

// borrow sends an empty form with a token that somebody else has.
func (r reader) borrow(target, token string) *httptest.ResponseRecorder {
	r.Helper()
	return r.post(target, url.Values{"csrf": {token}})
}
