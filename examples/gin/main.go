// Command gin mounts the handlers of the library in a gin engine, below /aff.
//
//	go run ./examples/gin        serves http://127.0.0.1:8080
//	go run ./examples/gin -demo  plays a story against itself
//
// What is mounted is wired up in ../internal/site.
package main

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/goaffiliate/affiliate/examples/internal/site"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	site.Main("gin", routes)
}

func routes(s *site.Site) http.Handler {
	r := gin.New()
	r.Use(gin.Recovery(), func(c *gin.Context) { c.Header("Server", "gin") })

	// Links, script and its calls, API, portal, sign-in, Stripe's webhook.
	r.Any(s.Prefix+"/*path", gin.WrapH(http.StripPrefix(s.Prefix, s.Routes())))

	// The host's own pages learn who sent their visitor.
	r.GET("/", wrap(s.Affiliate.Capture), func(c *gin.Context) { c.String(http.StatusOK, "%s", s.Landing(c.Request)) })
	return r
}

// wrap makes a middleware of net/http one of gin's. It keeps the request that the
// middleware passes on; one that answers by itself ends the chain.
func wrap(middleware func(http.Handler) http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		passed := false
		next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			passed, c.Request = true, r
			c.Next()
		})
		middleware(next).ServeHTTP(c.Writer, c.Request)
		if !passed {
			c.Abort()
		}
	}
}
