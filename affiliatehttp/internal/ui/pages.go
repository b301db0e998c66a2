package ui

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

//go:embed templates/*.html
var shared embed.FS

// errorPage is the page that all sets of pages share.
const errorPage = "error.html"

// commonParts is the file with parts that several pages of one set share.
const commonParts = "common.html"

// pages are parsed templates by name, each with the layout.
type pages struct{ byName map[string]*template.Template }

// parsePages reads the shared templates, the parts of the set, and one file per
// page. A file of the
// same name in override takes the place of any of them.
func parsePages(own, override fs.FS) (*pages, error) {
	base := template.New("").Funcs(funcs())
	for _, name := range []string{"layout.html", "parts.html"} {
		text, err := readTemplate(shared, "templates/"+name, override)
		if err != nil {
			return nil, err
		}
		if _, err := base.New(name).Parse(text); err != nil {
			return nil, err
		}
	}
	names, err := fs.Glob(own, "*.html")
	if err != nil {
		return nil, err
	}
	if slices.Contains(names, commonParts) {
		text, err := readTemplate(own, commonParts, override)
		if err != nil {
			return nil, err
		}
		if _, err := base.New(commonParts).Parse(text); err != nil {
			return nil, err
		}
		names = slices.DeleteFunc(names, func(name string) bool { return name == commonParts })
	}
	set := &pages{map[string]*template.Template{}}
	for _, name := range append(names, errorPage) {
		from, path := own, name
		if name == errorPage {
			from, path = shared, "templates/"+name
		}
		text, err := readTemplate(from, path, override)
		if err != nil {
			return nil, err
		}
		page, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if _, err := page.New(name).Parse(text); err != nil {
			return nil, err
		}
		set.byName[strings.TrimSuffix(name, ".html")] = page
	}
	return set, nil
}

func readTemplate(from fs.FS, path string, override fs.FS) (string, error) {
	if override != nil {
		data, err := fs.ReadFile(override, path[strings.LastIndexByte(path, '/')+1:])
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return string(data), err
		}
	}
	data, err := fs.ReadFile(from, path)
	return string(data), err
}

// render fills in a page. It is whole or an error, never half a page.
func (s *pages) render(name string, p Page) ([]byte, error) {
	page, ok := s.byName[name]
	if !ok {
		return nil, fmt.Errorf("ui: no page %q", name)
	}
	var out bytes.Buffer
	err := page.ExecuteTemplate(&out, "layout", p)
	return out.Bytes(), err
}

// Pair is a label with a text, for parts that take two values.
type Pair struct{ Label, Text string }

// Tabs are several views of one page, of which one is shown.
type Tabs struct {
	Label string
	Items []Tab
}

// Tab is one of several views.
type Tab struct {
	Name, Link string
	Current    bool
}

// TokenForm is a form with the token that makes it believed.
type TokenForm struct {
	Form
	Token string
}

// Hint is an empty state: what is not there yet, and what to do.
type Hint struct{ Icon, Title, Text, Link, Action string }

func funcs() template.FuncMap {
	return template.FuncMap{
		"money": Money, "icon": icon, "tone": Tone, "words": Words, "short": Short,
		"upper": func(c money.Currency) string { return strings.ToUpper(string(c)) },
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"pair":  func(label, text string) Pair { return Pair{label, text} },
		"form":  func(p Page, f Form) TokenForm { return TokenForm{f, p.Token} },
		"hint":  func(icon, title, text, link, action string) Hint { return Hint{icon, title, text, link, action} },
		"count": func(n int64) string {
			if n < 0 {
				return "−" + Group(fmt.Sprint(-n))
			}
			return Group(fmt.Sprint(n))
		},
	}
}

// Words is the name of a state for people.
func Words(state string) string {
	switch state {
	case "in_payout":
		return "In payout"
	case "under_review":
		return "Under review"
	case "reversed":
		return "Refunded"
	case "processing":
		return "On its way"
	case "":
		return ""
	}
	return strings.ToUpper(state[:1]) + strings.ReplaceAll(state[1:], "_", " ")
}

// Tone is the color of a state: good, wait, info, bad or calm.
func Tone(state string) string {
	switch state {
	case "paid", "active", "payable", "approved", "default", "connected":
		return "good"
	case "pending", "scheduled":
		return "wait"
	case "in_payout", "issued", "processing", "under_review":
		return "info"
	case "rejected", "failed", "suspended", "revoked", "not_connected":
		return "bad"
	default:
		return "calm"
	}
}
