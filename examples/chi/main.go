// Command chi mounts the handlers of the library in a chi router, below /aff.
//
//	go run ./examples/chi        serves http://127.0.0.1:8080
//	go run ./examples/chi -demo  plays a story against itself
//
// What is mounted is wired up in ../internal/site.
package main

import (
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/goaffiliate/affiliate/examples/internal/site"
)

func main() { site.Main("chi", routes) }

func routes(s *site.Site) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.Recoverer, middleware.SetHeader("Server", "chi"))

	// Links, script and its calls, API, portal, sign-in, Stripe's webhook.
	r.Mount(s.Prefix, http.StripPrefix(s.Prefix, s.Routes()))

	// The host's own pages learn who sent their visitor.
	r.With(s.Affiliate.Capture).Get("/", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, s.Landing(r)) // a browser that is gone needs no page
	})
	return r
}
