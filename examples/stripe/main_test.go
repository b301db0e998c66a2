package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
)

// The story comes out right, and a wrong figure would be noticed.
func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := demo(t.Context(), &out, ""); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "WITHOUT STRIPE-MOCK") {
		t.Error("it does not say that nobody checked")
	}
	p := &player{out: io.Discard, stripe: &captured{}}
	p.compare("a", "1", "1")
	p.compare("b", "1", "2")
	if err := p.verdict(); err == nil {
		t.Fatal("a wrong figure went unnoticed")
	}
}

// What the shop sends is what Stripe's specification allows.
func TestDemoAgainstStripeMock(t *testing.T) {
	t.Parallel()
	binary, err := stripeMock(t)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("stripe-mock: %v", err)
		}
		t.Skipf("SKIPPED WITHOUT STRIPE-MOCK: what is sent to Stripe was not checked: %v", err)
	}
	var out bytes.Buffer
	if err := playWith(t.Context(), &out, "", binary); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "stripe-mock has accepted all") {
		t.Error("stripe-mock was not asked")
	}
	address, stop, err := startMock(t.Context(), binary)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	s := open(t, filepath.Join(t.TempDir(), "shop.db"), &captured{mock: address}, func(o *options) { o.key = "nobody's" })
	if status, _, body := s.form("/checkout", "plan=pro"); status != http.StatusBadGateway {
		t.Errorf("what stripe-mock refuses: %d %s", status, body)
	}
	recorded(t, address)
}

// recorded compares what stripe-mock takes with what is recorded that it took.
func recorded(t *testing.T, address string) {
	t.Helper()
	stripe := &captured{mock: address}
	s := open(t, filepath.Join(t.TempDir(), "shop.db"), stripe)
	s.click("ada")
	for _, form := range [][2]string{{"/checkout", "plan=pro"}, {"/checkout", "plan=pack"}, {"/trial", "email=a%40example.com"}} {
		if status, _, body := s.form(form[0], form[1]); status != http.StatusSeeOther {
			t.Errorf("%s: %d %s", form, status, body)
		}
	}
	if err := s.jobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	known, err := parameters()
	if err != nil {
		t.Fatal(err)
	}
	for path, names := range known {
		for _, name := range names {
			if !stripe.taken[path+" "+name] {
				t.Errorf("%s is recorded for %s, and is sent no more", name, path)
			}
		}
	}
}

// The demo needs no stripe-mock, and what Stripe was never seen to take is refused
// without one, too.
func TestDemoNeedsNoStripeMock(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var out bytes.Buffer
	if err := playWith(t.Context(), &out, "", ""); err != nil || !strings.Contains(out.String(), "WITHOUT STRIPE-MOCK") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := playWith(t.Context(), io.Discard, "", "no-such-stripe-mock"); err == nil {
		t.Error("a stripe-mock that is named and not there went unnoticed")
	}
	for body, want := range map[string]int{
		"email=a%40example.com&metadata[anything]=1": 200, "email=a%40example.com&price=1": 400, "metadata=1&meta[data]=2": 400,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.stripe.com/v1/customers", strings.NewReader(body))
		response, err := (&captured{who: "ada"}).RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != want {
			t.Errorf("%s: %d", body, response.StatusCode)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.stripe.com/v1/transfers", nil)
	if response, err := (&captured{}).RoundTrip(r); err != nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("a call that the demo does not make: %v", err)
	}
}

// stripeMock returns a stripe-mock: the one that STRIPE_MOCK names, that is on the
// PATH, or that is built once per machine, outside of this module.
func stripeMock(t *testing.T) (string, error) {
	t.Helper()
	if path := os.Getenv("STRIPE_MOCK"); path != "" {
		return exec.LookPath(path)
	}
	if path, err := exec.LookPath("stripe-mock"); err == nil {
		return path, nil
	}
	const version = "v0.148.0"
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "goaffiliate-affiliate-test") // where the adapter's tests keep theirs
	binary := filepath.Join(cache, fmt.Sprintf("stripe-mock-%s-%s-%s", version, runtime.GOOS, runtime.GOARCH))
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp(cache, "build")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	build := exec.CommandContext(ctx, "go", "install", "github.com/stripe/stripe-mock@"+version)
	build.Dir, build.Env = folder, append(os.Environ(), "GOBIN="+folder, "GOWORK=off", "GOFLAGS=", "GOOS=", "GOARCH=", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go install: %w\n%s", errors.Join(err, ctx.Err()), out)
	}
	return binary, os.Rename(filepath.Join(folder, "stripe-mock"), binary)
}

// shop is a running example with a browser.
type shop struct {
	*app
	t       *testing.T
	browser *http.Client
}

func open(t *testing.T, file string, stripe http.RoundTripper, edits ...func(*options)) *shop {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	opts := options{
		file: file, key: "sk_test_1", secret: "whsec_1", cookieKey: strings.Repeat("k", 32), newID: counter(),
		goods: goods{Pro: "price_pro", Pack: "price_pack"}, transport: stripe, log: slog.New(slog.DiscardHandler),
	}
	for _, edit := range edits {
		edit(&opts)
	}
	a, stop, err := start(t.Context(), listener, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &shop{app: a, t: t, browser: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// do sends a request with some headers, in pairs.
func (s *shop) do(method, path, body string, headers ...string) (status int, header http.Header, text string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.browser.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	all, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(all)
}

func (s *shop) form(path, values string, headers ...string) (status int, header http.Header, text string) {
	s.t.Helper()
	return s.do(http.MethodPost, path, values, append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

// click follows a partner's link and returns the click's id.
func (s *shop) click(link string) string {
	s.t.Helper()
	status, header, body := s.do(http.MethodGet, "/r/"+link, "")
	to, err := url.Parse(header.Get("Location"))
	if status != http.StatusFound || err != nil || to.Query().Get("cref") == "" {
		s.t.Fatalf("/r/%s: %d %v %s", link, status, header, body)
	}
	return to.Query().Get("cref")
}

// A reference is in every place where Stripe gives it back, for either mode.
func TestCheckoutCarriesReferences(t *testing.T) {
	t.Parallel()
	for plan, places := range map[string][]string{"pro": {"metadata", "subscription_data[metadata]"}, "pack": {"metadata", "payment_intent_data[metadata]"}} {
		stripe := &captured{}
		s := open(t, filepath.Join(t.TempDir(), "shop.db"), stripe)
		click := s.click("ada")
		stripe.meet(plan)
		status, header, body := s.form("/checkout", "plan="+plan)
		if to := header.Get("Location"); status != http.StatusSeeOther || to != "https://checkout.stripe.com/c/pay/cs_test_"+plan+"_1" {
			t.Fatalf("%s: %d to %q %s", plan, status, to, body)
		}
		want := map[string]string{
			"client_reference_id": "ada", "line_items[0][price]": "price_" + plan,
			"success_url": s.base + "/thanks", "cancel_url": s.base + "/", "allow_promotion_codes": "true",
		}
		if plan == "pack" {
			want["customer_creation"] = "always"
		}
		for _, place := range places {
			want[place+"[affiliate_click_id]"], want[place+"[affiliate_ref]"], want[place+"[affiliate_customer_key]"] = click, "ada", "user_1"
		}
		for field, value := range want {
			if got := stripe.of(plan).Get(field); got != value {
				t.Errorf("%s: %s is %q, expected %q", plan, field, got, value)
			}
		}
	}
}

// A trial's customer carries the reference, and the same buyer keeps the same key.
func TestTrialCarriesReferences(t *testing.T) {
	t.Parallel()
	stripe := &captured{}
	s := open(t, filepath.Join(t.TempDir(), "shop.db"), stripe)
	click := s.click("alex")
	stripe.meet("buyer")
	if status, header, body := s.form("/trial", "email=buyer%40example.com"); status != http.StatusSeeOther || header.Get("Location") != "/thanks" {
		t.Fatalf("%d %s", status, body)
	}
	if status, _, body := s.form("/checkout", "plan=pack"); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, body)
	}
	for field, want := range map[string]string{
		"email": "buyer@example.com", "customer": "cus_buyer", "items[0][price]": "price_pro", "trial_period_days": "14",
		"metadata[affiliate_click_id]": click, "metadata[affiliate_ref]": "alex", "metadata[affiliate_customer_key]": "user_1",
	} {
		if got := stripe.of("buyer").Get(field); got != want {
			t.Errorf("%s is %q, expected %q", field, got, want)
		}
	}
}

func TestWebhookTakesOnlyStripe(t *testing.T) {
	t.Parallel()
	stripe := &captured{}
	s := open(t, filepath.Join(t.TempDir(), "shop.db"), stripe)
	body, err := stripe.event("margaret.checkout.session.completed")
	if err != nil {
		t.Fatal(err)
	}
	sign := func(secret string, at time.Time) string {
		return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at}).Header
	}
	for _, c := range []struct {
		name, method, body, signature string
		want                          int
		earned                        int64
	}{
		{"no signature", http.MethodPost, string(body), "", 400, 0},
		{"another secret", http.MethodPost, string(body), sign("whsec_2", time.Now()), 400, 0},
		{"an old delivery", http.MethodPost, string(body), sign("whsec_1", time.Now().Add(-time.Hour)), 400, 0},
		{"another amount", http.MethodPost, strings.ReplaceAll(string(body), "12000", "99000"), sign("whsec_1", time.Now()), 400, 0},
		{"GET", http.MethodGet, "", "", 405, 0},
		{"a delivery", http.MethodPost, string(body), sign("whsec_1", time.Now()), 200, 2400},
		{"the same again", http.MethodPost, string(body), sign("whsec_1", time.Now()), 200, 2400},
	} {
		if status, _, text := s.do(c.method, "/stripe/webhook", c.body, "Stripe-Signature", c.signature); status != c.want {
			t.Errorf("%s: %d %s", c.name, status, text)
		}
		var sum int64
		balances, err := s.eng.Balances(t.Context(), "alex", time.Time{})
		for _, b := range balances {
			sum += b.Pending + b.Payable + b.InPayout + b.Paid
		}
		if err != nil || sum != c.earned {
			t.Errorf("%s: alex has %d %v", c.name, sum, err)
		}
	}
}

// The page loads the script under a policy that allows just what is there, and shows
// the payment link and the buy button only where there are some.
func TestPages(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "shop.db"), &captured{})
	status, header, page := s.do(http.MethodGet, "/?ref=nobody%22%3E%3Cb%3E", "")
	if status != http.StatusOK || header.Get("Content-Security-Policy") != policy {
		t.Fatalf("%d %v", status, header)
	}
	for _, word := range []string{"unsafe", "data:", "*"} {
		if strings.Contains(policy, word) {
			t.Errorf("the policy has %q", word)
		}
	}
	for _, word := range []string{"<b>", "buy.stripe.com", "stripe-buy-button", "js.stripe.com", " style=", " onclick"} {
		if strings.Contains(page, word) {
			t.Errorf("the page has %q", word)
		}
	}
	_, src, _ := strings.Cut(page, `<script src="`)
	src, _, _ = strings.Cut(src, `"`)
	status, header, code := s.do(http.MethodGet, src, "")
	if status != http.StatusOK || !strings.Contains(header.Get("Content-Type"), "javascript") ||
		!strings.Contains(header.Get("Cache-Control"), "immutable") || !strings.Contains(code, "buy.stripe.com") {
		t.Errorf("%s: %d %v", src, status, header)
	}
	if status, _, body := s.form("/v1/track/click", `{"aff":"ada","url":"https://shop.example/"}`, "Content-Type", "application/json"); status != 200 ||
		!strings.Contains(body, `"referral":"ada"`) {
		t.Errorf("the script's call: %d %s", status, body)
	}
	for path, want := range map[string]int{"/thanks": 200, "/style.css": 200, "/partners/ada": 200, "/partners/nobody": 404, "/r/nobody": 404, "/nothing": 404} {
		if status, _, body := s.do(http.MethodGet, path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

func TestShopRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "shop.db"), roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("the cable is cut")
	}))
	for name, c := range map[string]struct {
		path, body, site string
		want             int
	}{
		"another site's form": {"/checkout", "plan=pro", "cross-site", 403},
		"an unknown plan":     {"/checkout", "plan=gold", "same-origin", 422},
		"no e-mail":           {"/trial", "email=nobody", "same-origin", 422},
		"Stripe is down":      {"/trial", "email=a%40example.com", "same-origin", 502},
	} {
		status, _, body := s.form(c.path, c.body, "Sec-Fetch-Site", c.site)
		if status != c.want || strings.Contains(body, "cable") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if missing := (options{}).missing(); len(missing) != 4 {
		t.Errorf("it opens without its keys: %v", missing)
	}
	if missing := s.missing(); len(missing) != 0 {
		t.Errorf("it does not open: %v", missing)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Everything is in the file: a second process knows who led the visitor of the first
// one here, and has nothing left to bring to Stripe.
func TestRestart(t *testing.T) {
	t.Parallel()
	file, stripe := filepath.Join(t.TempDir(), "the shop's.db"), &captured{}
	first := open(t, file, stripe)
	click := first.click("ada")
	if err := first.jobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := open(t, file, &captured{mock: "http://127.0.0.1:1"}) // every call would fail
	if err := second.jobs(t.Context()); err != nil {
		t.Errorf("the rewards were not kept: %v", err)
	}
	third := open(t, file, stripe)
	third.browser.Jar = first.browser.Jar
	stripe.meet("buyer")
	if status, _, body := third.form("/checkout", "plan=pro"); status != http.StatusSeeOther || stripe.of("buyer").Get("metadata[affiliate_click_id]") != click {
		t.Errorf("the visitor is a stranger: %d %s", status, body)
	}
	setup, err := third.eng.Configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(setup.Partners()); n != 2 {
		t.Errorf("seeded twice: %d partners", n)
	}
}

// What the owner changed is as the owner left it after the next start.
func TestOwnersEditsSurviveRestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shop.db")
	first := open(t, file, &captured{})
	destination := "https://shop.example/"
	for _, at := range []time.Time{affiliate.Always(), {}} {
		if _, err := first.eng.EditProgram(t.Context(), programID, program.SettingsChange{DestinationURL: &destination, HoldbackDays: new(9)}, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := first.eng.EditPartner(t.Context(), "ada", program.Profile{Name: new("Augusta")}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	second := open(t, file, &captured{})
	setup, err := second.eng.Configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	offer, _ := setup.Program(programID)
	ada, _ := setup.Partner("ada")
	if got := offer.Latest(); got.DestinationURL != destination || got.Terms.HoldbackDays != 9 || ada.Name != "Augusta" {
		t.Errorf("%+v %+v", got, ada)
	}
}

// Payloads bring back nothing that was not sent, and are of two generations of
// Stripe's API.
func TestPayloads(t *testing.T) {
	t.Parallel()
	if _, err := (&captured{}).event("grace.invoice.paid.first"); err == nil {
		t.Error("a reference came back that nobody had sent")
	}
	names, err := fs.Glob(payloads, "payloads/events/*.json")
	if err != nil {
		t.Fatal(err)
	}
	versions, ids := map[string]int{}, map[string]string{}
	for _, name := range names {
		text, err := payloads.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var event struct {
			ID      string
			Version string `json:"api_version"`
		}
		if err := json.Unmarshal(text, &event); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if other := ids[event.ID]; other != "" {
			t.Errorf("%s and %s are one event", name, other)
		}
		ids[event.ID] = name
		versions[event.Version]++
	}
	if versions["2023-10-16"] < 2 || versions["2025-08-27.basil"] < 2 {
		t.Errorf("versions: %v", versions)
	}
}
