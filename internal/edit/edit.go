package edit

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/goaffiliate/affiliate/internal/problem"
)

// Marshal returns the JSON of a struct with a null for each removed field.
func Marshal(fields any, removed []string) ([]byte, error) {
	data, err := json.Marshal(fields)
	if err != nil || len(removed) == 0 {
		return data, err
	}
	var b bytes.Buffer
	b.Write(data[:len(data)-1])
	for _, name := range Sorted(removed) {
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.Write(key)
		b.WriteString(":null")
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Unmarshal reads a JSON object into a struct and returns the names of the
// fields that are null, in order.
func Unmarshal(data []byte, fields any) (removed []string, err error) {
	if err := json.Unmarshal(data, fields); err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if string(members[name]) == "null" {
			removed = append(removed, name)
		}
	}
	return removed, nil
}

// Sorted returns the names in order, each of them once, so that two edits that
// say the same are equal.
func Sorted(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// Check adds a problem for each removed field that must have a value, or that the
// same edit gives one. The path stands before its name.
func Check(list *problem.List, path string, fields any, removed []string, optional func(name string) bool) {
	if len(removed) == 0 {
		return
	}
	var given map[string]json.RawMessage
	if data, err := json.Marshal(fields); err == nil {
		_ = json.Unmarshal(data, &given) // of a struct: an object
	}
	for _, name := range removed {
		if !optional(name) {
			list.Add(path+name, "cannot be removed")
		} else if _, both := given[name]; both {
			list.Add(path+name, "cannot be given and removed at once")
		}
	}
}
