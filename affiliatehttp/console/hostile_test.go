package console_test

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

const payload = `"><img src=x onerror=alert(1)><script>alert(2)</script>'{{.Token}}`

// Texts that partners, customers and owners choose are shown as texts, wherever
// they stand, and ids that are no plain words lead to their pages.
func TestScriptsAreTexts(t *testing.T) {
	w := newWorld(t)
	title, email, dest := payload, payload+"@x.example", "https://acme.example/"+url.PathEscape(payload)
	w.must(errOf(w.eng.CreateProgram(w.ctx(), payload, program.SettingsChange{
		Name: &title, Title: &title, DestinationURL: &dest,
		Rules: []commission.Rule{{ID: payload, Trigger: commission.Every, EventType: payload, Type: commission.Fixed, Value: "100"}},
	}, time.Time{})))
	match := []attribution.Condition{{Field: "sub1", Op: attribution.Equals, Value: payload}}
	w.must(errOf(w.eng.CreatePartner(w.ctx(), payload, program.Profile{Name: &title, Email: &email, Match: &match}, time.Time{})))
	w.must(errOf(w.eng.ApprovePartnership(w.ctx(), payload, payload, time.Time{})))
	w.must(errOf(w.eng.AddLink(w.ctx(), affiliate.Link{Key: "xss", Partner: payload, Program: payload, URL: `https://acme.example/"><img/src=x>`})))
	w.clock.Advance(time.Hour)
	_, err := w.eng.RecordConversion(w.ctx(), affiliate.Conversion{
		ID: payload, Type: payload, Customer: payload, Amount: 100, Program: payload, Partner: payload, CampaignID: payload,
		Sub: map[string]string{"sub1": payload}, Metadata: map[string]string{payload: payload},
	})
	w.must(err)
	_, err = w.eng.RecordRefund(w.ctx(), affiliate.Refund{ID: payload, Conversion: payload, Amount: 40})
	w.must(err)
	handler := w.console(func(c *console.Config) {
		c.Brand = console.Brand{Name: payload, Footer: payload, HomeURL: "javascript:alert(1)"}
		c.Account = func(*http.Request) string { return payload }
	})
	owner := reader{t, "owner", handler}
	pages := owner.crawl()
	for _, target := range []string{"/admin?done=", "/admin/partners?q=", "/admin/codes?q=", "/admin/conversions?q=not", "/admin/setup?test=console-test"} {
		pages[target] = owner.ok(target + url.QueryEscape(payload))
	}
	fields := url.Values{}
	for _, name := range []string{"id", "name", "email", "currency", "rules[0].value", "program", "code", "key", "url"} {
		fields.Set(name, payload)
	}
	for _, target := range []string{"/admin/programs/new", "/admin/partners/new", "/admin/partners/ada/codes", "/admin/partners/ada/links"} {
		rec := owner.post(target, fields)
		require.GreaterOrEqual(t, rec.Code, 400, target)
		pages["form "+target] = rec.Body.String()
	}
	pages["state"] = owner.get("/admin/conversions?state=" + url.QueryEscape(payload)).Body.String()
	encoded := 0
	for target, body := range pages {
		for _, bad := range []string{"<img src=x", "<img/src=x", "<script>alert", "javascript:"} {
			require.NotContains(t, body, bad, target)
		}
		if strings.Contains(target, "/~") {
			encoded++
		}
	}
	require.Greater(t, encoded, 12, "pages of the thing with the bad name are there")
	require.Contains(t, pages["/admin/programs"], "&lt;img src=x")
}

// Ids that paths have other uses for name their own things, too.
func TestIdsOfAllKinds(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	for _, id := range []string{"new", "..", ".", "a/b", "a b", "ü", "%2e%2e", "~x", "a?b#c", "run", "//", "x@y.example", "a+b"} {
		name := "Partner called " + id
		w.must(errOf(w.eng.CreatePartner(w.ctx(), id, program.Profile{Name: &name}, time.Time{})))
		w.clock.Advance(time.Second)
	}
	links := regexp.MustCompile(`<a href="(/admin/partners/[^"]+)">([^<]*)</a>`).FindAllStringSubmatch(owner.ok("/admin/partners"), -1)
	require.Len(t, links, 16)
	for _, l := range links {
		require.Contains(t, owner.ok(l[1]), "<h1>"+l[2]+"</h1>", l[1])
	}
}

// What a spreadsheet would run is text in a statement.
func TestFormulasAreTexts(t *testing.T) {
	for _, id := range []string{`=HYPERLINK("https://evil")`, "+1+1", "-2+3", "@SUM(A1)"} {
		w := newWorld(t)
		_, err := w.eng.RecordConversion(w.ctx(), affiliate.Conversion{ID: id, Type: attribution.InvoicePaid, Customer: "c", Amount: 49900, Partner: "bob", Program: "cloud"})
		w.must(err)
		w.clock.Advance(60 * 24 * time.Hour)
		issued, err := w.eng.RunPayouts(w.ctx(), affiliate.PayoutRun{})
		w.must(err)
		require.Len(t, issued, 1)
		rows, err := csv.NewReader(strings.NewReader(w.owner().ok("/admin/payouts/" + issued[0].ID + "/statement.csv"))).ReadAll()
		require.NoError(t, err)
		found := false
		for _, row := range rows[1:] {
			for i, cell := range row {
				found = found || cell == "'"+id
				if i == 10 {
					require.Regexp(t, `^-?\d+\.\d\d$`, cell)
					continue
				}
				require.NotRegexp(t, `^[=+\-@\t\r]`, cell)
			}
		}
		require.True(t, found)
	}
}

// forms are all addresses that change something.
func forms() []string {
	return []string{
		"/admin/theme", "/admin/programs/new", "/admin/programs/cloud/terms", "/admin/programs/cloud/settings", "/admin/programs/cloud/end", "/admin/programs/eu/default",
		"/admin/partners/new", "/admin/partners/ada/edit", "/admin/partners/ada/suspend", "/admin/partners/ada/reinstate", "/admin/partners/eve/approve",
		"/admin/partners/ada/codes", "/admin/partners/ada/links", "/admin/partners/ada/programs/cloud/override", "/admin/partners/ada/programs/cloud/clear",
		"/admin/partners/ada/programs/cloud/suspend", "/admin/partners/ada/programs/cloud/reinstate", "/admin/partners/ada/programs/cloud/revoke",
		"/admin/partners/ada/programs/cloud/approve", "/admin/partners/ada/programs/cloud/adopt", "/admin/partners/ada/adjustments", "/admin/conversions/in_00003/erase",
		"/admin/codes/ADA10/retire", "/admin/codes/OLD-ADA/reactivate", "/admin/conversions/in_00003/review", "/admin/payouts/run", "/admin/payouts/move",
	}
}

// Every form is believed only from our own pages, in the session it was made in.
func TestForeignForms(t *testing.T) {
	w, owner := busy(t)
	other := reader{t, "owner", w.console(func(c *console.Config) { c.Session = func(*http.Request) string { return "another" } })}
	fields := url.Values{"id": {"forged"}, "name": {"forged"}, "program": {"eu"}, "confirm": {"1"}, "to": {"paid"}, "do": {"reject"}}
	before := w.dump()
	for _, target := range forms() {
		for _, token := range []string{"", "x", other.token(), strings.ToUpper(owner.token())} {
			forged := url.Values(http.Header(fields).Clone())
			forged.Set("csrf", token)
			require.Equal(t, http.StatusForbidden, owner.post(target, forged).Code, "%s with token %q", target, token)
		}
		require.Equal(t, http.StatusForbidden, owner.post(target, fields, "Sec-Fetch-Site", "cross-site").Code, target)
		require.Equal(t, http.StatusForbidden, owner.post(target, fields, "Sec-Fetch-Site", "", "Origin", "https://evil.example").Code, target)
	}
	require.Equal(t, before, w.dump())
	require.Len(t, forms(), posts(t), "a form is missing above")
}

// posts counts the routes that take a form.
func posts(t *testing.T) int {
	t.Helper()
	n := 0
	owner := newWorld(t).owner()
	for _, target := range append(forms(), "/admin", "/admin/programs", "/admin/partners", "/admin/codes", "/admin/conversions", "/admin/payouts", "/admin/setup", "/admin/stripe") {
		if strings.Contains(owner.send(http.MethodDelete, target, "").Header().Get("Allow"), "POST") {
			n++
		}
	}
	return n
}

// Nobody but the owner of this organization gets in, anywhere.
func TestOnlyTheOwner(t *testing.T) {
	w, owner := busy(t)
	pages := owner.crawl()
	before := w.dump()
	for role, status := range map[string]int{
		"": http.StatusUnauthorized, "partner": http.StatusForbidden, "server": http.StatusForbidden, "banned": http.StatusForbidden,
		"foreign": http.StatusForbidden, "Owner": http.StatusForbidden,
	} {
		stranger := reader{t, role, w.console()}
		for target := range pages {
			if strings.Contains(target, "/assets/") {
				continue
			}
			rec := stranger.get(target)
			require.Equal(t, status, rec.Code, "%s by %q", target, role)
			require.NotContains(t, rec.Body.String(), "Lovelace", "nothing is told")
			require.NotContains(t, rec.Body.String(), `<nav`, "nothing is offered")
		}
		for _, target := range forms() {
			rec := stranger.borrow(target, owner.token())
			require.Equal(t, status, rec.Code, "%s by %q", target, role)
		}
	}
	require.Equal(t, before, w.dump())
	closed := reader{t, "owner", w.console(func(c *console.Config) { c.Authenticate = nil })}
	require.Equal(t, http.StatusUnauthorized, closed.get("/admin").Code)
	signIn := reader{t, "", w.console(func(c *console.Config) { c.SignIn, c.Prefix = "/login", "/aff" })}
	require.Equal(t, "/login?next=%2Faff%2Fadmin%2Fprograms", signIn.get("/admin/programs").Header().Get("Location"))
}

// Ids that are not there are not found, whatever they look like.
func TestUnknownIds(t *testing.T) {
	owner := newWorld(t).owner()
	for _, id := range []string{"nope", "~", "~!!", "~" + strings.Repeat("A", 300), "%00", "%2e%2e", "..%2f", "ADA10", "eve%20"} {
		for _, path := range []string{"/admin/programs/%s", "/admin/programs/%s/end", "/admin/partners/%s", "/admin/partners/%s/edit", "/admin/partners/ada/programs/%s", "/admin/conversions/%s", "/admin/payouts/%s", "/admin/payouts/%s/statement.csv"} {
			target := strings.ReplaceAll(path, "%s", id)
			rec := owner.get(target)
			require.Contains(t, []int{http.StatusNotFound, http.StatusTemporaryRedirect, http.StatusMovedPermanently}, rec.Code, target)
		}
	}
	require.Equal(t, http.StatusNotFound, owner.get("/admin/codes/NOPE/retire").Code)
	require.Equal(t, http.StatusNotFound, owner.get("/admin/partners/eve/programs/cloud").Code, "not on it")
	require.Equal(t, http.StatusNotFound, owner.get("/admin/stripe").Code, "the host gave none")
	require.Equal(t, http.StatusNotFound, owner.post("/admin/payouts/move", url.Values{"to": {"paid"}, "id": {"nope"}}).Code)
}

func TestPagesAreWellFormed(t *testing.T) {
	w, owner := busy(t)
	pages := owner.crawl()
	pages["error"] = owner.get("/admin/nope").Body.String()
	pages["nobody"] = reader{t, "", w.console()}.get("/admin").Body.String()
	pages["wrong"] = owner.fill("/admin/programs/new").Body.String()
	for target, body := range empty(t).owner().crawl() {
		pages["empty "+target] = body
	}
	for target, body := range pages {
		if strings.HasPrefix(body, "<!doctype html>") {
			checkPage(t, target, body)
		}
	}
}

// checkPage reads a page strictly: every element is closed in order, ids are
// unique, fields have labels, tables have captions, nothing is inline.
func checkPage(t *testing.T, target, body string) {
	t.Helper()
	void := []string{"meta", "link", "input", "img", "br"}
	d := xml.NewDecoder(strings.NewReader(body))
	d.Strict, d.Entity = false, xml.HTMLEntity
	var open []string
	ids, count, labels := map[string]bool{}, map[string]int{}, map[string]bool{}
	var fields []map[string]string
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, target)
		switch token := token.(type) {
		case xml.StartElement:
			name, attr := token.Name.Local, map[string]string{}
			for _, a := range token.Attr {
				require.False(t, strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style", "%s: inline %s", target, a.Name.Local)
				attr[a.Name.Local] = a.Value
			}
			if id := attr["id"]; id != "" {
				require.False(t, ids[id], "%s: id %s twice", target, id)
				ids[id] = true
			}
			count[name]++
			switch name {
			case "label":
				labels[attr["for"]] = true
			case "input", "select", "textarea":
				fields = append(fields, attr)
			case "th":
				require.NotEmpty(t, attr["scope"], target)
			case "script":
				require.NotEmpty(t, attr["src"], target)
			}
			if !slices.Contains(void, name) {
				open = append(open, name)
			}
		case xml.EndElement:
			if slices.Contains(void, token.Name.Local) || len(open) == 0 {
				continue
			}
			require.Equal(t, open[len(open)-1], token.Name.Local, "%s: closed out of order", target)
			open = open[:len(open)-1]
		}
	}
	require.Empty(t, open, target)
	require.Equal(t, 1, count["h1"], target)
	require.Equal(t, 1, count["main"], target)
	require.Equal(t, count["table"], count["caption"], target)
	for _, f := range fields {
		require.True(t, f["type"] == "hidden" || f["aria-label"] != "" || labels[f["id"]], "%s: field %v has no label", target, f)
		for _, id := range strings.Fields(f["aria-describedby"]) {
			require.True(t, ids[id], "%s: %s is described by nothing", target, id)
		}
	}
}
