// Package affiliatehttp is the Engine over HTTP: plain net/http handlers for
// referral links, for what a host's servers tell (conversions, identifies,
// refunds) and for what the organization's owner does (programs, partners, links,
// codes, reviews, payouts), as docs/http.md says. GET /v1/openapi.json describes
// them to programs, those of package portal included.
//
//	h, err := affiliatehttp.New(eng, affiliatehttp.Config{Authenticate: keys.Authenticate})
//	mux.Handle("/aff/", http.StripPrefix("/aff", h.Routes())) // all of it, or
//	mux.HandleFunc("GET /r/{link}", h.Redirect)               // one of them
//
// Every handler is a method of its own, so a host mounts what it needs under its
// own mux, prefix and middleware. Nothing listens and nothing starts a
// goroutine. Who may call is the host's to say: without Config.Authenticate all but
// the public routes answer 401 to everybody.
//
// Requests are read strictly: what is unknown, twice there, of the wrong type or
// out of range is refused with the name of the field, and nothing is stored.
// Errors are problem+json (RFC 9457) with a stable code.
//
// What may not live here: rules, money arithmetic, storage. A handler reads a
// request, calls the Engine once, and writes its answer.
package affiliatehttp
