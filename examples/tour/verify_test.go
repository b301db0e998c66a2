package main

import (
	"errors"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate"
)

// Whoever types addresses into the form earns a partner nothing; the holder of an
// address does, by the button in the mail, once, as of the sign-up.
func TestBountyWaitsForVerifiedAddress(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "shop.db"))
	defer s.close()
	ctx := t.Context()
	s.has(s.get("/r/blair"), "A partner sent you")
	s.has(s.form("/signup", "email", "ada@example.com"), "ada@example.com", "not verified yet")
	bounty := func() affiliate.ConversionResult {
		t.Helper()
		r, err := s.eng.Conversion(ctx, "signup:"+s.onlyCustomer())
		if err != nil && !errors.Is(err, affiliate.ErrNotFound) {
			t.Fatal(err)
		}
		return r
	}
	if r := bounty(); len(r.Commissions) != 0 {
		t.Fatalf("a bounty for an address that somebody typed: %+v", r)
	}
	s.has(s.form("/checkout"), "49.00 USD") // a sale counts whatever becomes of the address
	if err := s.sendProofs(ctx); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"", "A", strings.Repeat("A", 52)} {
		if status := s.status("/verify", "token", token); status != http.StatusGone {
			t.Errorf("token %q: %d", token, status)
		}
	}
	if r := bounty(); len(r.Commissions) != 0 {
		t.Fatalf("a bounty without the token: %+v", r)
	}
	s.clock.skip(23 * time.Hour)
	mail := s.outbox.Sent()[0]
	_, link, _ := strings.Cut(mail.Text, s.base)
	link, _, _ = strings.Cut(link, "\n")
	s.get(link) // as programs do that look at mail
	if r := bounty(); len(r.Commissions) != 0 {
		t.Fatalf("a bounty for a link that was opened: %+v", r)
	}
	for range 2 {
		_, token, _ := strings.Cut(link, "token=")
		s.has(s.form("/verify", "token", token), "your address is verified")
	}
	r := bounty()
	if len(r.Commissions) != 1 || r.Commissions[0].Partner != "blair" || r.Commissions[0].Amount != 500 {
		t.Fatalf("%+v", r)
	}
	if strings.Contains(s.get("/account"), "not verified yet") {
		t.Error("the account does not know")
	}
}

// A stranger who signs up in somebody's name all day fills nobody's mailbox.
func TestProofsAreFew(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "shop.db"))
	defer s.close()
	for i := range 20 {
		if err := s.addCustomer(t.Context(), newID("cus_"), []string{"ada@example.com", "Ada@Example.com"}[i%2]); err != nil {
			t.Fatal(err)
		}
		if err := s.sendProofs(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.outbox.Sent()); n != proofsAt {
		t.Fatalf("%d mails", n)
	}
	if err := s.addCustomer(t.Context(), newID("cus_"), "bob@example.com"); err != nil {
		t.Fatal(err)
	}
	if err := s.sendProofs(t.Context()); err != nil || len(s.outbox.Sent()) != proofsAt+1 {
		t.Fatalf("%d mails %v", len(s.outbox.Sent()), err)
	}
}

// status posts a form with its token and returns the answer's status.
func (s *shop) status(path string, values ...string) int {
	s.t.Helper()
	form := url.Values{"csrf": {s.token()}}
	for i := 0; i < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	response, err := s.browser.PostForm(s.base+path, form)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := bodyOf(response); err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode
}

// Every form on every page carries a token, and without it does nothing: on the
// shop's own pages, those to sign in, the portal and the console.
func TestEveryFormHasItsToken(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "shop.db"))
	defer s.close()
	pages := map[string]string{"/": s.get("/"), "/signin": s.get("/signin")}
	s.has(s.form("/signup", "email", "ada@example.com"), "ada@example.com")
	s.has(s.form("/checkout"), "49.00 USD")
	pages["/account"] = s.get("/account")
	s.signIn(ownerAddress)
	for _, path := range []string{"/owner", "/owner/keys", "/partners/alex", "/admin", "/admin/partners"} {
		pages[path] = s.get(path)
	}
	forms, seen := regexp.MustCompile(`(?s)<form [^>]*method="post"[^>]*action="([^"]+)"[^>]*>.*?</form>`), 0
	for path, page := range pages {
		for _, form := range forms.FindAllStringSubmatch(page, -1) {
			seen++
			if !strings.Contains(form[0], `name="csrf"`) {
				t.Errorf("%s has a form without a token: %s", path, form[0])
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+form[1], strings.NewReader("days=1&email=a@example.com"))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			response, err := s.browser.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := bodyOf(response); err != nil || response.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s without a token: %s %v", path, form[1], response.Status, err)
			}
		}
	}
	if seen < 10 {
		t.Errorf("%d forms", seen)
	}
}
