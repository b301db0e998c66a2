package affiliatehttp_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// hosts that the hostile addresses below want to leave.
func hosts() []string { return []string{"acme.com", "App.Acme.com", "xn--bcher-kva.example"} }

func TestDeepLinksWithinTheHosts(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"https://acme.com":                                "https://acme.com",
		"https://acme.com/":                               "https://acme.com/",
		"HTTPS://ACME.com/Pricing":                        "https://acme.com/Pricing",
		"https://app.acme.com/a/b?x=1&x=2;y#frag":         "https://app.acme.com/a/b?x=1&x=2;y#frag",
		"https://acme.com/caf%C3%A9/%2e%2e/?q=%20+%0d%0a": "https://acme.com/caf%C3%A9/%2e%2e/?q=%20+%0d%0a",
		"https://acme.com//evil.com":                      "https://acme.com//evil.com",
		"https://acme.com?@evil.com":                      "https://acme.com?@evil.com",
		"https://acme.com#@evil.com":                      "https://acme.com#@evil.com",
		"https://acme.com/@evil.com:443/":                 "https://acme.com/@evil.com:443/",
		"https://xn--bcher-kva.example/":                  "https://xn--bcher-kva.example/",
	} {
		u, ok := affiliatehttp.CheckDeepLink(to, hosts())
		if assert.True(t, ok, to) {
			assert.Equal(t, want, u.String())
		}
	}
}

func hostile() []string {
	return []string{
		"", "/", "//", "//evil.com", "///evil.com", "////evil.com", "/\\evil.com", "\\\\evil.com", "\\/evil.com", "/pricing", "pricing",
		"acme.com", "//acme.com", "https:acme.com", "https:/acme.com", "https:///acme.com", "https:\\\\acme.com", "https:/\\acme.com",
		"https:evil.com", "https:/evil.com", "https://", "https:///", "https://?", "https://#", "https://.", "https://..",
		"http://acme.com", "ftp://acme.com", "javascript:alert(1)", "javascript://acme.com/%0aalert(1)", "data:text/html,x",
		"vbscript:x", "file:///etc/passwd", "blob:https://acme.com/x", "view-source:https://acme.com", "wss://acme.com",
		"https://evil.com", "https://evil.com/https://acme.com", "https://evil.com?acme.com", "https://evil.com#acme.com",
		"https://evil.com/acme.com", "https://acme.com.evil.com", "https://evilacme.com", "https://evil.com\\acme.com",
		"https://sub.acme.com", "https://www.acme.com", "https://acme.co", "https://acme.com.", "https://acme.com..", "https://.acme.com",
		"https://acme.com@evil.com", "https://acme.com:x@evil.com", "https://user@acme.com", "https://user:pw@acme.com", "https://@acme.com",
		"https://:@acme.com", "https://acme.com%40evil.com", "https://acme.com%2fevil.com", "https://acme.com%2eevil.com", "https://%61cme.com",
		"https://acme%2ecom", "https://acme.com%00.evil.com", "https://acme.com%", "https://acme.com\\@evil.com", "https://acme.com\\.evil.com",
		"https://acme.com:443", "https://acme.com:443/", "https://acme.com:80", "https://acme.com:8443", "https://acme.com:", "https://acme.com:x",
		"https://acme.com:@evil.com", "https://acme.com:443@evil.com", "https://[::1]", "https://[acme.com]", "https://[acme.com", "https://127.0.0.1",
		"https://0x7f000001", "https://2130706433", "https://acme.com\x00", "https://acme.com\x00.evil.com", "https://acme.com\t.evil.com",
		"https://acme.com\n.evil.com", "https://acme.com\r\nSet-Cookie: x=1", "https://acme.com/\r\nLocation: https://evil.com", "https://acme.com/a b",
		"https://acme.com/\x7f", " https://acme.com", "https://acme.com ", "\thttps://acme.com", "https://\tacme.com", "ht\ntps://acme.com",
		"\u00a0https://acme.com", "https://acme.com\u2028", "https://acme.com\u202e", "https://аcme.com", "https://acmе.com", "https://acme。com",
		"https://acme．com", "https://ａcme.com", "https://acme.com／evil.com", "https://acme.com\uff20evil.com", "https://acme.com\u2215evil.com",
		"https://acme.com\uff0fevil.com", "https://bücher.example", "https://xn--cme-5cd.com", "https://xn--acme-.com", "https://ACME.com\u0131",
		"https://acme.com\u212a", "https://acme.com\xff", "\xffhttps://acme.com", "https://acme.com/\xc0\xaf", "https://acme.com_", "https://acme.com,evil.com",
		"https://acme.com;evil.com", "https://acme.com&evil.com", "https://acme.com'", "https://acme.com\"", "https://acme.com<evil", "https://*.acme.com",
		"https://acme.com|evil.com", "https://acme.com^evil.com", "https://acme.com`", "https://{acme.com}", "https://acme.com$evil.com",
		"HTTPS://EVIL.com", "hTtPs://eViL.cOm/", "https://EVIL.com@ACME.com", "https://acme.com%0d%0aLocation:%20https://evil.com",
		"https://acme.com%0a.evil.com", "https://acme.com%09.evil.com", "https://acme.com%20.evil.com", "https://acme.com%5cevil.com",
		"https://acme.com%5c@evil.com", "https://acme.com%3a443", "https://acme.com%23.evil.com", "https://acme.com%3f.evil.com", "https://%2facme.com",
		"https://evil.com%2facme.com", "https://evil.com%23acme.com", "https://acme.com:0443/", "https://acme.com:4430/", "https://acme.com:65536/",
		"https://acme.com:-1/", "https://acme.com:443:443/", "https://acme.com:443#@evil.com", "https://acme.com:80@evil.com", "https://acme.com.:443",
		"https://acme.com.evil.com.", "https://xn--acme-xyz.com", "https://xn--80ak6aa92e.com", "https://xn--bcher-kva.example.evil.com",
		"https://xn--bcher-kva.example.", "https://bucher.example", "https://BÜCHER.example", "https://acme.com\u200b", "https://acme\u00ad.com",
		"https://acme.com\ufeff", "\ufeffhttps://acme.com", "https://acme\u2024com", "https://acme\uff61com", "https://ⓐcme.com", "https://acme.com\u0000",
		"https://acme.com\v", "https://acme.com\f/", "https://acme.com\r", "\rhttps://acme.com", "\nhttps://acme.com", "https\t://acme.com",
		"https:\t//evil.com", "https:/\t/evil.com", "https://\\evil.com", "https://acme.com\\\\evil.com", "///acme.com@evil.com", "////acme.com",
		"/%2f/evil.com", "/%5cevil.com", "/%09/evil.com", ".evil.com", "@evil.com", ":@evil.com", "?https://evil.com", "#https://evil.com", "..//evil.com",
		"./\\evil.com", "https://acme.com@127.0.0.1", "https://[::ffff:127.0.0.1]", "https://0", "https://127.1", "https://017700000001",
		"https://acme.com@[::1]/", "https://localhost", "https://metadata.google.internal", "https://169.254.169.254", "httpss://acme.com",
		"http:https://acme.com", "https;//acme.com", "intent://acme.com#Intent;scheme=https;end", "market://acme.com", "mailto:a@acme.com", "about:blank",
		"jar:https://acme.com!/", "ws://acme.com", "gopher://acme.com", "JaVaScRiPt:alert(1)//https://acme.com", "java\nscript:alert(1)",
		"https://acme.com&@evil.com", "https://evil.com&acme.com", "https://evil.com;acme.com", "https://evil.com,acme.com", "https://acme.com!",
		"https://acme.com~", "https://acme.com=", "https://acme.com+evil.com", "https://(acme.com)", "https://acme..com", "https://-acme.com",
		"https://acme.com-", "https://acme.com.com", "https://com",
		"https%3A%2F%2Facme.com", "https%3a//evil.com", "%2f%2fevil.com", "https://https://acme.com", "https://acme.com/" + strings.Repeat("a", 2048),
	}
}

func TestHostileDeepLinksStayInside(t *testing.T) {
	t.Parallel()
	for _, to := range hostile() {
		_, ok := affiliatehttp.CheckDeepLink(to, hosts())
		assert.False(t, ok, "%q", to)
	}
	for _, none := range [][]string{nil, {}, {""}, {"*"}, {"*.acme.com"}, {"https://acme.com"}, {"acme.com:443"}} {
		for _, to := range append(hostile(), "https://acme.com/", "https://www.acme.com/") {
			_, ok := affiliatehttp.CheckDeepLink(to, none)
			assert.False(t, ok, "%q %q", to, none)
		}
	}
}

// What passes is read the same by everybody: https, a listed host, and nothing
// that a browser treats in its own way.
func FuzzCheckDeepLink(f *testing.F) {
	for _, to := range append(hostile(), "https://acme.com/a?b#c") {
		f.Add(to, "acme.com")
	}
	f.Fuzz(func(t *testing.T, to, host string) {
		allowed := append(hosts(), host)
		u, ok := affiliatehttp.CheckDeepLink(to, allowed)
		if !ok {
			return
		}
		out := u.String()
		for _, c := range []byte(out) {
			require.True(t, c > ' ' && c < 0x7f && c != '\\', "%q", out)
		}
		// The authority as a browser cuts it: up to the first of / \ ? #.
		rest, found := strings.CutPrefix(out, "https://")
		require.True(t, found, "%q", out)
		if end := strings.IndexAny(rest, "/\\?#"); end >= 0 {
			rest = rest[:end]
		}
		require.False(t, strings.ContainsAny(rest, "@:%[]"), "%q", out)
		require.True(t, slices.ContainsFunc(allowed, func(h string) bool { return strings.EqualFold(h, rest) }), "%q", out)
		again, err := url.Parse(out)
		require.NoError(t, err)
		require.Equal(t, rest, again.Host)
		require.Nil(t, again.User)
	})
}
