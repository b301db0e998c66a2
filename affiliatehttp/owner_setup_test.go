package affiliatehttp_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const wholeProgram = `{
	"id":"cloud","name":"Cloud 2026","title":"Acme Cloud","currency":"EUR","timeZone":"Europe/Berlin",
	"destinationUrl":"https://acme.example/cloud","deepLinkDomains":["acme.example"],"attributionModel":"first_click",
	"attributionWindowDays":30,"methods":["promo","click"],"binding":"per_conversion","startsAt":"2026-03-01T00:00:00+01:00",
	"endsAt":"2026-12-31T00:00:00Z","partnerCodes":true,"reward":{"kind":"percent_off","percent":10,"span":"first_invoice"},
	"rules":[
		{"id":"share","trigger":"first","eventType":"invoice_paid","type":"percent","value":"12.5","recurring":true,"months":12,
		 "tiers":{"metric":"conversions","period":"month","retroactive":false,"thresholds":[{"at":10,"value":"15"}]}},
		{"id":"bonus","trigger":"every","eventType":"signup","type":"fixed","value":"500","currency":"usd"}],
	"holdbackDays":14}`

func TestPrograms(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	made := f.set(t, true, 201, "POST", "/v1/programs", wholeProgram)
	require.Equal(t, "active", made["state"])
	require.Equal(t, "eur", made["currency"])
	require.Equal(t, "2026-02-28T23:00:00Z", made["startsAt"])
	require.Equal(t, false, made["default"])
	require.Equal(t, made, f.ok(t, 200, "GET", "/v1/programs/cloud", ""))
	f.wait(time.Hour)
	require.Equal(t, made, f.set(t, false, 200, "POST", "/v1/programs", wholeProgram), "the same again")
	f.refused(t, 409, "exists", "POST", "/v1/programs", `{"id":"cloud",`+someRules+`}`)

	edited := f.set(t, true, 200, "PATCH", "/v1/programs/cloud", `{"name":"Cloud","endsAt":null,"holdbackDays":0}`)
	require.NotContains(t, edited, "endsAt")
	require.Equal(t, "Cloud", edited["name"])
	require.Equal(t, "Acme Cloud", edited["title"], "what is left out stays")
	before := f.dump(t)
	require.Equal(t, edited, f.set(t, false, 200, "PATCH", "/v1/programs/cloud", `{}`))
	require.Equal(t, before, f.dump(t), "nothing to change")
	later := f.set(t, true, 200, "PATCH", "/v1/programs/cloud", `{"name":"Next","from":"2026-06-01T00:00:00Z"}`)
	require.Equal(t, "Next", later["name"], "as it will be")
	require.Equal(t, map[string]any{"grandfathered": 0.0, "following": 0.0}, edited["partnerships"])
	delete(edited, "partnerships") // which are of the edit
	require.Equal(t, edited, f.ok(t, 200, "GET", "/v1/programs/cloud", ""), "not yet")

	ended := f.set(t, true, 200, "POST", "/v1/programs/cloud/end", `{}`)
	require.Equal(t, "ended", ended["state"])
	f.wait(time.Hour)
	require.Equal(t, ended["endsAt"], f.ok(t, 200, "POST", "/v1/programs/cloud/end", `{}`)["endsAt"], "it ended once")
	f.refused(t, 404, "not_found", "GET", "/v1/programs/none", "")
	f.refused(t, 404, "not_found", "PATCH", "/v1/programs/none", `{"name":"x"}`)
	f.refused(t, 404, "not_found", "PATCH", "/v1/programs/none", `{}`)
	f.refused(t, 404, "not_found", "POST", "/v1/programs/none/end", `{}`)

	require.Equal(t, launch, f.ok(t, 200, "GET", "/v1/organization", "")["defaultProgramId"])
	org := f.set(t, true, 200, "PATCH", "/v1/organization", `{"defaultProgramId":"cloud"}`)
	require.Equal(t, "cloud", org["defaultProgramId"])
	require.Len(t, org, 3, "and no secret")
	require.Equal(t, []string{"defaultProgramId"}, f.refused(t, 422, "invalid_input", "PATCH", "/v1/organization", `{"defaultProgramId":"none"}`))
}

func TestProgramsThatAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.dump(t)
	rule := func(field, value string) string {
		return `{"id":"x","destinationUrl":"https://acme.example/","rules":[{"id":"a","trigger":"every","type":"percent","value":"20","` + field + `":` + value + `}]}`
	}
	with := func(field, value string) string {
		body := `{"id":"x",` + someRules + `,"` + field + `":` + value + `}`
		if field == "destinationUrl" {
			body = strings.Replace(body, `"destinationUrl":"https://acme.example/",`, "", 1)
		}
		return body
	}
	for _, c := range []struct{ body, code, field string }{
		{`{` + someRules + `}`, "invalid_input", "id"},
		{`{"id":"a\u0007",` + someRules + `}`, "invalid_input", "id"},
		{`{"id":"x","destinationUrl":"https://acme.example/"}`, "invalid_terms", "rules"},
		{`{"id":"x","destinationUrl":"https://acme.example/","rules":[]}`, "invalid_terms", "rules"},
		{strings.Replace(with("name", `"X"`), `"destinationUrl":"https://acme.example/",`, "", 1), "invalid_terms", "destinationUrl"},
		{with("destinationUrl", `""`), "invalid_terms", "destinationUrl"},
		{`{"id":"x","rules":{}}`, "invalid_input", "rules"},
		{`{"id":"x","rules":[1]}`, "invalid_input", "rules[0]"},
		{rule("margin", "1"), "invalid_input", "rules[0].margin"},
		{rule("months", "3"), "invalid_terms", "rules[0].months"},
		{rule("months", "1.5"), "invalid_input", "rules[0].months"},
		{rule("months", `"3"`), "invalid_input", "rules[0].months"},
		{rule("recurring", "1"), "invalid_input", "rules[0].recurring"},
		{rule("tiers", `{"metric":"conversions","period":"month","thresholds":[{"at":1.5,"value":"1"}]}`), "invalid_input", "rules[0].tiers.thresholds[0].at"},
		{rule("tiers", `{"metric":"conversions","period":"month","thresholds":[{"value":"1"}]}`), "invalid_input", "rules[0].tiers.thresholds[0].at"},
		{rule("tiers", `{"metric":"joy","period":"month","thresholds":[{"at":1,"value":"1"}]}`), "invalid_terms", "rules[0].tiers.metric"},
		{with("currency", `"xxx"`), "invalid_input", "currency"},
		{with("timeZone", `"Mars/Olympus"`), "invalid_terms", "timeZone"},
		{with("attributionModel", `"none"`), "invalid_terms", "attributionModel"},
		{with("attributionWindowDays", `-1`), "invalid_terms", "attributionWindowDays"},
		{with("attributionWindowDays", `1e3`), "invalid_input", "attributionWindowDays"},
		{with("attributionWindowDays", `null`), "invalid_terms", "attributionWindowDays"},
		{with("methods", `["promo",1]`), "invalid_input", "methods[1]"},
		{with("methods", `["promo","promo"]`), "invalid_terms", "methods[1]"},
		{with("deepLinkDomains", `["https://a.example"]`), "invalid_terms", "deepLinkDomains[0]"},
		{with("destinationUrl", `"javascript:alert(1)"`), "invalid_terms", "destinationUrl"},
		{with("startsAt", `"soon"`), "invalid_input", "startsAt"},
		{with("partnerCodes", `"yes"`), "invalid_input", "partnerCodes"},
		{with("reward", `{"kind":"percent_off","percent":101,"span":"every_invoice"}`), "invalid_terms", "reward.percent"},
		{with("reward", `{"kind":"amount_off","amount":-1}`), "invalid_input", "reward.amount"},
		{with("reward", `{"kind":"free_months","months":1,"secret":1}`), "invalid_input", "reward.secret"},
		{with("from", `"2026-13-01T00:00:00Z"`), "invalid_input", "from"},
	} {
		require.Equal(t, []string{c.field}, f.refused(t, 422, c.code, "POST", "/v1/programs", c.body), c.body)
	}
	require.Equal(t, []string{"rules[0].id"}, f.refused(t, 400, "malformed_json", "POST", "/v1/programs", `{"rules":[{"id":"a","id":"b"}]}`))
	require.Equal(t, []string{"currency"}, f.refused(t, 422, "invalid_terms", "PATCH", "/v1/programs/"+launch, `{"currency":"usd"}`))
	require.Equal(t, []string{"rules"}, f.refused(t, 422, "invalid_terms", "PATCH", "/v1/programs/"+launch, `{"rules":[]}`))
	require.Equal(t, before, f.dump(t))
}

func TestPartners(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const whole = `{"id":"casey","name":"Casey","email":"casey@example.com","rank":2,"match":[{"field":"campaignId","op":"equals","value":"c"}],
		"payout":{"cadence":"weekly","weekday":"friday","hour":9,"timeZone":"Europe/Berlin","minimum":{"USD":5000}}}`
	made := f.set(t, true, 201, "POST", "/v1/partners", whole)
	require.Equal(t, "active", made["state"])
	require.Equal(t, "2026-03-20T08:00:00Z", made["nextPayoutAt"])
	require.Equal(t, map[string]any{"usd": 5000.0}, made["payout"].(map[string]any)["minimum"])
	f.wait(time.Minute)
	require.Equal(t, made, f.set(t, false, 200, "POST", "/v1/partners", whole))
	require.Equal(t, made, f.ok(t, 200, "GET", "/v1/partners/casey", ""))
	f.refused(t, 409, "exists", "POST", "/v1/partners", `{"id":"casey","name":"Someone"}`)
	edited := f.set(t, true, 200, "PATCH", "/v1/partners/casey", `{"match":[],"name":""}`)
	require.Empty(t, edited["match"])
	require.Equal(t, "casey@example.com", edited["email"])

	suspended := f.set(t, true, 200, "POST", "/v1/partners/casey/suspend", `{}`)
	require.Equal(t, "suspended", suspended["state"])
	before := f.dump(t)
	require.Equal(t, suspended, f.set(t, false, 200, "POST", "/v1/partners/casey/suspend", `{}`))
	require.Equal(t, before, f.dump(t), "once is enough")
	require.Equal(t, "active", f.ok(t, 200, "POST", "/v1/partners/casey/reinstate", `{"from":"2026-03-20T00:00:00Z"}`)["state"])
	require.Equal(t, "suspended", f.ok(t, 200, "GET", "/v1/partners/casey", "")["state"])

	for _, c := range []struct{ body, code, field string }{
		{`{}`, "invalid_input", "id"},
		{`{"id":"x","match":[{"field":"zip","op":"equals"}]}`, "invalid_input", "match[0].field"},
		{`{"id":"x","match":[{"field":"sub1","op":"like"}]}`, "invalid_input", "match[0].op"},
		{`{"id":"x","match":[{"field":"sub1","op":"equals","and":1}]}`, "invalid_input", "match[0].and"},
		{`{"id":"x","emailKey":"k"}`, "invalid_input", "emailKey"},
		{`{"id":"x","rank":"1"}`, "invalid_input", "rank"},
		{`{"id":"x","payout":{"cadence":"hourly"}}`, "invalid_schedule", "payout.cadence"},
		{`{"id":"x","payout":{"hour":24}}`, "invalid_schedule", "payout.hour"},
		{`{"id":"x","payout":{"timeZone":"Local"}}`, "invalid_schedule", "payout.timeZone"},
		{`{"id":"x","payout":{"weekday":"Friday"}}`, "invalid_input", "payout.weekday"},
		{`{"id":"x","payout":{"minimum":{"xxx":1}}}`, "invalid_input", "payout.minimum.xxx"},
		{`{"id":"x","payout":{"minimum":{"usd":-1}}}`, "invalid_input", "payout.minimum.usd"},
		{`{"id":"x","payout":{"minimum":{"usd":1,"USD":2}}}`, "invalid_input", "payout.minimum.USD"},
	} {
		require.Equal(t, []string{c.field}, f.refused(t, 422, c.code, "POST", "/v1/partners", c.body), c.body)
	}
	for path, method := range map[string]string{
		"/v1/partners/none": "GET", "/v1/partners/none/suspend": "POST", "/v1/partners/none/reinstate": "POST",
		"/v1/partners/none/balances": "GET", "/v1/partners/none/commissions": "GET",
	} {
		f.refused(t, 404, "not_found", method, path, "{}")
	}
}

func TestPartnerships(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ok(t, 201, "POST", "/v1/partners", `{"id":"casey","name":"Casey"}`)
	made := f.set(t, true, 201, "PUT", "/v1/partnerships/casey/"+launch, `{}`)
	require.Equal(t, "approval", made["terms"].(map[string]any)["source"])
	require.Equal(t, made, f.set(t, false, 200, "PUT", "/v1/partnerships/casey/"+launch, `{}`))
	require.Len(t, f.pages(t, "/v1/codes?partnerId=casey", "code", 9, func() {}), 1, "with a code")
	require.Len(t, f.pages(t, "/v1/links?partnerId=casey", "key", 9, func() {}), 1, "and a link")
	f.refused(t, 404, "not_found", "PUT", "/v1/partnerships/x/"+launch, `{}`)
	f.refused(t, 404, "not_found", "PUT", "/v1/partnerships/casey/y", `{}`)

	const path = "/v1/partnerships/casey/" + launch
	granted := f.set(t, true, 200, "PUT", path+"/override", `{"rules":[{"id":"sale","trigger":"every","type":"percent","value":"30"}]}`)
	terms := granted["terms"].(map[string]any)
	require.Equal(t, "amendment", terms["source"])
	require.Equal(t, 30.0, terms["holdbackDays"], "what is left out stays")
	require.Equal(t, granted, f.ok(t, 200, "GET", path, ""))
	f.wait(time.Hour)
	require.Equal(t, granted, f.set(t, false, 200, "PUT", path+"/override", `{"rules":[{"id":"sale","trigger":"every","type":"percent","value":"30"}]}`))
	f.refused(t, 404, "not_found", "PUT", "/v1/partnerships/none/"+launch+"/override", `{"holdbackDays":3}`)
	require.Equal(t, []string{"rules"}, f.refused(t, 422, "invalid_input", "PUT", path+"/override", `{}`))
	require.Equal(t, []string{"rules"}, f.refused(t, 422, "invalid_terms", "PUT", path+"/override", `{"rules":[]}`))
	require.Equal(t, []string{"from"}, f.refused(t, 422, "invalid_input", "DELETE", path+"/override?from=never", ""))
	require.Equal(t, "program", f.ok(t, 200, "DELETE", path+"/override?from=2026-04-01T00:00:00Z", "")["terms"].(map[string]any)["source"])
	f.wait(time.Second)
	f.ok(t, 200, "DELETE", path+"/override", "")
	f.wait(time.Second)
	f.refused(t, 404, "not_found", "DELETE", path+"/override", "")
	f.refused(t, 404, "not_found", "GET", "/v1/partnerships/casey/none", "")
	f.refused(t, 404, "not_found", "PUT", "/v1/partnerships/casey/none/override", `{"holdbackDays":1}`)
}

func TestLinksAndCodes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ok(t, 201, "POST", "/v1/partners", `{"id":"casey"}`)
	const link = `{"key":"spring","partnerId":"alex","programId":"` + launch + `","destinationUrl":"https://acme.example/spring"}`
	made := f.set(t, true, 201, "POST", "/v1/links", link)
	f.wait(time.Hour)
	require.Equal(t, made, f.set(t, false, 200, "POST", "/v1/links", link))
	require.Equal(t, made, f.ok(t, 200, "GET", "/v1/links/spring", ""))
	f.refused(t, 409, "exists", "POST", "/v1/links", `{"key":"spring","partnerId":"blair","programId":"`+launch+`"}`)
	f.refused(t, 409, "partner_not_approved", "POST", "/v1/links", `{"key":"c","partnerId":"casey","programId":"`+launch+`"}`)
	require.Equal(t, []string{"key", "destinationUrl"}, f.refused(t, 422, "invalid_input", "POST", "/v1/links",
		`{"key":"a b","partnerId":"alex","programId":"`+launch+`","destinationUrl":"ftp://x"}`))
	require.Equal(t, []string{"partnerId"}, f.refused(t, 422, "invalid_input", "POST", "/v1/links", `{"key":"c","partnerId":"x","programId":"`+launch+`"}`))
	f.refused(t, 404, "not_found", "GET", "/v1/links/none", "")

	const code = `{"code":"spring-26","partnerId":"alex","programId":"` + launch + `"}`
	added := f.set(t, true, 201, "POST", "/v1/codes", code)
	require.Equal(t, "SPRING-26", added["code"])
	f.wait(time.Hour)
	require.Equal(t, added, f.set(t, false, 200, "POST", "/v1/codes", code))
	require.Equal(t, added, f.ok(t, 200, "GET", "/v1/codes/Spring-26", ""))
	f.refused(t, 409, "code_taken", "POST", "/v1/codes", `{"code":"SPRING-26","partnerId":"blair","programId":"`+launch+`"}`)
	require.Equal(t, []string{"code"}, f.refused(t, 422, "code_invalid", "POST", "/v1/codes", `{"code":"a","partnerId":"alex","programId":"`+launch+`"}`))
	retired := f.set(t, true, 200, "POST", "/v1/codes/spring-26/retire", `{}`)
	require.Equal(t, false, retired["active"])
	f.wait(time.Hour)
	require.Equal(t, retired, f.set(t, false, 200, "POST", "/v1/codes/spring-26/retire", `{}`))
	again := f.set(t, true, 201, "POST", "/v1/codes", code)
	require.Equal(t, true, again["active"])
	require.Len(t, again["validity"], 2)
	f.refused(t, 404, "not_found", "GET", "/v1/codes/none", "")
	f.refused(t, 404, "not_found", "POST", "/v1/codes/none/retire", "{}")

	f.ok(t, 200, "POST", "/v1/programs/"+launch+"/end", "{}")
	f.refused(t, 409, "program_not_active", "POST", "/v1/codes", `{"code":"LATE","partnerId":"alex","programId":"`+launch+`"}`)
	f.refused(t, 409, "program_not_active", "POST", "/v1/links", `{"key":"late","partnerId":"alex","programId":"`+launch+`"}`)
}

// The same request twice at once, as a caller makes it who is tired of waiting.
func TestCreatedOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for path, body := range map[string]string{
		"/v1/programs": wholeProgram, "/v1/partners": `{"id":"casey","name":"Casey"}`,
		"/v1/links": `{"key":"twice","partnerId":"alex","programId":"` + launch + `"}`,
		"/v1/codes": `{"code":"TWICE","partnerId":"alex","programId":"` + launch + `"}`,
	} {
		var wait sync.WaitGroup
		var created, repeated atomic.Int64
		for range 8 {
			wait.Go(func() {
				switch f.do("POST", path, body, "Authorization", owner).Code {
				case 201:
					created.Add(1)
				case 200:
					repeated.Add(1)
				}
			})
		}
		wait.Wait()
		require.Equal(t, int64(8), created.Load()+repeated.Load(), path)
		require.Positive(t, created.Load(), path)
	}
}
