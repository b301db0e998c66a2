package ui

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/goaffiliate/affiliate/internal/problem"
)

// Brand is whose pages these are. The zero value is neutral.
type Brand struct {
	Name       string // default: "Partner program"
	LogoURL    string // a path on the same host, or a data:image/… address; the pages load nothing from elsewhere
	Accent     string // #rrggbb; default: indigo
	AccentDark string // #rrggbb on dark pages; default: Accent
	Footer     string // a line of text at the end of every page
	HomeURL    string // where the logo leads; default: the first page
}

const (
	defaultName   = "Partner program"
	defaultAccent = "#4f46e5"
)

// Backgrounds of the style sheet that text in the accent color stands on: the
// ones with the least contrast.
const (
	lightGround = "#f0f1f5"
	darkGround  = "#20242e"
)

func (b Brand) check(list *problem.List) {
	for _, c := range []struct{ field, value string }{{"brand.accent", b.Accent}, {"brand.accentDark", b.AccentDark}} {
		if _, err := parseColor(c.value); c.value != "" && err != nil {
			list.Add(c.field, "must be a color like #4f46e5, not %q", c.value)
		}
	}
	if b.LogoURL != "" && !localPath(b.LogoURL) && !strings.HasPrefix(b.LogoURL, "data:image/") {
		list.Add("brand.logoUrl", "must be a path on the same host or a data:image/ address")
	}
}

// Title is the name to show.
func (b Brand) Title() string {
	if b.Name == "" {
		return defaultName
	}
	return b.Name
}

// Initial stands for a logo where there is none.
func (b Brand) Initial() string {
	for _, r := range b.Title() {
		return strings.ToUpper(string(r))
	}
	return ""
}

// Logo is the address of the logo, which New has checked.
func (b Brand) Logo() template.URL { return template.URL(b.LogoURL) } //nolint:gosec // a local path or an image, see check

// sheet is the style sheet of the brand: the accent as it is for surfaces, and
// as far towards black or white as text needs to be read.
func (b Brand) sheet() (string, error) {
	light, dark := b.Accent, b.AccentDark
	if light == "" {
		light = defaultAccent
	}
	if dark == "" {
		dark = light
	}
	onLight, err := accentOn(light, lightGround)
	if err != nil {
		return "", err
	}
	onDark, err := accentOn(dark, darkGround)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(":root{%s}\n@media (prefers-color-scheme:dark){:root:not([data-theme=light]){%s}}\n:root[data-theme=dark]{%s}\n",
		onLight, onDark, onDark), nil
}

func accentOn(accent, ground string) (string, error) {
	fill, err := parseColor(accent)
	if err != nil {
		return "", err
	}
	under, err := parseColor(ground)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("--accent:%s;--on-accent:%s;--link:%s", fill, fill.ink(), fill.readableOn(under)), nil
}
