package affiliatehttp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
)

// listed returns a field of each item of a list of the owner.
func (f *fixture) listed(t *testing.T, path, field string) []string {
	t.Helper()
	list := []string{}
	for _, item := range f.ok(t, 200, "GET", path, "")["items"].([]any) {
		list = append(list, fmt.Sprint(item.(map[string]any)[field]))
	}
	return list
}

// sales records four conversions: of alex, refunded in part; of nobody; a sign-up; of
// alex again, by the same customer.
func (f *fixture) sales(t *testing.T) {
	t.Helper()
	for i, in := range []affiliate.Conversion{
		{ID: "o1", Customer: "c1", Partner: "alex", Amount: 1000},
		{ID: "o2", Customer: "c2", Amount: 500, PromoCode: "nothing"},
		{ID: "signup:c3", Customer: "c3", Type: "signup"},
		{ID: "o4", Customer: "c1", Amount: 2000},
	} {
		in.At = f.eng.Now().AddDate(0, 0, i-8)
		_, err := f.eng.RecordConversion(t.Context(), in)
		require.NoError(t, err)
	}
	_, err := f.eng.RecordRefund(t.Context(), affiliate.Refund{ID: "re", Conversion: "o1", Amount: 250})
	require.NoError(t, err)
}

func TestListsOfTheOwner(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sales(t)
	for query, want := range map[string][]string{
		"":                               {"o4", "signup:c3", "o2", "o1"},
		"?partner=alex":                  {"o4", "o1"},
		"?attributed=false&type=signup":  {"signup:c3"},
		"?attributed=true&customer=c1":   {"o4", "o1"},
		"?code=NOTHING":                  {"o2"},
		"?reason=no_touch":               {"signup:c3"},
		"?q=C2":                          {"o2"},
		"?from=2026-03-06&to=2026-03-07": {"o2"},
		"?program=" + launch:             {"o4", "o1"},
	} {
		require.Equal(t, want, f.listed(t, "/v1/conversions"+query, "conversionId"), query)
	}
	first := f.ok(t, 200, "GET", "/v1/conversions?limit=3", "")
	require.Len(t, first["items"], 3)
	require.Equal(t, []string{"o1"}, f.listed(t, "/v1/conversions?limit=3&after="+fmt.Sprint(first["nextAfter"]), "conversionId"))
	sale := f.ok(t, 200, "GET", "/v1/conversions?customer=c1&to=2026-03-06", "")["items"].([]any)[0].(map[string]any)
	require.Equal(t, []any{1000.0, 250.0, "c1"}, []any{sale["amountCents"], sale["refundedCents"], sale["externalCustomerId"]})

	require.Contains(t, f.do("GET", "/v1/conversions/o2/explanation.txt", "", "Authorization", owner).Body.String(), "o2: invoice_paid of 5.00 USD")
	require.Equal(t, []string{"o4", "o1"}, f.listed(t, "/v1/commissions", "conversionId"))
	require.Equal(t, []string{"o4"}, f.listed(t, "/v1/commissions?state=pending&from=2026-03-07", "conversionId"))
	require.Empty(t, f.listed(t, "/v1/commissions?partner=nobody", "conversionId"))

	require.Equal(t, []string{"c1", "c2", "c3"}, f.listed(t, "/v1/customers", "customerId"))
	c1 := f.ok(t, 200, "GET", "/v1/customers/c1", "")
	require.Equal(t, 2.0, c1["conversions"])
	f.refused(t, 404, "not_found", "GET", "/v1/customers/nobody", "")

	for path, field := range map[string]string{
		"/v1/conversions?from=yesterday": "from", "/v1/conversions?to=2026-13-01": "to", "/v1/conversions?attributed=1": "attributed",
		"/v1/conversions?after=x": "after", "/v1/conversions?partnerId=alex": "partnerId", "/v1/commissions?state=gone": "state",
		"/v1/stats?by=nothing": "by", "/v1/stats?format=xml": "format",
	} {
		require.Equal(t, []string{field}, f.refused(t, 422, "invalid_input", "GET", path, ""), path)
	}
	require.Equal(t, 403, f.do("GET", "/v1/conversions", "", "Authorization", key).Code, "a server records, it does not read all")
	require.Equal(t, 405, f.do("PUT", "/v1/conversions", "{}", "Authorization", owner).Code)
}

func TestStats(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sales(t)
	rows := f.ok(t, 200, "GET", "/v1/stats?by=partner", "")["items"].([]any)
	require.Len(t, rows, 2)
	none, alex := rows[0].(map[string]any), rows[1].(map[string]any)
	require.Equal(t, []any{"", 500.0, 1.0, 1.0}, []any{none["key"], none["revenue"], none["conversions"], none["signups"]})
	require.Equal(t, []any{"alex", 3000.0, 250.0, 2.0, 1.0},
		[]any{alex["key"], alex["revenue"], alex["refunded"], alex["conversions"], alex["customers"]})
	require.Empty(t, f.ok(t, 200, "GET", "/v1/stats?currency=eur", "")["items"])
	require.Equal(t, []string{"2026-03"}, f.listed(t, "/v1/stats?by=month", "key"))

	w := f.do("GET", "/v1/stats?by=partner&format=csv", "", "Authorization", owner)
	require.Equal(t, "key,currency,clicks,signups,customers,conversions,revenue,refunded,commission", strings.Split(w.Body.String(), "\n")[0])
	w = f.do("GET", "/v1/conversions?format=csv", "", "Authorization", owner)
	require.Equal(t, 5, strings.Count(w.Body.String(), "\n"), w.Body)
}
