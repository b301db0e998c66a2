package consoletest_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
	"github.com/goaffiliate/affiliate/internal/browser"
)

// newHost is a whole host: the console under /admin and the API beside it, which
// takes one server's key. It returns the host's address.
func newHost(t *testing.T, acme *browser.Acme, key string) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	principal := func(role affiliatehttp.Role) affiliatehttp.Principal {
		return affiliatehttp.Principal{Organization: acme.Engine.Organization(), Role: role}
	}
	pages, err := console.New(acme.Engine, console.Config{
		Authenticate: func(*http.Request) (affiliatehttp.Principal, error) { return principal(affiliatehttp.RoleOwner), nil },
		Key:          []byte("0123456789abcdef0123456789abcdef"), BaseURL: base, Insecure: true,
	})
	acme.Must(err)
	api, err := affiliatehttp.New(acme.Engine, affiliatehttp.Config{
		Authenticate: func(r *http.Request) (affiliatehttp.Principal, error) {
			if r.Header.Get("Authorization") != "Bearer "+key {
				return affiliatehttp.Principal{}, errors.New("no such key")
			}
			return principal(affiliatehttp.RoleServer), nil
		},
		Mount: map[string]http.Handler{"/admin": pages, "/admin/": pages},
	})
	acme.Must(err)
	server.Config.Handler = api.Routes()
	server.Start()
	t.Cleanup(server.Close)
	return base
}

// TestCommandsWork runs what the Setup page says to run, as a shell reads it, and
// follows the page until it says that the test event has arrived.
func TestCommandsWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("the commands of the Setup page are NOT TESTED: ", err)
	}
	const key = "sk_1234"
	acme := browser.BusyAcme(t)
	base := newHost(t, acme, key)
	tab := shared.Tab(t)
	tab.Go(base + "/admin/setup")
	run := func(label, with string) string {
		t.Helper()
		command := browser.Eval[string](tab, `document.querySelector("pre[aria-label='`+label+`']").innerText`)
		require.Contains(t, command, "YOUR_KEY")
		command = strings.Replace(command, "curl ", "curl --silent --show-error --write-out ' %{http_code}' ", 1)
		out, err := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(command, "YOUR_KEY", with, 1)).CombinedOutput() //nolint:gosec // the page's own
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	assert.Contains(t, run("Test event", "wrong"), " 401")
	assert.Contains(t, run("Test event", key), " 201")
	check := "section[aria-labelledby=test] form button"
	tab.TabTo(check)
	tab.Press(kb.Enter)
	tab.Await(`document.querySelector("section[aria-labelledby=test] .pill-good")?.innerText === "Arrived"`)

	sold := run("Sale", key)
	assert.Contains(t, sold, " 201")
	assert.Contains(t, run("Sale", key), " 200", "a second time changes nothing")
	result, err := acme.Engine.Explain(t.Context(), "in_1001")
	require.NoError(t, err)
	assert.Equal(t, int64(4900), result.Conversion.Amount)
	assert.Equal(t, "usd", string(result.Conversion.Currency))
	assert.Empty(t, tab.Problems())
}
