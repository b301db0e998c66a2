package affiliatehttp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// asked is a page request with a cookie header.
func asked(path, cookies string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://acme.example"+path, nil)
	r.Header.Set("User-Agent", firefox)
	if cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	return r
}

func TestForgedCookiesAreNobodys(t *testing.T) {
	t.Parallel()
	f, other := newFixture(t), newFixture(t)
	good := cookie(f.visit("/r/alex"))
	visit := f.handler.Visit(asked("/", good))
	require.NotEmpty(t, visit.Visitor)
	name, value, _ := strings.Cut(good, "=")
	parts := strings.Split(value, ".")
	forged := []string{
		"", "x", visit.Visitor, "v1", "v1.", "v1......", value + "x", value[1:], value[:len(value)-1], strings.ToUpper(value),
		"t1" + value[2:], value + "." + value, strings.Replace(value, ".alex.", ".blair.", 1), strings.Join(parts[:6], "."),
		strings.Join(parts[:6], ".") + ".", "v1." + strings.Repeat("x", 3000), strings.TrimPrefix(cookie(other.visit("/r/alex")), name+"="),
	}
	for i := range value { // each byte of it counts
		flipped := []byte(value)
		flipped[i] ^= 1
		forged = append(forged, string(flipped))
	}
	for _, v := range forged {
		require.Empty(t, f.handler.Visit(asked("/", name+"="+v)), v)
	}
	require.Equal(t, visit, f.handler.Visit(asked("/", name+"=forged; "+good)), "a genuine one beside it counts")
	f.visit("/r/blair", "Cookie", name+"="+forged[2])
	require.NotEqual(t, visit.Visitor, f.clicks(t)[1].Visitor)
}

func TestCookiesEndBeforeTheyAreTooOld(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.CookieMaxAge = time.Hour })
	had := cookie(f.visit("/r/alex"))
	f.wait(time.Hour)
	require.NotEmpty(t, f.handler.Visit(asked("/", had)))
	f.wait(time.Second)
	require.Empty(t, f.handler.Visit(asked("/", had)))
	f.wait(-2 * time.Hour)
	require.Empty(t, f.handler.Visit(asked("/", had)), "it was not issued yet")
}

func TestKeysAreRotated(t *testing.T) {
	t.Parallel()
	oldKey, newKey := []byte(strings.Repeat("o", 32)), []byte(strings.Repeat("n", 32))
	with := func(keys ...[]byte) *affiliatehttp.Handler {
		return newFixture(t, func(c *affiliatehttp.Config) { c.Keys = keys }).handler
	}
	f := newFixture(t, func(c *affiliatehttp.Config) { c.Keys = [][]byte{oldKey} })
	had := cookie(f.visit("/r/alex"))
	require.NotEmpty(t, with(oldKey).Visit(asked("/", had)), "another process")
	require.NotEmpty(t, with(newKey, oldKey).Visit(asked("/", had)))
	require.Empty(t, with(newKey).Visit(asked("/", had)))
	require.Empty(t, with().Visit(asked("/", had)))
}

func TestTokensAreShortLived(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.TokenMaxAge = 10 * time.Minute })
	want := affiliatehttp.Visit{Visitor: "v", Click: "a click: 100 %", Referral: "alex", At: today}
	token := f.handler.IssueToken(f.eng, want)
	got, ok := f.handler.VerifyToken(f.eng, token)
	require.True(t, ok)
	require.Equal(t, want, got)
	want.Visitor = ""
	require.Equal(t, want, f.handler.Visit(asked("/?cref="+token, "")))
	require.Empty(t, f.handler.Visit(asked("/", "aff_visitor="+token)), "a token is no cookie")
	_, ok = f.handler.VerifyToken(f.eng, strings.TrimPrefix(cookie(f.visit("/r/alex")), "aff_visitor="))
	require.False(t, ok, "a cookie is no token")
	f.wait(10*time.Minute + time.Second)
	_, ok = f.handler.VerifyToken(f.eng, token)
	require.False(t, ok)
}

func TestNoCookieWithoutConsent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) {
		c.Consent = func(r *http.Request) bool { return r.Header.Get("X-Consent") == "yes" }
		c.ScriptCookie = "aff"
	})
	had := cookie(f.visit("/r/alex", "X-Consent", "yes"))
	require.NotEmpty(t, had)
	page := f.handler.Capture(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(affiliatehttp.FromRequest(r).Click)) // to a recorder
	}))
	before := len(f.clicks(t))
	answers := []*httptest.ResponseRecorder{
		f.visit("/r/alex", "Cookie", had),
		f.do(http.MethodPost, "/v1/track/click", `{"aff":"blair"}`, "Cookie", had, "User-Agent", firefox, "Authorization", ""),
	}
	w := httptest.NewRecorder()
	page.ServeHTTP(w, asked("/?aff=alex", had))
	for _, w := range append(answers, w) {
		require.Empty(t, w.Result().Cookies())
	}
	require.NotEmpty(t, w.Body.String(), "the page is told of the click that it is")
	clicks := f.clicks(t)
	require.Len(t, clicks, before+3)
	for _, c := range clicks[before:] {
		require.Empty(t, c.Visitor, "the cookie was not read")
	}
	require.Empty(t, f.handler.Visit(asked("/", had)))
	r := asked("/", had)
	r.Header.Set("X-Consent", "yes")
	require.NotEmpty(t, f.handler.Visit(r))
}

func TestScriptCookieIsReadable(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.ScriptCookie = "aff" })
	cookies := f.visit("/r/alex").Result().Cookies()
	require.Len(t, cookies, 2)
	click := f.clicks(t)[0]
	assert.True(t, cookies[0].HttpOnly)
	assert.False(t, cookies[1].HttpOnly)
	assert.Equal(t, "referral=alex&click="+click.ID+"&visitor="+click.Visitor, cookies[1].Value)
	require.Empty(t, f.handler.Visit(asked("/", "aff="+cookies[1].Value)), "nothing of it is believed")
}

// Wherever a click id is taken, so is the cookie that proves it.
func TestSignedValuesAreClickIDs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	value := strings.TrimPrefix(cookie(f.visit("/r/alex")), "aff_visitor=")
	token := f.handler.IssueToken(f.eng, affiliatehttp.Visit{Click: f.clicks(t)[0].ID})
	for id, signed := range map[string]string{"1": value, "2": token, "3": f.clicks(t)[0].ID} {
		_, a := f.post(t, "/v1/conversions", `{"externalConversionId":"`+id+`","clickId":"`+signed+`","amountCents":1000}`)
		require.True(t, a.Attributed, id)
		_, a = f.post(t, "/v1/track/sale", `{"transaction_id":"s`+id+`","click_id":"`+signed+`","amount_cents":1000}`)
		require.True(t, a.Attributed, id)
		f.post(t, "/v1/identify", `{"externalCustomerId":"c`+id+`","clickId":"`+signed+`"}`)
		_, a = f.post(t, "/v1/conversions", `{"externalConversionId":"i`+id+`","externalCustomerId":"c`+id+`","amountCents":1000}`)
		require.True(t, a.Attributed, id)
	}
	_, a := f.post(t, "/v1/conversions", `{"externalConversionId":"4","clickId":"`+value+`x","amountCents":1000}`)
	require.False(t, a.Attributed)
}
