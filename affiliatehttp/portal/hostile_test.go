package portal_test

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

const payload = `"><img src=x onerror=alert(1)><script>alert(2)</script>'{{.Token}}`

// Texts that users choose are shown as texts, wherever they stand.
func TestScriptsAreTexts(t *testing.T) {
	w := newWorld(t)
	bad := "https://acme.example/" + url.PathEscape(payload) + `?q="><img/src=x>`
	title := payload
	w.must(errOf(w.eng.EditProgram(w.ctx(), cloud, program.SettingsChange{
		Title: &title, DestinationURL: &bad, Rules: []commission.Rule{{ID: "x", Trigger: commission.Every, EventType: payload, Type: commission.Fixed, Value: "100"}},
	}, time.Time{})))
	email := payload + "@x.example"
	w.must(errOf(w.eng.CreatePartner(w.ctx(), payload, program.Profile{Name: &title, Email: &email}, time.Time{})))
	w.must(errOf(w.eng.ApprovePartnership(w.ctx(), payload, cloud, time.Time{})))
	w.link(payload, "xss", cloud, "https://acme.example/"+`"><img/src=x>`)
	w.customer("xss", 100, affiliate.Conversion{Program: cloud})
	w.convert(payload, w.id("cus"), 100, affiliate.Conversion{Program: cloud, Partner: payload})
	mallory := w.reader(payload, w.portal(func(c *portal.Config) {
		c.Brand = portal.Brand{Name: payload, Footer: payload, HomeURL: "javascript:alert(1)"}
	}))
	pages := mallory.crawl()
	for _, target := range []string{
		"/portal?done=" + url.QueryEscape(payload), "/portal/links?link=" + url.QueryEscape(payload) + "&to=" + url.QueryEscape(payload),
	} {
		pages[target] = mallory.ok(target)
	}
	main := mallory.program(payload)
	pages["form link"] = mallory.post("/portal/links", url.Values{"program": {main}, "key": {payload}, "destination": {payload}}).Body.String()
	pages["form code"] = mallory.post("/portal/codes", url.Values{"program": {main}, "code": {payload}}).Body.String()
	pages["state"] = mallory.get("/portal/commissions?state=" + url.QueryEscape(payload)).Body.String()
	pages["nope"] = mallory.get("/portal/" + url.PathEscape(payload)).Body.String()
	for target, body := range pages {
		if strings.Contains(target, "/statement") || strings.Contains(target, "/assets/") {
			continue
		}
		for _, bad := range []string{"<img src=x", "<img/src=x", "<script>alert", "javascript:"} {
			require.NotContains(t, body, bad, target)
		}
	}
	require.Contains(t, pages["/portal/settings"], "&lt;img src=x")
}

// A title that a spreadsheet would run is text in a statement.
func TestFormulasAreTexts(t *testing.T) {
	for _, title := range []string{"=HYPERLINK(\"https://evil\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"} {
		w := newWorld(t)
		w.must(errOf(w.eng.EditProgram(w.ctx(), cloud, program.SettingsChange{Title: &title}, time.Time{})))
		w.customer("ada-blog", 49900, affiliate.Conversion{Program: cloud, Currency: "usd"})
		w.clock.Set(today.AddDate(0, -6, 2))
		issued, err := w.eng.RunPayouts(w.ctx(), affiliate.PayoutRun{})
		w.must(err)
		require.Len(t, issued, 1)
		ada := w.reader("ada", w.portal())
		for _, root := range []string{"/portal", "/v1/portal"} {
			rows, err := csv.NewReader(strings.NewReader(ada.ok(root + "/payouts/" + issued[0].ID + "/statement.csv"))).ReadAll()
			require.NoError(t, err)
			for _, row := range rows {
				for i, cell := range row {
					if row[0] != "kind" && i == 6 {
						require.Regexp(t, `^-?\d+\.\d\d$`, cell)
						continue
					}
					require.NotRegexp(t, `^[=+\-@\t\r]`, cell)
				}
			}
			require.Equal(t, "'"+title, rows[2][3])
		}
	}
}

// Every form is believed only from our own pages, in the session it was made in.
func TestForeignForms(t *testing.T) {
	w := newWorld(t)
	handler := w.portal()
	ada, bob := w.reader("ada", handler), w.reader("bob", handler)
	main := ada.program("Acme Cloud")
	forms := map[string]url.Values{
		"/portal/links":              {"program": {main}, "key": {"forged"}},
		"/portal/codes":              {"program": {main}, "code": {"FORGED"}},
		"/portal/codes/ADA10/retire": {},
		"/portal/theme":              {"theme": {"dark"}},
	}
	before := w.dump()
	for target, fields := range forms {
		for _, token := range []string{"", "x", bob.token(), strings.ToUpper(ada.token())} {
			forged := url.Values(http.Header(fields).Clone())
			forged.Set("csrf", token)
			require.Equal(t, http.StatusForbidden, ada.post(target, forged).Code, "%s with token %q", target, token)
		}
		for _, site := range []string{"cross-site", "same-site"} {
			require.Equal(t, http.StatusForbidden, ada.post(target, fields, "Sec-Fetch-Site", site).Code, "%s from %s", target, site)
		}
		require.Equal(t, http.StatusForbidden, ada.post(target, fields, "Sec-Fetch-Site", "", "Origin", "https://evil.example").Code)
	}
	for _, r := range [][2]string{{http.MethodPost, "/v1/portal/links"}, {http.MethodPost, "/v1/portal/codes"}, {http.MethodDelete, "/v1/portal/codes/ADA10"}} {
		body := `{"program":"` + main + `"}`
		require.Equal(t, http.StatusForbidden, ada.send(r[0], r[1], body, "Content-Type", "application/json", "Sec-Fetch-Site", "cross-site").Code)
		require.Equal(t, http.StatusForbidden, ada.send(r[0], r[1], body, "Content-Type", "application/json", "Origin", "https://evil.example").Code)
	}
	require.Equal(t, http.StatusUnsupportedMediaType, ada.send(http.MethodPost, "/v1/portal/links", "{}", "Content-Type", "text/plain").Code)
	require.Equal(t, before, w.dump())
	require.Equal(t, http.StatusSeeOther, ada.post("/portal/links", forms["/portal/links"]).Code, "our own form is believed")
}

// The token is bound to the session that the host names.
func TestTokensOfSessions(t *testing.T) {
	w := newWorld(t)
	session := "one"
	ada := w.reader("ada", w.portal(func(c *portal.Config) { c.Session = func(*http.Request) string { return session } }))
	token := ada.token()
	session = "two"
	require.Equal(t, http.StatusForbidden, ada.post("/portal/theme", url.Values{"csrf": {token}, "theme": {"dark"}}).Code)
}

func TestPagesAreWellFormed(t *testing.T) {
	w, ada := busy(t)
	pages := ada.crawl()
	pages["error"] = ada.get("/portal/nope").Body.String()
	pages["nobody"] = w.reader("", w.portal()).get("/portal").Body.String()
	for target, body := range w.reader("eve", w.portal()).crawl() {
		pages["eve "+target] = body
	}
	for target, body := range pages {
		if strings.HasPrefix(body, "<!doctype html>") {
			checkPage(t, target, body)
		}
	}
}

// element is an open element of a page.
type element struct {
	name string
	attr map[string]string
}

// checkPage reads a page strictly: every element is closed in order, ids are
// unique, fields have labels, tables have captions, nothing is inline.
func checkPage(t *testing.T, target, body string) {
	t.Helper()
	void := []string{"meta", "link", "input", "img", "br"}
	d := xml.NewDecoder(strings.NewReader(body))
	d.Strict, d.Entity = false, xml.HTMLEntity
	var open []element
	ids, count, labels := map[string]bool{}, map[string]int{}, map[string]bool{}
	var fields []element
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, target)
		switch token := token.(type) {
		case xml.StartElement:
			e := element{token.Name.Local, map[string]string{}}
			for _, a := range token.Attr {
				require.False(t, strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style", "%s: inline %s", target, a.Name.Local)
				e.attr[a.Name.Local] = a.Value
			}
			if id := e.attr["id"]; id != "" {
				require.False(t, ids[id], "%s: id %s twice", target, id)
				ids[id] = true
			}
			count[e.name]++
			switch e.name {
			case "label":
				labels[e.attr["for"]] = true
			case "input", "select":
				fields = append(fields, e)
			case "img":
				require.Contains(t, e.attr, "alt", target)
			case "th":
				require.NotEmpty(t, e.attr["scope"], target)
			case "script":
				require.NotEmpty(t, e.attr["src"], target)
			}
			if !slices.Contains(void, e.name) {
				open = append(open, e)
			}
		case xml.EndElement:
			if slices.Contains(void, token.Name.Local) || len(open) == 0 {
				continue
			}
			require.Equal(t, open[len(open)-1].name, token.Name.Local, "%s: closed out of order", target)
			open = open[:len(open)-1]
		}
	}
	require.Empty(t, open, target)
	require.Equal(t, 1, count["h1"], target)
	require.Equal(t, 1, count["main"], target)
	require.Equal(t, count["table"], count["caption"], target)
	for _, f := range fields {
		named := f.attr["type"] == "hidden" || f.attr["aria-label"] != "" || labels[f.attr["id"]]
		require.True(t, named, "%s: field %v has no label", target, f.attr)
	}
}

func TestStrangers(t *testing.T) {
	w := newWorld(t)
	nobody := w.reader("", w.portal())
	require.Equal(t, http.StatusUnauthorized, nobody.get("/portal").Code)
	rec := nobody.get("/v1/portal/overview")
	require.Equal(t, http.StatusUnauthorized, rec.Code)
	require.Contains(t, rec.Body.String(), `"code":"unauthenticated"`)
	require.Equal(t, http.StatusForbidden, w.reader("nope", w.portal()).get("/portal").Code)
	require.Equal(t, http.StatusUnauthorized, w.reader("ada", w.portal(func(c *portal.Config) { c.Authenticate = nil })).get("/portal").Code)

	signIn := w.reader("", w.portal(func(c *portal.Config) { c.SignIn, c.Prefix = "/login?a=b", "/aff" }))
	rec = signIn.get("/portal/links?x=1")
	require.Equal(t, http.StatusSeeOther, rec.Code)
	require.Equal(t, "/login?a=b&next=%2Faff%2Fportal%2Flinks%3Fx%3D1", rec.Header().Get("Location"))
	require.Equal(t, http.StatusUnauthorized, signIn.get("/v1/portal/overview").Code, "a program is not sent to a page")
}

func TestSuspendedPartnerIsTold(t *testing.T) {
	w := newWorld(t)
	w.must(errOf(w.eng.SuspendPartner(w.ctx(), "ada", time.Time{})))
	ada := w.reader("ada", w.portal())
	require.Contains(t, ada.ok("/portal"), "Your account is suspended")
	require.Contains(t, ada.ok("/v1/portal/profile"), `"state":"suspended"`)
}
