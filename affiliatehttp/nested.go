package affiliatehttp

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// within takes a nested object, if it is there.
func (o *object) within(name string, take func(*object)) {
	if raw, given := o.take(name); given {
		o.nested(name, raw, take)
	}
}

// part takes a nested object that an edit says in part, if it is there. It returns
// the names of its fields that are null.
func (o *object) part(name string, take func(*object)) (removed []string) {
	o.within(name, func(child *object) {
		removed = child.edit(func() { take(child) })
	})
	return removed
}

// each takes a list of objects, and reports whether it is there.
func (o *object) each(name string, take func(*object)) bool {
	list, given := o.items(name)
	for i, raw := range list {
		o.nested(name+"["+strconv.Itoa(i)+"]", raw, take)
	}
	return given
}

// nested reads an object inside this one, as strictly.
func (o *object) nested(name string, raw json.RawMessage, take func(*object)) {
	if raw[0] != '{' {
		o.refuse(name, "must be an object")
		return
	}
	list, f := members(raw, o.path+name+".")
	if f != nil {
		o.broken = f
		return
	}
	child := &object{path: o.path + name + ".", members: list, taken: map[string]bool{}}
	take(child)
	child.strict()
	o.problems = append(o.problems, child.problems...)
	if child.broken != nil {
		o.broken = child.broken
	}
}

// items returns the JSON texts of a list.
func (o *object) items(name string) (list []json.RawMessage, given bool) {
	raw, given := o.take(name)
	if !given {
		return nil, false
	}
	if raw[0] != '[' || json.Unmarshal(raw, &list) != nil {
		o.refuse(name, "must be an array")
	}
	return list, true
}

// texts returns a list of strings that are not empty.
func (o *object) texts(name string) (list []string) {
	items, _ := o.items(name)
	for i, raw := range items {
		value, ok := stringOf(raw)
		if !ok || value == "" {
			o.refuse(fmt.Sprintf("%s[%d]", name, i), "must be a string that is not empty")
		}
		list = append(list, value)
	}
	return list
}

// maybe returns a string, nil if it is not there.
func (o *object) maybe(name string) *string {
	if !o.has(name) {
		return nil
	}
	value := o.text(name)
	return &value
}

// named returns a string of a type of its own, nil if it is not there.
func named[T ~string](o *object, name string) *T {
	if !o.has(name) {
		return nil
	}
	value := T(o.chosen(name))
	return &value
}

// texts returns a list of strings, nil if it is not there.
func texts[T ~string](o *object, name string) *[]T {
	list, given := o.items(name)
	if !given {
		return nil
	}
	values := make([]T, len(list))
	for i, raw := range list {
		text, ok := stringOf(raw)
		if !ok {
			o.refuse(name+"["+strconv.Itoa(i)+"]", "must be a string")
		}
		values[i] = T(text)
	}
	return &values
}

// count returns a small whole number, nil if it is not there.
func (o *object) count(name string) *int {
	raw, given := o.take(name)
	if !given {
		return nil
	}
	n, err := strconv.ParseInt(string(raw), 10, 32)
	if err != nil || string(raw) == "-0" {
		o.refuse(name, "must be a whole number")
	}
	value := int(n)
	return &value
}

// whether returns a boolean, nil if it is not there.
func (o *object) whether(name string) *bool {
	if !o.has(name) {
		return nil
	}
	value := o.flag(name) == "true"
	return &value
}

// until returns a time, nil if it is not there.
func (o *object) until(name string) *time.Time {
	if !o.has(name) {
		return nil
	}
	value := o.time(name)
	return &value
}
