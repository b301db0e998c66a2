package affiliatehttp_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp"
)

func TestWhereARequestComesFrom(t *testing.T) {
	t.Parallel()
	proxies := affiliatehttp.Forwarded(netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"))
	for _, c := range []struct {
		remote    string
		forwarded []string
		believed  string // behind proxies
		remoteIP  string
	}{
		{"203.0.113.7:1", nil, "203.0.113.7", "203.0.113.7"},
		{"203.0.113.7:1", []string{"198.51.100.1"}, "203.0.113.7", "203.0.113.7"}, // no proxy: it says so itself
		{"10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1", "10.0.0.1"},
		{"10.0.0.1:1", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1", "10.0.0.1"}, // 1.1.1.1 is the client's own word
		{"10.0.0.1:1", []string{"1.1.1.1", "198.51.100.1, 10.2.3.4"}, "198.51.100.1", "10.0.0.1"},
		{"10.0.0.1:1", []string{"10.1.1.1,10.2.3.4"}, "10.1.1.1", "10.0.0.1"},
		{"10.0.0.1:1", []string{"198.51.100.1, junk"}, "10.0.0.1", "10.0.0.1"},
		{"10.0.0.1:1", []string{""}, "10.0.0.1", "10.0.0.1"},
		{"10.0.0.1:1", nil, "10.0.0.1", "10.0.0.1"},
		{"[fd00::1]:1", []string{"2001:db8::1"}, "2001:db8::1", "fd00::1"},
		{"[::ffff:203.0.113.7]:1", nil, "203.0.113.7", "203.0.113.7"},
		{"[fe80::1%eth0]:1", nil, "fe80::1", "fe80::1"},
		{"203.0.113.7", nil, "203.0.113.7", "203.0.113.7"}, // as middleware leaves it
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		require.Equal(t, c.believed, proxies(r).String(), c)
		require.Equal(t, c.remoteIP, affiliatehttp.RemoteIP(r).String(), c)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, remote := range []string{"", "@", "/run/app.sock"} {
		r.RemoteAddr = remote
		require.False(t, affiliatehttp.RemoteIP(r).IsValid(), remote)
	}
}

// What is stored of an address is a hash of its network that is salted anew each
// day.
func TestAddressesAreNotStored(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.ClientIP = affiliatehttp.Forwarded(loopback()) })
	seen := func(ip string) string {
		t.Helper()
		r := asked("/r/alex", "")
		r.RemoteAddr = "127.0.0.1:1"
		r.Header.Set("X-Forwarded-For", ip)
		w := httptest.NewRecorder()
		f.routes.ServeHTTP(w, r)
		clicks := f.clicks(t)
		require.NotContains(t, string(f.text(t)), ip)
		return clicks[len(clicks)-1].Metadata["network"]
	}
	first := seen("203.0.113.7")
	other := newFixture(t) // the salt is no constant
	other.visit("/r/alex")
	f.visit("/r/alex")
	require.NotEqual(t, f.clicks(t)[len(f.clicks(t))-1].Metadata["network"], other.clicks(t)[0].Metadata["network"])
	require.Regexp(t, "^[0-9a-f]{16}$", first)
	require.Equal(t, first, seen("203.0.113.250"))
	require.NotEqual(t, first, seen("203.0.114.7"))
	require.NotContains(t, string(f.text(t)), "203.0.113")
	six := seen("2001:db8:1:2::3")
	require.Equal(t, six, seen("2001:db8:1:ffff::1"))
	require.NotEqual(t, six, seen("2001:db8:2::1"))
	f.wait(24 * time.Hour)
	require.NotEqual(t, first, seen("203.0.113.7"))
}
