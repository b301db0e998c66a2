package ui

import "strings"

// Form is a form that the part "form" shows. It is posted.
type Form struct {
	Action   string // address
	Button   string
	Bad      bool // the button destroys something
	Hidden   []Pair
	Problems []Fault // what is wrong, for its summary
	Groups   []Fieldset
	Back     string // address of the way out; empty: none
	BackText string
}

// Fault is one line of the summary of what is wrong with a form.
type Fault struct {
	Text string
	Link string // the field that it is about; empty: the form as a whole
}

// Fieldset is fields that belong together.
type Fieldset struct {
	Legend, Help string
	Fold         bool // shown on demand
	Fields       []Field
}

// Kinds of fields beside those of HTML inputs.
const (
	Select = "select"
	Area   = "area"
	Check  = "check"
)

// Field is one field of a form.
type Field struct {
	Name, Label, Kind, Value, Help, Wrong, Placeholder string

	Required bool
	Plain    bool     // leaves out that it is optional, where the text around says more
	Half     bool     // takes half a line where there is room
	Options  []Option // of a select
	Suggest  []string // of a text
}

// Option is one choice of a select.
type Option struct {
	Value, Label string
	Selected     bool
}

// Choices returns the options of a select of which one is selected, from pairs of value and
// label.
func Choices(selected string, pairs ...string) []Option {
	var list []Option
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, Option{pairs[i], pairs[i+1], pairs[i] == selected})
	}
	return list
}

// ID is the id of the field's element.
func (f Field) ID() string {
	return "f-" + strings.NewReplacer("[", "-", "]", "", ".", "-").Replace(f.Name)
}

// Described names the elements that describe the field.
func (f Field) Described() string {
	var ids []string
	if f.Help != "" {
		ids = append(ids, f.ID()+"-help")
	}
	if f.Wrong != "" {
		ids = append(ids, f.ID()+"-wrong")
	}
	return strings.Join(ids, " ")
}
