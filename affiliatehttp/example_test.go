package affiliatehttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/storage/memory"
)

func ExampleNew() {
	eng, err := affiliate.New(memory.New(), affiliate.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := affiliatehttp.New(eng, affiliatehttp.Config{
		Authenticate: func(r *http.Request) (affiliatehttp.Principal, error) {
			if r.Header.Get("Authorization") != "Bearer secret" { // look a hash of it up instead
				return affiliatehttp.Principal{}, affiliatehttp.ErrForbidden
			}
			return affiliatehttp.Principal{Organization: eng.Organization(), Role: affiliatehttp.RoleServer}, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /r/{link}", h.Redirect)
	mux.Handle("/v1/", h.Routes())

	r := httptest.NewRequest(http.MethodPost, "/v1/conversions", strings.NewReader(
		`{"externalCustomerId":"cus_1","externalConversionId":"in_1","amountCents":4900}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer secret")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output: 201 {"conversionId":"in_1","attributed":false,"reason":"no_touch","credits":[],"commissions":[]}
}

func ExampleCheckDeepLink() {
	hosts := []string{"example.com"}
	u, ok := affiliatehttp.CheckDeepLink("https://Example.com/pricing?plan=pro", hosts)
	fmt.Println(u, ok)
	_, ok = affiliatehttp.CheckDeepLink("https://example.com@evil.example/", hosts)
	fmt.Println(ok)
	// Output:
	// https://example.com/pricing?plan=pro true
	// false
}

// Proxies append to X-Forwarded-For whom they were called by. What a visitor writes
// there is not believed.
func ExampleForwarded() {
	clientIP := affiliatehttp.Forwarded(netip.MustParsePrefix("10.0.0.0/8")) // where the proxies are
	r := httptest.NewRequest(http.MethodGet, "/r/ada", nil)
	r.RemoteAddr = "10.0.0.2:41000"
	r.Header.Set("X-Forwarded-For", "192.0.2.1, 203.0.113.7, 10.0.0.9")
	fmt.Println(clientIP(r))
	// Output: 203.0.113.7
}
