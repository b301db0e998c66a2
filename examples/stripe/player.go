package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"
)

// player acts out the demo as browsers and as Stripe. After the first error it does
// nothing more.
type player struct {
	app    *app
	stop   func() error
	stripe *captured
	out    io.Writer
	err    error

	mu    sync.Mutex
	clock time.Time

	who       string       // the buyer
	browser   *http.Client // theirs
	click     string       // that led them here
	delivered []string
	checks    []check
}

type check struct{ what, got, want string }

func (p *player) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.clock
}

func (p *player) at(text string) {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil && p.err == nil {
		p.err = err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clock = t
}

func (p *player) print(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format, args...)
	}
}

func (p *player) say(text string) {
	p.print("\n%s  %s\n%s\n", p.now().Format("2006-01-02 15:04"), text, strings.Repeat("-", len(text)+18))
}

func (p *player) compare(what, got, want string) {
	if p.err == nil {
		p.checks = append(p.checks, check{what, got, want})
	}
}

// visit opens the shop in a new browser, by a partner's link or without.
func (p *player) visit(ctx context.Context, who, link string) {
	jar, err := cookiejar.New(nil)
	if err != nil && p.err == nil {
		p.err = err
	}
	p.who, p.click = who, ""
	p.stripe.meet(who)
	p.browser = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if link == "" {
		p.shows(ctx, "/", "Subscribe")
		p.print("  GET /\n")
		return
	}
	response, _ := p.send(ctx, http.MethodGet, "/r/"+link, "", nil)
	if p.err != nil {
		return
	}
	to, err := response.Location()
	if err != nil || to.Query().Get("cref") == "" {
		p.err = fmt.Errorf("/r/%s: %s, to %v", link, response.Status, to)
		return
	}
	p.click = to.Query().Get("cref")
	p.print("  GET /r/%-24s click %s\n", link, p.click)
	p.shows(ctx, to.RequestURI(), "A partner sent you: "+link)
}

// form posts a form of the shop, which sends the browser on.
func (p *player) form(ctx context.Context, path, values, to string) {
	response, body := p.send(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", []byte(values))
	if p.err != nil {
		return
	}
	got := response.Header.Get("Location")
	p.print("  POST %-25s on to %s\n", path, got)
	if response.StatusCode != http.StatusSeeOther || got != to {
		p.err = fmt.Errorf("POST %s: %s to %q %s, expected %q", path, response.Status, got, body, to)
	}
}

// sent checks what Stripe was sent for the buyer.
func (p *player) sent(field, want string) {
	got := p.stripe.of(p.who).Get(field)
	p.print("    to Stripe: %s=%s\n", field, got)
	p.compare(p.who+": "+field, got, want)
}

// deliver posts events as Stripe does.
func (p *player) deliver(ctx context.Context, names ...string) {
	for _, name := range names {
		p.print("  Stripe: %s\n", p.post(ctx, name))
		p.delivered = append(p.delivered, name)
	}
}

// post signs an event and delivers it, and returns what it is.
func (p *player) post(ctx context.Context, name string) string {
	body, err := p.stripe.event(name)
	if err != nil && p.err == nil {
		p.err = err
	}
	if p.err != nil {
		return ""
	}
	var event struct {
		Type    string
		Version string `json:"api_version"`
	}
	if p.err = json.Unmarshal(body, &event); p.err != nil {
		return ""
	}
	response, answer := p.send(ctx, http.MethodPost, "/stripe/webhook", "application/json", body)
	if p.err == nil && response.StatusCode != http.StatusOK {
		p.err = fmt.Errorf("%s: %s %s", name, response.Status, answer)
	}
	return fmt.Sprintf("%s of %s, version %s", event.Type, strings.SplitN(name, ".", 2)[0], event.Version)
}

// send sends a request as the buyer's browser, or as Stripe. It does not follow
// redirects.
func (p *player) send(ctx context.Context, method, path, kind string, body []byte) (response *http.Response, text string) {
	if p.err != nil {
		return nil, ""
	}
	client := p.browser
	request, err := http.NewRequestWithContext(ctx, method, p.app.base+path, bytes.NewReader(body))
	if p.err = err; err != nil {
		return nil, ""
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	if path == "/stripe/webhook" {
		client = http.DefaultClient
		request.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
		request.Header.Set("Stripe-Signature", webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{
			Payload: body, Secret: p.app.secret, Timestamp: p.now(),
		}).Header)
	}
	response, err = client.Do(request)
	if p.err = err; err != nil {
		return nil, ""
	}
	all, err := io.ReadAll(response.Body)
	p.err = errors.Join(err, response.Body.Close())
	if p.err == nil && response.StatusCode >= http.StatusBadRequest {
		p.err = fmt.Errorf("%s %s: %s %s", method, path, response.Status, all)
	}
	return response, string(all)
}

// shows checks that a page has these words.
func (p *player) shows(ctx context.Context, path string, words ...string) {
	_, page := p.send(ctx, http.MethodGet, path, "", nil)
	i := slices.IndexFunc(words, func(word string) bool { return !strings.Contains(page, word) })
	if p.err == nil && i >= 0 {
		p.err = fmt.Errorf("%s does not show %q", path, words[i])
	}
}
