package stripetest

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Event is one delivery: a file of the fixtures, changed.
type Event struct {
	File  string
	Edits []Edit
}

// Edit sets a field of an event, by its path.
type Edit struct {
	Path  string // like data.object.amount
	Value any    // nil: null
}

// File is an event as it is in the fixtures.
func File(name string, edits ...Edit) Event { return Event{name, edits} }

// Set sets a field.
func Set(path string, value any) Edit { return Edit{path, value} }

// Body returns the body of the delivery.
func (e Event) Body(tb testing.TB, events fs.FS) []byte {
	tb.Helper()
	body, err := fs.ReadFile(events, e.File+".json")
	require.NoError(tb, err)
	if len(e.Edits) == 0 {
		return body
	}
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	require.NoError(tb, decoder.Decode(&object))
	for _, edit := range e.Edits {
		at, path := object, strings.Split(edit.Path, ".")
		for _, key := range path[:len(path)-1] {
			next, ok := at[key].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[key] = next
			}
			at = next
		}
		at[path[len(path)-1]] = edit.Value
	}
	body, err = json.Marshal(object)
	require.NoError(tb, err)
	return body
}
