package browser_test

import (
	"bytes"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/browser"
)

var shared *browser.Browser

func TestMain(m *testing.M) { os.Exit(browser.Run(m, &shared)) }

func page(t *testing.T, html string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", "script-src 'self' 'nonce-x'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(html))
	}))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "some.name.example.org", 1) + "/"
}

// The collector must not be deaf: every kind of problem is heard.
func TestProblemsAreHeard(t *testing.T) {
	for _, test := range []struct{ name, html, source, text string }{
		{"exception", `<script nonce=x>throw new TypeError("oops")</script>`, "exception", "oops"},
		{"rejection", `<script nonce=x>Promise.reject(new Error("oops"))</script>`, "exception", "oops"},
		{"console", `<script nonce=x>console.error("oops", 1)</script>`, "console", "oops"},
		{"policy", `<script>1</script>`, "security", "Content Security Policy"},
		{"failed request", `<img src=/missing.png>`, "network", "404"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tab := shared.Tab(t)
			tab.AllowNetwork("favicon.ico")
			tab.Go(page(t, "<!doctype html><title>x</title>"+test.html))
			require.Equal(t, "x", browser.Eval[string](tab, `new Promise(done => setTimeout(done, 50, document.title))`))
			problems := tab.Problems()
			tab.Allow(func(browser.Problem) bool { return true })
			require.NotEmpty(t, problems)
			assert.Equal(t, test.source, problems[0].Source)
			assert.Contains(t, problems[0].Text, test.text)
			assert.Empty(t, tab.Problems())
		})
	}
}

// Nor blind: barriers are found, also under a policy that forbids scripts.
func TestBarriersAreFound(t *testing.T) {
	tab := shared.Tab(t)
	tab.AllowNetwork("favicon.ico")
	tab.Go(page(t, `<!doctype html><html lang=en><title>x</title><main><h1>x</h1><input><p style="color:#999;background:#aaa">pale</p></main>`))
	rules := map[string]string{}
	for _, f := range tab.Barriers() {
		rules[f.Rule] = f.Impact
	}
	assert.Equal(t, map[string]string{"color-contrast": "serious", "label": "critical"}, rules)
	only := tab.Barriers("color-contrast")
	require.Len(t, only, 1)
	assert.Equal(t, "color-contrast", only[0].Rule)
}

func TestWayByKeyboard(t *testing.T) {
	tab := shared.Tab(t)
	tab.AllowNetwork("favicon.ico")
	tab.Go(page(t, `<!doctype html><title>x</title><a href=#a>a</a><input id=b><button>c</button>`))
	tab.TabTo("#b")
	tab.Press("word")
	assert.Equal(t, "word", browser.Eval[string](tab, `document.querySelector("#b").value`))
	tab.TabTo("button")
	tab.Await(`document.activeElement.textContent === "c"`)
}

func TestEveryTabIsAVisitorOfItsOwn(t *testing.T) {
	address := page(t, "<!doctype html><title>x</title>")
	for range 2 {
		tab := shared.Tab(t)
		tab.AllowNetwork("favicon.ico")
		tab.Go(address)
		assert.Empty(t, browser.Eval[string](tab, `document.cookie + (localStorage.getItem("a") || "")`))
		browser.Eval[string](tab, `localStorage.setItem("a", "1"), document.cookie = "a=1"`)
	}
}

func TestScreenshotShowsDeviceAndScheme(t *testing.T) {
	tab := shared.Tab(t)
	tab.AllowNetwork("favicon.ico")
	tab.Viewport(390, 844, true)
	tab.Dark(true)
	tab.Go(page(t, `<!doctype html><meta name=viewport content="width=device-width"><style>body{background:#fff}@media(prefers-color-scheme:dark){body{background:#000}}</style>`))
	assert.Equal(t, int64(390), browser.Eval[int64](tab, `innerWidth`))
	folder := t.TempDir()
	t.Setenv("AFFILIATE_ARTIFACTS", folder)
	path := tab.Screenshot("dark")
	require.True(t, strings.HasPrefix(path, folder))
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	image, err := png.Decode(bytes.NewReader(file))
	require.NoError(t, err)
	assert.Equal(t, 390, image.Bounds().Dx())
	r, g, b, _ := image.At(100, 100).RGBA()
	assert.Zero(t, r+g+b, "the page is dark")
}

func TestFind(t *testing.T) {
	t.Setenv("AFFILIATE_CHROMIUM", "off")
	_, err := browser.Find()
	require.ErrorContains(t, err, "make browser")
	t.Setenv("AFFILIATE_CHROMIUM", "/no/such/browser")
	_, err = browser.Find()
	require.Error(t, err)
	t.Setenv("AFFILIATE_CHROMIUM", "")
	t.Setenv("PATH", t.TempDir())
	_, err = browser.Find()
	require.ErrorContains(t, err, "apt-get install")
}
