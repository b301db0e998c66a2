package browser

import (
	"fmt"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
)

// NoScripts makes the visitor one whose browser runs no scripts.
func (tab *Tab) NoScripts() {
	tab.tb.Helper()
	Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// SkipMenu goes past the menu by the first stop of the Tab key, which must lead
// there.
func (tab *Tab) SkipMenu() {
	tab.tb.Helper()
	tab.Press(kb.Tab)
	if href := Eval[string](tab, `document.activeElement.getAttribute("href") || ""`); href != "#main" {
		tab.tb.Fatalf("the first stop leads to %q and does not skip the menu", href)
	}
	tab.Press(kb.Enter)
	tab.Await(`document.activeElement.id === "main"`)
}

// Menu opens a page of the menu by keyboard, from the top of the page.
func (tab *Tab) Menu(path string) {
	tab.tb.Helper()
	tab.Go(tab.Address())
	tab.Follow(fmt.Sprintf("nav a[href=%q]", path))
	tab.Await(fmt.Sprintf("location.pathname === %q", path))
}

// Follow goes on by the Tab key to a link or a button, presses Enter, and waits
// until the page has loaded that this leads to.
func (tab *Tab) Follow(selector string) {
	tab.tb.Helper()
	tab.TabTo(selector)
	tab.Enter()
}

// Enter presses Enter, and waits until the page has loaded that this leads to.
func (tab *Tab) Enter() {
	tab.tb.Helper()
	tab.leave(func() { tab.Press(kb.Enter) })
}

// Type goes on by the Tab key to a field, which selects what it holds, and types
// over it.
func (tab *Tab) Type(selector, text string) {
	tab.tb.Helper()
	tab.TabTo(selector)
	tab.Press(text)
}
