package auth_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/examples/auth"
)

// ask is what Authenticate says to a request with a key.
func (h *host) ask(secret, method, path string) (affiliatehttp.Role, error) {
	r := httptest.NewRequestWithContext(context.WithoutCancel(h.t.Context()), method, path, nil)
	r.Header.Set("Authorization", "Bearer "+secret)
	who, err := h.Authenticate(r)
	return who.Role, err
}

func TestKeys(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	ctx := t.Context()
	secret, err := h.Keys.Issue(ctx, "billing", []auth.Scope{auth.Record}, h.now().Add(24*time.Hour))
	check(t, err)
	list, err := h.Keys.List(ctx)
	check(t, err)
	if len(list) != 1 || !strings.HasPrefix(secret, list[0].ID+"_") || len(secret) < 60 || !list[0].LastUsed.IsZero() {
		t.Fatalf("%q %+v", secret, list)
	}
	id := list[0].ID

	role, err := h.ask(secret, "POST", "/v1/conversions")
	if check(t, err); role != affiliatehttp.RoleServer {
		t.Fatal(role)
	}
	for _, wrong := range []string{"", "secret", id, id + "_", id + "_" + strings.Repeat("a", 52), secret[:len(secret)-1], secret + "a", "aff__x", strings.ToUpper(secret)} {
		if _, err := h.ask(wrong, "POST", "/v1/conversions"); !errors.Is(err, auth.ErrNoKey) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if list, err = h.Keys.List(ctx); err != nil || !list[0].LastUsed.Equal(h.now().UTC().Truncate(time.Microsecond)) {
		t.Fatalf("%+v %v", list, err)
	}

	h.skip(24 * time.Hour)
	if _, err := h.ask(secret, "POST", "/v1/conversions"); !errors.Is(err, auth.ErrNoKey) {
		t.Fatal("an expired key works:", err)
	}
	second, err := h.Keys.Issue(ctx, "reports", []auth.Scope{auth.Read}, time.Time{})
	check(t, err)
	_, err = h.ask(second, "GET", "/v1/conversions/in_1")
	check(t, err)
	check(t, h.Keys.Revoke(ctx, second[:strings.LastIndexByte(second, '_')]))
	if _, err := h.ask(second, "GET", "/v1/conversions/in_1"); !errors.Is(err, auth.ErrNoKey) {
		t.Fatal("a revoked key works:", err)
	}
	if _, err := h.Keys.Issue(ctx, "x", nil, time.Time{}); err == nil {
		t.Fatal("a key without a scope")
	}
	if _, err := h.Keys.Issue(ctx, "x", []auth.Scope{"everything"}, time.Time{}); err == nil {
		t.Fatal("a key with a scope that there is not")
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	routes := map[[2]string]auth.Scope{
		{"POST", "/v1/conversions"}: auth.Record, {"POST", "/v1/refunds"}: auth.Record, {"POST", "/v1/identify"}: auth.Record,
		{"POST", "/v1/track/sale"}: auth.Record, {"POST", "/v1/track/lead"}: auth.Record,
		{"GET", "/v1/conversions/in_1"}: auth.Read, {"GET", "/v1/postback"}: auth.Postback,
		{"GET", "/v1/conversions"}: auth.Manage, {"GET", "/v1/partners"}: auth.Manage, {"POST", "/v1/payout-runs"}: auth.Manage,
		{"PATCH", "/v1/programs/p"}: auth.Manage, {"DELETE", "/v1/conversions/in_1"}: auth.Manage, {"GET", "/v1/conversions/in_1/review"}: auth.Manage,
	}
	for _, scope := range auth.AllScopes() {
		secret, err := h.Keys.Issue(t.Context(), string(scope), []auth.Scope{scope}, time.Time{})
		check(t, err)
		for route, need := range routes {
			role, err := h.ask(secret, route[0], route[1])
			switch {
			case need != scope && !errors.Is(err, affiliatehttp.ErrForbidden):
				t.Errorf("%v with scope %s: %v", route, scope, err)
			case need == scope && (err != nil || (role == affiliatehttp.RoleOwner) != (scope == auth.Manage)):
				t.Errorf("%v with scope %s: %s %v", route, scope, role, err)
			}
		}
	}
}

// A key that the host brings along takes the place of the last one.
func TestAdopt(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	for _, secret := range []string{"secret", "aff_other", ""} {
		check(t, h.Keys.Adopt(t.Context(), "environment", secret, auth.AllScopes()...))
		for _, tried := range []string{"secret", "aff_other", ""} {
			if _, err := h.ask(tried, "POST", "/v1/refunds"); (err == nil) != (tried == secret && secret != "") {
				t.Errorf("%q is in force, %q: %v", secret, tried, err)
			}
		}
	}
}

// The same key from the environment stays revoked after a restart.
func TestAdoptKeepsRevocation(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	for range 2 {
		check(t, h.Keys.Adopt(t.Context(), "environment", "secret", auth.AllScopes()...))
		check(t, h.Keys.Revoke(t.Context(), adoptedID(t, h)))
		check(t, h.Keys.Adopt(t.Context(), "environment", "secret", auth.AllScopes()...))
		if _, err := h.ask("secret", "POST", "/v1/refunds"); !errors.Is(err, auth.ErrNoKey) {
			t.Fatal("a revoked key works after a restart:", err)
		}
		check(t, h.Keys.Adopt(t.Context(), "environment", "another", auth.AllScopes()...))
		if _, err := h.ask("another", "POST", "/v1/refunds"); err != nil {
			t.Fatal(err)
		}
	}
}

// What is stored opens nothing.
func TestAtRest(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	client := h.browser()
	unused := h.link(client, "bob@example.com")
	h.signIn(client, "ada@example.com")
	secret, err := h.Keys.Issue(t.Context(), "billing", auth.AllScopes(), time.Time{})
	check(t, err)
	secrets := []string{unused, h.session(client), secret, secret[strings.LastIndexByte(secret, '_')+1:]}
	seen := 0
	for _, table := range []string{"auth_requests", "auth_sessions", "auth_keys"} {
		for _, row := range h.rows(table) {
			seen++
			for _, s := range secrets {
				if strings.Contains(row, s) {
					t.Errorf("%s holds a secret: %s", table, row)
				}
			}
		}
	}
	if seen < 3 {
		t.Fatalf("%d rows", seen)
	}
}

// rows returns all rows of a table as text.
func (h *host) rows(table string) (list []string) {
	h.t.Helper()
	rows, err := h.db.QueryContext(h.t.Context(), "SELECT * FROM "+table)
	check(h.t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	check(h.t, err)
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		check(h.t, rows.Scan(targets...))
		list = append(list, fmt.Sprintf("%s", values))
	}
	check(h.t, rows.Err())
	return list
}

// A mail that could not be sent is sent later, once.
type broken struct{ auth.Outbox }

func (b *broken) Send(ctx context.Context, m auth.Message) error {
	_ = b.Outbox.Send(ctx, m) // the server took it, and the connection broke
	return errors.New("connection lost")
}

func TestMailFails(t *testing.T) {
	t.Parallel()
	h := open(t, false)
	var b broken
	h.Mailer = &b
	check(t, h.Ask(t.Context(), "ada@example.com", "", affiliatehttp.RemoteIP(httptest.NewRequest(http.MethodGet, "/", nil))))
	if err := h.SendLinks(t.Context()); err == nil || strings.Contains(err.Error(), "ada") {
		t.Fatal(err)
	}
	check(t, h.SendLinks(t.Context())) // not yet
	h.skip(time.Minute)
	h.Mailer = h.outbox
	check(t, h.SendLinks(t.Context()))
	check(t, h.SendLinks(t.Context()))
	if len(b.Sent()) != 1 || len(h.outbox.Sent()) != 1 {
		t.Fatalf("%d and %d mails", len(b.Sent()), len(h.outbox.Sent()))
	}
	token := func(m auth.Message) string {
		_, rest, _ := strings.Cut(m.Text, "token=")
		token, _, _ := strings.Cut(rest, "\n")
		return token
	}
	h.want(h.confirm(h.browser(), token(b.Sent()[0])), http.StatusGone)
	h.want(h.confirm(h.browser(), token(h.outbox.Sent()[0])), http.StatusSeeOther)
}

// The mailer for real use, against a server that speaks just enough.
func TestSMTP(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	got := make(chan string, 1)
	go func() { got <- receive(listener) }()
	port := listener.Addr().(*net.TCPAddr).Port
	mailer, err := auth.NewSMTP("127.0.0.1", "", "", "Margin Notes <hello@example.com>", mail.WithTLSPolicy(mail.NoTLS), mail.WithPort(port), mail.WithTimeout(5*time.Second))
	check(t, err)
	check(t, mailer.Send(t.Context(), auth.Message{To: "ada@example.com", Subject: "Your link", Text: "https://example.com/signin/confirm?token=A"}))
	text := <-got
	for _, want := range []string{"RCPT TO:<ada@example.com>", "Subject: Your link", "hello@example.com", "confirm?token=3DA"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if err := mailer.Send(t.Context(), auth.Message{To: "ada@example.com\r\nBcc: eve@example.com"}); err == nil {
		t.Error("an address with a header in it")
	}
	secure, err := auth.NewSMTP("127.0.0.1", "user", "password", "hello@example.com", mail.WithPort(port))
	check(t, err)
	if err := secure.Send(t.Context(), auth.Message{To: "ada@example.com"}); err == nil {
		t.Error("sent without a server")
	}
}

// receive takes one mail and returns all that was said. A client that is cut off
// fails the test by itself.
func receive(listener net.Listener) string {
	defer func() { _ = listener.Close() }()
	conn, err := listener.Accept()
	if err != nil {
		return err.Error()
	}
	defer func() { _ = conn.Close() }()
	var said strings.Builder
	lines, data := bufio.NewScanner(conn), false
	answer := func(text string) { _, _ = io.WriteString(conn, text+"\r\n") }
	answer("220 ready")
	for lines.Scan() {
		line := lines.Text()
		said.WriteString(line + "\n")
		switch verb := strings.ToUpper(strings.SplitN(line, " ", 2)[0]); {
		case data && line != ".":
		case verb == "DATA":
			data = true
			answer("354 go on")
		case verb == "QUIT":
			answer("221 bye")
			return said.String()
		default:
			data = false
			answer("250 ok")
		}
	}
	return said.String()
}

// adoptedID is the id of the one key that was not made here.
func adoptedID(t *testing.T, h *host) string {
	t.Helper()
	keys, err := h.Keys.List(t.Context())
	check(t, err)
	if len(keys) != 1 {
		t.Fatalf("%d keys", len(keys))
	}
	return keys[0].ID
}
