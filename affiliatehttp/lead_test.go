package affiliatehttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// bounty makes the program pay 5.00 for a signup, too.
func (f *fixture) bounty(t *testing.T) {
	t.Helper()
	rules := []commission.Rule{
		{ID: "sale", Trigger: commission.Every, Type: commission.Percent, Value: "20"},
		{ID: "signup", Trigger: commission.Every, EventType: attribution.Signup, Type: commission.Fixed, Value: "500"},
	}
	require.NoError(t, errOf(f.eng.EditProgram(t.Context(), launch, program.SettingsChange{Rules: rules}, affiliate.Always())))
}

// lead signs somebody up from a browser.
func (f *fixture) lead(body string, headers ...string) *httptest.ResponseRecorder {
	return f.do(http.MethodPost, "/v1/track/lead", body, append([]string{"Authorization", "", "User-Agent", firefox}, headers...)...)
}

// signups returns the signup conversions with who is credited.
func (f *fixture) signups(t *testing.T) map[string]string {
	t.Helper()
	rows, err := f.store.Rows(t.Context(), f.eng.Organization())
	require.NoError(t, err)
	list := map[string]string{}
	for _, c := range rows.Conversions {
		if c.Type != attribution.Signup {
			continue
		}
		result, err := f.eng.Conversion(t.Context(), c.ID)
		require.NoError(t, err)
		list[c.ID] = ""
		for _, credit := range result.Credits {
			list[c.ID] += credit.Partner
		}
	}
	return list
}

func TestLeadFromTheServer(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.visit("/r/alex")
	f.visit("/r/alex")
	clicks := f.clicks(t)
	for i, body := range []string{
		`{"customer_key":"c0","click_id":"` + clicks[0].ID + `","email":"a@b.example"}`,
		`{"customer_key":"c1","visitor_id":"` + clicks[1].Visitor + `"}`,
	} {
		status, a := f.post(t, "/v1/track/lead", body)
		require.Equal(t, http.StatusCreated, status, a)
		require.Equal(t, fmt.Sprint("signup:c", i), a.ConversionID)
		before := f.dump(t)
		status, a = f.post(t, "/v1/track/lead", body)
		require.Equal(t, http.StatusOK, status)
		require.True(t, a.Duplicate)
		require.Equal(t, before, f.dump(t))
	}
	status, a := f.post(t, "/v1/track/lead", `{"customer_key":"c0","click_id":"another"}`)
	require.Equal(t, []any{http.StatusOK, true}, []any{status, a.Duplicate}, "once per customer")
	require.Equal(t, map[string]string{"signup:c0": "alex", "signup:c1": "alex"}, f.signups(t))

	before := f.dump(t)
	for body, field := range map[string]string{
		`{}`: "customer_key", `{"customer_key":""}`: "customer_key", `{"customer_key":"c","amount":1}`: "amount", `{"customer_key":1}`: "customer_key",
		`{"customer_key":"` + strings.Repeat("x", 256) + `"}`: "customer_key", `{"customer_key":"c","click_id":"\u0001"}`: "click_id",
	} {
		status, a := f.post(t, "/v1/track/lead", body)
		require.Equal(t, http.StatusUnprocessableEntity, status, body)
		require.Contains(t, a.fields(), field, body)
	}
	for credential, want := range map[string]int{"Bearer wrong": 401, "Bearer other": 403, "Bearer partner": 403} {
		w := f.do(http.MethodPost, "/v1/track/lead", `{"customer_key":"c9"}`, "Authorization", credential)
		require.Equal(t, want, w.Code, "who shows a key is no browser")
	}
	require.Equal(t, before, f.dump(t))
}

// A claim earns once the server names something that only the honest browser
// shares with it, on whichever route.
func TestLeadFromABrowserEarnsOnceItIsConfirmed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ route, body string }{
		"the click":             {"/v1/identify", `{"externalCustomerId":"cus_1","clickId":"CLICK"}`},
		"the cookie's value":    {"/v1/identify", `{"externalCustomerId":"cus_1","clickId":"COOKIE"}`},
		"the visitor":           {"/v1/identify", `{"externalCustomerId":"cus_1","visitorId":"VISITOR"}`},
		"the e-mail":            {"/v1/identify", `{"externalCustomerId":"cus_1","email":"A.B@site.example"}`},
		"a conversion":          {"/v1/conversions", `{"externalCustomerId":"cus_1","externalConversionId":"x","amountCents":0,"clickId":"CLICK"}`},
		"a sale":                {"/v1/track/sale", `{"customer_key":"cus_1","transaction_id":"x","amount_cents":0,"click_id":"COOKIE"}`},
		"a lead of the server":  {"/v1/track/lead", `{"customer_key":"cus_1","visitor_id":"VISITOR"}`},
		"a lead with an e-mail": {"/v1/track/lead", `{"customer_key":"cus_1","email":"a.b+x@site.example"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.bounty(t)
			had := cookie(f.visit("/r/alex"))
			click := f.clicks(t)[0]
			w := f.lead(`{"customer_key":"cus_1","email":"a.b@site.example"}`, "Cookie", had)
			require.Equal(t, http.StatusOK, w.Code)
			require.JSONEq(t, `{"customerId":"cus_1"}`, w.Body.String())
			require.Empty(t, f.signups(t))
			_, value, _ := strings.Cut(had, "=")
			body := strings.NewReplacer("CLICK", click.ID, "VISITOR", click.Visitor, "COOKIE", value).Replace(c.body)
			f.wait(time.Minute)
			for range 2 {
				status, _ := f.post(t, c.route, body)
				require.Less(t, status, 300)
			}
			require.Equal(t, map[string]string{"signup:cus_1": "alex"}, f.signups(t))
			page, err := f.eng.Commissions(t.Context(), "alex", "", 10)
			require.NoError(t, err)
			require.Equal(t, int64(500), page.Commissions[len(page.Commissions)-1].Amount)
			require.Equal(t, today, page.Commissions[len(page.Commissions)-1].At, "dated by the claim")
		})
	}
}

// Forty clicks of one's own link, each with a lead for the next customer key.
func TestForgedLeadsEarnNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.LeadLimit.PerMinute, c.ClickWindow = -1, -1 })
	f.bounty(t)
	honest := cookie(f.visit("/r/blair"))
	for i := range 100 {
		f.lead(fmt.Sprintf(`{"customer_key":"%d","email":"mal@evil.example"}`, 1001+i), "Cookie", cookie(f.visit("/r/alex")))
	}
	_, value, _ := strings.Cut(honest, "=")
	f.wait(time.Hour)
	for i := range 100 {
		f.post(t, "/v1/identify", fmt.Sprintf(`{"externalCustomerId":"%d","email":"c%d@site.example"}`, 1001+i, i))
		click := ""
		if i == 0 {
			click = `"clickId":"` + value + `",`
		}
		status, _ := f.post(t, "/v1/conversions", fmt.Sprintf(`{"externalCustomerId":"%d","externalConversionId":"in_%d",%s"amountCents":10000}`, 1001+i, i, click))
		require.Equal(t, http.StatusCreated, status)
	}
	require.Empty(t, f.signups(t))
	page, err := f.eng.Commissions(t.Context(), "alex", "", 10)
	require.NoError(t, err)
	require.Empty(t, page.Commissions)
	result, err := f.eng.Conversion(t.Context(), "in_0")
	require.NoError(t, err)
	require.Equal(t, "blair", result.Credits[0].Partner, "the honest browser's partner")
	result, err = f.eng.Conversion(t.Context(), "in_1")
	require.NoError(t, err)
	require.Equal(t, attribution.ClaimUnconfirmed, result.Reason)
}

// The owner may take a claim as true.
func TestTheOwnerAcceptsAClaim(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	had := cookie(f.visit("/r/alex"))
	f.lead(`{"customer_key":"cus_1"}`, "Cookie", had)
	f.wait(time.Minute)
	_, a := f.post(t, "/v1/conversions", `{"externalCustomerId":"cus_1","externalConversionId":"in_1","amountCents":10000}`)
	require.Equal(t, "claim_unconfirmed", a.Reason)
	const route = "/v1/conversions/in_1/accept-claim"
	for body, want := range map[string]int{`{"clickId":"other"}`: 404, `{"click":"x"}`: 422, `{"clickId":1}`: 422} {
		require.Equal(t, want, f.do(http.MethodPost, route, body, "Authorization", owner).Code, body)
	}
	w := f.do(http.MethodPost, route, `{}`, "Authorization", owner)
	require.Equal(t, http.StatusOK, w.Code)
	require.True(t, decoded(t, w).Attributed)
	require.Equal(t, map[string]string{"signup:cus_1": "alex"}, f.signups(t))
	require.Equal(t, http.StatusNotFound, f.do(http.MethodPost, route, `{}`, "Authorization", owner).Code)
}

// A lead is answered by its own commit, and settles nothing.
func TestLeadsSettleNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.bounty(t)
	f.visit("/r/alex")
	status, a := f.post(t, "/v1/track/lead", `{"customer_key":"cus_1","click_id":"`+f.clicks(t)[0].ID+`"}`)
	require.Equal(t, http.StatusCreated, status)
	require.True(t, a.Attributed)
	left, err := f.eng.Backlog(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, left)
}

// Where nobody can guess a customer key, that the server speaks of it is enough.
func TestLeadsThatAreTrusted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.TrustLeads = true })
	f.lead(`{"customer_key":"cus_1"}`, "Cookie", cookie(f.visit("/r/alex")))
	require.Empty(t, f.signups(t), "anybody can make a key up")
	f.post(t, "/v1/identify", `{"externalCustomerId":"cus_1"}`)
	require.Equal(t, map[string]string{"signup:cus_1": "alex"}, f.signups(t))
}

// A token of the server's signs its customer up at once, and nobody else.
func TestLeadsThatTheServerVouchesFor(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	token := f.handler.SignCustomer(f.eng, "cus_1")
	had := cookie(f.visit("/r/alex"))
	visit := f.handler.IssueToken(f.eng, affiliatehttp.Visit{Click: "cus_1"})
	for _, body := range []string{
		`{"customer_key":"cus_2","token":"` + token + `"}`,
		`{"customer_key":"cus_2","token":"forged"}`,
		`{"customer_key":"cus_2","token":"` + visit + `"}`,
	} {
		require.Equal(t, http.StatusOK, f.lead(body, "Cookie", had).Code)
		require.Empty(t, f.signups(t), body)
	}
	had = cookie(f.visit("/r/alex"))
	f.lead(`{"customer_key":"cus_1","token":"`+token+`"}`, "Cookie", had)
	require.Equal(t, map[string]string{"signup:cus_1": "alex"}, f.signups(t))

	late := f.handler.SignCustomer(f.eng, "cus_3")
	f.wait(affiliatehttp.DefaultTokenMaxAge + time.Minute)
	f.lead(`{"customer_key":"cus_3","token":"`+late+`"}`, "Cookie", cookie(f.visit("/r/alex")))
	require.NotContains(t, f.signups(t), "signup:cus_3", "it has expired")
}

// A browser binds only its own click, and only to somebody who is new.
func TestBrowsersBindNobodyElse(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.post(t, "/v1/identify", `{"externalCustomerId":"known"}`)
	f.post(t, "/v1/conversions", `{"externalConversionId":"x","externalCustomerId":"buyer","amountCents":1}`)
	f.wait(time.Minute)
	first, second := cookie(f.visit("/r/alex")), cookie(f.visit("/r/blair"))
	others := f.clicks(t)[0].ID
	before := f.dump(t)
	for _, c := range [][]string{
		{`{"customer_key":"new"}`},
		{`{"customer_key":"new","click_id":"` + others + `"}`},
		{`{"customer_key":"new","click_id":"` + others + `"}`, "Cookie", second},
		{`{"customer_key":"new","visitor_id":"` + f.clicks(t)[0].Visitor + `"}`},
		{`{"customer_key":"new"}`, "Cookie", "aff_visitor=forged"},
		{`{"customer_key":"new"}`, "Cookie", first, "User-Agent", "Twitterbot/1.0"},
		{`{"customer_key":"known"}`, "Cookie", first},
		{`{"customer_key":"buyer"}`, "Cookie", first},
	} {
		w := f.lead(c[0], c[1:]...)
		require.Equal(t, http.StatusOK, w.Code, c)
		require.Contains(t, w.Body.String(), `{"customerId":"`, "whoever asks learns nothing")
		require.Equal(t, before, f.dump(t), c)
	}

	f.lead(`{"customer_key":"new","email":"n@b.example"}`, "Cookie", first)
	after := f.dump(t)
	require.NotEqual(t, before, after)
	f.lead(`{"customer_key":"newer"}`, "Cookie", first)
	require.Equal(t, after, f.dump(t), "a click is good for one customer")

	f.lead(`{"customer_key":"new"}`, "Cookie", second)
	f.post(t, "/v1/track/lead", `{"customer_key":"new","email":"n@b.example"}`)
	require.Equal(t, map[string]string{"signup:new": "alex"}, f.signups(t), "each claim with its own click")
	f.post(t, "/v1/conversions", `{"externalConversionId":"y","externalCustomerId":"new","amountCents":1}`)
	result, err := f.eng.Conversion(t.Context(), "y")
	require.NoError(t, err)
	require.Equal(t, "alex", result.Credits[0].Partner)
}

func TestLeadsAtTheSameTime(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.TrustLeads, c.LeadLimit.PerMinute = true, -1 })
	had := cookie(f.visit("/r/alex"))
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() { f.lead(fmt.Sprintf(`{"customer_key":"c%d"}`, i), "Cookie", had) })
	}
	wg.Wait()
	for i := range 32 {
		f.post(t, "/v1/identify", fmt.Sprintf(`{"externalCustomerId":"c%d"}`, i))
	}
	require.Len(t, f.signups(t), 1)
}

func TestLeadsAreLimited(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.LeadLimit = affiliatehttp.Limit{PerMinute: 2} })
	codes := []int{}
	for range 3 {
		codes = append(codes, f.lead(`{"customer_key":"c"}`).Code)
	}
	require.Equal(t, []int{200, 200, 429}, codes)
	status, _ := f.post(t, "/v1/track/lead", `{"customer_key":"c"}`)
	require.Equal(t, http.StatusCreated, status, "servers are not")
}
