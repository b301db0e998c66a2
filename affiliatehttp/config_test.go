package affiliatehttp_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/script"
)

// configFields are the fields that New refuses, with what it says of them.
func configFields(t *testing.T, eng *affiliate.Engine, cfg affiliatehttp.Config) (fields []string, text string) {
	t.Helper()
	h, err := affiliatehttp.New(eng, cfg)
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	require.Nil(t, h)
	for _, p := range affiliate.Problems(err) {
		fields = append(fields, p.Field)
	}
	return fields, err.Error()
}

func TestKeysThatCanBeGuessedAreRefused(t *testing.T) {
	t.Parallel()
	eng := newFixture(t).eng
	for _, short := range [][]byte{nil, {}, []byte("k"), []byte(strings.Repeat("k", 31))} {
		good := []byte(strings.Repeat("k", 32))
		fields, text := configFields(t, eng, affiliatehttp.Config{Keys: [][]byte{good, short}})
		require.Equal(t, []string{"keys[1]"}, fields)
		require.Contains(t, text, "openssl rand -hex 32")
	}
	_, err := affiliatehttp.New(eng, affiliatehttp.Config{Keys: [][]byte{[]byte(strings.Repeat("k", 32))}})
	require.NoError(t, err)
}

func TestEveryProblemOfTheConfigIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	nothing := http.NotFoundHandler()
	fields, _ := configFields(t, nil, affiliatehttp.Config{
		Keys: [][]byte{[]byte("short"), nil}, CookieName: "a b", ScriptCookie: "c;d", CookieDomain: "a.example;secure",
		CookieMaxAge: time.Millisecond, TokenMaxAge: -1, TieMaxAge: -1, ClickTimeout: -1, Queue: -1, ClickParam: "ref", CodeParams: []string{"", "ref"},
		Origins: []string{"https://www.example.com", "www.example.com", "https://example.com/"}, Events: []string{""},
		Mount:  map[string]http.Handler{"/affiliate.js": nothing, "/portal": nil, "/webhook": nothing},
		Script: script.Config{Global: "1", APIBase: "api"},
	})
	require.Equal(t, []string{
		"resolve", "keys[0]", "keys[1]", "cookieName", "cookieDomain", "cookieMaxAge", "tokenMaxAge", "tieMaxAge", "clickTimeout", "queue", "origins[1]", "origins[2]",
		"mount[/affiliate.js]", "mount[/portal]", "script.global", "codeParams[0]", "clickParam", "scriptCookie", "script.apiBase", "events[0]",
	}, fields)

	eng := newFixture(t).eng
	fields, _ = configFields(t, eng, affiliatehttp.Config{CookieName: "one", ScriptCookie: "one", Script: script.Config{CookieName: "one"}})
	require.Equal(t, []string{"scriptCookie", "script.cookieName", "script.cookieName"}, fields)
}

// What the script shares with the handlers is said once.
func TestTheScriptIsServedWithTheSettingsOfTheHandlers(t *testing.T) {
	t.Parallel()
	load := func(f *fixture, headers ...string) string {
		w := f.do(http.MethodGet, "/affiliate.js", "", headers...)
		require.Equal(t, http.StatusOK, w.Code)
		return w.Body.String()
	}
	f := newFixture(t, func(c *affiliatehttp.Config) {
		c.CodeParams, c.ClickParam, c.ScriptCookie, c.Events = []string{"p"}, "c", "lasting", []string{"trial"}
		c.Consent = func(r *http.Request) bool { return r.Header.Get("X-Consent") == "yes" }
		c.Script.Global = "Shop"
	})
	for _, setting := range []string{`"p":["p"]`, `"i":"c"`, `"s":"lasting"`, `"e":["trial"]`, `"g":"Shop"`, `"w":true`} {
		require.Contains(t, load(f), setting)
	}
	require.NotContains(t, load(f, "X-Consent", "yes"), `"w":true`)
	require.NotContains(t, load(newFixture(t)), `"w":true`, "nobody asks for consent")
}
