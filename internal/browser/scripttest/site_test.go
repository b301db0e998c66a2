package scripttest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/script"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/browser"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
)

var shared *browser.Browser

func TestMain(m *testing.M) { os.Exit(browser.Run(m, &shared)) }

// The hosts of the site. Its domain lies below a public suffix of two labels.
const (
	www = "www.example.co.uk"
	app = "app.example.co.uk"
	pay = "pay.example.net" // a custom domain for payment links
)

// site is a shop on some hosts, on the real routes and a store in memory, with
// the partners alex and blair. What the script sends is recorded on its way, and
// a test may let a route fail.
type site struct {
	t      *testing.T
	port   string
	script *script.Handler
	eng    *affiliate.Engine
	routes http.Handler

	mu        sync.Mutex
	headers   map[string]string           // of every page
	pages     map[string]string           // by path; any other path is an empty page with the script
	answers   map[string]http.HandlerFunc // instead of the usual answer, by method and path
	forgetful bool                        // the server's cookies do not arrive
	calls     []call
}

// call is a request to one of the script's routes.
type call struct {
	Method, Path, Origin, Cookie string
	Body                         map[string]any
}

// lasting is the server's cookie that scripts can read.
const lasting = "aff_lasting"

// scriptOnly is the consent of a host that keeps no record of it: the script asks
// the page, and calls once that agrees.
func scriptOnly(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1/track/") }

func newSite(t *testing.T, cfg affiliatehttp.Config) *site {
	t.Helper()
	s := &site{t: t, headers: map[string]string{}, pages: map[string]string{}, answers: map[string]http.HandlerFunc{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	var err error
	_, s.port, err = net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	s.eng = newEngine(t, s.at(www, "/landing?plan=pro#top"))
	cfg.TrustLeads = true // a sign-up in the page is enough for the sales of these tests
	cfg.CookieDomain, cfg.Insecure, cfg.Origins = "example.co.uk", true, []string{s.at(www, ""), s.at(app, "")}
	cfg.Script.PaymentHosts = append(cfg.Script.PaymentHosts, pay)
	handler, err := affiliatehttp.New(s.eng, cfg)
	require.NoError(t, err)
	s.routes, s.script = handler.Routes(), handler.Script()
	return s
}

// newEngine returns an Engine with two partners on a program of 20 %.
func newEngine(t *testing.T, destination string) *affiliate.Engine {
	t.Helper()
	eng, err := affiliate.New(memory.New(), affiliate.Config{})
	require.NoError(t, err)
	require.NoError(t, errOf(eng.CreateProgram(t.Context(), "launch", program.SettingsChange{
		DestinationURL: &destination, Rules: []commission.Rule{{ID: "sale", Trigger: commission.Every, Type: commission.Percent, Value: "20"}},
	}, affiliate.Always())))
	for _, id := range []string{"alex", "blair"} {
		require.NoError(t, errOf(eng.CreatePartner(t.Context(), id, program.Profile{}, affiliate.Always())))
		require.NoError(t, errOf(eng.ApprovePartnership(t.Context(), id, "launch", affiliate.Always())))
		require.NoError(t, errOf(eng.AddLink(t.Context(), affiliate.Link{Key: id, Partner: id, Program: "launch", EffectiveAt: affiliate.Always()})))
	}
	return eng
}

// at returns an address on one of the hosts.
func (s *site) at(host, path string) string { return "http://" + host + ":" + s.port + path }

// page returns a page that loads the script, with something else in its body.
func page(body string) string {
	return "<!doctype html><html lang=en><meta charset=utf-8><title>Shop</title><script src=/affiliate.js></script><body>" + body
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	answer, ok := s.answers[r.Method+" "+r.URL.Path]
	forgetful := s.forgetful
	s.mu.Unlock()
	switch {
	case ok:
	case strings.HasPrefix(r.Host, pay):
		answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "Please pay.") }
	case strings.HasPrefix(r.URL.Path, "/r/"), strings.HasPrefix(r.URL.Path, "/v1/"), r.URL.Path == "/affiliate.js":
		answer = s.routes.ServeHTTP
	default:
		answer = s.page
	}
	if forgetful {
		r.Header.Del("Cookie")
	}
	if strings.HasPrefix(r.URL.Path, "/v1/track/") && r.Method != http.MethodOptions {
		s.record(r)
	}
	answer(w, r)
}

// page answers every path that is no route.
func (s *site) page(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/favicon.ico" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, value := range s.headers {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	html, ok := s.pages[r.URL.Path]
	if !ok {
		html = page("")
	}
	_, _ = fmt.Fprint(w, html)
}

// record keeps a call of the script.
func (s *site) record(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	assert.NoError(s.t, err)
	c := call{Method: r.Method, Path: r.URL.Path, Origin: r.Header.Get("Origin"), Cookie: r.Header.Get("Cookie")}
	if r.Method == http.MethodPost {
		assert.NoError(s.t, json.Unmarshal(body, &c.Body))
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
}

// answer lets a route answer otherwise from now on, or as usual with nil.
func (s *site) answer(route string, do http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if do == nil {
		delete(s.answers, route)
		return
	}
	s.answers[route] = do
}

// newClick records a click that a partner's link led to elsewhere.
func (s *site) newClick(code string) string {
	s.t.Helper()
	c, err := s.eng.RecordClick(s.t.Context(), affiliate.Click{Link: code})
	require.NoError(s.t, err)
	return c.ClickID
}

// clicked puts a new click of alex's link in place of {click}.
func (s *site) clicked(address string) string {
	s.t.Helper()
	return strings.ReplaceAll(address, "{click}", s.newClick("alex"))
}

// sale says who earns by a customer's first invoice.
func (s *site) sale(customer string) []string {
	s.t.Helper()
	result, err := s.eng.RecordConversion(s.t.Context(), affiliate.Conversion{
		ID: "invoice:" + customer, Type: "invoice_paid", Customer: customer, Amount: 4900,
	})
	require.NoError(s.t, err)
	partners := []string{}
	for _, c := range result.Commissions {
		assert.Equal(s.t, int64(980), c.Amount)
		partners = append(partners, c.Partner)
	}
	return partners
}

// received returns the calls to a route so far.
func (s *site) received(method, name string) []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []call
	for _, c := range s.calls {
		if c.Method == method && c.Path == "/v1/track/"+name {
			found = append(found, c)
		}
	}
	return found
}

// awaits waits for a call that nothing in the page waits for.
func (s *site) awaits(method, name string, n int) []call {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return len(s.received(method, name)) >= n }, 10*time.Second, 10*time.Millisecond)
	return s.received(method, name)
}

// visitor is what the page finds in window.Affiliate.
type visitor struct{ Referral, ClickID, VisitorID string }

// ready waits for the script and returns what it knows.
func ready(tab *browser.Tab) visitor {
	v := browser.Eval[[]string](tab, `new Promise(done => Affiliate.ready(done)).then(a => [a.referral, a.clickId, a.visitorId].map(x => x ?? ""))`)
	return visitor{v[0], v[1], v[2]}
}

// marks returns the address or reference of every link and button, in order.
func marks(tab *browser.Tab) []string {
	return browser.Eval[[]string](tab, `[...document.querySelectorAll("a, area, stripe-buy-button, stripe-pricing-table")].map(
		e => e.getAttribute(e.matches("a, area") ? "href" : "client-reference-id") ?? "")`)
}

// cookies returns the names of the cookies that scripts can see.
func cookies(tab *browser.Tab) []string {
	names := browser.Eval[[]string](tab, `document.cookie.split("; ").filter(Boolean).map(c => c.split("=")[0])`)
	slices.Sort(names)
	return names
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
