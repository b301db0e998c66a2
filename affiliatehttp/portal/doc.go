// Package portal is what a partner sees: pages below /portal and the same data
// as JSON below /v1/portal.
//
//	pages, err := portal.New(eng, portal.Config{
//		Authenticate: sessions.Partner, Key: secret, BaseURL: "https://example.com",
//	})
//	mux.Handle("/portal/", pages)
//	mux.Handle("/v1/portal/", pages)
//
// Everything goes through the types of views.go, which have no field for what is
// the owner's alone: customers in any form, other partners, the names and ids
// that the owner uses inside, conversions' ids, addresses of browsers. Ids of
// conversions, commissions and programs are opaque references that open for one
// partner only. What is not the partner's is not found.
//
// The pages need no script, change nothing by GET, and believe no form that
// comes from elsewhere.
//
// What may not live here: rules and money arithmetic. A page reads from the
// Engine and says it in a partner's words.
package portal
