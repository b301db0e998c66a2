package affiliatetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// ErrScenario is the base of every complaint about a scenario file.
var ErrScenario = errors.New("affiliatetest: invalid scenario")

// Parse reads a scenario file. The error names the file, the step (counted from
// 1) and the field; it unwraps to ErrScenario.
func Parse(name string, data []byte) (Scenario, error) {
	var raw struct {
		Name         string            `json:"name"`
		Organization json.RawMessage   `json:"organization"`
		Programs     []json.RawMessage `json:"programs"`
		Partners     []json.RawMessage `json:"partners"`
		Steps        []json.RawMessage `json:"steps"`
		Expect       json.RawMessage   `json:"expect"`
	}
	fail := func(where string, err error) (Scenario, error) {
		return Scenario{}, fmt.Errorf("%w: %s: %s%s", ErrScenario, name, where, explain(err))
	}
	if err := strict(data, &raw); err != nil {
		return fail("", err)
	}
	s := Scenario{Name: raw.Name}
	if err := optional(raw.Organization, &s.Organization); err != nil {
		return fail("organization: ", err)
	}
	if err := optional(raw.Expect, &s.Expect); err != nil {
		return fail("expect: ", err)
	}
	for i, data := range raw.Programs {
		var p Program
		if err := strict(data, &p); err != nil {
			return fail(fmt.Sprintf("programs[%d]: ", i), err)
		}
		s.Programs = append(s.Programs, p)
	}
	for i, data := range raw.Partners {
		var p Partner
		if err := strict(data, &p); err != nil {
			return fail(fmt.Sprintf("partners[%d]: ", i), err)
		}
		s.Partners = append(s.Partners, p)
	}
	for i, data := range raw.Steps {
		var step Step
		if err := strict(data, &step); err != nil {
			return fail(fmt.Sprintf("step %d: ", i+1), err)
		}
		if err := step.check(); err != nil {
			return fail(fmt.Sprintf("step %d: ", i+1), err)
		}
		s.Steps = append(s.Steps, step)
	}
	if err := s.check(); err != nil {
		return fail("", err)
	}
	return s, nil
}

// check reports a configuration that is missing or there twice.
func (s Scenario) check() error {
	if len(s.Programs) == 0 {
		return errors.New("programs: at least one is needed")
	}
	programs, partners := make([]string, len(s.Programs)), make([]string, len(s.Partners))
	for i, p := range s.Programs {
		programs[i] = p.ID
	}
	for i, p := range s.Partners {
		partners[i] = p.ID
	}
	return errors.Join(distinct("programs", programs), distinct("partners", partners))
}

func distinct(list string, ids []string) error {
	for i, id := range ids {
		if id == "" || slices.Contains(ids[:i], id) {
			return fmt.Errorf("%s[%d].id: %q is missing or there twice", list, i, id)
		}
	}
	return nil
}

func optional[T any](data json.RawMessage, into **T) error {
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	*into = new(T)
	return strict(data, *into)
}

// explain puts the errors of encoding/json into the words of a scenario file.
func explain(err error) string {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Sprintf("%s: %s is not a %s", kind.Field, kind.Value, kind.Type)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// check reports a step that does not say exactly one thing.
func (s Step) check() error {
	if s.At.IsZero() {
		return errors.New("at: is missing")
	}
	var said []string
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
			said = append(said, strings.Split(v.Type().Field(i).Tag.Get("json"), ",")[0])
		}
	}
	switch {
	case len(said) != 1:
		return fmt.Errorf("must say exactly one thing, not %d (%s)", len(said), strings.Join(said, ", "))
	case s.Amend != nil && s.Amend.Amount == nil:
		return errors.New("amend.amount: is missing")
	case s.AddCode != nil && !slices.Contains([]string{"", "owner", "partner"}, s.AddCode.By):
		return fmt.Errorf("addCode.by: must be owner or partner, not %q", s.AddCode.By)
	}
	return nil
}
