package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate/examples/auth"
)

// The story of the demo comes out right, and a wrong figure would be noticed.
func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := demo(t.Context(), &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	p := &player{out: io.Discard}
	p.check("a", 1, 1)
	p.check("b", 1, 2)
	if err := p.verdict(); err == nil {
		t.Fatal("a wrong figure went unnoticed")
	}
}

// shop is a running example with a browser.
type shop struct {
	*app
	t       *testing.T
	stop    func() error
	browser *http.Client
	outbox  *auth.Outbox
}

func open(t *testing.T, file string) *shop {
	t.Helper()
	outbox := &auth.Outbox{}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a, stop, err := start(t.Context(), listener, options{file: file, apiKey: "k", mailer: outbox, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &shop{app: a, t: t, stop: stop, browser: &http.Client{Jar: jar}, outbox: outbox}
}

// signIn signs the browser in by the link in a mail.
func (s *shop) signIn(address string) string {
	s.t.Helper()
	s.has(s.form("/signin", "email", address), "a link is on its way")
	if err := s.who.SendLinks(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	mails := s.outbox.Sent()
	if len(mails) == 0 || mails[len(mails)-1].To != address {
		s.t.Fatalf("no mail to %s: %+v", address, mails)
	}
	_, rest, _ := strings.Cut(mails[len(mails)-1].Text, "token=")
	token, _, _ := strings.Cut(rest, "\n")
	return s.form("/signin/confirm", "token", token)
}

func (s *shop) close() {
	s.t.Helper()
	if err := s.stop(); err != nil {
		s.t.Fatal(err)
	}
}

// get and form return the page that a browser ends up on.
func (s *shop) get(path string) string {
	s.t.Helper()
	return s.page(s.browser.Get(s.base + path))
}

func (s *shop) form(path string, values ...string) string {
	s.t.Helper()
	form := url.Values{"csrf": {s.token()}}
	for i := 0; i < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	return s.page(s.browser.PostForm(s.base+path, form))
}

// token is what the forms carry that the browser sees.
func (s *shop) token() string {
	s.t.Helper()
	m := formToken.FindStringSubmatch(s.get("/signin"))
	if m == nil {
		s.t.Fatal("a form without a token")
	}
	return m[1]
}

// verify presses the button that the last mail leads to.
func (s *shop) verify() {
	s.t.Helper()
	if err := s.sendProofs(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	mails := s.outbox.Sent()
	_, rest, found := strings.Cut(mails[len(mails)-1].Text, "/verify?token=")
	if !found {
		s.t.Fatalf("no link to verify an address by: %+v", mails)
	}
	token, _, _ := strings.Cut(rest, "\n")
	s.has(s.get("/verify?token="+token), "Is this your address?")
	s.has(s.form("/verify", "token", token), "your address is verified")
}

func (s *shop) page(response *http.Response, err error) string {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	body, err := bodyOf(response)
	if err != nil || response.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: %s %s %v", response.Request.Method, response.Request.URL, response.Status, body, err)
	}
	return string(body)
}

func (s *shop) has(page string, words ...string) {
	s.t.Helper()
	for _, word := range words {
		if !strings.Contains(page, word) {
			s.t.Fatalf("no %q in\n%s", word, page)
		}
	}
}

func (s *shop) details(partner string) (p partnerPage) {
	s.t.Helper()
	p, err := s.partnerPage(s.t.Context(), partner)
	if err != nil {
		s.t.Fatal(err)
	}
	p.Link, p.NextPayout = "", time.Time{}
	return p
}

// Everything is in the file: a second process on another port goes on where the
// first one stopped.
func TestRestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "the shop's.db")
	first := open(t, file)
	first.has(first.get("/r/blair"), "A partner sent you")
	first.has(first.form("/signup", "email", "ada@example.com"), "ada@example.com")
	first.verify()
	first.has(first.form("/checkout", "promoCode", "alex10"), "cs_test_", "49.00 USD")
	first.signIn(ownerAddress)
	first.form("/owner/clock", "days", "62")
	first.form("/owner/payouts")
	alex, blair := first.details("alex"), first.details("blair")
	if len(alex.Payouts) != 1 || alex.Payouts[0].Amount != 980 || blair.Clicks != 1 || blair.Balances[0].InPayout != 500 {
		t.Fatalf("%+v\n%+v", alex, blair)
	}
	// The shop took a payment and crashed before it could tell of it.
	customer := first.onlyCustomer()
	lost := order{ID: "in_lost", Customer: customer, Cents: priceUSD, PaidAt: first.clock.now()}
	if err := first.addOrder(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	first.close()

	second := open(t, file)
	defer second.close()
	second.browser.Jar = first.browser.Jar
	got := second.details("alex")
	if len(got.Commissions) != 2 || got.Balances[0].Pending != 980 || got.Balances[0].InPayout != 980 {
		t.Fatalf("the lost payment was not made up for: %+v", got)
	}
	still := second.details("blair")
	still.Balances[0].Settled = blair.Balances[0].Settled // the time of the answer
	if a, b := asJSON(t, still), asJSON(t, blair); a != b {
		t.Fatalf("blair is not the same:\n%s\n%s", a, b)
	}
	second.form("/owner/payouts")
	if again := second.details("alex"); len(again.Payouts) != 1 {
		t.Fatalf("paid twice: %+v", again.Payouts)
	}
	second.has(second.get("/r/alex"), "Go to your account", "A partner sent you")
	second.has(second.form("/owner/payouts/"+alex.Payouts[0].ID+"/paid"), "paid")
	second.has(second.get("/partners/alex"), "Alex", promoCode, "9.80 USD", "in_lost")
	second.has(second.get("/conversions/in_lost"), "bound since", "accrual")

	setup, err := second.eng.Configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(setup.Partners()); n != 2 || len(setup.CodesOf("alex")) != 2 || len(setup.LinksOf("alex")) != 2 {
		t.Fatalf("seeded twice: %d partners", n)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (s *shop) onlyCustomer() (id string) {
	s.t.Helper()
	if err := s.db.QueryRowContext(s.t.Context(), `SELECT id FROM shop_customers`).Scan(&id); err != nil {
		s.t.Fatal(err)
	}
	return id
}

func TestShopRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "shop.db"))
	defer s.close()
	ctx := context.WithoutCancel(t.Context())
	for _, path := range []string{"/owner", "/owner/keys", "/partners/alex", "/conversions/x", "/admin", "/portal"} {
		s.has(s.get(path), "Send me a link")
	}
	for path, want := range map[string]int{"/owner/payouts": 403, "/owner/clock?days=1": 403, "/owner/keys": 403, "/v1/conversions": 401} {
		response, err := s.browser.PostForm(s.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bodyOf(response); err != nil || response.StatusCode != want {
			t.Fatalf("%s by nobody: %s %v", path, response.Status, err)
		}
	}
	s.signIn(ownerAddress)
	for name, c := range map[string]struct {
		path, header, value string
		want                int
	}{
		"a wrong API key":        {"/v1/conversions", "Authorization", "Bearer kk", 401},
		"another site's form":    {"/owner/payouts", "Sec-Fetch-Site", "cross-site", 403},
		"nobody's checkout":      {"/checkout", "X", "", 403},
		"no e-mail":              {"/signup", "X", "", 422},
		"a refund of nothing":    {"/refund", "X", "", 422},
		"an unknown payout":      {"/owner/payouts/po_1/paid", "X", "", 404},
		"a clock that goes back": {"/owner/clock?days=-1", "X", "", 422},
		"a key for nothing":      {"/owner/keys?name=x&days=0", "X", "", 422},
		"a scope there is not":   {"/owner/keys?name=x&days=0&scope=all", "X", "", 422},
	} {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+c.path, strings.NewReader("csrf="+s.token()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(c.header, c.value)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := s.browser.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := bodyOf(response)
		if err != nil || response.StatusCode != c.want {
			t.Errorf("%s: %s %s %v", name, response.Status, body, err)
		}
	}
	if page := s.get("/?cref=%22%3E%3Cscript%3E"); strings.Contains(page, `"><script`) {
		t.Error("the landing page repeats what it was sent")
	}
}

// The sale that the README posts is taken as it stands there.
func TestReadmeSale(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?s)curl (.*?) (http://127\.0\.0\.1:8080)(/\S+) -d '\s*(\{.*?\})'`).FindSubmatch(text)
	if m == nil {
		t.Fatal("the README posts no sale")
	}
	s := open(t, filepath.Join(t.TempDir(), "shop.db"))
	defer s.close()
	for i, want := range []int{201, 200} {
		status, answer, err := call(t.Context(), s.base+string(m[3]), s.apiKey, json.RawMessage(m[4]))
		if err != nil || status != want || !strings.Contains(string(answer), `"amount":980`) {
			t.Fatalf("%d: %d %s %v", i, status, answer, err)
		}
	}
}
