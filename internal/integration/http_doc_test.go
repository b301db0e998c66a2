package integration_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// documented are the routes that docs/http.md names, each once.
func documented(t *testing.T) (text string, routes []string) {
	t.Helper()
	data, err := os.ReadFile("../../docs/http.md")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile("`((?:GET|HEAD|POST|PUT|PATCH|DELETE) /[^` ?]*)`").FindAllSubmatch(data, -1) {
		if route := string(m[1]); !slices.Contains(routes, route) {
			routes = append(routes, route)
		}
	}
	require.Greater(t, len(routes), 60)
	return string(data), routes
}

// Every route that docs/http.md names answers, by the method that it names: never
// 404 for what is there, never 405, and never a failure.
func TestDocumentedRoutesAnswer(t *testing.T) {
	t.Parallel()
	_, routes := documented(t)
	for _, route := range routes {
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			d := newDocumentedSite(t)
			method, path, _ := strings.Cut(route, " ")
			for name, id := range d.ids(path) {
				path = strings.ReplaceAll(path, "{"+name+"}", id)
			}
			require.NotContains(t, path, "{", "nothing is known of a part of the path")
			w := d.call(method, path)
			require.NotContains(t, []int{404, 405, 401, 403, 500, 501, 503}, w.Code, "%s", w.Body)
		})
	}
}

// Whatever openapi.json describes is on the page, and every field that the page names
// is in openapi.json.
func TestEveryOperationIsDocumented(t *testing.T) {
	t.Parallel()
	text, routes := documented(t)
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	d := newDocumentedSite(t)
	require.NoError(t, json.Unmarshal(d.call(http.MethodGet, "/v1/openapi.json").Body.Bytes(), &doc))
	operations := 0
	for path, methods := range doc.Paths {
		for method := range methods {
			if method == "parameters" {
				continue
			}
			operations++
			require.Contains(t, routes, strings.ToUpper(method)+" "+path)
		}
	}
	require.Greater(t, operations, 50)

	fields := regexp.MustCompile(`"([A-Za-z_]+)"\s*:\s*\{`).FindAllStringSubmatch(d.call(http.MethodGet, "/v1/openapi.json").Body.String(), -1)
	described := map[string]bool{"field": true, "message": true} // of errors, by a reference
	for _, f := range fields {
		described[f[1]] = true
	}
	for _, body := range regexp.MustCompile("`(\\{\"[^`]*\\})`").FindAllStringSubmatch(text, -1) {
		for _, name := range regexp.MustCompile(`[{,]\s*"([A-Za-z_]+)"`).FindAllStringSubmatch(body[1], -1) {
			require.True(t, described[name[1]], "the field %q in %s is nowhere in openapi.json", name[1], body[1])
		}
	}
}

// documentedSite is everything of docs/http.md in one place, with something of
// everything that its paths name.
type documentedSite struct {
	*testing.T
	eng    *affiliate.Engine
	routes http.Handler
	clock  time.Time
}

func newDocumentedSite(t *testing.T) *documentedSite {
	t.Helper()
	d := &documentedSite{T: t, clock: time.Date(2026, time.March, 13, 12, 0, 0, 0, time.UTC)}
	var err error
	d.eng, err = affiliate.New(memory.New(), affiliate.Config{Now: func() time.Time { return d.clock }})
	require.NoError(t, err)
	key := []byte(strings.Repeat("k", 32))
	partners, err := portal.New(d.eng, portal.Config{
		Key: key, BaseURL: "https://go.example", Authenticate: func(*http.Request) (string, error) { return "ada", nil },
	})
	require.NoError(t, err)
	owner := func(role affiliatehttp.Role) func(*http.Request) (affiliatehttp.Principal, error) {
		return func(*http.Request) (affiliatehttp.Principal, error) {
			return affiliatehttp.Principal{Organization: d.eng.Organization(), Role: role}, nil
		}
	}
	owners, err := console.New(d.eng, console.Config{
		Key: key, BaseURL: "https://go.example", Authenticate: owner(affiliatehttp.RoleOwner),
		Stripe: func(context.Context) (console.StripeStatus, error) { return console.StripeStatus{}, nil },
	})
	require.NoError(t, err)
	adapter, err := stripeadapter.New(d.eng, stripeadapter.Config{Secrets: []string{"whsec_1"}})
	require.NoError(t, err)
	webhook, err := adapter.Handler()
	require.NoError(t, err)
	handler, err := affiliatehttp.New(d.eng, affiliatehttp.Config{
		Events: []string{"video_watched"},
		Authenticate: func(r *http.Request) (affiliatehttp.Principal, error) {
			return owner(affiliatehttp.Role(r.Header.Get("Authorization")))(r)
		},
		Mount: map[string]http.Handler{
			"/portal": partners, "/portal/": partners, "/v1/portal/": partners, "/admin": owners, "/admin/": owners, "/stripe/webhook": webhook,
		},
	})
	require.NoError(t, err)
	d.routes = handler.Routes()
	d.live()
	return d
}

// live has a sale that is paid out, a later one, and one of an unconfirmed claim.
func (d *documentedSite) live() {
	d.Helper()
	ctx, home := d.Context(), "https://example.com/"
	rule := commission.Rule{ID: "sale", Trigger: commission.Every, Type: commission.Percent, Value: "20"}
	require.NoError(d, errOf(d.eng.CreateProgram(ctx, "main", program.SettingsChange{
		DestinationURL: &home, DeepLinkDomains: &[]string{"example.com"}, Rules: []commission.Rule{rule}, PartnerCodes: new(true),
	}, affiliate.Always())))
	require.NoError(d, errOf(d.eng.CreatePartner(ctx, "ada", program.Profile{Name: new("Ada")}, affiliate.Always())))
	require.NoError(d, errOf(d.eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always())))
	require.NoError(d, errOf(d.eng.AddLink(ctx, affiliate.Link{Key: "ada", Partner: "ada", Program: "main", EffectiveAt: affiliate.Always()})))
	require.NoError(d, errOf(d.eng.AddCode(ctx, affiliate.Code{Code: "ADA20", Partner: "ada", Program: "main", EffectiveAt: affiliate.Always()})))
	_, err := d.eng.RecordClick(ctx, affiliate.Click{Link: "ada", Visitor: "visitor-1"})
	require.NoError(d, err)
	_, err = d.eng.Identify(ctx, affiliate.Identify{Customer: "cus_1", Visitor: "visitor-1"})
	require.NoError(d, err)
	d.sell("in_1", "cus_1")
	d.clock = d.clock.AddDate(0, 3, 0)
	_, err = d.eng.RunPayouts(ctx, affiliate.PayoutRun{})
	require.NoError(d, err)
	d.sell("in_2", "cus_1")

	claimed, err := d.eng.RecordClick(ctx, affiliate.Click{Link: "ada", Visitor: "visitor-2"})
	require.NoError(d, err)
	_, err = d.eng.RecordClaim(ctx, affiliate.Claim{Customer: "cus_2", Click: claimed.ClickID, Visitor: "visitor-2"})
	require.NoError(d, err)
	d.sell("in_3", "cus_2")
}

func (d *documentedSite) sell(id, customer string) {
	d.Helper()
	_, err := d.eng.RecordConversion(d.Context(), affiliate.Conversion{ID: id, Customer: customer, Amount: 4900, Currency: "usd"})
	require.NoError(d, err)
}

// ids are what is there, by the names that paths have for it.
func (d *documentedSite) ids(path string) map[string]string {
	d.Helper()
	payouts, err := d.eng.Payouts(d.Context(), "ada")
	require.NoError(d, err)
	require.Len(d, payouts, 1)
	later, err := d.eng.Conversion(d.Context(), "in_2")
	require.NoError(d, err)
	require.Len(d, later.Commissions, 1)
	ids := map[string]string{
		"link": "ada", "key": "ada", "customerId": "cus_1", "code": "ADA20", "programId": "main", "partnerId": "ada", "externalId": "in_2",
		"payoutId": payouts[0].ID, "commissionId": d.first("/v1/partners/ada/commissions"),
	}
	switch {
	case strings.HasSuffix(path, "/accept-claim"):
		ids["externalId"] = "in_3"
	case strings.HasSuffix(path, "/release"): // what is not held cannot be released
		w := d.call(http.MethodPost, "/v1/commissions/"+ids["commissionId"]+"/hold")
		require.Equal(d, http.StatusOK, w.Code, "%s", w.Body)
	case strings.HasSuffix(path, "/override"):
		require.NoError(d, errOf(d.eng.OverrideTerms(d.Context(), "ada", "main", program.TermsChange{HoldbackDays: new(9)}, time.Time{})))
	case strings.HasPrefix(path, "/v1/portal/conversions/"):
		ids["id"] = d.first("/v1/portal/conversions")
	case strings.HasPrefix(path, "/v1/portal/payouts/"):
		ids["id"] = d.first("/v1/portal/payouts")
	}
	return ids
}

// first is the id of the first item of a list.
func (d *documentedSite) first(path string) string {
	d.Helper()
	var list struct {
		Items []struct{ ID, Ref string }
	}
	w := d.call(http.MethodGet, path)
	require.NoError(d, json.Unmarshal(w.Body.Bytes(), &list))
	require.NotEmpty(d, list.Items, "%s", w.Body)
	return list.Items[0].ID
}

// call sends a request as whoever may make it, from the same site.
func (d *documentedSite) call(method, path string) *httptest.ResponseRecorder {
	role := affiliatehttp.RoleServer
	if scopes := regexp.MustCompile(`^/v1/(organization|programs|partners|partnerships|links|codes|commissions|adjustments|customers|stats|payout|conversions/[^/]+/)`); scopes.MatchString(path) || method+path == "GET/v1/conversions" {
		role = affiliatehttp.RoleOwner
	}
	body := "{}"
	if method == http.MethodGet {
		body = ""
	}
	r := httptest.NewRequest(method, "https://go.example"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", "https://go.example")
	r.Header.Set("Authorization", string(role))
	w := httptest.NewRecorder()
	d.routes.ServeHTTP(w, r)
	return w
}
