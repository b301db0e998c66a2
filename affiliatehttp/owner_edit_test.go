package affiliatehttp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAPatchMergesNestedObjects(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ok(t, 201, "POST", "/v1/partners", `{"id":"casey","payout":{"cadence":"monthly","day":3,"hour":9,"timeZone":"Europe/Berlin","minimum":{"usd":5000,"eur":4000}}}`)
	payout := func(body string) any { return f.ok(t, 200, "PATCH", "/v1/partners/casey", body)["payout"] }
	all := map[string]any{
		"cadence": "monthly", "weekday": "monday", "day": 15.0, "hour": 9.0, "timeZone": "Europe/Berlin",
		"minimum": map[string]any{"usd": 5000.0, "eur": 4000.0},
	}
	require.Equal(t, all, payout(`{"payout":{"day":15}}`), "nothing else moves")
	all["minimum"] = map[string]any{"usd": 7000.0, "eur": 4000.0}
	require.Equal(t, all, payout(`{"payout":{"minimum":{"USD":7000}}}`))
	all["minimum"] = map[string]any{"usd": 7000.0}
	require.Equal(t, all, payout(`{"payout":{"minimum":{"EUR":null}}}`), "a null removes a minimum")
	delete(all, "minimum")
	require.Equal(t, all, payout(`{"payout":{"minimum":null}}`))

	f.ok(t, 200, "PATCH", "/v1/programs/"+launch, `{"reward":{"kind":"percent_off","percent":10,"span":"first_months","months":3}}`)
	edited := f.ok(t, 200, "PATCH", "/v1/programs/"+launch, `{"reward":{"percent":20}}`)
	require.Equal(t, map[string]any{"kind": "percent_off", "percent": 20.0, "span": "first_months", "months": 3.0}, edited["reward"])
}

func TestANullRemovesWhatMayBeAbsentAndNothingElse(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ok(t, 200, "PATCH", "/v1/programs/"+launch, `{"startsAt":"2026-01-01T00:00:00Z","endsAt":"2027-01-01T00:00:00Z","title":"Acme",
		"deepLinkDomains":["acme.example"],"reward":{"kind":"free_months","months":1}}`)
	edited := f.ok(t, 200, "PATCH", "/v1/programs/"+launch, `{"startsAt":null,"endsAt":null,"title":null,"deepLinkDomains":null,"reward":null}`)
	for _, name := range []string{"startsAt", "endsAt", "reward"} {
		require.NotContains(t, edited, name)
	}
	require.Empty(t, edited["deepLinkDomains"])
	f.ok(t, 201, "POST", "/v1/partners", `{"id":"casey","email":"casey@example.com","match":[{"field":"sub1","op":"equals","value":"c"}]}`)
	partner := f.ok(t, 200, "PATCH", "/v1/partners/casey", `{"email":null,"match":null}`)
	require.Empty(t, partner["email"])
	require.Empty(t, partner["match"])
	f.ok(t, 201, "PUT", "/v1/partnerships/casey/"+launch, `{}`)

	before := f.dump(t)
	for _, c := range [][3]string{
		{"PATCH", "/v1/programs/" + launch, "name2"},
		{"PATCH", "/v1/programs/" + launch, "rules"},
		{"PATCH", "/v1/programs/" + launch, "methods"},
		{"PATCH", "/v1/programs/" + launch, "attributionModel"},
		{"PATCH", "/v1/programs/" + launch, "holdbackDays"},
		{"PATCH", "/v1/programs/" + launch, "destinationUrl"},
		{"PATCH", "/v1/partners/casey", "rank"},
		{"PATCH", "/v1/partners/casey", "payout"},
		{"PUT", "/v1/partnerships/casey/" + launch + "/override", "holdbackDays"},
		{"PUT", "/v1/partnerships/casey/" + launch + "/override", "rules"},
	} {
		code := "invalid_terms"
		if c[2] == "name2" {
			code = "invalid_input" // no field of the body at all
		}
		require.Equal(t, []string{c[2]}, f.refused(t, 422, code, c[0], c[1], `{"`+c[2]+`":null}`), c)
	}
	require.Equal(t, []string{"payout.day"}, f.refused(t, 422, "invalid_terms", "PATCH", "/v1/partners/casey", `{"payout":{"day":null}}`))
	require.Equal(t, []string{"rules[0].eventType"}, f.refused(t, 422, "invalid_input", "PATCH", "/v1/programs/"+launch,
		`{"rules":[{"id":"a","trigger":"every","type":"percent","value":"20","eventType":null}]}`), "in a list there is nothing to edit")
	require.Equal(t, before, f.dump(t))
}

func TestARewardWithoutAProviderIsShownAsNotApplied(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	require.NotContains(t, f.ok(t, 200, "GET", "/v1/programs/"+launch, ""), "rewardAppliesAtCheckout")
	f.ok(t, 201, "POST", "/v1/partners", `{"id":"casey"}`)
	f.ok(t, 201, "PUT", "/v1/partnerships/casey/"+launch, `{}`)
	plain := f.ok(t, 201, "POST", "/v1/codes", `{"code":"CASEY10","partnerId":"casey","programId":"`+launch+`"}`)
	require.NotContains(t, plain, "rewardState")
	edited := f.ok(t, 200, "PATCH", "/v1/programs/"+launch, `{"reward":{"kind":"percent_off","percent":10,"span":"first_invoice"}}`)
	require.Equal(t, false, edited["rewardAppliesAtCheckout"])
	code := f.ok(t, 200, "GET", "/v1/codes/CASEY10", "")
	require.Equal(t, map[string]any{"status": "not_applied"}, code["rewardState"])
	require.Equal(t, "percent_off", code["reward"].(map[string]any)["kind"], "switched on for codes that are there")
	items := f.ok(t, 200, "GET", "/v1/codes?partnerId=casey", "")["items"].([]any)
	require.Len(t, items, 2)
	for _, item := range items {
		require.Equal(t, map[string]any{"status": "not_applied"}, item.(map[string]any)["rewardState"])
	}
}

func TestLinksAndCodesOfAScheduledProgramWaitForItsStart(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ok(t, 201, "POST", "/v1/partners", `{"id":"casey"}`)
	f.ok(t, 201, "POST", "/v1/programs", `{"id":"soon","startsAt":"2026-04-01T00:00:00Z",`+someRules+`}`)
	f.ok(t, 201, "PUT", "/v1/partnerships/casey/soon", `{}`)
	setup, err := f.eng.Configuration(t.Context())
	require.NoError(t, err)
	link, code := setup.LinksOf("casey")[0].Key, setup.CodesOf("casey")[0].Code

	f.refused(t, 404, "not_found", "GET", "/v1/links/"+link, "")
	f.refused(t, 404, "not_found", "GET", "/v1/codes/"+code, "")
	require.Empty(t, f.ok(t, 200, "GET", "/v1/links?partnerId=casey", "")["items"])
	require.Empty(t, f.ok(t, 200, "GET", "/v1/codes?partnerId=casey", "")["items"])
	require.Equal(t, 404, f.visit("/r/"+link).Code)
	require.Empty(t, f.clicks(t))

	f.wait(30 * 24 * time.Hour)
	require.Equal(t, 302, f.visit("/r/"+link).Code)
	require.Len(t, f.clicks(t), 1)
	require.Equal(t, link, f.ok(t, 200, "GET", "/v1/links/"+link, "")["key"])
	require.Equal(t, code, f.ok(t, 200, "GET", "/v1/codes/"+code, "")["code"])
}

func TestThePublicTitleDefaultsToTheName(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	require.Equal(t, "Cloud", f.ok(t, 201, "POST", "/v1/programs", `{"id":"cloud","name":"Cloud",`+someRules+`}`)["title"])
	require.Equal(t, "Acme", f.ok(t, 200, "PATCH", "/v1/programs/cloud", `{"title":"Acme"}`)["title"])
	require.Equal(t, "Cloud", f.ok(t, 200, "PATCH", "/v1/programs/cloud", `{"title":null}`)["title"])
}
