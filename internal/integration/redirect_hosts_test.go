package integration_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// redirecting is the address that visitors are redirected from.
const redirecting = "http://go.shop.example/r/ada"

// browsed returns an address as a browser reads it that is redirected there, by
// the standard that browsers follow: neither net/url nor anything of ours.
func browsed(tb testing.TB, location string) *whatwg.Url {
	tb.Helper()
	u, err := whatwg.ParseRef(redirecting, location)
	require.NoError(tb, err, "%q", location)
	return u
}

// leads is a shop's link: a destination of the program and one of the link.
func leads(tb testing.TB, destination, own string) http.Handler {
	tb.Helper()
	ctx := tb.Context()
	eng, err := affiliate.New(memory.New(), affiliate.Config{})
	require.NoError(tb, err)
	hosts := []string{"shop.example", "Docs.Shop.example"}
	rules := []commission.Rule{{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: "20"}}
	change := program.SettingsChange{DestinationURL: &destination, DeepLinkDomains: &hosts, Rules: rules}
	if errOf(eng.CreateProgram(ctx, "main", change, affiliate.Always())) != nil {
		destination = owners(destination) // it is refused, and the owner gives another
		require.NoError(tb, errOf(eng.CreateProgram(ctx, "main", change, affiliate.Always())))
	}
	require.NoError(tb, errOf(eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always())))
	require.NoError(tb, errOf(eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always())))
	link := affiliate.Link{Key: "ada", Partner: "ada", Program: "main", URL: own, EffectiveAt: affiliate.Always()}
	if errOf(eng.AddLink(ctx, link)) != nil {
		link.URL = ""
		require.NoError(tb, errOf(eng.AddLink(ctx, link)))
	}
	handler, err := affiliatehttp.New(eng, affiliatehttp.Config{VelocityLimit: affiliatehttp.Limit{PerMinute: -1}})
	require.NoError(tb, err)
	return handler.Routes()
}

// follow visits the link and returns where it leads, which is nowhere if there is
// no destination.
func follow(tb testing.TB, routes http.Handler, to string) (location string) {
	tb.Helper()
	w := httptest.NewRecorder()
	routes.ServeHTTP(w, httptest.NewRequest(http.MethodGet, redirecting+"?to="+url.QueryEscape(to), nil))
	if location = w.Header().Get("Location"); location == "" {
		require.Equal(tb, http.StatusNotFound, w.Code)
		return ""
	}
	require.Equal(tb, http.StatusFound, w.Code)
	require.False(tb, strings.ContainsFunc(location, func(r rune) bool { return r <= ' ' || r >= 0x7f }), "%q", location)
	require.Contains(tb, location, "cref=")
	return location
}

// requireInside requires that a browser stays within the allowed hosts.
func requireInside(tb testing.TB, location string) {
	tb.Helper()
	u := browsed(tb, location)
	require.NotContains(tb, location, `\`)
	require.Equal(tb, "https", u.Scheme(), "%q", location)
	require.Contains(tb, []string{"shop.example", "docs.shop.example"}, u.Hostname(), "%q", location)
	require.Empty(tb, u.Port()+u.Username()+u.Password(), "%q", location)
	require.Contains(tb, u.Search(), "cref=", "%q", location)
}

// owners is the destination that the owner ends up with: home where the one they
// gave is refused.
func owners(destination string) string {
	if !program.ValidURL(destination) {
		return home
	}
	return destination
}

// requireOwners requires that a browser goes where it would go if it were given
// the owner's destination, and that we read the same host in it; or nowhere.
func requireOwners(tb testing.TB, location, destination string) {
	tb.Helper()
	if _, err := whatwg.ParseRef(redirecting, location); location == "" || err != nil {
		return // it is refused, by us or by the browser
	}
	parsed, err := url.Parse(destination)
	require.NoError(tb, err)
	u, owners := browsed(tb, location), browsed(tb, destination)
	ours, err := whatwg.Parse(parsed.Scheme + "://" + parsed.Host)
	require.NoError(tb, err)
	for _, want := range []*whatwg.Url{owners, ours} {
		require.Equal(tb, want.Protocol()+want.Host(), u.Protocol()+u.Host(), "%q from %q", location, destination)
	}
	require.Contains(tb, []string{"http", "https"}, u.Scheme())
	require.Empty(tb, u.Username()+u.Password(), "%q", location)
}

const home = "https://shop.example/home?a=1#top"

// TestRedirectStaysInside asks for each hostile destination in each of the places
// that one can come from.
func TestRedirectStaysInside(t *testing.T) {
	t.Parallel()
	list := hostile()
	require.Greater(t, len(list), 200)
	shop := leads(t, home, "")
	inside := 0
	for _, h := range list {
		t.Run(h.name, func(t *testing.T) {
			location := follow(t, shop, h.to)
			requireInside(t, location)
			if !strings.HasPrefix(location, "https://shop.example/home?a=1&cref=") {
				inside++
			}
			requireInside(t, follow(t, leads(t, home, h.to), ""))
			requireOwners(t, follow(t, leads(t, h.to, ""), ""), owners(h.to))
		})
	}
	t.Log(len(list), "destinations, of which", inside, "turn out to be the shop's own")
	assert.Less(t, inside, len(list)/10)
}

// What is no trick works, or the test above would prove nothing.
func TestRedirectFollowsWhatIsAllowed(t *testing.T) {
	t.Parallel()
	for _, to := range []string{
		"https://shop.example", "HTTPS://SHOP.example/Pricing", "https://docs.shop.example/?q=%0d%0a//evil.example#@evil.example", "https://shop.example//evil.example/@",
	} {
		want := browsed(t, to)
		for _, location := range []string{follow(t, leads(t, home, ""), to), follow(t, leads(t, home, to), ""), follow(t, leads(t, to, ""), "//evil.example")} {
			requireInside(t, location)
			got := browsed(t, location)
			assert.Equal(t, []string{want.Host(), want.Pathname(), want.Hash()}, []string{got.Host(), got.Pathname(), got.Hash()})
		}
	}
}

// Whatever anybody asks for, a browser ends up on a host of the program.
func FuzzRedirectStaysInside(f *testing.F) {
	list := hostile()
	for i, h := range list {
		f.Add(h.to, list[(i+1)%len(list)].to, list[(i*7)%len(list)].to)
	}
	f.Add(home, "https://docs.shop.example/", "https://shop.example/x?y#z")
	f.Fuzz(func(t *testing.T, destination, own, to string) {
		shop := leads(t, destination, own)
		location := follow(t, shop, to)
		if inside := slices.ContainsFunc([]string{own, to}, func(a string) bool {
			_, ok := affiliatehttp.CheckDeepLink(a, []string{"shop.example", "docs.shop.example"})
			return ok
		}); inside {
			requireInside(t, location)
			return
		}
		requireOwners(t, location, owners(destination))
	})
}
