package auth_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/examples/auth"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// host is a host with one owner and the partners ada and bob.
type host struct {
	*auth.Auth
	t      *testing.T
	db     *sql.DB
	eng    *affiliate.Engine
	outbox *auth.Outbox
	server *httptest.Server

	mu    sync.Mutex
	clock time.Time
}

func (h *host) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.clock
}

func (h *host) skip(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = h.clock.Add(d)
}

func open(t *testing.T, secure bool) *host {
	t.Helper()
	ctx := t.Context()
	h := &host{t: t, outbox: &auth.Outbox{}, clock: time.Now()}
	var err error
	h.db, err = sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "auth.db")+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	check(t, err)
	t.Cleanup(func() { check(t, h.db.Close()) })
	h.eng, err = affiliate.New(memory.New(), affiliate.Config{Now: h.now})
	check(t, err)
	for _, id := range []string{"ada", "bob"} {
		email := id + "@example.com"
		check(t, errOf(h.eng.CreatePartner(ctx, id, program.Profile{Email: &email}, affiliate.Always())))
	}
	mux := http.NewServeMux()
	h.server = httptest.NewServer(mux)
	t.Cleanup(h.server.Close)
	h.Auth, err = auth.New(ctx, auth.Config{
		DB: h.db, Organization: h.eng.Organization(), Accounts: auth.Of(h.eng, "Owner@example.com"), Mailer: h.outbox,
		BaseURL: h.server.URL, Name: "Margin Notes", Insecure: !secure, Now: h.now,
	})
	check(t, err)
	mux.Handle("/signin", h.Auth)
	mux.Handle("/signin/", h.Auth)
	mux.Handle("/token", h.Sessions(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, h.SignOutToken(r)) })))
	mux.Handle("/whoami", h.Sessions(http.HandlerFunc(h.whoami)))
	return h
}

// whoami says what the functions for the library say.
func (h *host) whoami(w http.ResponseWriter, r *http.Request) {
	who, err := h.Authenticate(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	partner, _ := h.Partner(r)
	_, ownerErr := h.Owner(r)
	_, _ = io.WriteString(w, string(who.Role)+" "+who.Partner+" "+partner)
	if ownerErr == nil {
		_, _ = io.WriteString(w, "owner")
	}
	if h.Session(r) == "" {
		h.t.Error("a session without a name")
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// browser keeps cookies and does not follow redirects.
func (h *host) browser() *http.Client {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	check(h.t, err)
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type answer struct {
	status int
	body   string
	header http.Header
}

func (h *host) do(client *http.Client, method, path string, form url.Values, headers ...string) answer {
	h.t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(h.t.Context()), method, h.server.URL+path, strings.NewReader(form.Encode()))
	check(h.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	check(h.t, err)
	var body bytes.Buffer
	_, err = body.ReadFrom(response.Body)
	check(h.t, errors.Join(err, response.Body.Close()))
	return answer{response.StatusCode, body.String(), response.Header}
}

// post posts a form as a browser does that has seen it.
func (h *host) post(client *http.Client, path string, form url.Values, headers ...string) answer {
	h.t.Helper()
	filled := url.Values{"csrf": {h.token(client)}}
	for name, values := range form {
		filled[name] = values
	}
	return h.do(client, "POST", path, filled, headers...)
}

// token is what the forms carry that a browser sees.
func (h *host) token(client *http.Client) string {
	h.t.Helper()
	page := h.want(h.do(client, "GET", "/signin", nil), 200)
	m := regexp.MustCompile(`name="csrf" type="hidden" value="([\w-]{43})"`).FindStringSubmatch(page.body)
	if m == nil {
		h.t.Fatalf("a form without a token: %s", page.body)
	}
	return m[1]
}

func (h *host) want(a answer, status int, words ...string) answer {
	h.t.Helper()
	if a.status != status {
		h.t.Fatalf("%d, expected %d: %s", a.status, status, a.body)
	}
	for _, word := range words {
		if !strings.Contains(a.body, word) {
			h.t.Fatalf("no %q in %s", word, a.body)
		}
	}
	return a
}

// link asks for a link and returns the token in the mail.
func (h *host) link(client *http.Client, address string) string {
	h.t.Helper()
	before := len(h.outbox.Sent())
	h.want(h.post(client, "/signin", url.Values{"email": {address}}), 200, "If "+address+" has an account")
	check(h.t, h.SendLinks(h.t.Context()))
	sent := h.outbox.Sent()
	if len(sent) != before+1 || sent[before].To != strings.ToLower(address) {
		h.t.Fatalf("mails: %+v", sent)
	}
	m := regexp.MustCompile(`token=([A-Z2-7]{40,})\n`).FindStringSubmatch(sent[before].Text)
	if m == nil {
		h.t.Fatal("no link in the mail")
	}
	return m[1]
}

func (h *host) confirm(client *http.Client, token string) answer {
	h.t.Helper()
	return h.post(client, "/signin/confirm", url.Values{"token": {token}})
}

func (h *host) signIn(client *http.Client, address string) {
	h.t.Helper()
	h.want(h.confirm(client, h.link(client, address)), http.StatusSeeOther)
}

func (h *host) session(client *http.Client) string {
	h.t.Helper()
	u, err := url.Parse(h.server.URL)
	check(h.t, err)
	for _, c := range client.Jar.Cookies(u) {
		if c.Name == "session" {
			return c.Value
		}
	}
	return ""
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	ada := h.browser()
	h.want(h.do(ada, "GET", "/whoami", nil), 401)
	h.want(h.do(ada, "GET", "/signin", nil), 200, "Send me a link")
	token := h.link(ada, "Ada@Example.com")
	for range 3 { // what looks at mails opens links, and presses no buttons
		h.want(h.do(h.browser(), "GET", "/signin/confirm?token="+token, nil), 200, "sign in as <strong>ada@example.com")
		h.want(h.do(h.browser(), "HEAD", "/signin/confirm?token="+token, nil), 200)
	}
	if a := h.want(h.confirm(ada, token), http.StatusSeeOther); a.header.Get("Location") != "/portal" {
		t.Fatal(a.header)
	}
	h.want(h.do(ada, "GET", "/whoami", nil), 200, "partner ada ada")
	h.want(h.confirm(h.browser(), token), http.StatusGone) // replayed
	h.want(h.do(h.browser(), "GET", "/signin/confirm?token="+token, nil), http.StatusGone)

	owner := h.browser()
	if a := h.confirm(owner, h.link(owner, "owner@example.com")); a.header.Get("Location") != "/admin" {
		t.Fatal(a)
	}
	h.want(h.do(owner, "GET", "/whoami", nil), 200, "owner  owner")

	stolen := h.session(ada)
	h.want(h.post(ada, "/signin/out", nil), http.StatusSeeOther)
	h.want(h.do(ada, "GET", "/whoami", nil), 401)
	h.want(h.do(h.browser(), "GET", "/whoami", nil, "Cookie", "session="+stolen), 401) // gone on the server, too
}

func TestLinksEnd(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	ada := h.browser()
	token := h.link(ada, "ada@example.com")
	flipped := "A" + token[1:]
	if token[0] == 'A' {
		flipped = "B" + token[1:]
	}
	for _, wrong := range []string{"", flipped, token[:40], token + "A", strings.ToLower(token)} {
		h.want(h.confirm(ada, wrong), http.StatusGone)
	}
	h.skip(15*time.Minute - time.Second)
	h.want(h.do(ada, "GET", "/signin/confirm?token="+token, nil), 200)
	h.skip(time.Second)
	h.want(h.do(ada, "GET", "/signin/confirm?token="+token, nil), http.StatusGone)
	h.want(h.confirm(ada, token), http.StatusGone)
	h.want(h.do(ada, "GET", "/whoami", nil), 401)

	// A second link ends with the use of the first one.
	first, second := h.link(ada, "ada@example.com"), h.link(ada, "ada@example.com")
	h.want(h.confirm(ada, first), http.StatusSeeOther)
	h.want(h.confirm(ada, second), http.StatusGone)

	// A link is for one address of one account.
	moved, other := h.link(ada, "ada@example.com"), "ada@elsewhere.example"
	check(t, errOf(h.eng.EditPartner(t.Context(), "ada", program.Profile{Email: &other}, time.Time{})))
	h.want(h.confirm(h.browser(), moved), http.StatusGone)
	h.want(h.do(ada, "GET", "/whoami", nil), 401) // and so is a session
	taken, ada2 := h.link(ada, other), "ada2@example.com"
	check(t, errOf(h.eng.EditPartner(t.Context(), "ada", program.Profile{Email: &ada2}, time.Time{})))
	check(t, errOf(h.eng.EditPartner(t.Context(), "bob", program.Profile{Email: &other}, time.Time{})))
	h.want(h.confirm(h.browser(), taken), http.StatusGone)
}

// One link, many at once: one gets in.
func TestLinkRace(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	token := h.link(h.browser(), "ada@example.com")
	var wg sync.WaitGroup
	got := make([]int, 8)
	for i := range got {
		client := h.browser()
		wg.Go(func() { got[i] = h.confirm(client, token).status })
	}
	wg.Wait()
	in := 0
	for _, status := range got {
		if status == http.StatusSeeOther {
			in++
		} else if status != http.StatusGone {
			t.Errorf("status %d", status)
		}
	}
	if in != 1 {
		t.Fatalf("%d got in: %v", in, got)
	}
}

// Nobody learns from an answer whose address is known, however often one asks.
func TestEnumeration(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	for i := range 30 {
		var answers []answer
		for _, address := range []string{"ada@example.com", "eve@example.com"} {
			a := h.post(h.browser(), "/signin", url.Values{"email": {address}})
			a.body = regexp.MustCompile(`value="[\w-]{43}"`).ReplaceAllString(strings.ReplaceAll(a.body, address, "…"), "")
			a.header.Del("Date")
			answers = append(answers, a)
		}
		known, unknown := answers[0], answers[1]
		if known.status != 200 || known.status != unknown.status || known.body != unknown.body || len(known.header) != len(unknown.header) {
			t.Fatalf("%d: %+v\n%+v", i, known, unknown)
		}
	}
	for _, wrong := range []string{"", "ada", "Ada <ada@example.com>", "ada@example.com\r\nBcc: eve@example.com", strings.Repeat("a", 250) + "@example.com"} {
		h.want(h.post(h.browser(), "/signin", url.Values{"email": {wrong}}), 422)
	}
}

func TestSessionFixation(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	bob := h.browser()
	h.signIn(bob, "bob@example.com")
	planted := h.session(bob)
	ada := h.browser()
	u, err := url.Parse(h.server.URL)
	check(t, err)
	for _, cookie := range []string{planted, "made-up-by-somebody"} {
		ada.Jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: cookie, Path: "/"}})
		h.signIn(ada, "ada@example.com")
		h.want(h.do(ada, "GET", "/whoami", nil), 200, "partner ada")
		if h.session(ada) == cookie {
			t.Fatal("the token that was there before is kept")
		}
		h.want(h.do(h.browser(), "GET", "/whoami", nil, "Cookie", "session="+cookie), 401)
	}
}

func TestCookieAndForms(t *testing.T) {
	t.Parallel()
	h := open(t, true)
	client := h.browser()
	a := h.want(h.confirm(client, h.link(client, "ada@example.com")), http.StatusSeeOther)
	cookie := a.header.Get("Set-Cookie")
	for _, part := range []string{"__Host-session=", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/;", "Max-Age="} {
		if !strings.Contains(cookie, part) {
			t.Errorf("no %q in %q", part, cookie)
		}
	}
	if strings.Contains(cookie, "Domain") || len(a.header.Values("Set-Cookie")) != 1 {
		t.Error(a.header)
	}
	for _, path := range []string{"/signin", "/signin/confirm", "/signin/out"} {
		h.want(h.post(h.browser(), path, nil, "Sec-Fetch-Site", "cross-site"), 403)
	}
	for next, want := range map[string]string{
		"/portal/links": "/portal/links", "//evil.example": "/portal", "https://evil.example": "/portal", `/\evil.example`: "/portal", "": "/portal",
	} {
		h.skip(15 * time.Minute)
		h.want(h.post(client, "/signin", url.Values{"email": {"ada@example.com"}, "next": {next}}), 200)
		check(t, h.SendLinks(t.Context()))
		sent := h.outbox.Sent()
		_, rest, _ := strings.Cut(sent[len(sent)-1].Text, "token=")
		token, _, _ := strings.Cut(rest, "\n")
		if got := h.confirm(client, token).header.Get("Location"); got != want {
			t.Errorf("next %q leads to %q", next, got)
		}
	}
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
