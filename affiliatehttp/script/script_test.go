package script_test

import (
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/script"
)

// limit is what the script may weigh before it is compressed.
const limit = 4 << 10

func serve(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func newHandler(t *testing.T, cfg script.Config, server ...script.Server) *script.Handler {
	t.Helper()
	h, err := script.New(cfg, append(server, script.Server{})[0])
	require.NoError(t, err)
	return h
}

// settingsOf reads the constant in front of the script back.
func settingsOf(t *testing.T, h http.Handler) map[string]any {
	t.Helper()
	rest, ok := strings.CutPrefix(serve(h, http.MethodGet, "/affiliate.js").Body.String(), "try{const config=")
	require.True(t, ok)
	settings := map[string]any{}
	decoder := json.NewDecoder(strings.NewReader(rest))
	require.NoError(t, decoder.Decode(&settings))
	after, err := io.ReadAll(io.MultiReader(decoder.Buffered(), strings.NewReader("")))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(after), ";(()=>{"), "the script follows the constant at once")
	return settings
}

func TestDefaultsAreServedUnderFourKiB(t *testing.T) {
	t.Parallel()
	h := newHandler(t, script.Config{})
	assert.Equal(t, map[string]any{
		"g": "Affiliate", "a": []any{}, "p": []any{"aff", "via", "ref"}, "i": "cref", "c": "aff_ref", "m": 31536000.0,
		"h": []any{"buy.stripe.com", "book.stripe.com", "donate.stripe.com"}, "b": "./", "e": []any{},
	}, settingsOf(t, h))
	plain := serve(h, http.MethodGet, "/affiliate.js").Body.Len()
	packed := serve(h, http.MethodGet, "/affiliate.js", "Accept-Encoding", "gzip").Body.Len()
	assert.Less(t, plain, limit)
	assert.Less(t, packed, plain*2/3)
}

func TestMinifiedFileFitsItsLimit(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile("affiliate.min.js")
	require.NoError(t, err)
	assert.Less(t, len(code), limit)
	for _, forbidden := range []string{"eval(", "Function(", "innerHTML", "document.write", "createElement", ".style", "</script", "sourceMappingURL"} {
		assert.NotContains(t, string(code), forbidden)
	}
}

func TestNoSettingLeavesTheConstant(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{
		`"};alert(1);//`, `</script><script>alert(1)</script>`, "<!--", "a\u2028alert(1)\u2029", "`${alert(1)}`", "\\", "\x00\r\n", "\xff\xfe", "'+alert(1)+'", "*/alert(1)/*",
	} {
		h := newHandler(t, script.Config{}, script.Server{CodeParams: []string{hostile}, Events: []string{hostile}, ClickParam: "x" + hostile})
		settings := settingsOf(t, h)
		assert.Equal(t, []any{strings.ToValidUTF8(hostile, "\ufffd\ufffd")}, settings["e"])
		body := serve(h, http.MethodGet, "/affiliate.js").Body.String()
		constant, _, _ := strings.Cut(body, "(()=>{")
		assert.False(t, strings.ContainsAny(constant, "<>\r\u2028\u2029"), constant)
		assert.Equal(t, 1, strings.Count(body, "\n"), "one line")
	}
}

func TestSettingsReachTheScript(t *testing.T) {
	t.Parallel()
	settings := settingsOf(t, newHandler(t, script.Config{
		Global: "Shop", Aliases: []string{"Afficone"}, CookieName: "k", CookieDomain: ".example.com", CookieMaxAge: time.Hour,
		PaymentHosts: []string{"Pay.Example.com"}, APIBase: "/aff",
	}, script.Server{
		CodeParams: []string{"p"}, ClickParam: "c", Cookie: "s", Events: []string{"trial_started"}, Consent: func(*http.Request) bool { return false },
	}))
	assert.Equal(t, map[string]any{
		"g": "Shop", "a": []any{"Afficone"}, "p": []any{"p"}, "i": "c", "w": true, "c": "k", "s": "s", "d": "example.com", "m": 3600.0,
		"h": []any{"buy.stripe.com", "book.stripe.com", "donate.stripe.com", "pay.example.com"}, "b": "/aff/", "e": []any{"trial_started"},
	}, settings)
}

func TestBadSettingsAreNamed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fields []string
		cfg    script.Config
		server script.Server
	}{
		{fields: []string{"global"}, cfg: script.Config{Global: "a-b"}},
		{fields: []string{"global"}, cfg: script.Config{Global: "1a"}},
		{fields: []string{"global"}, cfg: script.Config{Global: "location"}},
		{fields: []string{"aliases[0]"}, cfg: script.Config{Aliases: []string{""}}},
		{fields: []string{"aliases[1]"}, cfg: script.Config{Aliases: []string{"x", "x.y"}}},
		{fields: []string{"codeParams[1]"}, server: script.Server{CodeParams: []string{"aff", ""}}},
		{fields: []string{"clickParam"}, server: script.Server{ClickParam: "ref"}},
		{fields: []string{"cookieName"}, cfg: script.Config{CookieName: "a;b"}},
		{fields: []string{"cookie"}, server: script.Server{Cookie: "a b"}},
		{fields: []string{"cookieName"}, cfg: script.Config{CookieName: "k"}, server: script.Server{Cookie: "k"}},
		{fields: []string{"cookieDomain"}, cfg: script.Config{CookieDomain: "a.com;secure"}},
		{fields: []string{"cookieMaxAge"}, cfg: script.Config{CookieMaxAge: -time.Hour}},
		{fields: []string{"cookieMaxAge"}, cfg: script.Config{CookieMaxAge: time.Millisecond}},
		{fields: []string{"paymentHosts[0]"}, cfg: script.Config{PaymentHosts: []string{""}}},
		{fields: []string{"paymentHosts[0]"}, cfg: script.Config{PaymentHosts: []string{"https://pay.example.com"}}},
		{fields: []string{"paymentHosts[1]"}, cfg: script.Config{PaymentHosts: []string{"a.example", "pay.example.com:8443"}}},
		{fields: []string{"paymentHosts[0]"}, cfg: script.Config{PaymentHosts: []string{"pay.example.com/x"}}},
		{fields: []string{"apiBase"}, cfg: script.Config{APIBase: "//other.example"}},
		{fields: []string{"apiBase"}, cfg: script.Config{APIBase: "javascript:alert(1)"}},
		{fields: []string{"apiBase"}, cfg: script.Config{APIBase: "/a?b=c"}},
		{fields: []string{"apiBase"}, cfg: script.Config{APIBase: "api"}},
		{fields: []string{"events[0]"}, server: script.Server{Events: []string{""}}},
		{fields: []string{"global", "apiBase"}, cfg: script.Config{Global: "a-b", APIBase: "api"}},
	}
	for _, test := range tests {
		h, err := script.New(test.cfg, test.server)
		require.ErrorIs(t, err, affiliate.ErrInvalidInput)
		var fields []string
		for _, p := range affiliate.Problems(err) {
			fields = append(fields, p.Field)
		}
		assert.Equal(t, test.fields, fields)
		assert.Nil(t, h)
	}
}

// Each visitor's copy begins as that visitor's consent says, whatever a cache or
// an integrity attribute holds.
func TestTheScriptWaitsForWhoeverHasNotConsented(t *testing.T) {
	t.Parallel()
	h := newHandler(t, script.Config{}, script.Server{Consent: func(r *http.Request) bool { return r.Header.Get("X-Consent") == "yes" }})
	waits := func(body string) bool { return strings.Contains(body, `"w":true`) }
	address := "/affiliate.js?v=" + h.Version()
	asked, agreed := serve(h, http.MethodGet, address), serve(h, http.MethodGet, address, "X-Consent", "yes")
	assert.True(t, waits(asked.Body.String()))
	assert.False(t, waits(agreed.Body.String()))
	for _, w := range []*httptest.ResponseRecorder{asked, agreed} {
		assert.Equal(t, "private, no-cache", w.Header().Get("Cache-Control"))
		sum := sha512.Sum384(w.Body.Bytes())
		assert.Contains(t, strings.Fields(h.Integrity()), "sha384-"+base64.StdEncoding.EncodeToString(sum[:]))
	}
	again := serve(h, http.MethodGet, address, "If-None-Match", asked.Header().Get("ETag"))
	assert.Equal(t, http.StatusNotModified, again.Code)
	changed := serve(h, http.MethodGet, address, "If-None-Match", asked.Header().Get("ETag"), "X-Consent", "yes")
	assert.Equal(t, http.StatusOK, changed.Code)
}

func TestCaching(t *testing.T) {
	t.Parallel()
	h := newHandler(t, script.Config{})
	right := "/affiliate.js?v=" + h.Version()
	assert.Contains(t, serve(h, http.MethodGet, right).Header().Get("Cache-Control"), "immutable")
	for _, target := range []string{"/affiliate.js", "/affiliate.js?v=", "/affiliate.js?v=0123456789abcdef"} {
		assert.Equal(t, "public, max-age=300", serve(h, http.MethodGet, target).Header().Get("Cache-Control"), target)
	}
	for _, encoding := range []string{"identity", "gzip"} {
		first := serve(h, http.MethodGet, right, "Accept-Encoding", encoding)
		again := serve(h, http.MethodGet, right, "Accept-Encoding", encoding, "If-None-Match", `"other", W/`+first.Header().Get("ETag"))
		assert.Equal(t, http.StatusNotModified, again.Code)
		assert.Zero(t, again.Body.Len())
		other := serve(h, http.MethodGet, right, "Accept-Encoding", encoding, "If-None-Match", `"other"`)
		assert.Equal(t, http.StatusOK, other.Code)
	}
	assert.NotEqual(t, h.Version(), newHandler(t, script.Config{Global: "Shop"}).Version(), "a setting makes a new version")
	assert.Equal(t, h.Version(), newHandler(t, script.Config{}).Version())
	assert.Equal(t, h.Integrity(), newHandler(t, script.Config{}).Integrity())
}

func TestGzipOnlyWhereItIsTaken(t *testing.T) {
	t.Parallel()
	h := newHandler(t, script.Config{})
	plain := serve(h, http.MethodGet, "/affiliate.js").Body.String()
	for accept, packed := range map[string]bool{
		"": false, "identity": false, "br": false, "gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "*": true, "*;q=0": false, "gzip;q=0": false,
		"gzip; q=0.000": false, "gzip;q=0, *": false, "*;q=0, gzip": true, "deflate,gzip;q=1.0": true, "xgzip": false,
	} {
		w := serve(h, http.MethodGet, "/affiliate.js", "Accept-Encoding", accept)
		require.Equal(t, http.StatusOK, w.Code)
		assert.Equal(t, "Accept-Encoding", w.Header().Get("Vary"))
		assert.Equal(t, "text/javascript; charset=utf-8", w.Header().Get("Content-Type"))
		assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		if !packed {
			assert.Empty(t, w.Header().Get("Content-Encoding"), accept)
			assert.Equal(t, plain, w.Body.String(), accept)
			continue
		}
		assert.Equal(t, "gzip", w.Header().Get("Content-Encoding"), accept)
		reader, err := gzip.NewReader(w.Body)
		require.NoError(t, err)
		text, err := io.ReadAll(reader)
		require.NoError(t, err)
		assert.Equal(t, plain, string(text))
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	h := newHandler(t, script.Config{})
	head := serve(h, http.MethodHead, "/affiliate.js")
	assert.Equal(t, http.StatusOK, head.Code)
	assert.Zero(t, head.Body.Len())
	assert.NotEmpty(t, head.Header().Get("ETag"))
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		w := serve(h, method, "/affiliate.js")
		assert.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
		assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
	}
}

func BenchmarkServe(b *testing.B) {
	h, err := script.New(script.Config{}, script.Server{})
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		serve(h, http.MethodGet, "/affiliate.js", "Accept-Encoding", "gzip")
	}
}
