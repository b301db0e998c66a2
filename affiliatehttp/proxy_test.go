package affiliatehttp_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// from asks as a visitor does whose connection comes from an address, with headers
// in pairs.
func (f *fixture) from(remote, method, path, text string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(text))
	r.RemoteAddr = remote
	r.Header.Set("User-Agent", firefox)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.routes.ServeHTTP(w, r)
	return w
}

// Behind a proxy that nobody told the handlers of, all visitors have one address.
// Three hundred of them in a minute are all served, none is flagged or suspect, and
// each purchase earns.
func TestVisitorsBehindAnUnknownProxyAllEarn(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	f := newFixture(t, func(c *affiliatehttp.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	for i := range 300 {
		visitor := fmt.Sprintf("203.0.113.%d", i%250)
		w := f.from("127.0.0.1:5", http.MethodGet, "/r/alex", "", "X-Forwarded-For", visitor)
		require.Equal(t, http.StatusFound, w.Code)
		track := f.from("10.0.0.7:5", http.MethodPost, "/v1/track/click", `{"aff":"blair"}`, "X-Real-Ip", visitor)
		require.Equal(t, http.StatusOK, track.Code, "visit %d", i)
		lead := f.from("10.0.0.7:5", http.MethodPost, "/v1/track/lead", fmt.Sprintf(`{"customer_key":"c%d"}`, i), "X-Real-Ip", visitor)
		require.Equal(t, http.StatusOK, lead.Code, "visit %d", i)
		f.wait(200 * time.Millisecond)
	}
	clicks := f.clicks(t)
	require.Len(t, clicks, 600)
	for i, c := range clicks {
		require.Empty(t, c.Flag+c.Suspect)
		status, a := f.post(t, "/v1/conversions", fmt.Sprintf(`{"externalConversionId":"in_%d","clickId":"%s","amountCents":1000}`, i, c.ID))
		require.Equal(t, http.StatusCreated, status)
		require.Len(t, a.Commissions, 1)
		require.Equal(t, "pending", a.Commissions[0].Status)
	}
	require.Equal(t, 1, strings.Count(log.String(), "Config.ClientIP is not set"), "said once")
	require.NotContains(t, log.String(), "203.0.113")
}

// Three hundred visitors of one network that is known: no proxy is in between, so
// an office or a campus is. Those beyond what is plausible earn under review.
func TestVisitorsOfOneNetworkAllEarn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range 300 {
		w := f.from("203.0.113.7:5", http.MethodGet, "/r/alex", "")
		require.Equal(t, http.StatusFound, w.Code)
		f.wait(200 * time.Millisecond)
	}
	states := map[string]int{}
	for i, c := range f.clicks(t) {
		require.Empty(t, c.Flag)
		_, a := f.post(t, "/v1/conversions", fmt.Sprintf(`{"externalConversionId":"in_%d","clickId":"%s","amountCents":1000}`, i, c.ID))
		require.Len(t, a.Commissions, 1)
		require.EqualValues(t, 200, a.Commissions[0].Amount)
		states[a.Commissions[0].Status]++
	}
	require.Equal(t, 300, states["pending"]+states["under_review"])
	require.Greater(t, states["under_review"], 100)
	require.Greater(t, states["pending"], 100)
}

// An address counts only where it can be known.
func TestWhoseAddressCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, remote string
		headers      []string
		counts       bool
	}{
		{"a client of the internet", "203.0.113.7:5", nil, true},
		{"what a client says of itself", "203.0.113.7:5", []string{"X-Forwarded-For", "198.51.100.1"}, true},
		{"one of this machine", "127.0.0.1:5", nil, true},
		{"one of a private network", "[fd00::1]:5", nil, true},
		{"a proxy of this machine", "127.0.0.1:5", []string{"X-Forwarded-For", "198.51.100.1"}, false},
		{"one of IPv6", "[::1]:5", []string{"Forwarded", "for=198.51.100.1"}, false},
		{"one of a private network", "10.1.2.3:5", []string{"X-Real-IP", "198.51.100.1"}, false},
		{"one mapped into IPv6", "[::ffff:172.16.0.1]:5", []string{"CF-Connecting-IP", "198.51.100.1"}, false},
		{"one of a unique local network", "[fdaa::3]:5", []string{"Fly-Client-IP", "198.51.100.1"}, false},
		{"one of a carrier's network", "100.64.0.2:5", []string{"X-Forwarded-Proto", "https"}, false},
		{"one of the link", "[fe80::1%eth0]:5", []string{"True-Client-IP", "198.51.100.1"}, false},
		{"one that says nothing else", "192.168.0.1:5", []string{"Via", "1.1 cache"}, false},
		{"Fastly's", "192.168.0.1:5", []string{"Fastly-Client-IP", "198.51.100.1"}, false},
		{"a Unix socket", "@", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, func(cfg *affiliatehttp.Config) {
				cfg.BrowserLimit = affiliatehttp.Limit{PerMinute: 1, Burst: 1}
				cfg.VelocityLimit = affiliatehttp.Limit{PerMinute: 1, Burst: 1}
			})
			var limited, suspect int
			for range 4 {
				f.from(c.remote, http.MethodGet, "/r/alex", "", c.headers...)
				if f.from(c.remote, http.MethodPost, "/v1/track/click", `{}`, c.headers...).Code == http.StatusTooManyRequests {
					limited++
				}
			}
			for _, click := range f.clicks(t) {
				require.Empty(t, click.Flag)
				require.Equal(t, c.counts, click.Metadata["network"] != "")
				if click.Suspect != "" {
					suspect++
				}
			}
			require.Equal(t, c.counts, limited > 0)
			require.Equal(t, c.counts, suspect > 0)
		})
	}
}
