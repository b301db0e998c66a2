package main

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// lived returns an Engine that has seen the year before a time.
func lived(t *testing.T, now time.Time) *affiliate.Engine {
	t.Helper()
	y := newYear(now)
	eng, err := affiliate.New(memory.New(), affiliate.Config{Now: func() time.Time { return y.clock }})
	if err != nil {
		t.Fatal(err)
	}
	y.eng = eng
	if err := seed(t.Context(), eng, "http://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	if err := y.setUp(t.Context(), "http://127.0.0.1:1/"); err != nil {
		t.Fatal(err)
	}
	y.imagine()
	if err := y.happen(t.Context()); err != nil {
		t.Fatal(err)
	}
	return eng
}

// found is what a reader of the pages would miss if it were not there.
type found struct {
	Partners, Programs, Clicks, Payouts int
	States                              map[commission.Status]int
	PayoutStates                        map[payout.Status]int
	Balances                            []affiliate.Balance
}

func inspect(t *testing.T, eng *affiliate.Engine) (f found) {
	t.Helper()
	ctx := t.Context()
	setup, err := eng.Configuration(ctx)
	f = found{Partners: len(setup.Partners()), Programs: len(setup.Programs()), States: map[commission.Status]int{}, PayoutStates: map[payout.Status]int{}}
	for _, p := range setup.Partners() {
		page, err1 := eng.Commissions(ctx, p.ID, "", 1000)
		for _, c := range page.Commissions {
			f.States[c.Status]++
		}
		counts, err2 := eng.ClickCounts(ctx, p.ID)
		for _, c := range counts {
			f.Clicks += int(c.Clicks)
		}
		balances, err3 := eng.Balances(ctx, p.ID, time.Time{})
		f.Balances = append(f.Balances, balances...)
		err = errors.Join(err, err1, err2, err3)
	}
	payouts, err4 := eng.Payouts(ctx, "")
	for _, p := range payouts {
		f.Payouts++
		f.PayoutStates[p.Status]++
		statement, err5 := eng.Statement(ctx, p.ID)
		if err5 != nil || statement.Amount != p.Amount {
			t.Errorf("the statement of %s: %d, not %d %v", p.ID, statement.Amount, p.Amount, err5)
		}
	}
	if err = errors.Join(err, err4); err != nil {
		t.Fatal(err)
	}
	return f
}

// complete says what is missing in the sample data.
func (f found) complete(t *testing.T) {
	t.Helper()
	if f.Partners != 12 || f.Programs != 3 || f.Clicks < 2000 || f.Payouts < 60 {
		t.Errorf("%+v", f)
	}
	for _, s := range []commission.Status{
		commission.StatusPending, commission.StatusPayable, commission.StatusPaid, commission.StatusUnderReview, commission.StatusRejected, commission.StatusReversed,
	} {
		if f.States[s] == 0 {
			t.Errorf("no commission is %s: %v", s, f.States)
		}
	}
	if f.PayoutStates[payout.Failed] != 1 || f.PayoutStates[payout.Paid] < 50 {
		t.Errorf("%v", f.PayoutStates)
	}
}

// The sample data has something of everything, whenever it is loaded: also at the
// end of a month with a leap day, and in the middle of a day.
func TestSample(t *testing.T) {
	t.Parallel()
	for _, now := range []time.Time{time.Date(2028, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 31, 13, 37, 11, 0, time.UTC)} {
		f := inspect(t, lived(t, now))
		f.complete(t)
		if again := inspect(t, lived(t, now)); asJSON(t, again) != asJSON(t, f) {
			t.Errorf("not the same again:\n%+v\n%+v", f, again)
		}
	}
}

// What began empty stays empty.
func TestSampleGoesIntoNewDatabaseOnly(t *testing.T) {
	t.Parallel()
	opts := options{file: filepath.Join(t.TempDir(), "shop.db"), base: "http://127.0.0.1:1", log: slog.New(slog.DiscardHandler)}
	for range 2 {
		a, err := newApp(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		setup, err := a.eng.Configuration(t.Context())
		if err := errors.Join(err, a.db.Close()); err != nil || len(setup.Partners()) != 2 {
			t.Fatalf("%d partners %v", len(setup.Partners()), err)
		}
		opts.sample = true
	}
}

// The year is the same every time, and nothing in it is outside of it.
func TestYear(t *testing.T) {
	t.Parallel()
	y, again := newYear(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)), newYear(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))
	y.imagine()
	again.imagine()
	if len(y.clicks) < 2000 || len(y.facts) < 800 || asJSON(t, y.clicks) != asJSON(t, again.clicks) || len(y.facts) != len(again.facts) {
		t.Fatalf("%d and %d clicks, %d and %d facts", len(y.clicks), len(again.clicks), len(y.facts), len(again.facts))
	}
	for i, f := range y.facts {
		if f.at.Before(y.start) || !f.at.Before(y.end) || !f.at.Equal(again.facts[i].at) {
			t.Fatalf("a fact of %s, or %s, in the year from %s to %s", f.at, again.facts[i].at, y.start, y.end)
		}
	}
}

// The preview shows everything and lets nobody change anything.
func TestPreview(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(nil)
	base, began := "http://"+server.Listener.Addr().String(), time.Now()
	p, db, err := newPreview(t.Context(), options{file: filepath.Join(t.TempDir(), "preview.db"), base: base, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("loaded in %v", time.Since(began).Round(time.Millisecond))
	server.Config.Handler = p.routes()
	server.Start()
	defer func() {
		server.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	t.Run("sample", func(t *testing.T) { inspect(t, p.eng).complete(t) })
	t.Run("pages", func(t *testing.T) { everyPage(t, base) })
	t.Run("writes", func(t *testing.T) { everyWrite(t, base) })
}

// Everything that can be reached by following links from the tour works, says that
// it is a preview, and leads nowhere else.
func everyPage(t *testing.T, base string) {
	t.Helper()
	links := regexp.MustCompile(`(?:href|action)="([^"]+)"`)
	queue, seen, alike := []string{"/"}, map[string]bool{"/": true}, map[string]int{}
	pages := 0
	for ; len(queue) > 0; queue = queue[1:] {
		status, kind, body := fetch(t, base+queue[0])
		switch {
		case strings.HasPrefix(queue[0], "/r/"):
			if status != http.StatusForbidden {
				t.Errorf("%s: %d", queue[0], status)
			}
			continue
		case status == http.StatusSeeOther: // a page that asks about something, without it
			continue
		case status != http.StatusOK && status != http.StatusMethodNotAllowed: // forms of some pages have addresses of their own
			t.Errorf("%s: %d %.300s", queue[0], status, body)
		case strings.HasPrefix(kind, "text/html") && !strings.Contains(body, "Preview with sample data"):
			t.Errorf("%s has no banner", queue[0])
		}
		if !strings.HasPrefix(kind, "text/html") {
			continue
		}
		pages++
		for _, m := range links.FindAllStringSubmatch(body, -1) {
			link := strings.ReplaceAll(strings.TrimPrefix(m[1], base), "&amp;", "&")
			link, _, _ = strings.Cut(link, "#")
			path, _, _ := strings.Cut(link, "?")
			if !strings.HasPrefix(link, "/") || seen[path] || strings.HasSuffix(path, "/theme") {
				continue
			}
			seen[path] = true
			kind := shape(path)
			if alike[kind]++; alike[kind] <= 4 { // one conversion is like another
				queue = append(queue, link)
			}
		}
	}
	for _, s := range tour() {
		if !seen[s.Path] {
			t.Errorf("the tour does not lead to %s", s.Path)
		}
	}
	t.Logf("%d pages", pages)
	if pages < 60 {
		t.Errorf("%d pages", pages)
	}
}

// shape is a path without the ids in it.
func shape(path string) string {
	parts := strings.Split(path, "/")
	for i := 3; i < len(parts); i += 2 {
		parts[i] = "…"
	}
	return strings.Join(parts, "/")
}

func fetch(t *testing.T, address string) (status int, kind, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := bodyOf(response)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), string(text)
}

// Nothing can be changed, not even with the token of a form, and a look does not
// count as a click.
func everyWrite(t *testing.T, base string) {
	t.Helper()
	_, _, before := fetch(t, base+"/v1/portal/overview")
	_, _, page := fetch(t, base+"/portal/codes")
	m := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no form")
	}
	for _, path := range []string{"/portal/links", "/portal/codes", "/admin/payouts/run", "/admin/partners/ada/suspend", "/v1/conversions", "/v1/portal/codes", "/signin"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
			request, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(url.Values{"csrf": {m[1]}, "code": {"NEW1"}}.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := bodyOf(response)
			if err != nil || response.StatusCode != http.StatusForbidden || !strings.Contains(string(body), "This is a preview.") {
				t.Errorf("%s %s: %s %.200s %v", method, path, response.Status, body, err)
			}
		}
	}
	fetch(t, base+"/r/ada")
	fetch(t, base+"/?aff=ada")
	if _, _, after := fetch(t, base+"/v1/portal/overview"); after != before || !strings.Contains(before, `"name":"Ada"`) {
		t.Errorf("%s\n%s", before, after)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	response, err := browser.PostForm(base+"/portal/theme", url.Values{"csrf": {m[1]}, "theme": {"dark"}, "back": {"/portal"}})
	if err != nil {
		t.Fatal(err)
	}
	if body, err := bodyOf(response); err != nil || !strings.Contains(string(body), `data-theme="dark"`) {
		t.Errorf("dark: %s %v", response.Status, err)
	}
}

// The database of the preview takes no writes, whatever reaches it.
func TestPreviewDatabase(t *testing.T) {
	t.Parallel()
	ctx, file, log := t.Context(), filepath.Join(t.TempDir(), "preview.db"), slog.New(slog.DiscardHandler)
	a, err := newApp(ctx, options{file: file, base: "http://127.0.0.1:1", log: log})
	if err != nil {
		t.Fatal(err)
	}
	click := affiliate.Click{Link: "alex"}
	if _, err := a.eng.RecordClick(ctx, click); err != nil {
		t.Fatal(err)
	}
	p, db, err := reopen(a)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := p.eng.RecordClick(ctx, click); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Fatalf("a click was stored, or refused for another reason: %v", err)
	}
}

// A partner signs in to the portal, an owner to the console, and an API key that
// the owner makes on a page works until it is revoked there.
func TestPortalAndKeys(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "shop.db"))
	defer s.close()
	s.has(s.signIn("blair@example.com"), "Blair", "Sign out")
	s.has(s.get("/portal/links"), "/r/blair")
	s.has(s.get("/"), "/affiliate.js?v=")
	s.has(s.get("/affiliate.js"), "client_reference_id")
	if status, _, _ := fetch(t, s.base+"/v1/portal/overview"); status != http.StatusUnauthorized {
		t.Fatal(status)
	}

	s.has(s.signIn(ownerAddress), "Owner", "Programs")
	page := s.form("/owner/keys", "name", "Billing", "days", "30", "scope", "record")
	m := regexp.MustCompile(`<code>(aff_[a-z2-7]+_[a-z2-7]+)</code>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal(page)
	}
	sale := order{ID: "in_1", Customer: "cus_1", PromoCode: promoCode, Cents: priceUSD, PaidAt: s.clock.now()}.payment()
	for i, want := range []int{201, 200} {
		if status, body, err := call(t.Context(), s.base+"/v1/conversions", m[1], sale); err != nil || status != want {
			t.Fatalf("%d: %d %s %v", i, status, body, err)
		}
	}
	if status, _, err := call(t.Context(), s.base+"/v1/payout-runs", m[1], sale); err != nil || status != 403 {
		t.Fatal("beyond its scope:", status, err)
	}
	id := m[1][:strings.LastIndexByte(m[1], '_')]
	s.has(s.form("/owner/keys/"+id+"/revoke"), "revoked")
	if status, _, err := call(t.Context(), s.base+"/v1/conversions", m[1], sale); err != nil || status != 401 {
		t.Fatal("revoked:", status, err)
	}
	if strings.Contains(s.get("/owner/keys"), m[1]) {
		t.Fatal("the secret is shown twice")
	}
}
