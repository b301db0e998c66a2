package affiliatehttp_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// table reads a list as a table.
func (f *fixture) table(t *testing.T, path string) [][]string {
	t.Helper()
	w := f.do("GET", path, "", "Authorization", owner)
	require.Equal(t, 200, w.Code, w.Body)
	require.Equal(t, "text/csv; charset=utf-8", w.Header().Get("Content-Type"))
	rows, err := csv.NewReader(strings.NewReader(w.Body.String())).ReadAll()
	require.NoError(t, err)
	return rows
}

// Every list is a table, too: all of it, whatever the size of a page, with nothing
// that a spreadsheet would run.
func TestListsAsTables(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 7 {
		f.ok(t, 201, "POST", "/v1/partners", fmt.Sprintf(`{"id":"p%d","name":"=cmd(%d)","email":"p%d@mail.example"}`, i, i, i))
		f.ok(t, 201, "POST", "/v1/adjustments", fmt.Sprintf(`{"id":"a%d","partnerId":"p0","currency":"usd","amount":-%d,"reason":"x"}`, i, i+1))
	}
	for _, limit := range []string{"", "&limit=1", "&limit=3"} {
		rows := f.table(t, "/v1/partners?format=csv&q=cmd"+limit)
		require.Len(t, rows, 8, limit)
		require.Equal(t, []string{"id", "name", "email", "state"}, rows[0][:4])
		require.Contains(t, rows[0], "payout")
		require.Equal(t, []string{"p0", "'=cmd(0)", "p0@mail.example", "active"}, rows[1][:4])
	}
	rows := f.table(t, "/v1/adjustments?format=csv&partnerId=p0&limit=2")
	require.Len(t, rows, 8)
	require.Equal(t, []string{"id", "partnerId", "currency", "amount", "reason", "by", "at"}, rows[0])
	require.Equal(t, []string{"a6", "p0", "usd", "-7", "x"}, rows[1][:5])

	f.ok(t, 201, "POST", "/v1/conversions", `{"externalConversionId":"t1","externalCustomerId":"c","amountCents":1000,"partnerId":"alex"}`)
	for path, columns := range map[string]string{
		"/v1/programs": "rules", "/v1/partnerships": "terms.source", "/v1/links": "key", "/v1/codes": "validity",
		"/v1/partners/alex/commissions": "amount", "/v1/payouts": "amount",
	} {
		rows := f.table(t, path+"?format=csv")
		require.Contains(t, rows[0], columns, path)
		if path != "/v1/payouts" {
			require.Greater(t, len(rows), 1, path)
		}
	}
	require.Equal(t, []string{"format"}, f.refused(t, 422, "invalid_input", "GET", "/v1/partners?format=xml", ""))
	require.Equal(t, []string{"format"}, f.refused(t, 422, "invalid_input", "GET", "/v1/partners/alex?format=csv", ""))
}
