package browser

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Device is what a page is looked at with.
type Device struct {
	Name          string
	Width, Height int64
	Mobile, Dark  bool
}

// Devices are those on which every page must be usable.
func Devices() []Device {
	return []Device{
		{"phone-light", 390, 844, true, false},
		{"phone-dark", 390, 844, true, true},
		{"desk-light", 1280, 900, false, false},
		{"desk-dark", 1280, 900, false, true},
	}
}

// State is a page in one of the states that it can be in.
type State struct {
	Name    string
	Address string
	Steps   []string // expressions that lead on from there, each to another page
	Heading string   // part of the only h1
	Fails   string   // part of the address whose answer is an error, as it should
}

// Click is the step of following a link or pressing a button.
func Click(selector string) string {
	return fmt.Sprintf("document.querySelector(%q).click()", selector)
}

// Post is the step of sending a form as no browser's own checks would let it go,
// with values for some of its fields: a selector and a text each.
func Post(fields ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(fields); i += 2 {
		fmt.Fprintf(&b, "document.querySelector(%q).value = %q; ", fields[i], fields[i+1])
	}
	return b.String() + `document.querySelector("main form[method=post]").submit()`
}

// Leave runs an expression that leads to another page and waits until that has
// loaded.
func (tab *Tab) Leave(expression string) {
	tab.tb.Helper()
	tab.leave(func() { Eval[bool](tab, "(() => { "+expression+"; return true })()") })
}

func (tab *Tab) leave(act func()) {
	tab.tb.Helper()
	before := Eval[float64](tab, `performance.timeOrigin`)
	act()
	tab.Await(fmt.Sprintf(`performance.timeOrigin !== %s && document.readyState === "complete"`, strconv.FormatFloat(before, 'f', -1, 64)))
}

// CheckPages opens every page on every device. It must have its heading, follow
// the device's preference of light or dark, be no wider than the window, and put
// no serious barrier before anybody. A screenshot of each goes to the folder that
// AFFILIATE_ARTIFACTS names, if it does.
func (b *Browser) CheckPages(t *testing.T, surface string, states []State) {
	t.Helper()
	for _, d := range Devices() {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			tab := b.Tab(t)
			tab.Viewport(d.Width, d.Height, d.Mobile)
			tab.Dark(d.Dark)
			for _, s := range states {
				t.Run(s.Name, func(t *testing.T) {
					tab.open(s)
					tab.check(t, d, s)
					if os.Getenv("AFFILIATE_ARTIFACTS") != "" {
						tab.Screenshot(surface + "-" + strings.ReplaceAll(s.Name, " ", "-") + "-" + d.Name)
					}
				})
			}
		})
	}
}

// open brings the page into its state.
func (tab *Tab) open(s State) {
	tab.tb.Helper()
	if s.Fails != "" {
		tab.AllowNetwork(s.Fails)
	}
	tab.Go(s.Address)
	for _, step := range s.Steps {
		tab.Leave(step)
	}
}

// check looks at the page that stands in the tab.
func (tab *Tab) check(t *testing.T, d Device, s State) {
	t.Helper()
	headings := Eval[[]string](tab, `[...document.querySelectorAll("h1")].map(h => h.textContent)`)
	if len(headings) != 1 || !strings.Contains(headings[0], s.Heading) {
		t.Errorf("the headings are %q, want one with %q", headings, s.Heading)
	}
	if dark := Eval[bool](tab, `(() => { const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number); return r + g + b < 384 })()`); dark != d.Dark {
		t.Errorf("the page is dark: %v", dark)
	}
	if width := Eval[int64](tab, `document.documentElement.scrollWidth`); width > d.Width {
		t.Errorf("the page is %d wide, the window %d", width, d.Width)
	}
	var rules []string
	if d.Dark { // only colors are others than in light
		rules = []string{"color-contrast"}
	}
	for _, f := range tab.Barriers(rules...) {
		if f.Impact == "serious" || f.Impact == "critical" {
			t.Error(f)
		} else {
			t.Log(f)
		}
	}
}
