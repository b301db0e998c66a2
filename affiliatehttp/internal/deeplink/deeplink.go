// Package deeplink decides where a referral link may lead: what a partner asks
// for, the redirect does, and the two must agree to the byte.
package deeplink

import (
	"net/url"
	"strings"
)

// MaxLength is how long an address may be.
const MaxLength = 2048

// Check reports whether a redirect may go to the address, and returns it parsed:
// https, one of the hosts exactly (in any letter case), no user, no port, ASCII
// without spaces and backslashes, at most MaxLength bytes. Hosts are bare names
// like "app.example.com"; without any no address is allowed.
//
// It is stricter than url.Parse on purpose: what browsers read differently from
// Go never passes.
func Check(to string, hosts []string) (*url.URL, bool) {
	const scheme = "https://"
	if len(to) > MaxLength || len(to) < len(scheme) || !strings.EqualFold(to[:len(scheme)], scheme) {
		return nil, false
	}
	if strings.ContainsFunc(to, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) {
		return nil, false
	}
	host := to[len(scheme):]
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host = host[:end]
	}
	if host = strings.ToLower(host); !plainHost(host) || !listed(host, hosts) {
		return nil, false
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "https" || u.Opaque != "" || u.User != nil || strings.ToLower(u.Host) != host {
		return nil, false
	}
	u.Host = host
	return u, true
}

// plainHost reports whether host is made of letters, digits, dots and hyphens:
// no user, port, address in brackets or escape.
func plainHost(host string) bool {
	for _, b := range []byte(host) {
		switch {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9', b == '.', b == '-':
		default:
			return false
		}
	}
	return host != ""
}

func listed(host string, hosts []string) bool {
	for _, h := range hosts {
		if strings.ToLower(h) == host {
			return true
		}
	}
	return false
}
