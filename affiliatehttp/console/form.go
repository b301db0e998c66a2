package console

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
)

// formBody is a page that is a form, also one that only asks "are you sure?".
type formBody struct {
	Title, Lead string
	Crumb       ui.Tab // where the page belongs
	Notice      *ui.Notice
	Text        []string // before the form
	Items       []string // a list of what it is about, after the text
	Form        ui.Form
}

// showForm shows a form, or shows it again with what is wrong.
func (v *visit) showForm(status int, b formBody) error {
	if b.Form.Back == "" {
		b.Form.Back = b.Crumb.Link
	}
	return v.show(status, "form", b.Title, b)
}

// wrong are the messages of a refused form by field.
type wrong map[string]string

// refusal says what is wrong with a form. An error that no form can be blamed
// for comes back.
func (v *visit) refusal(err error) (status int, w wrong, fatal error) {
	a := v.answer(v.r, err)
	if len(a.Problems) == 0 {
		return 0, nil, a
	}
	return a.Status, ui.FieldErrors(a.Problems), nil
}

// place puts messages at their fields. Those without a field stand above all.
func (w wrong) place(f *ui.Form) {
	left := maps.Clone(w)
	var marked []ui.Fault
	legend := ""
	for g := range f.Groups {
		if f.Groups[g].Legend != "" && f.Groups[g].Legend != tieredRate {
			legend = f.Groups[g].Legend
		}
		for i := range f.Groups[g].Fields {
			field := &f.Groups[g].Fields[i]
			if w[field.Name] == "" {
				continue
			}
			delete(left, field.Name)
			field.Wrong, f.Groups[g].Fold = capital(w[field.Name]), false
			label := field.Label
			if legend != "" && strings.HasPrefix(field.Name, "rules[") { // several rows have the same labels
				label = legend + ", " + strings.ToLower(label[:1]) + label[1:]
			}
			marked = append(marked, ui.Fault{Text: label + ": " + field.Wrong, Link: "#" + field.ID()})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		f.Problems = append(f.Problems, ui.Fault{Text: capital(left[name])})
	}
	if len(marked) > 0 {
		f.Problems = append(append(f.Problems, ui.Fault{Text: "Please correct this. Nothing was changed."}), marked...)
	}
}

// capital begins a message as a sentence does.
func capital(message string) string {
	first, size := utf8.DecodeRuneInString(message)
	return string(unicode.ToUpper(first)) + message[size:]
}

// noSpaces is said of an id that cannot be one.
const noSpaces = "An ID has no spaces. Use letters, digits, hyphens and underscores."

// spaced reports whether there is a space in an id: people cannot see it in a
// link or a call, and tell two ids apart that look the same.
func spaced(id string) bool { return strings.ContainsFunc(id, unicode.IsSpace) }

// mark identifies what a form was filled in for. A form carries it as "was".
func mark(of any) string {
	data, err := json.Marshal(of)
	if err != nil { // plain structs always marshal
		return ""
	}
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// stale reports whether the form was filled in for something else than what is
// there now.
func (v *visit) stale(now string) bool { return v.input("was") != now }

// staleNotice is shown with a form that came too late.
func staleNotice() *ui.Notice {
	return &ui.Notice{Tone: ui.Warn, Text: "This was changed while you were editing, so nothing was saved. " +
		"Below is what you entered. Check it against what is in force now and send it again."}
}

// confirm is a page that asks before something is done.
func (v *visit) confirm(title, button string, bad bool, crumb ui.Tab, text ...string) error {
	return v.showForm(http.StatusOK, formBody{
		Title: title, Crumb: crumb, Text: text, Form: ui.Form{Action: v.kit.To(v.r.URL.EscapedPath()), Button: button, Bad: bad},
	})
}

// crumb is the way back to a page.
func (v *visit) crumb(name, path string) ui.Tab { return ui.Tab{Name: name, Link: v.to(path)} }
