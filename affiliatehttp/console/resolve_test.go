package console_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
	"github.com/goaffiliate/affiliate/program"
)

// tenants serves two organizations of one store, each at a host of its own. The
// header Role names the organization whose owner sends a request.
func (w *world) tenants() (http.Handler, *affiliate.Engine) {
	w.Helper()
	two, err := affiliate.New(w.store, affiliate.Config{Organization: "other", Now: w.clock.Now})
	require.NoError(w, err)
	name := "Zed of the other"
	w.must(errOf(two.CreatePartner(w.ctx(), "zed", program.Profile{Name: &name}, time.Time{})))
	h, err := console.New(nil, console.Config{
		Resolve: func(r *http.Request) (*affiliate.Engine, error) {
			switch r.Host {
			case "one.example":
				return w.eng, nil
			case "two.example":
				return two, nil
			case "down.example":
				return nil, errors.New("down")
			case "none.example":
				return nil, nil
			}
			return nil, affiliate.ErrNotFound
		},
		Authenticate: func(r *http.Request) (affiliatehttp.Principal, error) {
			return affiliatehttp.Principal{Organization: r.Header.Get("Role"), Role: affiliatehttp.RoleOwner}, nil
		},
		Key: []byte("0123456789abcdef0123456789abcdef"), BaseURL: "https://acme.example",
	})
	require.NoError(w, err)
	return h, two
}

// at sends the request to another host.
func at(host string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = host
		h.ServeHTTP(w, r)
	})
}

func TestOneConsoleServesManyOrganizations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, two := w.tenants()
	one := reader{t, w.eng.Organization(), at("one.example", h)}
	other := reader{t, two.Organization(), at("two.example", h)}

	first, second := one.ok("/admin/partners"), other.ok("/admin/partners")
	require.Contains(t, first, "Ada Lovelace")
	require.NotContains(t, first, "Zed")
	require.Contains(t, second, "Zed of the other")
	require.NotContains(t, second, "Ada Lovelace")
	for _, path := range []string{"/admin/partners/ada", "/admin/programs/cloud"} {
		require.Equal(t, http.StatusOK, one.get(path).Code, path)
		require.Equal(t, http.StatusNotFound, other.get(path).Code, path)
	}
	require.Equal(t, http.StatusNotFound, one.get("/admin/partners/zed").Code)
}

// An owner of one organization neither reads nor changes another.
func TestAnOwnersOrganizationMustMatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, two := w.tenants()
	mine := reader{t, two.Organization(), at("two.example", h)}
	foreign := reader{t, two.Organization(), at("one.example", h)}
	require.Equal(t, http.StatusForbidden, foreign.get("/admin/partners").Code)

	fields := url.Values{"csrf": {mine.token()}, "reason": {"x"}}
	require.Equal(t, http.StatusForbidden, foreign.post("/admin/partners/ada/suspend", fields).Code)
	ada, found := w.setup().Partner("ada")
	require.True(t, found)
	require.False(t, ada.SuspendedAt(w.clock.Now()))

	stolen := reader{t, w.eng.Organization(), at("one.example", h)}
	rec := stolen.post("/admin/partners/ada/suspend", fields)
	require.Equal(t, http.StatusForbidden, rec.Code, "a token of another organization")
}

func TestAnOrganizationThatIsNotResolved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, _ := w.tenants()
	for host, want := range map[string]int{"three.example": 404, "none.example": 404, "down.example": 503} {
		rec := httptest.NewRecorder()
		at(host, h).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/admin", strings.NewReader("")))
		require.Equal(t, want, rec.Code, host)
	}
	_, err := console.New(nil, console.Config{BaseURL: "https://acme.example", Key: make([]byte, 32)})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	require.ErrorContains(t, err, "resolve")
}
