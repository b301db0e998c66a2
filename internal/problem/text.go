package problem

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// How many bytes an id and any other text may have.
const (
	MaxID   = 255
	MaxText = 2048
)

// ID checks what names something: a text of at most MaxID bytes that a person can
// see. Two ids that look the same would be mistaken for each other, so characters
// that show nothing or turn the direction of what follows are refused.
func (l *List) ID(field, value string, required bool) {
	switch {
	case value == "" && required:
		l.Add(field, "is required")
	case len(value) > MaxID:
		l.Add(field, "must not be longer than %d bytes", MaxID)
	case strings.ContainsRune(value, utf8.RuneError):
		l.Add(field, "is not valid UTF-8")
	case strings.ContainsFunc(value, invisible):
		l.Add(field, "must not contain control characters or characters that cannot be seen")
	}
}

// invisible reports a character that shows nothing by itself, such as a zero-width
// space or a mark of direction.
func invisible(r rune) bool {
	if r < 0x7f {
		return r < ' '
	}
	return unicode.IsControl(r) ||
		unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Prose checks a text that only people read: at most MaxText bytes that every
// database stores.
func (l *List) Prose(field, value string) {
	switch {
	case !utf8.ValidString(value):
		l.Add(field, "is not valid UTF-8")
	case len(value) > MaxText:
		l.Add(field, "must not be longer than %d bytes", MaxText)
	case strings.ContainsRune(value, 0):
		l.Add(field, "must not contain a NUL")
	}
}

// Text checks a text that is compared or stands in a line: Prose without control
// characters.
func (l *List) Text(field, value string) {
	before := len(*l)
	l.Prose(field, value)
	switch {
	case len(*l) > before:
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		l.Add(field, "must not contain control characters")
	}
}

// Within adds the problems that an error lists to those of a whole, whose field has
// the prefix. An error that lists none adds nothing.
func (l *List) Within(prefix string, err error) {
	for _, p := range Of(err) {
		*l = append(*l, Problem{Field: prefix + p.Field, Message: p.Message})
	}
}

// Of returns all problems that an error lists, also of several errors that were
// joined.
func Of(err error) []Problem {
	var list []Problem
	for err != nil {
		switch e := err.(type) { //nolint:errorlint // every link of the chain is looked at
		case *Error:
			return append(list, e.Problems...)
		case interface{ Unwrap() []error }:
			for _, one := range e.Unwrap() {
				list = append(list, Of(one)...)
			}
			return list
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		default:
			return list
		}
	}
	return list
}

// About returns an error about one thing that is base, and says so in a text of its
// own, which names the thing.
func About(base error, text string) error { return &about{base, text} }

type about struct {
	base error
	text string
}

func (e *about) Error() string { return e.text }

func (e *about) Unwrap() error { return e.base }
