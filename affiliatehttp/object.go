package affiliatehttp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
)

// object is a JSON object from which fields are taken one by one. It collects
// what is wrong with them; done tells.
type object struct {
	path     string // before the names of its fields in errors
	members  []member
	taken    map[string]bool
	problems []affiliate.Problem
	broken   *failure // a nested object that cannot be read
	edits    bool     // a null removes a field; else it is refused
	removed  []string // the fields that are null
}

func (o *object) refuse(field, format string, args ...any) {
	o.problems = append(o.problems, affiliate.Problem{Field: shown(o.path + field), Message: fmt.Sprintf(format, args...)})
}

// strict refuses the fields that nobody took.
func (o *object) strict() {
	for _, m := range o.members {
		if !o.taken[m.name] {
			o.refuse(m.name, "is not a field of this body")
		}
	}
}

// done reports every problem; fields that nobody took are among them.
func (o *object) done() *failure {
	o.strict()
	if o.broken != nil || len(o.problems) == 0 {
		return o.broken
	}
	return invalid(o.problems...)
}

// take returns the JSON text of a field. A null is noted where it removes the
// field, else refused: leaving a field out is the one way to say nothing.
func (o *object) take(name string) (text json.RawMessage, given bool) {
	o.taken[name] = true
	for _, m := range o.members {
		if m.name != name {
			continue
		}
		switch {
		case !isNull(m.value):
			return m.value, true
		case !o.edits:
			o.refuse(name, "must not be null; leave it out")
		case !slices.Contains(o.removed, name):
			o.removed = append(o.removed, name)
		}
		return nil, false
	}
	return nil, false
}

// edit takes the fields of an edit, in which a null removes a field. It returns
// the names of those that are null; whether they may be is for the Engine to say.
func (o *object) edit(take func()) (removed []string) {
	o.edits = true
	take()
	o.edits = false
	return o.removed
}

func isNull(text json.RawMessage) bool { return string(text) == "null" }

// has reports whether the field is there, whatever its value; a field that an
// edit removes is not.
func (o *object) has(name string) bool {
	for _, m := range o.members {
		if m.name == name {
			if o.edits && isNull(m.value) {
				o.take(name)
				return false
			}
			return true
		}
	}
	return false
}

// text returns a string; empty and absent are the same.
func (o *object) text(name string) string {
	raw, given := o.take(name)
	if !given {
		return ""
	}
	value, ok := stringOf(raw)
	if !ok {
		o.refuse(name, "must be a string")
	}
	return value
}

// required returns a string that must not be empty.
func (o *object) required(name string) string {
	before := len(o.problems)
	value := o.text(name)
	if value == "" && len(o.problems) == before {
		o.refuse(name, "is required")
	}
	return value
}

// chosen returns a string that must not be empty if it is there.
func (o *object) chosen(name string) string {
	if !o.has(name) {
		return ""
	}
	before := len(o.problems)
	value := o.text(name)
	if value == "" && len(o.problems) == before {
		o.refuse(name, "must not be empty; leave it out")
	}
	return value
}

func stringOf(raw json.RawMessage) (string, bool) {
	var value string
	if raw[0] != '"' || json.Unmarshal(raw, &value) != nil {
		return "", false
	}
	return value, true
}

// minor returns a count of minor units: digits only, no sign, fraction or
// exponent, so that a float never passes for money.
func (o *object) minor(name string) (amount int64, given bool) {
	raw, given := o.take(name)
	switch {
	case !given:
		return 0, false
	case raw[0] == '-':
		o.refuse(name, "must not be negative")
		return 0, true
	}
	return o.whole(name, raw), true
}

// signed is minor for an amount that may be negative.
func (o *object) signed(name string) int64 {
	raw, given := o.take(name)
	if !given {
		return 0
	}
	return o.whole(name, raw)
}

func (o *object) whole(name string, raw json.RawMessage) int64 {
	digits := bytes.TrimPrefix(raw, []byte("-"))
	if len(digits) == 0 || digits[0] < '0' || digits[0] > '9' || bytes.ContainsAny(digits, ".eE") {
		o.refuse(name, "must be a whole number of minor units, without fraction or exponent")
		return 0
	}
	amount, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		o.refuse(name, "is out of range")
	}
	return amount
}

// currency returns an ISO 4217 code, in any letter case.
func (o *object) currency(name string) money.Currency {
	value := o.chosen(name)
	if value == "" {
		return ""
	}
	currency, err := money.ParseCurrency(value)
	if err != nil {
		o.refuse(name, "unknown currency %q", shown(value))
	}
	return currency
}

// time returns an RFC 3339 time in UTC, the zero time if there is none.
func (o *object) time(name string) time.Time {
	value := o.chosen(name)
	if value == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil || !strictTime(value) {
		o.refuse(name, "must be an RFC 3339 time with a zone, like 2026-03-13T09:42:00Z")
		return time.Time{}
	}
	if t = t.UTC(); t.Year() < 1 || t.IsZero() {
		o.refuse(name, "is out of range")
	}
	return t
}

// strictTime reports whether what time.Parse read is RFC 3339 to the letter. It
// also takes hours of one digit, fractions after a comma and zones beyond a day.
func strictTime(value string) bool {
	if value[len("2006-01-02T15")] != ':' || strings.Contains(value, ",") {
		return false
	}
	zone := value[max(0, len(value)-len("00:00")):]
	return strings.HasSuffix(value, "Z") || (zone[:2] <= "23" && zone[3:] <= "59")
}

// flag returns "true", "false", or "" if the field is not there.
func (o *object) flag(name string) string {
	raw, given := o.take(name)
	if given && string(raw) != "true" && string(raw) != "false" {
		o.refuse(name, "must be true or false")
	}
	return string(raw)
}

// list returns the compact JSON text of an array.
func (o *object) list(name string) string {
	raw, given := o.take(name)
	if !given {
		return ""
	}
	var compact bytes.Buffer
	if raw[0] != '[' || json.Compact(&compact, raw) != nil {
		o.refuse(name, "must be an array")
	}
	return compact.String()
}

// fields returns the fields of a nested object.
func (o *object) fields(name string) []member {
	raw, given := o.take(name)
	if !given {
		return nil
	}
	if raw[0] != '{' {
		o.refuse(name, "must be an object")
		return nil
	}
	list, f := members(raw, o.path+name+".")
	if f != nil {
		o.broken = f
	}
	return list
}

// sub returns the fields sub1 to sub30.
func (o *object) sub(name string) map[string]string {
	values := map[string]string{}
	for _, m := range o.fields(name) {
		field := name + "." + m.name
		value, ok := stringOf(m.value)
		switch {
		case !attribution.ValidSub(m.name):
			o.refuse(field, "is not one of sub1 to sub30")
		case !ok:
			o.refuse(field, "must be a string")
		}
		values[m.name] = value
	}
	return values
}

// metadata returns what is only stored. Numbers and booleans are kept as they
// are written.
func (o *object) metadata(name string) map[string]string {
	values := map[string]string{}
	for _, m := range o.fields(name) {
		field := name + "." + m.name
		value, isText := stringOf(m.value)
		switch {
		case m.name == "" || strings.ContainsFunc(m.name, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd }):
			o.refuse(field, "has a name that cannot be stored")
		case isText:
		case m.value[0] == '{' || m.value[0] == '[' || isNull(m.value):
			o.refuse(field, "must be a string, a number or a boolean")
		default:
			value = string(m.value)
		}
		values[m.name] = value
	}
	return values
}
