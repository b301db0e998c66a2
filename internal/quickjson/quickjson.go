// Package quickjson appends JSON objects, byte for byte as encoding/json writes
// them, for the few types that are written with every conversion. What is rare or
// large is left to encoding/json.
package quickjson

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/goaffiliate/affiliate/internal/sorted"
)

// Object is a JSON object that is being written.
type Object struct {
	b     []byte
	comma bool
}

// Begin starts an object after what was written before.
func Begin(b []byte) Object { return Object{b: append(b, '{')} }

// End ends the object and returns all that was written.
func (o *Object) End() []byte { return append(o.b, '}') }

func (o *Object) name(name string) {
	if o.comma {
		o.b = append(o.b, ',')
	}
	o.comma = true
	o.b = append(append(append(o.b, '"'), name...), '"', ':')
}

// String writes a text.
func (o *Object) String(name, text string) {
	o.name(name)
	o.b = String(o.b, text)
}

// OmitEmpty writes a text unless it is empty.
func (o *Object) OmitEmpty(name, text string) {
	if text != "" {
		o.String(name, text)
	}
}

// Int writes a number.
func (o *Object) Int(name string, n int64) {
	o.name(name)
	o.b = strconv.AppendInt(o.b, n, 10)
}

// Bool writes a truth.
func (o *Object) Bool(name string, v bool) {
	o.name(name)
	o.b = strconv.AppendBool(o.b, v)
}

// OmitFalse writes a truth unless it is none.
func (o *Object) OmitFalse(name string, v bool) {
	if v {
		o.Bool(name, v)
	}
}

// Time writes a time.
func (o *Object) Time(name string, t time.Time) {
	o.name(name)
	o.b = append(t.AppendFormat(append(o.b, '"'), time.RFC3339Nano), '"')
}

// OmitZero writes a time unless it is the zero time.
func (o *Object) OmitZero(name string, t time.Time) {
	if !t.IsZero() {
		o.Time(name, t)
	}
}

// Value writes what a function appends.
func (o *Object) Value(name string, appendValue func(b []byte) []byte) {
	o.name(name)
	o.b = appendValue(o.b)
}

// Key is Value under a name that is somebody's text.
func (o *Object) Key(name string, appendValue func(b []byte) []byte) {
	if o.comma {
		o.b = append(o.b, ',')
	}
	o.comma = true
	o.b = appendValue(append(String(o.b, name), ':'))
}

// OmitNone writes a list unless nothing is in it.
func OmitNone[T any](o *Object, name string, list []T, appendItem func(b []byte, item T) []byte) {
	if len(list) > 0 {
		o.name(name)
		o.b = List(o.b, list, appendItem)
	}
}

// List appends a list.
func List[T any](b []byte, list []T, appendItem func(b []byte, item T) []byte) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, item := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItem(b, item)
	}
	return append(b, ']')
}

// Map appends a map in order of its keys.
func Map[V any](b []byte, m map[string]V, appendItem func(b []byte, item V) []byte) []byte {
	var few [8]string
	o := Begin(b)
	for _, key := range sorted.Keys(few[:0], m) {
		o.Key(key, func(b []byte) []byte { return appendItem(b, m[key]) })
	}
	return o.End()
}

// String appends a text.
func String(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return Marshal(b, text)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

// Marshal appends what encoding/json writes for a value that cannot fail.
func Marshal(b []byte, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // the types that come here have nothing that fails
	}
	return append(b, data...)
}
