package stripeadapter_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stripe/stripe-go/v76/client"

	"github.com/goaffiliate/affiliate/stripeadapter"
)

// fault is what the proxy does to a call.
type fault int

const (
	tooMany      fault = iota // 429, no effect
	denied                    // 401, no effect
	brokenBefore              // 500, no effect
	brokenAfter               // 500 after the effect
	silentAfter               // the effect, and no answer until the client gives up
	cutBefore                 // the connection ends before the effect
	cutAfter                  // the connection ends after the effect
	answered                  // by the test, no effect
)

// faultRule applies a fault to the next calls of a kind.
type faultRule struct {
	call  string // method and the beginning of the path
	fault fault
	times int
	code  int    // answered
	body  string // answered
}

// proxyCall is what arrived.
type proxyCall struct {
	Method, Path string
	Form         url.Values // of the body and the address
	Header       http.Header
}

// faultProxy stands between stripe-go and whatever plays Stripe.
type faultProxy struct {
	URL     string
	backend http.Handler

	mu    sync.Mutex
	rules []*faultRule
	calls []proxyCall
}

func newFaultProxy(t *testing.T, backend http.Handler) *faultProxy {
	t.Helper()
	p := &faultProxy{backend: backend}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// api is a client through the proxy that gives up at once.
func (p *faultProxy) api(key string) *client.API {
	return stripeadapter.NewAPI(key, stripeadapter.APIOptions{URL: p.URL, ConnectURL: p.URL, Retries: -1})
}

func (p *faultProxy) inject(rules ...faultRule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range rules {
		r.times = max(r.times, 1)
		p.rules = append(p.rules, &r)
	}
}

// heal forgets the faults that did not happen yet.
func (p *faultProxy) heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = nil
}

// seen returns the calls since the last time, and forgets them.
func (p *faultProxy) seen() []proxyCall {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls := p.calls
	p.calls = nil
	return calls
}

// names are the calls since the last time, as method and path.
func (p *faultProxy) names() []string {
	var names []string
	for _, c := range p.seen() {
		names = append(names, c.Method+" "+c.Path)
	}
	return names
}

func (p *faultProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	form, _ := url.ParseQuery(readBody(r))
	maps.Copy(form, r.URL.Query())
	hit := p.next(proxyCall{r.Method, r.URL.Path, form, r.Header.Clone()})
	if hit == nil {
		p.backend.ServeHTTP(w, r)
		return
	}
	switch hit.fault {
	case brokenAfter, silentAfter, cutAfter:
		p.backend.ServeHTTP(httptest.NewRecorder(), r)
	default:
	}
	switch hit.fault {
	case tooMany:
		refuse(w, http.StatusTooManyRequests, `{"error":{"type":"invalid_request_error","code":"rate_limit","message":"Too many requests"}}`)
	case denied:
		refuse(w, http.StatusUnauthorized, `{"error":{"type":"invalid_request_error","message":"Invalid API Key provided"}}`)
	case brokenBefore, brokenAfter:
		refuse(w, http.StatusInternalServerError, `{"error":{"type":"api_error","message":"something is wrong on our end"}}`)
	case silentAfter:
		<-r.Context().Done()
	case cutBefore, cutAfter:
		panic(http.ErrAbortHandler)
	case answered:
		refuse(w, hit.code, hit.body)
	}
}

// next notes a call and returns the rule that is up for it.
func (p *faultProxy) next(c proxyCall) *faultRule {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, c)
	i := slices.IndexFunc(p.rules, func(r *faultRule) bool { return r.times > 0 && strings.HasPrefix(c.Method+" "+c.Path, r.call) })
	if i < 0 {
		return nil
	}
	p.rules[i].times--
	return p.rules[i]
}

func refuse(w http.ResponseWriter, code int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, body)
}
