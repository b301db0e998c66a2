package affiliatehttp_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// postback calls as a tracker does: with the key in the address.
func (f *fixture) postback(t *testing.T, query string) (int, answer) {
	t.Helper()
	w := f.do(http.MethodGet, "/v1/postback?s=k&"+query, "", "Authorization", "", "Content-Type", "")
	return w.Code, decoded(t, w)
}

func TestPostback(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.visit("/r/alex")
	click := f.clicks(t)[0].ID
	for i, name := range []string{"click_id", "cid", "clickid", "subid", "tid"} {
		id := string(rune('a' + i))
		status, a := f.postback(t, name+"="+click+"&payout=49.00&status=sale&txid="+id)
		require.Equal(t, http.StatusCreated, status, a)
		require.Equal(t, id, a.ConversionID)
		require.Equal(t, int64(980), a.Commissions[0].Amount)
		status, a = f.postback(t, name+"="+click+"&payout=49&status=approved&txid="+id)
		require.Equal(t, http.StatusOK, status, a)
		require.True(t, a.Duplicate)
	}
	status, a := f.postback(t, "cid="+click+"&payout=50&txid=a")
	require.Equal(t, http.StatusConflict, status, a)
	status, a = f.postback(t, "cid="+click+"&status=refund&txid=a")
	require.Equal(t, http.StatusCreated, status, a)
	status, a = f.postback(t, "cid="+click+"&status=chargeback&txid=a")
	require.Equal(t, http.StatusOK, status, a)
	status, a = f.postback(t, "cid="+click+"&status=lead")
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, "postback:signup:"+click, a.ConversionID)
	status, a = f.postback(t, "cid="+click+"&payout=500&currency=JPY&txid=yen")
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, int64(100), a.Commissions[0].Amount)
	status, a = f.postback(t, "cid=unknown&payout=1&txid=z")
	require.Equal(t, http.StatusCreated, status)
	require.False(t, a.Attributed)

	before := f.dump(t)
	status, _ = f.postback(t, "cid="+click+"&payout=1&status=pending&txid=later")
	require.Equal(t, http.StatusOK, status)
	for query, field := range map[string]string{
		"payout=1":                                      "click_id",
		"cid=" + click + "&status=maybe":                "status",
		"cid=" + click + "&payout=-1":                   "payout",
		"cid=" + click + "&payout=1e3":                  "payout",
		"cid=" + click + "&payout=1.234":                "payout",
		"cid=" + click + "&payout=NaN":                  "payout",
		"cid=" + click + "&payout=1,50":                 "payout",
		"cid=" + click + "&payout=1..5":                 "payout",
		"cid=" + click + "&payout=.":                    "payout",
		"cid=" + click + "&payout=99999999999999999999": "payout",
		"cid=" + click + "&payout=1&currency=zzz":       "payout",
		"cid=" + click + "&payout=1.5&currency=JPY":     "payout",
	} {
		status, a := f.postback(t, query+"&txid=bad")
		require.Equal(t, http.StatusUnprocessableEntity, status, query)
		require.Equal(t, []string{field}, a.fields(), query)
	}
	for query, want := range map[string]int{"": 401, "s=wrong&": 401, "%zz=1&s=k&": 400} {
		w := f.do(http.MethodGet, "/v1/postback?"+query+"cid="+click, "", "Authorization", "")
		require.Equal(t, want, w.Code, query)
	}
	require.Equal(t, http.StatusMethodNotAllowed, f.do(http.MethodHead, "/v1/postback?s=k&cid=x", "").Code)
	require.Equal(t, before, f.dump(t))
}
