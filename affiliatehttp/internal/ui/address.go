package ui

import "net/url"

// Absolute says whether an address can be put before a path: http or https, with
// a host and without a query.
func Absolute(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.RawQuery == ""
}
