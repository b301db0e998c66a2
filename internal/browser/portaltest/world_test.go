package portaltest_test

import (
	"errors"
	"net/http"
	"os"
	"testing"

	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/internal/browser"
)

var shared *browser.Browser

func TestMain(m *testing.M) { os.Exit(browser.Run(m, &shared)) }

// world is a portal with some history; at is the address of a page as a partner
// sees it.
type world struct {
	*browser.Acme
	at func(partner, path string) string
}

func newWorld(t *testing.T) world {
	t.Helper()
	acme := browser.BusyAcme(t)
	pages, err := portal.New(acme.Engine, portal.Config{
		Authenticate: func(r *http.Request) (string, error) {
			if id := browser.Visitor(r); id != "nobody" {
				return id, nil
			}
			return "", errors.New("nobody")
		},
		Key: []byte("0123456789abcdef0123456789abcdef"), BaseURL: "https://acme.example", Insecure: true,
		Brand: portal.Brand{Name: "Acme Partners"}, ShowSaleAmounts: func(string) bool { return true },
	})
	acme.Must(err)
	return world{acme, acme.Serve(pages)}
}
