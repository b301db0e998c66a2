package affiliatehttp

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/deeplink"
)

// CheckDeepLink reports whether a redirect may go to the address, and returns it
// parsed: https, one of the hosts exactly (in any letter case), no user, no port,
// ASCII without spaces and backslashes, at most 2048 bytes. Hosts are bare names
// like "app.example.com"; without any no address is allowed.
//
// It is stricter than url.Parse on purpose: what browsers read differently from
// Go never passes.
func CheckDeepLink(to string, hosts []string) (*url.URL, bool) { return deeplink.Check(to, hosts) }

// checkDestination returns the owner's own destination, which may be any
// absolute http or https address, in ASCII without spaces.
func checkDestination(to string) (string, bool) {
	u, err := url.Parse(to)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", false
	}
	return plainASCII(u.String()), true
}

// plainASCII escapes what a header should not hold: url.URL leaves a query as it
// is.
func plainASCII(address string) string {
	if !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return address
	}
	var b strings.Builder
	for _, c := range []byte(address) {
		if c <= ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// withParam sets a query parameter of an address and leaves every other byte of
// it alone.
func withParam(address, name, value string) string {
	address, fragment, hasFragment := strings.Cut(address, "#")
	address, query, _ := strings.Cut(address, "?")
	var b strings.Builder
	b.Grow(len(address) + len(query) + len(name) + len(value) + len(fragment) + 8)
	b.WriteString(address)
	b.WriteByte('?')
	for part := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(key); part != "" && (err != nil || plain != name) {
			b.WriteString(part)
			b.WriteByte('&')
		}
	}
	b.WriteString(url.QueryEscape(name))
	b.WriteByte('=')
	b.WriteString(url.QueryEscape(value))
	if hasFragment {
		b.WriteByte('#')
		b.WriteString(fragment)
	}
	return b.String()
}
