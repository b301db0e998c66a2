package integration_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// TestRedirectsSideBySide has the clicks of a crowd stored in several commits at a
// time, among them many of the same visitors, whose commits overtake each other:
// each click is there, once.
func TestRedirectsSideBySide(t *testing.T) {
	t.Parallel()
	for _, driver := range postgresDrivers {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			sideBySide(t, linked(t, freshPostgres(t, driver, 8)))
		})
	}
}

func sideBySide(t *testing.T, eng *affiliate.Engine) {
	t.Helper()
	require.Equal(t, 2, eng.Commits())
	const known, links, strangers = 20, 10, 300
	for n := range links {
		require.NoError(t, errOf(eng.AddLink(t.Context(), affiliate.Link{Key: fmt.Sprint("ada-", n), Partner: "ada", Program: "main", EffectiveAt: affiliate.Always()})))
	}
	handler, err := affiliatehttp.New(eng, affiliatehttp.Config{ClickTimeout: time.Minute, VelocityLimit: affiliatehttp.Limit{PerMinute: -1}})
	require.NoError(t, err)
	routes := handler.Routes()
	var crowd sync.WaitGroup
	visit := func(link, cookie string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, "https://acme.example/r/"+link, nil)
		r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, r)
		if !strings.Contains(w.Header().Get("Location"), affiliatehttp.DefaultClickParam+"=") {
			t.Error(w.Code, w.Header())
		}
		return w.Result()
	}
	for range known {
		crowd.Go(func() {
			first := visit("ada", "").Cookies()[0]
			for n := range links {
				crowd.Go(func() { visit(fmt.Sprint("ada-", n), first.Name+"="+first.Value) })
			}
		})
	}
	for range strangers {
		crowd.Go(func() { visit("ada", "") })
	}
	crowd.Wait()
	require.Zero(t, handler.LostClicks())
	counts, err := eng.ClickCounts(t.Context(), "ada")
	require.NoError(t, err)
	byLink := map[string]int64{}
	for _, c := range counts {
		byLink[c.Link] += c.Clicks
	}
	want := map[string]int64{"ada": known + strangers}
	for n := range links {
		want[fmt.Sprint("ada-", n)] = known
	}
	require.Equal(t, want, byLink)
}
