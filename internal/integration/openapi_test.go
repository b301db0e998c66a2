package integration_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// api is an organization behind its routes, and the document that describes
// them. Every request that it makes must be as the document says, and so must
// every answer.
type api struct {
	*testing.T
	routes http.Handler
	router routers.Router
	doc    *openapi3.T
	clock  time.Time
	met    map[string]bool // operation and status
}

func newAPI(t *testing.T) *api {
	t.Helper()
	a := &api{T: t, clock: time.Date(2026, time.March, 13, 12, 0, 0, 0, time.UTC), met: map[string]bool{}}
	eng, err := affiliate.New(memory.New(), affiliate.Config{Now: func() time.Time { return a.clock }})
	require.NoError(t, err)
	pages, err := portal.New(eng, portal.Config{
		Key: []byte(strings.Repeat("k", 32)), BaseURL: "https://go.example", ShowSaleAmounts: func(string) bool { return true },
		Authenticate: func(r *http.Request) (string, error) {
			if id, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer partner:"); ok {
				return id, nil
			}
			return "", errors.New("nobody")
		},
	})
	require.NoError(t, err)
	handler, err := affiliatehttp.New(eng, affiliatehttp.Config{
		Authenticate: func(r *http.Request) (affiliatehttp.Principal, error) {
			role, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			if !ok {
				return affiliatehttp.Principal{}, errors.New("nobody")
			}
			return affiliatehttp.Principal{Organization: eng.Organization(), Role: affiliatehttp.Role(role)}, nil
		},
		Events: []string{"video_watched"},
		Mount:  map[string]http.Handler{"/v1/portal/": pages},
	})
	require.NoError(t, err)
	a.routes = handler.Routes()
	a.load()
	return a
}

// load reads the document. Its answers are open to fields that come later; here
// they are closed, so that a field that is not described is found.
func (a *api) load() {
	a.Helper()
	w := httptest.NewRecorder()
	a.routes.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/openapi.json", nil))
	var text any
	require.NoError(a, json.Unmarshal(w.Body.Bytes(), &text))
	closeAll(text)
	data, err := json.Marshal(text)
	require.NoError(a, err)
	a.doc, err = openapi3.NewLoader().LoadFromData(data)
	require.NoError(a, err)
	require.NoError(a, a.doc.Validate(a.Context()))
	a.doc.Servers = nil // where it is mounted is not the question
	a.router, err = gorillamux.NewRouter(a.doc)
	require.NoError(a, err)
}

func closeAll(v any) {
	switch v := v.(type) {
	case map[string]any:
		_, open := v["additionalProperties"]
		if _, ok := v["properties"].(map[string]any); ok && v["type"] == "object" && !open {
			v["additionalProperties"] = false
		}
		for _, inner := range v {
			closeAll(inner)
		}
	case []any:
		for _, inner := range v {
			closeAll(inner)
		}
	}
}

// send makes a request, which must get this answer.
func (a *api) send(who string, status int, method, path, body string) map[string]any {
	a.Helper()
	newRequest := func() *http.Request {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		if who != "" {
			r.Header.Set("Authorization", "Bearer "+who)
		}
		return r
	}
	w := httptest.NewRecorder()
	a.routes.ServeHTTP(w, newRequest())
	require.Equal(a, status, w.Code, "%s %s %s: %s", method, path, body, w.Body.String())
	r := newRequest()
	route, params, err := a.router.FindRoute(r)
	require.NoError(a, err, "%s %s", method, path)
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}
	in := &openapi3filter.RequestValidationInput{Request: r, Route: route, PathParams: params, Options: options}
	err = openapi3filter.ValidateRequest(a.Context(), in)
	if status != http.StatusBadRequest && status != http.StatusUnprocessableEntity {
		require.NoError(a, err, "%s %s %s", method, path, body)
	}
	require.NoError(a, openapi3filter.ValidateResponse(a.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())), Options: options,
	}), "%s %s: %s", method, path, w.Body.String())
	a.met[route.Operation.OperationID+" "+strconv.Itoa(status)] = true
	var answer map[string]any
	if strings.Contains(w.Header().Get("Content-Type"), "json") {
		require.NoError(a, json.Unmarshal(w.Body.Bytes(), &answer))
	}
	return answer
}

func (a *api) owner(status int, method, path, body string) map[string]any {
	a.Helper()
	return a.send("owner", status, method, path, body)
}

func (a *api) server(status int, method, path, body string) map[string]any {
	a.Helper()
	return a.send("server", status, method, path, body)
}

func (a *api) partner(status int, method, path, body string) map[string]any {
	a.Helper()
	return a.send("partner:ada", status, method, path, body)
}

func item(answer map[string]any, field string) string {
	items, _ := answer["items"].([]any)
	first, _ := items[0].(map[string]any)
	return fmt.Sprint(first[field])
}

// The document says what the handlers do: every operation is asked for, and
// every success that is described is met.
func TestAnswersAreAsDescribed(t *testing.T) {
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/csv", openapi3filter.PlainBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/javascript", openapi3filter.PlainBodyDecoder)
	a := newAPI(t)
	a.setUp()
	a.sells()
	a.refusals()
	a.pays()
	a.reads()
	for path, item := range a.doc.Paths.Map() {
		for method, operation := range item.Operations() {
			for status := range operation.Responses.Map() {
				if status < "400" {
					require.True(t, a.met[operation.OperationID+" "+status], "%s %s never answered %s", method, path, status)
				}
			}
		}
	}
}

func (a *api) setUp() {
	const cloud = `{"id":"cloud","name":"Cloud","title":"Acme Cloud","currency":"usd","timeZone":"Europe/Berlin","destinationUrl":"https://acme.example/",
		"deepLinkDomains":["acme.example"],"attributionModel":"last_click","attributionWindowDays":60,"methods":["promo","click"],"binding":"sticky",
		"startsAt":"2026-03-01T00:00:00Z","endsAt":"2030-01-01T00:00:00Z","partnerCodes":true,"holdbackDays":10,
		"reward":{"kind":"percent_off","percent":10,"span":"first_months","months":3},
		"rules":[{"id":"share","trigger":"every","type":"percent","value":"20","recurring":true,"months":24,
			"tiers":{"metric":"conversions","period":"month","thresholds":[{"at":2,"value":"25"}]}}]}`
	a.owner(201, "POST", "/v1/programs", cloud)
	a.owner(200, "POST", "/v1/programs", cloud)
	a.owner(200, "PATCH", "/v1/programs/cloud", `{"name":"Cloud 2026","endsAt":null}`)
	a.owner(201, "POST", "/v1/programs", `{"id":"old","destinationUrl":"https://acme.test/","rules":[{"id":"lead","trigger":"first","eventType":"signup","type":"fixed","value":"500","currency":"usd"}]}`)
	a.owner(200, "POST", "/v1/programs/old/end", "")
	a.owner(200, "PATCH", "/v1/organization", `{"defaultProgramId":"cloud"}`)
	const ada = `{"id":"ada","name":"Ada","email":"ada@example.com","rank":1,"match":[{"field":"sub1","op":"equals","value":"x"}],
		"payout":{"cadence":"weekly","weekday":"friday","hour":9,"timeZone":"UTC","minimum":{"usd":100}}}`
	a.owner(201, "POST", "/v1/partners", ada)
	a.owner(200, "POST", "/v1/partners", ada)
	a.owner(201, "POST", "/v1/partners", `{"id":"bob"}`)
	a.owner(200, "PATCH", "/v1/partners/ada", `{"name":"Ada Lovelace"}`)
	a.owner(200, "POST", "/v1/partners/bob/suspend", "")
	a.owner(200, "POST", "/v1/partners/bob/reinstate", `{}`)
	a.owner(201, "PUT", "/v1/partnerships/bob/cloud", `{}`)
	a.owner(200, "POST", "/v1/partners/bob/suspend", `{"programId":"cloud"}`)
	a.owner(200, "GET", "/v1/partnerships/bob/cloud", "")
	a.owner(200, "POST", "/v1/programs/cloud/adopt", `{"partners":["bob"]}`)
	a.owner(404, "POST", "/v1/programs/cloud/adopt", `{"partners":["nobody"]}`)
	a.owner(200, "DELETE", "/v1/partnerships/bob/cloud", "")
	a.owner(404, "DELETE", "/v1/partnerships/nobody/cloud", "")
	const bonus = `{"id":"adj_1","partnerId":"bob","currency":"usd","amount":-500,"reason":"agreed by phone"}`
	a.owner(201, "POST", "/v1/adjustments", bonus)
	a.owner(200, "POST", "/v1/adjustments", bonus)
	a.owner(409, "POST", "/v1/adjustments", strings.Replace(bonus, "-500", "500", 1))
	a.owner(200, "GET", "/v1/adjustments?partnerId=bob&limit=1", "")
	a.owner(201, "POST", "/v1/adjustments", `{"id":"adj_2","partnerId":"ada","currency":"usd","amount":100,"reason":"bonus"}`)
	a.owner(201, "PUT", "/v1/partnerships/ada/cloud", "")
	a.owner(200, "PUT", "/v1/partnerships/ada/cloud", "")
	a.owner(200, "PUT", "/v1/partnerships/ada/cloud/override", `{"holdbackDays":7}`)
	a.clock = a.clock.Add(time.Second)
	a.owner(200, "DELETE", "/v1/partnerships/ada/cloud/override", "")
	const link = `{"key":"ada","partnerId":"ada","programId":"cloud","destinationUrl":"https://acme.example/ada"}`
	a.owner(201, "POST", "/v1/links", link)
	a.owner(200, "POST", "/v1/links", link)
	for _, code := range []string{"ADA10", "GONE"} {
		body := `{"code":"` + code + `","partnerId":"ada","programId":"cloud"}`
		a.owner(201, "POST", "/v1/codes", body)
		a.owner(200, "POST", "/v1/codes", body)
	}
	a.clock = a.clock.Add(time.Second)
	a.owner(200, "POST", "/v1/codes/GONE/retire", "")
	program := item(a.partner(200, "GET", "/v1/portal/programs", ""), "id")
	a.partner(201, "POST", "/v1/portal/links", `{"program":"`+program+`","key":"ada-2"}`)
	a.partner(201, "POST", "/v1/portal/codes", `{"program":"`+program+`","code":"MINE"}`)
	a.clock = a.clock.Add(time.Second)
	a.partner(200, "DELETE", "/v1/portal/codes/MINE", "")
	a.partner(200, "GET", "/v1/portal/deep-links?link=ada&to="+url.QueryEscape("https://acme.example/docs"), "")
}

func (a *api) sells() {
	a.send("", 302, "GET", "/r/ada?sub1=y", "")
	visit := a.send("", 200, "POST", "/v1/track/click", `{"aff":"ada","url":"https://acme.example/?aff=ada","visitorId":"0123456789abcdef0123"}`)
	click := visit["clickId"].(string)
	require.NotEmpty(a, click)
	a.send("", 200, "POST", "/v1/track/event", `{"name":"video_watched","click_id":"`+visit["token"].(string)+`"}`)
	a.send("", 200, "POST", "/v1/track/lead", `{"customer_key":"lead-1","email":"l@example.com"}`)
	a.send("", 200, "POST", "/v1/track/lead", `{"customer_key":"c5","click_id":"`+visit["token"].(string)+`"}`)
	a.send("", 204, "DELETE", "/v1/track/click", "")
	a.server(201, "POST", "/v1/track/lead", `{"customer_key":"c1","click_id":"`+click+`"}`)
	a.server(200, "POST", "/v1/track/lead", `{"customer_key":"c1"}`)
	a.server(200, "POST", "/v1/identify", `{"externalCustomerId":"c1","alias":"c1-old","email":"c1@example.com"}`)
	a.clock = a.clock.Add(time.Minute)
	const first = `{"externalConversionId":"o1","externalCustomerId":"c1","amountCents":10000,"currency":"usd","sub":{"sub1":"a"},"metadata":{"n":1,"b":true}}`
	a.server(201, "POST", "/v1/conversions", first)
	a.server(200, "POST", "/v1/conversions", first)
	a.server(201, "POST", "/v1/conversions", `{"externalConversionId":"o2","externalCustomerId":"c2","amountCents":100}`)
	const sale = `{"transaction_id":"o3","customer_key":"c3","promo_code":"ADA10","amount_cents":5000,"sale_type":"subscription","is_recurring":true,"line_items":[{"sku":1}]}`
	a.server(201, "POST", "/v1/track/sale", sale)
	a.server(200, "POST", "/v1/track/sale", sale)
	a.owner(201, "POST", "/v1/conversions", `{"externalConversionId":"o4","externalCustomerId":"c4","partnerId":"ada","amountCents":700}`)
	a.server(201, "POST", "/v1/conversions", `{"externalConversionId":"o5","externalCustomerId":"c5","amountCents":700}`)
	a.owner(200, "POST", "/v1/conversions/o5/accept-claim", `{}`)
	a.clock = a.clock.Add(time.Minute)
	const refund = `{"externalRefundId":"r1","externalConversionId":"o1","amountCents":1000}`
	a.server(201, "POST", "/v1/refunds", refund)
	a.server(200, "POST", "/v1/refunds", refund)
	a.server(201, "POST", "/v1/refunds", `{"externalRefundId":"r2","externalConversionId":"later"}`)
	a.owner(200, "PATCH", "/v1/conversions/o3", `{"amountCents":6000}`)
	a.server(201, "GET", "/v1/postback?click_id="+click+"&payout=9.90&txid=t1", "")
	a.server(200, "GET", "/v1/postback?click_id="+click+"&payout=9.90&txid=t1", "")
	a.server(201, "GET", "/v1/postback?click_id="+click+"&status=refunded&txid=t1", "")
	a.server(200, "GET", "/v1/postback?click_id="+click+"&status=pending", "")
	a.server(201, "POST", "/v1/conversions", `{"externalConversionId":"o9","externalCustomerId":"c9","amountCents":100}`)
	a.owner(200, "DELETE", "/v1/customers/c9", "")
	a.owner(404, "DELETE", "/v1/customers/c9", "")
	a.owner(200, "GET", "/v1/conversions/o9", "")
	const held = "/v1/commissions/o4:ada:cloud:share"
	a.owner(200, "POST", held+"/hold", `{"reason":"who is that?"}`)
	a.clock = a.clock.Add(time.Minute)
	a.owner(200, "POST", held+"/release", "")
	a.clock = a.clock.Add(time.Minute)
	a.owner(200, "POST", held+"/reject", `{"reason":"nobody"}`)
}

// refusals are described, too.
func (a *api) refusals() {
	a.send("", 404, "GET", "/r/none", "")
	a.send("", 401, "GET", "/v1/programs", "")
	a.send("", 401, "GET", "/v1/portal/overview", "")
	a.send("partner", 403, "GET", "/v1/programs", "")
	a.owner(400, "POST", "/v1/programs", `{`)
	a.owner(422, "POST", "/v1/programs", `{"id":"x","rules":[],"color":"red"}`)
	a.owner(409, "POST", "/v1/links", `{"key":"ada","partnerId":"bob","programId":"cloud"}`)
	a.owner(422, "GET", "/v1/links?limit=0", "")
	a.server(404, "GET", "/v1/conversions/none", "")
	a.server(409, "POST", "/v1/conversions", `{"externalConversionId":"o1","externalCustomerId":"c1","amountCents":1}`)
	for _, path := range []string{
		"/v1/programs/none", "/v1/partners/none", "/v1/partners/none/balances", "/v1/partners/none/commissions", "/v1/partnerships/ada/none",
		"/v1/links/none", "/v1/codes/none", "/v1/payouts/none", "/v1/payouts/none/statement", "/v1/payouts/none/statement.csv",
	} {
		a.owner(404, "GET", path, "")
	}
	a.partner(404, "GET", "/v1/portal/conversions/none", "")
	a.partner(404, "GET", "/v1/portal/payouts/none", "")
	a.partner(422, "GET", "/v1/portal/charts?days=7", "")
	a.partner(404, "DELETE", "/v1/portal/codes/none", "")
}

func (a *api) pays() {
	a.owner(200, "POST", "/v1/payout-runs", `{"dryRun":true,"at":"2026-05-01T00:00:00Z"}`)
	a.clock = a.clock.AddDate(0, 1, 0)
	issued := a.owner(201, "POST", "/v1/payout-runs", "")
	payouts, _ := issued["payouts"].([]any)
	require.Len(a, payouts, 1)
	path := "/v1/payouts/" + payouts[0].(map[string]any)["id"].(string)
	a.owner(200, "GET", path, "")
	a.owner(200, "PATCH", path, `{"status":"processing"}`)
	a.owner(422, "PATCH", path, `{"status":"paid","at":"2026-04-13T10:00:00Z"}`) // before it was issued
	a.clock = a.clock.Add(time.Hour)
	a.owner(200, "PATCH", path, `{"status":"paid","at":"2026-04-13T12:30:00Z"}`)
	a.owner(409, "PATCH", path, `{"status":"failed"}`)
	for _, form := range []string{"/statement", "/statement.csv", "/statement.html"} {
		a.owner(200, "GET", path+form, "")
	}
	mine := strings.Replace(path, "/v1/", "/v1/portal/", 1)
	for _, form := range []string{"", "/statement", "/statement.csv"} {
		a.partner(200, "GET", mine+form, "")
	}
}

func (a *api) reads() {
	a.send("", 200, "GET", "/v1/openapi.json", "")
	a.send("", 200, "GET", "/affiliate.js", "")
	a.server(200, "GET", "/v1/conversions/o1", "")
	a.owner(200, "GET", "/v1/conversions/o2", "")
	a.owner(200, "GET", "/v1/conversions/o4", "")
	for _, path := range []string{
		"/v1/organization", "/v1/programs", "/v1/programs/cloud", "/v1/programs/old", "/v1/partners", "/v1/partners/ada", "/v1/partners/ada/balances",
		"/v1/partners/ada/commissions", "/v1/partners/ada/commissions?limit=1", "/v1/partnerships?partnerId=ada&programId=cloud", "/v1/partnerships/ada/cloud",
		"/v1/links?limit=1", "/v1/links/ada", "/v1/codes", "/v1/codes/GONE", "/v1/payouts?status=paid",
		"/v1/conversions?limit=2", "/v1/conversions?attributed=false&from=2026-01-01&format=csv", "/v1/commissions?state=paid&partner=ada", "/v1/commissions?limit=1",
		"/v1/conversions/o1/explanation.txt", "/v1/customers?limit=1", "/v1/customers?format=csv", "/v1/customers/c1", "/v1/stats", "/v1/stats?by=partner&currency=usd", "/v1/stats?by=link&format=csv",
	} {
		a.owner(200, "GET", path, "")
	}
	for _, path := range []string{
		"overview", "balances", "tiers", "charts?days=90", "profile", "links", "codes", "clicks", "adjustments?limit=1", "commissions?state=paid", "conversions", "payouts",
	} {
		a.partner(200, "GET", "/v1/portal/"+path, "")
	}
	ref := item(a.partner(200, "GET", "/v1/portal/conversions", ""), "id")
	a.partner(200, "GET", "/v1/portal/conversions/"+ref, "")
}
