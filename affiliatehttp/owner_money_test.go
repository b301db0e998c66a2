package affiliatehttp_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const earned = "/v1/commissions/o1:alex:" + launch + ":sale"

// sells records a sale of 49.00 by alex.
func (f *fixture) sells(t *testing.T, id string) {
	t.Helper()
	status, a := f.post(t, "/v1/conversions", `{"externalConversionId":"`+id+`","externalCustomerId":"c-`+id+`","promoCode":"ALEX10","amountCents":4900,"currency":"usd"}`)
	require.Equal(t, 201, status)
	require.Len(t, a.Commissions, 1)
}

func TestReviews(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sells(t, "o1")
	f.wait(time.Hour)
	held := f.ok(t, 200, "POST", earned+"/hold", `{"reason":"is it a bot?"}`)
	require.Equal(t, "under_review", held["status"])
	require.Equal(t, "o1", held["conversionId"])
	require.Equal(t, launch, held["programId"])
	f.wait(time.Hour)
	require.Equal(t, "pending", f.ok(t, 200, "POST", earned+"/release", `{}`)["status"])
	require.Equal(t, []string{"reason"}, f.refused(t, 422, "invalid_input", "POST", earned+"/reject", `{}`))
	f.wait(time.Hour)
	rejected := f.ok(t, 200, "POST", earned+"/reject", `{"reason":"a bot","at":"2026-03-13T14:30:00Z"}`)
	require.Equal(t, "rejected", rejected["status"])
	require.Zero(t, rejected["amount"])
	require.Equal(t, rejected, f.ok(t, 200, "POST", earned+"/reject", `{"reason":"a bot","at":"2026-03-13T14:30:00Z"}`))
	require.Equal(t, []any{
		map[string]any{"commissionId": strings.TrimPrefix(earned, "/v1/commissions/"), "kind": "hold", "reason": "is it a bot?", "by": "owner_7", "at": "2026-03-13T13:00:00Z"},
		map[string]any{"commissionId": strings.TrimPrefix(earned, "/v1/commissions/"), "kind": "release", "by": "owner_7", "at": "2026-03-13T14:00:00Z"},
		map[string]any{"commissionId": strings.TrimPrefix(earned, "/v1/commissions/"), "kind": "reject", "reason": "a bot", "by": "owner_7", "at": "2026-03-13T14:30:00Z"},
	}, f.ok(t, 200, "GET", "/v1/conversions/o1", "")["explanation"].(map[string]any)["reviews"])
	f.refused(t, 409, "duplicate_conflict", "POST", earned+"/reject", `{"reason":"a crawler","at":"2026-03-13T14:30:00Z"}`)
	require.Equal(t, []string{"at"}, f.refused(t, 422, "invalid_input", "POST", earned+"/reject", `{"reason":"x","at":"2027-01-01T00:00:00Z"}`))

	for _, id := range []string{"o1:blair:" + launch + ":sale", "o2:alex:" + launch + ":sale", "o1:alex:" + launch, "o1", "o1:alex:" + launch + ":sale:x", "o1%25:a:b:c"} {
		f.refused(t, 404, "not_found", "POST", "/v1/commissions/"+url.PathEscape(id)+"/hold", `{}`)
	}
	f.sells(t, "o:%3A/1 ü")
	page := f.ok(t, 200, "GET", "/v1/partners/alex/commissions", "")
	id := page["items"].([]any)[0].(map[string]any)["id"].(string)
	require.Equal(t, "under_review", f.ok(t, 200, "POST", "/v1/commissions/"+url.PathEscape(id)+"/hold", `{}`)["status"])
}

func TestConversionsOfTheOwner(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const manual = `{"externalConversionId":"o1","externalCustomerId":"c1","partnerId":"blair","amountCents":10000,"currency":"usd"}`
	made := f.ok(t, 201, "POST", "/v1/conversions", manual)
	require.Equal(t, true, made["attributed"])
	require.Equal(t, true, f.ok(t, 200, "POST", "/v1/conversions", manual)["duplicate"])
	f.wait(time.Hour)
	f.ok(t, 200, "PATCH", "/v1/conversions/o1", `{"amountCents":5000}`)
	got := f.ok(t, 200, "GET", "/v1/conversions/o1", "")
	require.Equal(t, 1000.0, got["commissions"].([]any)[0].(map[string]any)["amount"])
	require.Equal(t, []string{"amountCents"}, f.refused(t, 422, "invalid_input", "PATCH", "/v1/conversions/o1", `{}`))
	require.Equal(t, []string{"amendedAt"}, f.refused(t, 422, "invalid_input", "PATCH", "/v1/conversions/o1", `{"amountCents":1,"amendedAt":"2027-01-01T00:00:00Z"}`))
	require.Equal(t, true, f.ok(t, 200, "PATCH", "/v1/conversions/later", `{"amountCents":1}`)["waiting"])
	require.Equal(t, 403, f.do("PATCH", "/v1/conversions/o1", `{"amountCents":1}`, "Authorization", "Bearer partner").Code)
	require.Equal(t, 403, f.do("POST", "/v1/conversions", manual, "Authorization", owner, "Sec-Fetch-Site", "cross-site").Code)
	for _, path := range []string{"/v1/identify", "/v1/refunds", "/v1/track/sale", "/v1/postback"} {
		method := "POST"
		if path == "/v1/postback" {
			method = "GET" // which a page of another site could have an owner's browser send
		}
		require.Equal(t, 403, f.do(method, path, "{}", "Authorization", owner).Code, path)
	}
}

func TestCommissionPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 7 {
		f.sells(t, fmt.Sprint("o", i))
		f.wait(time.Minute)
	}
	n := 7
	ids := f.pages(t, "/v1/partners/alex/commissions", "conversionId", 2, func() {
		f.sells(t, fmt.Sprint("o", n))
		f.wait(time.Minute)
		n++
	})
	require.Equal(t, []string{"o6", "o5", "o4", "o3", "o2", "o1", "o0"}, ids, "later ones come before the first page")
	require.Empty(t, f.pages(t, "/v1/partners/blair/commissions", "id", 2, func() {}))
	require.Equal(t, []string{"after"}, f.refused(t, 422, "invalid_input", "GET", "/v1/partners/alex/commissions?after=x", ""))
}

func TestPayouts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 3 {
		f.sells(t, fmt.Sprint("o", i))
	}
	empty := f.ok(t, 200, "POST", "/v1/payout-runs", `{}`)
	require.Equal(t, map[string]any{"dryRun": false, "payouts": []any{}}, empty)
	balances := f.ok(t, 200, "GET", "/v1/partners/alex/balances", "")
	require.Equal(t, "2026-04-01T00:00:00Z", balances["nextPayoutAt"])
	require.Equal(t, []any{map[string]any{"currency": "usd", "pending": 2940.0, "payable": 0.0, "inPayout": 0.0, "paid": 0.0}}, balances["items"])

	forecast := f.ok(t, 200, "POST", "/v1/payout-runs", `{"dryRun":true,"at":"2026-05-01T00:00:00Z"}`)
	require.Len(t, forecast["payouts"], 1)
	require.NotContains(t, forecast["payouts"].([]any)[0], "id")
	require.Equal(t, []string{"at"}, f.refused(t, 422, "invalid_input", "POST", "/v1/payout-runs", `{"at":"2026-05-01T00:00:00Z"}`))
	f.wait(60 * 24 * time.Hour)
	due := map[string]any{"amount": 2940.0, "cutoff": "2026-05-01T00:00:00Z"}
	next := map[string]any{"amount": 0.0, "cutoff": "2026-06-01T00:00:00Z"}
	require.Equal(t, []any{map[string]any{"currency": "usd", "duePayout": due, "nextPayout": next, "minimum": 0.0}},
		f.ok(t, 200, "GET", "/v1/partners/alex/balances", "")["upcoming"], "what is due is apart from what comes next")
	run := f.ok(t, 201, "POST", "/v1/payout-runs", `{}`)
	require.Equal(t, []any{map[string]any{"currency": "usd", "nextPayout": next, "minimum": 0.0}}, f.ok(t, 200, "GET", "/v1/partners/alex/balances", "")["upcoming"])
	issued := run["payouts"].([]any)[0].(map[string]any)
	require.Equal(t, 2940.0, issued["amount"])
	require.Equal(t, "issued", issued["status"])
	require.Equal(t, empty, f.ok(t, 200, "POST", "/v1/payout-runs", `{}`), "nothing twice")

	path := "/v1/payouts/" + issued["id"].(string)
	require.Equal(t, issued, f.ok(t, 200, "GET", path, ""))
	require.Equal(t, []string{issued["id"].(string)}, f.pages(t, "/v1/payouts?partnerId=alex&status=issued", "id", 1, func() {}))
	require.Empty(t, f.pages(t, "/v1/payouts?partnerId=blair", "id", 1, func() {}))
	require.Equal(t, []string{"status"}, f.refused(t, 422, "invalid_input", "GET", "/v1/payouts?status=gone", ""))

	paid := f.ok(t, 200, "PATCH", path, `{"status":"paid"}`)
	require.Equal(t, "paid", paid["status"])
	require.Len(t, paid["moves"], 1)
	f.wait(time.Hour)
	require.Equal(t, paid, f.ok(t, 200, "PATCH", path, `{"status":"paid"}`), "the same again")
	f.refused(t, 409, "invalid_transition", "PATCH", path, `{"status":"failed"}`)
	require.Equal(t, []string{"status"}, f.refused(t, 422, "invalid_input", "PATCH", path, `{"status":"issued"}`))
	require.Equal(t, []string{"at"}, f.refused(t, 422, "invalid_input", "PATCH", path, `{"status":"paid","at":"2027-01-01T00:00:00Z"}`))
	f.refused(t, 409, "invalid_transition", "POST", "/v1/commissions/o1:alex:"+launch+":sale/hold", `{}`)
	for _, missing := range []string{"", "/statement", "/statement.csv", "/statement.html"} {
		f.refused(t, 404, "not_found", "GET", "/v1/payouts/none"+missing, "")
	}
	f.refused(t, 404, "not_found", "PATCH", "/v1/payouts/none", `{"status":"paid"}`)
}

// Whoever works through the payouts to make changes their state on the way.
func TestPayoutPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 5 {
		f.ok(t, 201, "POST", "/v1/partners", fmt.Sprintf(`{"id":"m%d"}`, i))
		f.ok(t, 201, "PUT", fmt.Sprintf("/v1/partnerships/m%d/%s", i, launch), `{}`)
		f.wait(time.Second)
		f.ok(t, 201, "POST", "/v1/conversions", fmt.Sprintf(`{"externalConversionId":"o%d","externalCustomerId":"c%d","partnerId":"m%d","amountCents":10000}`, i, i, i))
	}
	f.wait(60 * 24 * time.Hour)
	require.Len(t, f.ok(t, 201, "POST", "/v1/payout-runs", `{}`)["payouts"], 5)
	ids := f.pages(t, "/v1/payouts", "id", 2, func() {})
	require.Len(t, ids, 5)
	n := 0
	require.Equal(t, ids, f.pages(t, "/v1/payouts?status=issued", "id", 2, func() {
		for _, id := range ids[n : n+2] {
			f.ok(t, 200, "PATCH", "/v1/payouts/"+id, `{"status":"paid"}`)
		}
		n += 2
	}))
	require.Equal(t, ids[4:], f.pages(t, "/v1/payouts?status=issued", "id", 2, func() {}))
}

func TestStatements(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sells(t, "o1")
	f.sells(t, `=<script>alert(1)</script>`)
	f.wait(60 * 24 * time.Hour)
	run := f.ok(t, 201, "POST", "/v1/payout-runs", `{}`)
	path := "/v1/payouts/" + run["payouts"].([]any)[0].(map[string]any)["id"].(string) + "/statement"
	first := f.ok(t, 200, "GET", path, "")
	require.Equal(t, 1960.0, first["amount"])
	require.Len(t, first["lines"], 2)

	csv := f.do("GET", path+".csv", "", "Authorization", owner)
	require.Equal(t, 200, csv.Code)
	require.Equal(t, "text/csv; charset=utf-8", csv.Header().Get("Content-Type"))
	require.Contains(t, csv.Header().Get("Content-Disposition"), "attachment; filename=statement-")
	require.Contains(t, csv.Body.String(), `'=<script>`, "no formula")
	require.Contains(t, csv.Body.String(), "-19.60")

	page := f.do("GET", path+".html", "", "Authorization", owner)
	require.Equal(t, 200, page.Code)
	require.Equal(t, "text/html; charset=utf-8", page.Header().Get("Content-Type"))
	require.Contains(t, page.Header().Get("Content-Security-Policy"), "default-src 'none'")
	require.Equal(t, "nosniff", page.Header().Get("X-Content-Type-Options"))
	require.NotContains(t, page.Body.String(), "<script>")
	require.Contains(t, page.Body.String(), "19.60 USD")
	require.Contains(t, page.Body.String(), "-19.60 USD")

	f.sells(t, "o3")
	f.wait(time.Hour)
	require.Equal(t, first, f.ok(t, 200, "GET", path, ""), "it never changes")
	require.Equal(t, page.Body.String(), f.do("GET", path+".html", "", "Authorization", owner).Body.String())
}

// Another organization's ids do not exist.
func TestOrganizationsAreApart(t *testing.T) {
	t.Parallel()
	one, two := newFixture(t), newFixture(t)
	two.ok(t, 201, "POST", "/v1/programs", wholeProgram)
	two.ok(t, 201, "POST", "/v1/partners", `{"id":"casey"}`)
	two.ok(t, 201, "POST", "/v1/links", `{"key":"only-two","partnerId":"alex","programId":"`+launch+`"}`)
	two.sells(t, "o1")
	for _, path := range []string{"/v1/programs/cloud", "/v1/partners/casey", "/v1/links/only-two", "/v1/partnerships/casey/cloud", "/v1/conversions/o1"} {
		one.refused(t, 404, "not_found", "GET", path, "")
	}
	one.refused(t, 404, "not_found", "POST", earned+"/reject", `{"reason":"x"}`)
	require.NotContains(t, strings.Join(one.pages(t, "/v1/programs", "id", 50, func() {}), ","), "cloud")
}

// FuzzOwnerBodies looks for a body that is neither taken nor refused.
func FuzzOwnerBodies(f *testing.F) {
	paths := []string{"/v1/programs", "/v1/partners", "/v1/adjustments", "/v1/links", "/v1/codes", "/v1/payout-runs", "/v1/programs/" + launch}
	for i, body := range []string{wholeProgram, `{"id":"x","payout":{"minimum":{"usd":1}}}`, `{"id":"a","partnerId":"alex","currency":"usd","amount":-1,"reason":"r"}`, `{"key":"k"}`, `{"code":"c"}`, `{"dryRun":true}`, `{"endsAt":null}`} {
		f.Add(i, body)
	}
	f.Fuzz(func(t *testing.T, path int, body string) {
		method := "POST"
		to := paths[(path%len(paths)+len(paths))%len(paths)]
		if to == paths[len(paths)-1] {
			method = "PATCH"
		}
		w := newFixtureOf(t).do(method, to, body, "Authorization", owner)
		object(t, w)
		switch w.Code {
		case 200, 201, 400, 409, 413, 415, 422:
		default:
			t.Fatalf("%s %s %q: %d %s", method, to, body, w.Code, w.Body.String())
		}
	})
}
