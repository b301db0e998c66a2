package auth_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate/program"
)

// tokens are those of the links in the mailbox of an address, the latest first.
func (h *host) tokens(address string) (list []string) {
	h.t.Helper()
	for _, m := range h.outbox.Sent() {
		if m.To == address {
			_, rest, _ := strings.Cut(m.Text, "token=")
			token, _, _ := strings.Cut(rest, "\n")
			list = append([]string{token}, list...)
		}
	}
	return list
}

// However many links a stranger asks for to ada's address, from her own network or
// others, at whatever pace, she signs in at the first try; and gets a few mails.
func TestStrangerLocksNobodyOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from  func(i int) string
		pause time.Duration
	}{
		"from one address":       {func(int) string { return "192.0.2.7" }, 0},
		"from ada's own":         {func(int) string { return "127.0.0.1" }, 0},
		"from everywhere":        {func(i int) string { return fmt.Sprintf("198.51.%d.7", i) }, 0},
		"for hours, from one":    {func(int) string { return "192.0.2.7" }, time.Minute},
		"for hours, from others": {func(i int) string { return fmt.Sprintf("198.51.%d.7", i) }, time.Minute},
		"from nobody knows":      {func(int) string { return "" }, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, false)
			mails := 0
			for i := range 200 {
				from, _ := netip.ParseAddr(c.from(i))
				for range 3 {
					check(t, h.Ask(t.Context(), "ada@example.com", "", from))
				}
				check(t, h.SendLinks(t.Context()))
				h.skip(c.pause)
				if i%40 != 39 {
					continue
				}
				mails += h.getsIn("ada@example.com")
			}
			if most := 5*(3+1) + int(200*c.pause/(10*time.Minute)+1)*3; mails > most {
				t.Errorf("ada got %d mails, and is to get %d at most", mails, most)
			}
		})
	}
}

// getsIn signs an address in by one of the mails that are in its mailbox after
// asking for a link, and returns how many there were in it.
func (h *host) getsIn(address string) (mails int) {
	h.t.Helper()
	browser := h.browser()
	h.want(h.post(browser, "/signin", url.Values{"email": {address}}), 200, "a link is on its way")
	check(h.t, h.SendLinks(h.t.Context()))
	list := h.tokens(address)
	if len(list) == 0 {
		h.t.Fatal("no mail")
	}
	h.skip(4 * time.Minute) // until the mail is read
	if a := h.want(h.confirm(browser, list[0]), http.StatusSeeOther); a.header.Get("Location") != "/portal" {
		h.t.Fatal(a)
	}
	h.outbox.Forget()
	return len(list)
}

// Strangers who ask for many unknown addresses keep nobody waiting.
func TestManyRequestsAreSentInOneGo(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	for i := range 250 {
		check(t, h.Ask(t.Context(), fmt.Sprintf("nobody%d@example.com", i), "", netip.Addr{}))
	}
	check(t, h.Ask(t.Context(), "ada@example.com", "", netip.Addr{}))
	check(t, h.SendLinks(t.Context()))
	if n := len(h.tokens("ada@example.com")); n != 1 {
		t.Fatalf("%d mails", n)
	}
}

// An older link works until it is used or expired, whatever was asked for since.
func TestOlderLinksStayValid(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	first := h.link(h.browser(), "ada@example.com")
	for range 50 {
		check(t, h.Ask(t.Context(), "ada@example.com", "", netip.Addr{}))
		check(t, h.SendLinks(t.Context()))
		h.skip(17 * time.Second)
	}
	h.want(h.confirm(h.browser(), first), http.StatusSeeOther)
}

// Mails to an account that was somebody else's are none of the one that has the
// address now.
func TestLinksOfAnotherAccountDoNotCount(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	for range 5 {
		check(t, h.Ask(t.Context(), "ada@example.com", "", netip.Addr{}))
	}
	check(t, h.SendLinks(t.Context()))
	other, hers := "ada@elsewhere.example", "ada@example.com"
	check(t, errOf(h.eng.EditPartner(t.Context(), "ada", program.Profile{Email: &other}, time.Time{})))
	check(t, errOf(h.eng.EditPartner(t.Context(), "bob", program.Profile{Email: &hers}, time.Time{})))
	token := h.link(h.browser(), "ada@example.com")
	h.want(h.confirm(h.browser(), token), http.StatusSeeOther)
}

// A form without its token is refused, also where a browser says nothing of where
// it comes from; one with the token of another browser or session is, too.
func TestEveryFormHasItsToken(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	for _, path := range []string{"/signin", "/signin/confirm", "/signin/out"} {
		form := url.Values{"email": {"ada@example.com"}}
		h.want(h.do(h.browser(), "POST", path, form), 403)
		seen := h.browser()
		h.want(h.do(seen, "GET", "/signin", nil), 200)
		h.want(h.do(seen, "POST", path, form), 403)
		h.want(h.post(h.browser(), path, url.Values{"csrf": {strings.Repeat("A", 43)}}), 403)
	}
	ada, bob := h.browser(), h.browser()
	h.signIn(ada, "ada@example.com")
	h.signIn(bob, "bob@example.com")
	for _, other := range []*http.Client{bob, h.browser()} {
		h.want(h.do(ada, "POST", "/signin/out", url.Values{"csrf": {h.token(other)}}), 403)
		h.want(h.do(ada, "GET", "/whoami", nil), 200, "partner ada")
	}
	h.want(h.do(ada, "GET", "/token", nil), 200, h.token(ada)) // what the pages of portal and console carry
	h.want(h.do(ada, "POST", "/signin/out", url.Values{"csrf": {h.token(ada)}}), http.StatusSeeOther)
}
