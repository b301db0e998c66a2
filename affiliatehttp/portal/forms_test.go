package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/program"
)

func TestCreateLink(t *testing.T) {
	w := newWorld(t)
	ada := w.reader("ada", w.portal())
	main, eu := ada.program("Acme Cloud"), ada.program("Acme Europe")

	rec := ada.post("/portal/links", url.Values{"program": {main}, "key": {" spring-video "}, "destination": {"https://docs.acme.example/a"}})
	require.Equal(t, http.StatusSeeOther, rec.Code)
	require.Equal(t, "/portal/links", rec.Header().Get("Location"))
	page := ada.sent(rec)
	require.Contains(t, page, "Your link is ready to share.")
	require.Contains(t, page, "https://acme.example/r/spring-video")
	require.Contains(t, page, "Leads to https://docs.acme.example/a")

	for _, c := range []struct {
		program, key, destination string
		status                    int
		says                      string
	}{
		{main, "spring-video", "", http.StatusConflict, "This name is taken"},
		{main, "ada blog", "", http.StatusUnprocessableEntity, "1 to 64 letters"},
		{main, "x", "https://evil.example/", http.StatusUnprocessableEntity, "on acme.example or docs.acme.example."},
		{main, "x", "//evil.example", http.StatusUnprocessableEntity, "begins with https://"},
		{eu, "x", "https://acme.example/", http.StatusUnprocessableEntity, "lead to its own page only"},
		{"", "x", "", http.StatusUnprocessableEntity, "choose one of your programs"},
	} {
		rec := ada.post("/portal/links", url.Values{"program": {c.program}, "key": {c.key}, "destination": {c.destination}})
		require.Equal(t, c.status, rec.Code, c.key)
		require.Contains(t, rec.Body.String(), c.says)
		require.Contains(t, rec.Body.String(), `value="`+c.key+`"`, "what was typed is kept")
		_, exists := w.setup().Link("x")
		require.False(t, exists)
	}
	before := len(w.setup().LinksOf("ada"))
	require.Equal(t, http.StatusSeeOther, ada.post("/portal/links", url.Values{"program": {main}}).Code)
	require.Len(t, w.setup().LinksOf("ada"), before+1, "a link without a name gets one")
}

func (w *world) setup() *program.Configuration {
	w.Helper()
	s, err := w.eng.Configuration(w.ctx())
	w.must(err)
	return s
}

func TestDeepLinks(t *testing.T) {
	w := newWorld(t)
	ada := w.reader("ada", w.portal())
	page := ada.ok("/portal/links?link=ada-blog&to=" + url.QueryEscape("https://docs.acme.example/a?b=c&d"))
	require.Contains(t, page, `value="https://acme.example/r/ada-blog?to=https%3A%2F%2Fdocs.acme.example%2Fa%3Fb%3Dc%26d"`)
	for _, bad := range []string{"http://acme.example/", "https://evil.example/", "https://acme.example@evil.example/", `https://acme.example\@evil.example`, "javascript:alert(1)"} {
		page := ada.ok("/portal/links?link=ada-blog&to=" + url.QueryEscape(bad))
		require.NotContains(t, page, "Ready to share", bad)
		require.Equal(t, http.StatusUnprocessableEntity, ada.get("/v1/portal/deep-links?link=ada-blog&to="+url.QueryEscape(bad)).Code)
	}
	var made struct{ URL string }
	ada.decode("/v1/portal/deep-links?link=ada-video&to=https://acme.example/x", &made)
	require.Equal(t, "https://acme.example/r/ada-video?to=https%3A%2F%2Facme.example%2Fx", made.URL)
}

// A destination that the owner has since taken off the list leads to the
// program's own page, as the redirect does.
func TestDestinationIsCheckedAgain(t *testing.T) {
	w := newWorld(t)
	ada := w.reader("ada", w.portal())
	require.Contains(t, ada.ok("/portal/links"), "Leads to https://docs.acme.example/start")
	hosts := []string{"acme.example"}
	w.must(errOf(w.eng.EditProgram(w.ctx(), cloud, program.SettingsChange{DeepLinkDomains: &hosts}, time.Time{})))
	require.NotContains(t, ada.ok("/portal/links"), "docs.acme.example/start")
}

func TestCodes(t *testing.T) {
	w := newWorld(t)
	ada := w.reader("ada", w.portal())
	main, eu := ada.program("Acme Cloud"), ada.program("Acme Europe")
	add := func(program, code string) (int, string) {
		rec := ada.post("/portal/codes", url.Values{"program": {program}, "code": {code}})
		return rec.Code, rec.Body.String()
	}
	status, _ := add(main, "gracie15")
	require.Equal(t, http.StatusSeeOther, status)
	page := ada.ok("/portal/codes")
	require.Contains(t, page, "GRACIE15")
	require.Contains(t, page, "customers get 10% off the first invoice (not applied at checkout)", "nobody carries it out")
	w.clock.Advance(time.Second)
	for _, c := range []struct {
		program, code string
		status        int
		says          string
	}{
		{main, "GRACIE15", http.StatusConflict, "taken"},
		{main, "CANARY-BOB", http.StatusConflict, "taken"},
		{main, "a b", http.StatusUnprocessableEntity, "3 to 40"},
		{eu, "EUROPE", http.StatusUnprocessableEntity, "given out by its owner"},
		{"nope", "EUROPE", http.StatusUnprocessableEntity, "choose one of your programs"},
	} {
		status, body := add(c.program, c.code)
		require.Equal(t, c.status, status, c.code)
		require.Contains(t, body, c.says)
	}
	status, _ = add(main, "FIFTH")
	require.Equal(t, http.StatusSeeOther, status)
	status, body := add(main, "SIXTH")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, body, "Retire one first")

	require.Contains(t, ada.ok("/portal/codes/GRACIE15/retire"), "Retire GRACIE15?")
	rec := ada.post("/portal/codes/GRACIE15/retire", url.Values{})
	require.Contains(t, ada.sent(rec), "The code is retired")
	code, _ := w.setup().Code("GRACIE15")
	require.False(t, code.ActiveAt(today.AddDate(0, 0, 1)))
	require.Equal(t, http.StatusForbidden, ada.get("/portal/codes/GRACIE15/retire").Code, "once is enough")
	for _, c := range w.setup().CodesOf("ada") {
		if c.Program == europe {
			require.Equal(t, http.StatusForbidden, ada.post("/portal/codes/"+c.Code+"/retire", url.Values{}).Code, "codes of the owner's")
		}
	}
}

func TestProgramsThatEnd(t *testing.T) {
	w := newWorld(t)
	ada := w.reader("ada", w.portal())
	main := ada.program("Acme Cloud")
	w.must(errOf(w.eng.EndProgram(w.ctx(), cloud)))
	w.clock.Set(today)
	for _, path := range []string{"/portal/links", "/portal/codes"} {
		rec := ada.post(path, url.Values{"program": {main}, "code": {"LATE"}, "key": {"late"}})
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
		require.Contains(t, rec.Body.String(), "not running")
		require.NotContains(t, rec.Body.String(), `<option value="`+main, "it is not offered")
	}
	require.Contains(t, ada.ok("/portal/programs"), "Ended")
	require.Contains(t, ada.ok("/portal/programs"), "Clicks after that do not count")
}

func TestChangesByJSON(t *testing.T) {
	w := newWorld(t)
	ada := w.reader("ada", w.portal())
	main := ada.program("Acme Cloud")
	send := func(method, path, body string) (int, string) {
		rec := ada.send(method, path, body, "Content-Type", "application/json; charset=utf-8")
		return rec.Code, rec.Body.String()
	}
	status, body := send(http.MethodPost, "/v1/portal/links", `{"program":"`+main+`","key":"by-json"}`)
	require.Equal(t, http.StatusCreated, status)
	require.Contains(t, body, `"url":"https://acme.example/r/by-json"`)
	w.clock.Advance(time.Second) // at the same time it would be the same request again
	status, body = send(http.MethodPost, "/v1/portal/links", `{"program":"`+main+`","key":"by-json"}`)
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, body, `"code":"exists"`)
	status, body = send(http.MethodPost, "/v1/portal/codes", `{"program":"`+main+`","code":"json15"}`)
	require.Equal(t, http.StatusCreated, status)
	require.Contains(t, body, `"code":"JSON15"`)
	require.Contains(t, body, `"state":"active"`)
	w.clock.Advance(time.Second)
	status, body = send(http.MethodPost, "/v1/portal/codes", `{"program":"`+main+`","code":"json15"}`)
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, body, `"code":"code_taken"`)
	require.Contains(t, body, `"field":"code"`)
	status, body = send(http.MethodDelete, "/v1/portal/codes/json15", "")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, `"state":"retired"`)
	for _, bad := range []string{"", "{", `{"nope":1}`, `{} {}`, `[]`, `"x"`} {
		status, body := send(http.MethodPost, "/v1/portal/links", bad)
		require.Equal(t, http.StatusBadRequest, status, bad)
		require.Contains(t, body, `"code":"malformed_json"`)
	}
	status, _ = send(http.MethodPost, "/v1/portal/links", `{"key":"`+strings.Repeat("x", 70<<10)+`"}`)
	require.Equal(t, http.StatusRequestEntityTooLarge, status)
}

func TestTheme(t *testing.T) {
	w := newWorld(t)
	ada := w.reader("ada", w.portal(func(c *portal.Config) { c.Prefix = "/aff" }))
	require.Contains(t, ada.ok("/portal"), `href="/aff/portal/links"`)
	for back, want := range map[string]string{
		"/aff/portal/links?a=b": "/aff/portal/links?a=b", "": "/aff/portal", "//evil.example": "/aff/portal", "/aff/portalx": "/aff/portal",
		"https://evil.example": "/aff/portal", `/aff/portal/\evil`: "/aff/portal", "/aff/portal\r\nX: y": "/aff/portal",
	} {
		rec := ada.post("/portal/theme", url.Values{"theme": {"dark"}, "back": {back}})
		require.Equal(t, http.StatusSeeOther, rec.Code)
		require.Equal(t, want, rec.Header().Get("Location"))
		require.Equal(t, "aff_theme=dark; Path=/aff/portal; Max-Age=31536000; HttpOnly; Secure; SameSite=Lax", rec.Header().Get("Set-Cookie"))
	}
	require.Contains(t, ada.send(http.MethodGet, "/portal", "", "Cookie", "aff_theme=dark").Body.String(), `<html lang="en" data-theme="dark">`)
	require.Contains(t, ada.send(http.MethodGet, "/portal", "", "Cookie", `aff_theme="x`).Body.String(), `<html lang="en">`)
	require.Contains(t, ada.post("/portal/theme", url.Values{"theme": {""}}).Header().Get("Set-Cookie"), "Max-Age=0")
}

func TestConfig(t *testing.T) {
	w := newWorld(t)
	_, err := portal.New(w.eng, portal.Config{BaseURL: "acme.example", Key: make([]byte, 32)})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	_, err = portal.New(w.eng, portal.Config{BaseURL: "https://acme.example", Key: []byte("short"), Brand: portal.Brand{Accent: "red", LogoURL: "https://x.example/a.png"}})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	var fields []string
	for _, p := range affiliate.Problems(err) {
		fields = append(fields, p.Field)
	}
	require.Equal(t, []string{"key", "brand.accent", "brand.logoUrl"}, fields)
}

func TestTemplatesOfTheHost(t *testing.T) {
	w := newWorld(t)
	own := fstest.MapFS{"settings.html": {Data: []byte(`{{define "content"}}<h1>Ours: {{.Body.Name}}</h1>{{end}}`)}}
	ada := w.reader("ada", w.portal(func(c *portal.Config) { c.Templates = own }))
	require.Contains(t, ada.ok("/portal/settings"), "<h1>Ours: Ada Lovelace</h1>")
	require.Contains(t, ada.ok("/portal/links"), "<h1>Links</h1>")
	_, err := portal.New(w.eng, portal.Config{
		Key: make([]byte, 32), BaseURL: "https://acme.example",
		Templates: fstest.MapFS{"links.html": {Data: []byte(`{{define "content"}}{{`)}},
	})
	require.Error(t, err)
}

// A form that was refused says so at the top, where the focus is, and leads to
// the field, which keeps what was typed.
func TestRefusedFormsLeadToTheField(t *testing.T) {
	w := newWorld(t)
	ada := w.reader("ada", w.portal())
	main := ada.program("Acme Cloud")
	for target, field := range map[string]string{"/portal/links": "key", "/portal/codes": "code"} {
		rec := ada.post(target, url.Values{"program": {main}, field: {"my own"}})
		body := rec.Body.String()
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code, target)
		require.Regexp(t, `<div class="notice notice-bad" role="alert" tabindex="-1" autofocus>`, body)
		id := strings.TrimSuffix(strings.TrimPrefix(target, "/portal/"), "s") + "-" + field
		require.Contains(t, body, `<a href="#`+id+`">`)
		require.Regexp(t, `id="`+id+`"[^>]*value="my own"[^>]* `+id+`-wrong" aria-invalid="true"`, body)
		require.Contains(t, body, `id="`+id+`-wrong"`)
	}
}
