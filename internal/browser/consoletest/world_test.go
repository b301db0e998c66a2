package consoletest_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
	"github.com/goaffiliate/affiliate/internal/browser"
)

var shared *browser.Browser

func TestMain(m *testing.M) { os.Exit(browser.Run(m, &shared)) }

// world is a console; at is the address of a page as somebody sees it.
type world struct {
	*browser.Acme
	at func(who, path string) string
}

func newWorld(t *testing.T, acme *browser.Acme) world {
	t.Helper()
	pages, err := console.New(acme.Engine, console.Config{
		Authenticate: func(r *http.Request) (affiliatehttp.Principal, error) {
			switch who := browser.Visitor(r); who {
			case "owner":
				return affiliatehttp.Principal{Organization: acme.Engine.Organization(), Role: affiliatehttp.RoleOwner}, nil
			case "nobody":
				return affiliatehttp.Principal{}, errors.New("nobody")
			default:
				return affiliatehttp.Principal{Organization: acme.Engine.Organization(), Role: affiliatehttp.RolePartner, Partner: who}, nil
			}
		},
		Key: []byte("0123456789abcdef0123456789abcdef"), BaseURL: "https://acme.example", PortalURL: "https://acme.example/portal", Insecure: true,
		Brand: console.Brand{Name: "Acme"}, Account: func(*http.Request) string { return "owner@acme.example" }, SignOut: "/out",
		Stripe: func(context.Context) (console.StripeStatus, error) {
			return console.StripeStatus{
				Connected: true, Account: "acct_1N2b3C4d5E6f7G8h", Mode: "test", Endpoint: "https://acme.example/stripe/webhook",
				LastEvent: "invoice.paid", LastEventAt: browser.Today().Add(-time.Hour), DisconnectURL: "/stripe/disconnect",
			}, nil
		},
	})
	acme.Must(err)
	return world{acme, acme.Serve(pages)}
}

// test records the test event that a page waits for.
func (w world) test(id string) {
	w.Helper()
	_, err := w.Engine.RecordConversion(w.Context(), affiliate.Conversion{ID: id, Customer: id, Type: "test"})
	w.Must(err)
}

// commission returns the only commission of a conversion.
func (w world) commission(conversion string) affiliate.Commission {
	w.Helper()
	result, err := w.Engine.Conversion(w.Context(), conversion)
	w.Must(err)
	if len(result.Commissions) != 1 {
		w.Fatalf("%s has %d commissions", conversion, len(result.Commissions))
	}
	return result.Commissions[0]
}
