package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goaffiliate/affiliate/examples/auth"
)

// What servers tell is taken with the server's key alone, all else with the owner's.
func TestEveryRouteTakesTheKeyThatItIsFor(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a, stop, err := start(t.Context(), listener, options{
		file: filepath.Join(t.TempDir(), "shop.db"), apiKey: "servers", ownKey: "owners", mailer: &auth.Outbox{}, log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	ask := func(method, path, key string) (int, []byte) { return askWith(t, method, a.base+path, key) }
	refused := func(status int) bool { return status == http.StatusUnauthorized || status == http.StatusForbidden }

	_, document := ask(http.MethodGet, "/v1/openapi.json", "")
	var described struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(document, &described); err != nil {
		t.Fatal(err)
	}
	servers, owners := 0, 0
	for path, methods := range described.Paths {
		if !strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/v1/portal") || strings.HasPrefix(path, "/v1/track/click") || path == "/v1/openapi.json" {
			continue // a partner's, a browser's or everybody's
		}
		for method := range methods {
			if method == "parameters" {
				continue
			}
			method = strings.ToUpper(method)
			byServer, _ := ask(method, path, "servers")
			byOwner, _ := ask(method, path, "owners")
			byNobody, _ := ask(method, path, "nobodys")
			switch {
			case refused(byServer) && refused(byOwner):
				t.Errorf("%s %s takes neither key: %d, %d", method, path, byServer, byOwner)
			case !refused(byServer) && !refused(byOwner):
				if refused(byNobody) {
					t.Errorf("%s %s takes either key: %d, %d", method, path, byServer, byOwner)
				} // else it is a browser's
			case refused(byOwner):
				servers++
			default:
				owners++
			}
		}
	}
	if servers < 5 || owners < 20 {
		t.Errorf("only %d routes of servers and %d of owners", servers, owners)
	}
}

// askWith sends an empty object with a key.
func askWith(t *testing.T, method, url, key string) (status int, body []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err = io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}
