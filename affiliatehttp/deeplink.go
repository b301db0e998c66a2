package affiliatehttp

import (
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
// absolute http or https address.
func checkDestination(to string) (string, bool) {
	u, err := url.Parse(to)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", false
	}
	return u.String(), true
}

// withParam sets a query parameter of an address and leaves every other byte of
// it alone.
func withParam(address, name, value string) string {
	address, fragment, hasFragment := strings.Cut(address, "#")
	address, query, _ := strings.Cut(address, "?")
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(key); part != "" && (err != nil || plain != name) {
			kept = append(kept, part)
		}
	}
	kept = append(kept, url.QueryEscape(name)+"="+url.QueryEscape(value))
	address += "?" + strings.Join(kept, "&")
	if hasFragment {
		address += "#" + fragment
	}
	return address
}
