package affiliatehttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// A program, a partner and their code over HTTP, from nothing to a commission.
func ExampleHandler_Programs() {
	eng, err := affiliate.New(memory.New(), affiliate.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := affiliatehttp.New(eng, affiliatehttp.Config{
		Authenticate: func(*http.Request) (affiliatehttp.Principal, error) { // a session, or a key
			return affiliatehttp.Principal{Organization: eng.Organization(), Role: affiliatehttp.RoleOwner}, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	routes := h.Routes()
	for _, step := range []struct{ method, path, body string }{
		{"POST", "/v1/programs", `{"id":"cloud","destinationUrl":"https://acme.example/","rules":[{"id":"share","trigger":"every","type":"percent","value":"20"}]}`},
		{"POST", "/v1/partners", `{"id":"ada","name":"Ada Lovelace"}`},
		{"PUT", "/v1/partnerships/ada/cloud", `{}`},
		{"POST", "/v1/codes", `{"code":"ada10","partnerId":"ada","programId":"cloud"}`},
		{"POST", "/v1/codes", `{"code":"ada10","partnerId":"ada","programId":"cloud"}`},
		{"POST", "/v1/conversions", `{"externalConversionId":"in_1","externalCustomerId":"cus_1","promoCode":"ADA10","amountCents":4900}`},
	} {
		r := httptest.NewRequest(step.method, step.path, strings.NewReader(step.body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, r)
		fmt.Println(w.Code, step.path, strings.Contains(w.Body.String(), `"amount":980`))
	}
	// Output:
	// 201 /v1/programs false
	// 201 /v1/partners false
	// 201 /v1/partnerships/ada/cloud false
	// 201 /v1/codes false
	// 200 /v1/codes false
	// 201 /v1/conversions true
}
