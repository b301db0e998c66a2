package portaltest_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/browser"
)

// walk does a partner's errands by keyboard alone, and leaves what it did in the
// world's configuration.
func walk(t *testing.T, w world, tab *browser.Tab) {
	t.Helper()
	tab.Go(w.at("ada", "/portal"))
	tab.SkipMenu()

	tab.Menu("/portal/links")
	tab.TabTo("#link-key")
	tab.Press("spring video")
	tab.Press(kb.Enter)
	tab.Await(`document.querySelector("#link-key")?.getAttribute("aria-invalid") === "true" && document.activeElement === document.querySelector(".notice-bad")`)
	assert.Equal(t, "spring video", browser.Eval[string](tab, `document.querySelector("#link-key").value`), "what was typed is kept")
	tab.Menu("/portal/links")
	tab.TabTo("#link-key")
	tab.Press("spring-video")
	tab.TabTo("main form[method=post] button[type=submit]")
	tab.Press(kb.Enter)
	tab.Await(`location.search === "" && document.querySelector(".notice-good")?.innerText.includes("ready to share")`)

	tab.Menu("/portal/codes")
	tab.TabTo("#code-code")
	tab.Press("SPRING26")
	tab.Press(kb.Enter)
	tab.Await(`document.querySelector(".notice-good")?.innerText.includes("active") && document.body.innerText.includes("SPRING26")`)
	tab.TabTo(`a[href="/portal/codes/SPRING26/retire"]`)
	tab.Press(kb.Enter)
	tab.Await(`location.pathname.endsWith("/retire") && document.readyState === "complete"`)
	tab.TabTo("main form[method=post] button[type=submit]")
	tab.Press(" ")
	tab.Await(`location.pathname === "/portal/codes" && document.querySelector(".notice-good")?.innerText.includes("retired")`)

	tab.Menu("/portal/settings")
	tab.TabTo("button[name=theme][value=dark]")
	tab.Press(" ")
	tab.Await(`document.documentElement.dataset.theme === "dark"`)
	assert.Equal(t, w.at("ada", "/portal/settings"), tab.Address(), "back where the button was")
	tab.Menu("/portal/payouts")
	assert.Equal(t, "dark", browser.Eval[string](tab, `document.documentElement.dataset.theme`), "the choice is kept")
}

// TestKeyboard does the same with scripts and without.
func TestKeyboard(t *testing.T) {
	for _, test := range []struct {
		name    string
		scripts bool
	}{{"with scripts", true}, {"without scripts", false}} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			tab := shared.Tab(t)
			tab.AllowNetwork("/portal/links") // a form that is refused is a 422
			if !test.scripts {
				tab.NoScripts()
			}
			walk(t, w, tab)
			setup, err := w.Engine.Configuration(t.Context())
			require.NoError(t, err)
			link, ok := setup.Link("spring-video")
			require.True(t, ok)
			assert.Equal(t, "ada", link.Partner)
			_, ok = setup.Link("spring video")
			assert.False(t, ok)
			code, ok := setup.Code("SPRING26")
			require.True(t, ok)
			assert.Equal(t, "ada", code.Partner)
			assert.False(t, code.ActiveAt(browser.Today().Add(time.Second)), "and retired again")
		})
	}
}
