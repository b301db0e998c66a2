package affiliatehttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

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
	require.NoError(t, f.eng.EditProgram(t.Context(), launch, program.SettingsChange{Rules: rules}, affiliate.Always()))
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

func TestLeadFromABrowserEarnsOnceItIsConfirmed(t *testing.T) {
	t.Parallel()
	for name, confirm := range map[string]func(*testing.T, *fixture){
		"identify": func(t *testing.T, f *fixture) {
			t.Helper()
			f.post(t, "/v1/identify", `{"externalCustomerId":"cus_1"}`)
		},
		"conversion": func(t *testing.T, f *fixture) {
			t.Helper()
			f.post(t, "/v1/conversions", strings.Replace(sale, `"promoCode":"ALEX10",`, "", 1))
		},
		"lead": func(t *testing.T, f *fixture) { t.Helper(); f.post(t, "/v1/track/lead", `{"customer_key":"cus_1"}`) },
		"the host": func(t *testing.T, f *fixture) {
			t.Helper()
			require.NoError(t, affiliatehttp.ConfirmLead(t.Context(), f.eng, "cus_1"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.bounty(t)
			had := cookie(f.visit("/r/alex"))
			w := f.lead(`{"customer_key":"cus_1"}`, "Cookie", had)
			require.Equal(t, http.StatusOK, w.Code)
			require.JSONEq(t, `{"customerId":"cus_1"}`, w.Body.String())
			require.Empty(t, f.signups(t))
			confirm(t, f)
			confirm(t, f)
			require.Equal(t, map[string]string{"signup:cus_1": "alex"}, f.signups(t))
			page, err := f.eng.Commissions(t.Context(), "alex", "", 10)
			require.NoError(t, err)
			require.Equal(t, int64(500), page.Commissions[len(page.Commissions)-1].Amount)
			require.Equal(t, today, page.Commissions[len(page.Commissions)-1].At)
		})
	}
}

func TestLeadsThatAreTrusted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.TrustLeads = true })
	f.lead(`{"customer_key":"cus_1"}`, "Cookie", cookie(f.visit("/r/alex")))
	require.Equal(t, map[string]string{"signup:cus_1": "alex"}, f.signups(t))
}

// A browser binds only its own click, and only to somebody whom nobody knows.
func TestBrowsersBindNobodyElse(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.post(t, "/v1/identify", `{"externalCustomerId":"known"}`)
	f.post(t, "/v1/conversions", `{"externalConversionId":"x","externalCustomerId":"buyer","amountCents":1}`)
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
	f.lead(`{"customer_key":"new"}`, "Cookie", second)
	require.Equal(t, after, f.dump(t), "one customer for each click, one click for each customer")

	token := f.handler.IssueToken(f.eng, affiliatehttp.Visit{Click: f.clicks(t)[1].ID})
	f.lead(`{"customer_key":"newest","click_id":"` + token + `"}`)
	f.post(t, "/v1/track/lead", `{"customer_key":"newest"}`)
	f.post(t, "/v1/track/lead", `{"customer_key":"new"}`)
	require.Equal(t, map[string]string{"signup:newest": "blair", "signup:new": "alex"}, f.signups(t))
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
