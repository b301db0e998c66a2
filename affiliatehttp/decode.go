package affiliatehttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxBody is how long a body may be.
const maxBody = 64 << 10

// readBody returns the JSON text of a request.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *failure) {
	if !isJSON(r.Header) {
		return nil, fail(http.StatusUnsupportedMediaType, CodeUnsupportedMedia, "the body must be plain application/json in UTF-8")
	}
	tooLarge := fail(http.StatusRequestEntityTooLarge, CodeTooLarge, "a body has at most 64 KiB")
	if r.ContentLength > maxBody {
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var limit *http.MaxBytesError
	switch {
	case errors.As(err, &limit):
		return nil, tooLarge
	case err != nil:
		return nil, malformed("", "could not be read")
	}
	return body, nil
}

// isJSON reports whether the headers promise uncompressed JSON in UTF-8.
func isJSON(header http.Header) bool {
	if coding := header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return false
	}
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	charset, given := params["charset"]
	return err == nil && kind == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}

// member is one field of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// parse reads a body that must be exactly one JSON object. Other than
// encoding/json it refuses fields that are there twice and text that is not
// valid Unicode, and names the field at which the text goes wrong.
func parse(body []byte) (*object, *failure) {
	list, f := members(body, "")
	if f != nil {
		return nil, f
	}
	if !utf8.Valid(body) { // no value, so a name
		return nil, malformed("", "is not valid UTF-8")
	}
	return &object{members: list, taken: map[string]bool{}}, nil
}

// members returns the fields of the one object that text holds, in their order.
// Path is put before their names in errors.
func members(text []byte, path string) ([]member, *failure) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, malformed(strings.TrimSuffix(path, "."), "must be a JSON object")
	}
	var list []member
	seen := map[string]bool{}
	last := strings.TrimSuffix(path, ".") // what was read when the text goes wrong
	for dec.More() {
		token, err := dec.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, malformed(last, "is not well-formed JSON")
		}
		last = path + name
		m := member{name: name}
		switch err := dec.Decode(&m.value); {
		case err != nil:
			return nil, malformed(last, "is not well-formed JSON")
		case !wellFormed(m.value):
			return nil, malformed(last, "is not valid UTF-8")
		case seen[name]:
			return nil, malformed(last, "is there twice")
		}
		seen[name] = true
		list = append(list, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, malformed(last, "is not well-formed JSON")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed(strings.TrimSuffix(path, "."), "has data after the object")
	}
	return list, nil
}

// wellFormed reports whether JSON text is valid UTF-8 without escapes of half a
// surrogate pair. The decoder would replace both by U+FFFD, which makes
// different ids the same.
func wellFormed(text []byte) bool {
	if !utf8.Valid(text) {
		return false
	}
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		switch escaped(text[i:]) >> 10 {
		case 0xd800 >> 10: // first half
			if escaped(text[i+6:])>>10 != 0xdc00>>10 {
				return false
			}
			i += 11
		case 0xdc00 >> 10: // second half, alone
			return false
		default:
			i++ // over what the backslash escapes
		}
	}
	return true
}

// escaped returns the UTF-16 unit that a \uXXXX at the start of text stands
// for, else 0.
func escaped(text []byte) (unit int) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0
	}
	for _, c := range text[2:6] {
		digit := strings.IndexByte("0123456789abcdef", c|0x20)
		if digit < 0 {
			return 0
		}
		unit = unit<<4 | digit
	}
	return unit
}
