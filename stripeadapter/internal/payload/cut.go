package payload

import (
	"bytes"
	"slices"
	"strings"
)

// cut returns an event without what is in its object, and the object, which most
// of an event is: encoding/json would read it twice only to find its end. Where an
// event is unusual in any way nothing is cut, and encoding/json reads all of it.
//
// Nothing is decided here: the event is JSON if and only if both parts are.
func cut(body []byte) (rest, object []byte) {
	from, to := 0, 0
	unusual := false
	c := cutter(body)
	end := c.members(c.space(0), func(key string, i int) int {
		if !strings.EqualFold(key, "data") {
			return c.value(i)
		}
		unusual = unusual || key != "data" || to > 0
		return c.members(i, func(key string, i int) int {
			end := c.value(i)
			if strings.EqualFold(key, "object") {
				unusual = unusual || key != "object" || to > 0 || i >= len(c) || c[i] != '{'
				from, to = i, end
			}
			return end
		})
	})
	if end < 0 || unusual || to == 0 {
		return body, nil
	}
	return slices.Concat(body[:from], []byte("{}"), body[to:]), body[from:to]
}

// cutter finds where values of JSON end, if it is JSON. All its methods take an
// index and return a later one, or -1.
type cutter []byte

// members walks through an object; value is given each key and where its value
// begins, and returns where that ends.
func (c cutter) members(i int, value func(key string, i int) int) int {
	if i < 0 || i >= len(c) || c[i] != '{' {
		return -1
	}
	for {
		i = c.space(i + 1) // after a brace or a comma
		end := c.text(i)
		if end < 0 || bytes.IndexByte(c[i:end], '\\') >= 0 {
			return -1
		}
		key := string(c[i+1 : end-1])
		if i = c.space(end); i >= len(c) || c[i] != ':' {
			return -1
		}
		if i = value(key, c.space(i+1)); i < 0 {
			return -1
		}
		i = c.space(i)
		switch {
		case i < len(c) && c[i] == '}':
			return i + 1
		case i >= len(c) || c[i] != ',':
			return -1
		}
	}
}

// value passes over a value.
func (c cutter) value(i int) int {
	if i >= len(c) {
		return -1
	}
	switch c[i] {
	case '"':
		return c.text(i)
	case '{', '[':
		return c.nested(i)
	}
	end := bytes.IndexAny(c[i:], ",]} \t\r\n")
	if end < 0 {
		return -1
	}
	return i + end
}

// nested passes over an object or a list, by its brackets alone.
func (c cutter) nested(i int) int {
	for depth := 0; i < len(c); i++ {
		switch c[i] {
		case '"':
			end := c.text(i)
			if end < 0 {
				return -1
			}
			i = end - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// text passes over a text in quotes.
func (c cutter) text(i int) int {
	if i >= len(c) || c[i] != '"' {
		return -1
	}
	for i++; i < len(c); i++ {
		switch c[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return -1
}

// space passes over white space.
func (c cutter) space(i int) int {
	for i < len(c) && (c[i] == ' ' || c[i] == '\n' || c[i] == '\t' || c[i] == '\r') {
		i++
	}
	return i
}
