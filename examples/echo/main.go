// Command echo mounts the handlers of the library in an echo instance, below
// /aff.
//
//	go run ./examples/echo        serves http://127.0.0.1:8080
//	go run ./examples/echo -demo  plays a story against itself
//
// What is mounted is wired up in ../internal/site.
package main

import (
	"net/http"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/goaffiliate/affiliate/examples/internal/site"
)

func main() { site.Main("echo", routes) }

func routes(s *site.Site) http.Handler {
	e := echo.New()
	e.Use(middleware.Recover(), middleware.RequestID())

	// Links, script and its calls, API, portal, sign-in, Stripe's webhook.
	e.Any(s.Prefix+"/*", echo.WrapHandler(http.StripPrefix(s.Prefix, s.Routes())))

	// The host's own pages learn who sent their visitor.
	e.GET("/", func(c *echo.Context) error { return c.String(http.StatusOK, s.Landing(c.Request())) }, echo.WrapMiddleware(s.Affiliate.Capture))
	return e
}
