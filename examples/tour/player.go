package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goaffiliate/affiliate/examples/auth"
)

// player acts out the demo as a browser, a backend and the owner. After the
// first error it does nothing more.
type player struct {
	app  *app
	stop func() error
	out  io.Writer
	err  error

	mu    sync.Mutex
	clock time.Time

	browser *http.Client
	outbox  *auth.Outbox
	checks  []check
}

type check struct{ what, got, want string }

func (p *player) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.clock
}

// check notes a figure, which verdict judges.
func (p *player) check(what string, got, want int64) {
	p.compare(what, fmt.Sprint(got), fmt.Sprint(want))
}

func (p *player) compare(what, got, want string) {
	if p.err == nil {
		p.checks = append(p.checks, check{what, got, want})
	}
}

func (p *player) line(what, result string) {
	p.print("  %s  %-32s %s\n", p.now().Format("2006-01-02 15:04"), what, result)
}

func (p *player) print(format string, args ...any) {
	if _, err := fmt.Fprintf(p.out, format, args...); err != nil && p.err == nil {
		p.err = err
	}
}

// click follows a partner's link to the landing page, like a browser.
func (p *player) click(ctx context.Context, link string) {
	response, body := p.send(ctx, http.MethodGet, "/r/"+link, "", "")
	if p.err != nil {
		return
	}
	to, err := response.Location()
	if err != nil || response.StatusCode != http.StatusFound {
		p.err = fmt.Errorf("click on %s: %s %s", link, response.Status, body)
		return
	}
	click := to.Query().Get("cref")
	if _, page := p.send(ctx, http.MethodGet, to.RequestURI(), "", ""); p.err == nil && (click == "" || !strings.Contains(page, click)) {
		p.err = fmt.Errorf("the landing page does not know of the click on %s", link)
	}
	p.line("GET /r/"+link, "302, click "+click)
}

// signIn lets the owner in by the link in a mail, for what only owners may do.
func (p *player) signIn(ctx context.Context) {
	p.post(ctx, "/signin", "email="+url.QueryEscape(ownerAddress))
	if p.err == nil {
		p.err = p.app.who.SendLinks(ctx)
	}
	p.form(ctx, "the owner signs in", "/signin/confirm", p.mailed())
}

// verify presses the button on the page that the mail to a new customer leads to.
func (p *player) verify(ctx context.Context) {
	if p.err == nil {
		p.err = p.app.sendProofs(ctx)
	}
	token := p.mailed()
	if _, body := p.post(ctx, "/verify", token); p.err == nil && !strings.Contains(body, "your address is verified") {
		p.err = fmt.Errorf("the address is not verified: %s", body)
	}
	p.line("POST /verify", "the address is the customer's")
}

// mailed is the token in the last mail, as a form sends it.
func (p *player) mailed() string {
	mails := p.outbox.Sent()
	if len(mails) == 0 || p.err != nil {
		p.err = cmp.Or(p.err, errors.New("no mail"))
		return ""
	}
	_, rest, _ := strings.Cut(mails[len(mails)-1].Text, "?")
	token, _, _ := strings.Cut(rest, "\n")
	return token
}

// post posts a form with the token that it has on a page.
func (p *player) post(ctx context.Context, path, values string) (*http.Response, string) {
	_, page := p.send(ctx, http.MethodGet, "/signin", "", "")
	token := formToken.FindStringSubmatch(page)
	if p.err == nil && token == nil {
		p.err = errors.New("a form without a token")
	}
	if p.err != nil {
		return nil, ""
	}
	return p.send(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", "csrf="+token[1]+"&"+values)
}

var formToken = regexp.MustCompile(`name="csrf" type="hidden" value="([\w-]{43})"`)

// form posts a form of the shop, which answers by going on to a page.
func (p *player) form(ctx context.Context, what, path, values string) {
	response, body := p.post(ctx, path, values)
	if p.err != nil {
		return
	}
	if response.StatusCode != http.StatusSeeOther {
		p.err = fmt.Errorf("%s: POST %s: %s %s", what, path, response.Status, body)
		return
	}
	if strings.HasPrefix(path, "/owner/payouts/") {
		path = "/owner/payouts/…/paid"
	}
	p.line("POST "+path, what)
}

// api posts to /v1/conversions with the API key.
func (p *player) api(ctx context.Context, what string, body payment, status int, contains string) {
	if p.err != nil {
		return
	}
	got, answer, err := call(ctx, p.app.base+"/v1/conversions", p.app.apiKey, body)
	if err == nil && (got != status || !strings.Contains(string(answer), contains)) {
		err = fmt.Errorf("%s: %d %s, expected %d with %s", what, got, answer, status, contains)
	}
	p.err = err
	p.line("POST /v1/conversions", fmt.Sprintf("%s: %d, %s", what, got, strings.ReplaceAll(contains, `"`, "")))
}

// paid is what a conversion pays a partner, as the API tells.
func (p *player) paid(ctx context.Context, conversion, partner string) (cents int64) {
	if p.err != nil {
		return 0
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.app.base+"/v1/conversions/"+url.PathEscape(conversion), nil)
	if err != nil {
		p.err = err
		return 0
	}
	request.Header.Set("Authorization", "Bearer "+p.app.apiKey)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.err = err
		return 0
	}
	var answer struct {
		Commissions []struct {
			PartnerID string
			Amount    int64
			Currency  string
		}
	}
	text, err := bodyOf(response)
	if err == nil {
		err = json.Unmarshal(text, &answer)
	}
	if err != nil || response.StatusCode != http.StatusOK {
		p.err = fmt.Errorf("GET /v1/conversions/%s: %s %s %w", conversion, response.Status, text, err)
	}
	for _, c := range answer.Commissions {
		if c.PartnerID == partner && c.Currency == "usd" {
			cents += c.Amount
		}
	}
	return cents
}

// pending is what a partner has earned, and cannot be paid yet.
func (p *player) pending(ctx context.Context, partner string) (cents int64) {
	if p.err != nil {
		return 0
	}
	balances, err := p.app.eng.Balances(ctx, partner, time.Time{})
	p.err = err
	for _, b := range balances {
		cents += b.Pending
	}
	return cents
}

// explain prints why a conversion pays what it pays.
func (p *player) explain(ctx context.Context, conversion string) {
	if p.err != nil {
		return
	}
	x, err := p.app.eng.Explain(ctx, conversion)
	p.err = err
	for _, reason := range why(x) {
		p.print("      %s: %s\n", conversion, reason)
	}
}

// partner reads a partner's page.
func (p *player) partner(ctx context.Context, id string) (page partnerPage) {
	_, body := p.send(ctx, http.MethodGet, "/partners/"+id, "json", "")
	if p.err == nil {
		p.err = json.Unmarshal([]byte(body), &page)
	}
	return page
}

// balance checks a partner's whole balance.
func (p *player) balance(ctx context.Context, id string, pending, payable, inPayout, paid int64) {
	page := p.partner(ctx, id)
	if p.err != nil {
		return
	}
	if len(page.Balances) != 1 || page.Balances[0].Currency != "usd" {
		p.err = fmt.Errorf("balances of %s: %+v", id, page.Balances)
		return
	}
	b := page.Balances[0]
	got := figures(b.Pending, b.Payable, b.InPayout, b.Paid)
	p.line("GET /partners/"+id, got)
	p.compare("balance of "+id+" on "+p.now().Format("2 January"), got, figures(pending, payable, inPayout, paid))
}

func figures(pending, payable, inPayout, paid int64) string {
	return fmt.Sprintf("pending %d, payable %d, in payout %d, paid %d", pending, payable, inPayout, paid)
}

// shows checks that a page has these words.
func (p *player) shows(ctx context.Context, path string, words ...string) {
	_, page := p.send(ctx, http.MethodGet, path, "", "")
	i := slices.IndexFunc(words, func(word string) bool { return !strings.Contains(page, word) })
	if p.err == nil && i >= 0 {
		p.err = fmt.Errorf("%s does not show %q", path, words[i])
	}
}

// send sends a request as the browser, which keeps cookies and does not follow
// redirects by itself. Kind is the type of the body or, without one, "json" for
// a page as JSON.
func (p *player) send(ctx context.Context, method, path, kind, body string) (response *http.Response, text string) {
	if p.err != nil {
		return nil, ""
	}
	if p.browser == nil {
		jar, err := cookiejar.New(nil)
		if p.err = err; err != nil {
			return nil, ""
		}
		p.browser = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	request, err := http.NewRequestWithContext(ctx, method, p.app.base+path, strings.NewReader(body))
	if p.err = err; err != nil {
		return nil, ""
	}
	request.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	if kind == "json" {
		request.Header.Set("Accept", "application/json")
	} else {
		request.Header.Set("Content-Type", kind)
	}
	response, err = p.browser.Do(request)
	if p.err = err; err != nil {
		return nil, ""
	}
	all, err := bodyOf(response)
	if err == nil && response.StatusCode >= 400 {
		err = fmt.Errorf("%s %s: %s %s", method, path, response.Status, all)
	}
	p.err = err
	return response, string(all)
}
