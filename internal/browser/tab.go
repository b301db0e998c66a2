package browser

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Tab is a page in front of one visitor.
type Tab struct {
	tb  testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []Problem
	allowed  []func(Problem) bool
}

// Problem is something that a page reported to the console as an error or a
// warning: an exception that nobody caught, a console call of the page, or a
// message of the browser, such as a breach of the Content-Security-Policy.
type Problem struct {
	Source string // "exception", "console", or the browser's part: "network", "security", ...
	Text   string
	URL    string // of the resource, where the browser says
}

// stepTimeout is how long one step on a page may take, on a busy machine too.
const stepTimeout = 30 * time.Second

// Tab opens an empty page for a new visitor and closes it when the test ends.
// What the page then has reported and Allow has not allowed fails the test.
func (b *Browser) Tab(tb testing.TB) *Tab {
	tb.Helper()
	if b == nil {
		tb.Skip("no browser")
	}
	ctx, closeTab := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	tab := &Tab{tb: tb, ctx: ctx}
	tb.Cleanup(func() {
		for _, p := range tab.Problems() {
			tb.Errorf("the page reported (%s) %s %s", p.Source, p.Text, p.URL)
		}
		closeTab()
	})
	if err := chromedp.Listen(ctx, tab.hear); err != nil {
		tb.Fatalf("open a tab: %v", err)
	}
	return tab
}

func (tab *Tab) hear(event any) {
	var p Problem
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p = Problem{Source: "exception", Text: e.ExceptionDetails.Text, URL: e.ExceptionDetails.URL}
		if e.ExceptionDetails.Exception != nil {
			p.Text += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type != "error" && e.Type != "warning" && e.Type != "assert" {
			return
		}
		p.Source = "console"
		for _, arg := range e.Args {
			p.Text += string(arg.Value) + arg.Description + " "
		}
	case *log.EventEntryAdded:
		if e.Entry.Level != "error" && e.Entry.Level != "warning" {
			return
		}
		p = Problem{Source: e.Entry.Source.String(), Text: e.Entry.Text, URL: e.Entry.URL}
	default:
		return
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.problems = append(tab.problems, p)
}

// Problems returns what the page reported and nothing allows.
func (tab *Tab) Problems() []Problem {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	var left []Problem
	for _, p := range tab.problems {
		if !tab.allows(p) {
			left = append(left, p)
		}
	}
	return left
}

func (tab *Tab) allows(p Problem) bool {
	for _, allowed := range tab.allowed {
		if allowed(p) {
			return true
		}
	}
	return false
}

// Allow lets a page report what the function accepts.
func (tab *Tab) Allow(allowed func(Problem) bool) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.allowed = append(tab.allowed, allowed)
}

// AllowNetwork lets a page report requests to addresses with a certain part that
// fail: the browser does so on its own.
func (tab *Tab) AllowNetwork(part string) {
	tab.Allow(func(p Problem) bool { return p.Source == "network" && strings.Contains(p.URL, part) })
}

// Do runs actions of chromedp on the page.
func (tab *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	tab.tb.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, stepTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.tb.Fatalf("browser: %v", err)
	}
}

// Go opens an address and waits until the page has loaded.
func (tab *Tab) Go(address string) {
	tab.tb.Helper()
	tab.Do(chromedp.Navigate(address))
}

// Address returns where the tab is.
func (tab *Tab) Address() string {
	tab.tb.Helper()
	return Eval[string](tab, `location.href`)
}

// Eval returns the value of a JavaScript expression; a promise is waited for.
func Eval[T any](tab *Tab, expression string) T {
	tab.tb.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, stepTimeout)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.tb.Fatalf("browser: %.300s: %v", expression, err)
	}
	return value
}

// Call sends a command of the DevTools protocol to the page.
func Call[P, R any](tab *Tab, command cdp.Command[P, R], params P) R {
	tab.tb.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, stepTimeout)
	defer cancel()
	answer, err := chromedp.Call(ctx, command, params)
	if err != nil {
		tab.tb.Fatalf("browser: %s: %v", command.Method, err)
	}
	return answer
}

// Await waits until an expression is true on the page, which may change
// meanwhile for another one.
func (tab *Tab) Await(expression string) {
	tab.tb.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, stepTimeout)
	defer cancel()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression, chromedp.EvalAwaitPromise))
		if err == nil && ok {
			return
		}
		if ctx.Err() != nil {
			tab.tb.Fatalf("browser: waited in vain for %s (%v)", expression, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Press types keys, like "abc", kb.Enter or kb.Tab, into what has the focus.
func (tab *Tab) Press(keys string) {
	tab.tb.Helper()
	tab.Do(chromedp.KeyEvent(keys))
}

// maxTabs is after how many steps by the Tab key a page is not walked any
// further.
const maxTabs = 150

// TabTo goes on by the Tab key until an element has the focus that a selector
// matches. On its way whatever gets the focus must show it.
func (tab *Tab) TabTo(selector string) {
	tab.tb.Helper()
	for range maxTabs {
		tab.Press(kb.Tab)
		switch Eval[string](tab, `(() => {
			const e = document.activeElement, s = getComputedStyle(e);
			if (e.matches("body") || e.matches(`+strconv.Quote(selector)+`)) return e.matches("body") ? "" : "there";
			return e.matches(":focus-visible, :focus-within") && (s.outlineStyle !== "none" || s.boxShadow !== "none") ? "" : "unseen: " + e.outerHTML.slice(0, 200);
		})()`) {
		case "there":
			return
		case "":
		default:
			tab.tb.Errorf("browser: the focus does not show on the way to %s", selector)
		}
	}
	tab.tb.Fatalf("browser: no way by keyboard to %s", selector)
}

// Viewport makes the window as large as a device's, in CSS pixels.
func (tab *Tab) Viewport(width, height int64, mobile bool) {
	tab.tb.Helper()
	var options []chromedp.EmulateViewportOption
	if mobile {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	tab.Do(chromedp.EmulateViewport(width, height, options...))
}

// Dark makes the visitor prefer a dark page, or a light one.
func (tab *Tab) Dark(dark bool) {
	tab.tb.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// Screenshot writes the whole page as a PNG and returns its path. It goes to the
// folder that AFFILIATE_ARTIFACTS names, else to the test's temporary folder.
func (tab *Tab) Screenshot(name string) string {
	tab.tb.Helper()
	folder := os.Getenv("AFFILIATE_ARTIFACTS")
	if folder == "" {
		folder = tab.tb.TempDir()
	}
	ctx, cancel := context.WithTimeout(tab.ctx, stepTimeout)
	defer cancel()
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		tab.tb.Fatalf("screenshot %s: %v", name, err)
	}
	path := filepath.Join(folder, name+".png")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		tab.tb.Fatal(err)
	}
	if err := os.WriteFile(path, image, 0o644); err != nil {
		tab.tb.Fatal(err)
	}
	return path
}
