package affiliatehttp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A partnership is suspended alone, revoked and opened again.
func TestLifeOfAPartnership(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ok(t, 201, "POST", "/v1/partners", `{"id":"casey","name":"Casey"}`)
	const path = "/v1/partnerships/casey/" + launch
	f.ok(t, 201, "PUT", path, `{}`)
	state := func() any { return f.ok(t, 200, "GET", path, "")["state"] }
	require.Equal(t, "approved", state())

	f.wait(time.Second)
	who := f.ok(t, 200, "POST", "/v1/partners/casey/suspend", `{"programId":"`+launch+`"}`)
	require.Equal(t, "active", who["state"])
	require.Equal(t, []any{launch}, who["suspendedOn"])
	require.Equal(t, "suspended", state())
	f.wait(time.Second)
	require.Nil(t, f.ok(t, 200, "POST", "/v1/partners/casey/reinstate", `{"programId":"`+launch+`"}`)["suspendedOn"])
	f.refused(t, 404, "not_found", "POST", "/v1/partners/casey/suspend", `{"programId":"none"}`)

	f.ok(t, 200, "PUT", path+"/override", `{"holdbackDays":3}`)
	f.wait(time.Second)
	require.Equal(t, "revoked", f.ok(t, 200, "DELETE", path, "")["state"])
	require.Equal(t, "revoked", f.ok(t, 200, "DELETE", path, "")["state"], "again")
	f.refused(t, 404, "not_found", "POST", "/v1/programs/"+launch+"/adopt", `{"partners":["casey"]}`)
	f.refused(t, 422, "invalid_input", "POST", "/v1/programs/"+launch+"/adopt", `{"partners":[]}`)
	f.wait(time.Second)
	require.Equal(t, "approval", f.ok(t, 201, "PUT", path, `{}`)["terms"].(map[string]any)["source"])

	f.wait(time.Second)
	f.ok(t, 200, "PATCH", "/v1/programs/"+launch, `{"holdbackDays":9}`)
	f.wait(time.Second)
	require.Equal(t, true, f.ok(t, 200, "POST", "/v1/programs/"+launch+"/adopt", `{}`)["changed"])
	terms := f.ok(t, 200, "GET", path, "")["terms"].(map[string]any)
	require.Equal(t, "adoption", terms["source"])
	require.Equal(t, 9.0, terms["holdbackDays"])
}

func TestAdjustments(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, body := range []string{
		`{"id":"a1","partnerId":"alex","currency":"usd","amount":2500,"reason":"bonus"}`,
		`{"id":"a2","partnerId":"alex","currency":"USD","amount":-500,"reason":"correction"}`,
	} {
		made := f.ok(t, 201, "POST", "/v1/adjustments", body)
		require.Equal(t, made, f.ok(t, 200, "POST", "/v1/adjustments", body))
		f.wait(time.Second)
	}
	require.Equal(t, []string{"a2", "a1"}, f.pages(t, "/v1/adjustments?partnerId=alex", "id", 1, func() {}))
	require.Empty(t, f.pages(t, "/v1/adjustments?partnerId=nobody", "id", 1, func() {}))
	f.refused(t, 422, "invalid_input", "GET", "/v1/adjustments?after=x", "")

	f.refused(t, 409, "duplicate_conflict", "POST", "/v1/adjustments", `{"id":"a1","partnerId":"alex","currency":"usd","amount":1,"reason":"bonus"}`)
	for body, field := range map[string]string{
		`{"id":"a3","partnerId":"alex","currency":"usd","amount":0,"reason":"x"}`:                "amount",
		`{"id":"a3","partnerId":"alex","currency":"usd","amount":1.5,"reason":"x"}`:              "amount",
		`{"id":"a3","partnerId":"alex","currency":"usd","amount":9007199254740992,"reason":"x"}`: "amount",
		`{"id":"a3","partnerId":"alex","currency":"usd","amount":1}`:                             "reason",
		`{"id":"a3","partnerId":"nobody","currency":"usd","amount":1,"reason":"x"}`:              "partnerId",
		`{"id":"a3","partnerId":"alex","currency":"xxy","amount":1,"reason":"x"}`:                "currency",
		`{"id":"a3","partnerId":"alex","amount":1,"reason":"x"}`:                                 "currency",
		`{"partnerId":"alex","currency":"usd","amount":1,"reason":"x"}`:                          "id",
	} {
		require.Equal(t, []string{field}, f.refused(t, 422, "invalid_input", "POST", "/v1/adjustments", body), body)
	}
}

func TestEraseCustomer(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ok(t, 201, "POST", "/v1/conversions", `{"externalConversionId":"e1","externalCustomerId":"kim/1","amountCents":1000,"partnerId":"alex","metadata":{"name":"Kim"}}`)
	require.Equal(t, map[string]any{"conversions": 1.0, "clicks": 0.0}, f.ok(t, 200, "DELETE", "/v1/customers/kim%2F1", ""))
	f.refused(t, 404, "not_found", "DELETE", "/v1/customers/kim%2F1", "")
	answer := f.ok(t, 200, "GET", "/v1/conversions/e1", "")
	require.Equal(t, true, answer["attributed"])
	require.Equal(t, true, answer["explanation"].(map[string]any)["erased"])
	require.NotContains(t, strings.ToLower(text(answer)), "kim")
}

// An edit says how many partnerships keep their terms, and how many follow.
func TestAnEditSaysWhomItConcerns(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	edit := func() any {
		return f.ok(t, 200, "PATCH", "/v1/programs/"+launch, `{"holdbackDays":9}`)["partnerships"]
	}
	before := edit().(map[string]any)
	f.ok(t, 201, "POST", "/v1/partners", `{"id":"casey"}`)
	f.ok(t, 201, "PUT", "/v1/partnerships/casey/"+launch, `{}`)
	require.Equal(t, map[string]any{"grandfathered": before["grandfathered"].(float64) + 1, "following": 0.0}, edit())
	f.ok(t, 200, "PUT", "/v1/partnerships/casey/"+launch+"/override", `{"holdbackDays":3}`)
	f.wait(time.Second)
	f.ok(t, 200, "DELETE", "/v1/partnerships/casey/"+launch+"/override", "")
	f.wait(time.Second)
	require.Equal(t, map[string]any{"grandfathered": before["grandfathered"], "following": 1.0}, edit())
}

// Partners are found by name, address or id, by state and by program; what no route
// knows is refused by name.
func TestFindPartners(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ok(t, 201, "POST", "/v1/partners", `{"id":"casey-1","name":"Casey Jones","email":"cj@mail.example"}`)
	f.ok(t, 201, "POST", "/v1/partners", `{"id":"dana","name":"Dana"}`)
	f.ok(t, 201, "PUT", "/v1/partnerships/dana/"+launch, `{}`)
	f.ok(t, 200, "POST", "/v1/partners/dana/suspend", `{}`)
	find := func(query string) []string { return f.pages(t, "/v1/partners?"+query, "id", 1, func() {}) }
	require.Equal(t, []string{"casey-1"}, find("q=JONES"))
	require.Equal(t, []string{"casey-1"}, find("q=cj@mail"))
	require.Equal(t, []string{"casey-1"}, find("q=casey-1"))
	require.Equal(t, []string{"dana"}, find("status=suspended"))
	require.NotContains(t, find("status=active"), "dana")
	require.Contains(t, find("program="+launch), "dana")
	require.NotContains(t, find("program="+launch), "casey-1")
	require.Empty(t, find("q=nobody-of-that-name"))
	require.Equal(t, []string{"status"}, f.refused(t, 422, "invalid_input", "GET", "/v1/partners?status=gone", ""))

	require.Equal(t, []string{"partner", "statuz"}, f.refused(t, 422, "invalid_input", "GET", "/v1/partners?statuz=active&partner=x", ""))
	require.Equal(t, []string{"force"}, f.refused(t, 422, "invalid_input", "POST", "/v1/programs/"+launch+"/end?force=1", `{}`))
	require.Equal(t, "active", f.ok(t, 200, "GET", "/v1/programs/"+launch, "")["state"], "nothing was done")
}

// A run is for some partners, or for all but some.
func TestRunForSomePartners(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, id := range []string{"p1", "p2", "p3"} {
		f.ok(t, 201, "POST", "/v1/partners", `{"id":"`+id+`"}`)
		f.ok(t, 201, "POST", "/v1/adjustments", `{"id":"a-`+id+`","partnerId":"`+id+`","currency":"usd","amount":500,"reason":"bonus"}`)
	}
	f.wait(60 * 24 * time.Hour)
	run := func(body string) (paid []string) {
		w := f.do("POST", "/v1/payout-runs", body, "Authorization", owner)
		require.Contains(t, []int{200, 201}, w.Code, w.Body)
		var answer struct {
			Payouts []struct {
				PartnerID string `json:"partnerId"`
			} `json:"payouts"`
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
		for _, p := range answer.Payouts {
			paid = append(paid, p.PartnerID)
		}
		return paid
	}
	require.Equal(t, []string{"p2"}, run(`{"partners":["p2"]}`))
	require.Equal(t, []string{"p3"}, run(`{"exclude":["p1"]}`))
	require.Equal(t, []string{"p1"}, run(`{}`))
	require.Equal(t, []string{"partners[1]"}, f.refused(t, 422, "invalid_input", "POST", "/v1/payout-runs", `{"partners":["p1","p9"]}`))
	require.Equal(t, []string{"exclude[0]"}, f.refused(t, 422, "invalid_input", "POST", "/v1/payout-runs", `{"exclude":["p9"]}`))
}

func text(v any) string { return fmt.Sprint(v) }
