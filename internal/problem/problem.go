package problem

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong. Field is the path of the input at fault, such as "rules[0].value".
type Problem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// String returns "field: message", or the message alone without a field.
func (p Problem) String() string {
	if p.Field == "" {
		return p.Message
	}
	return p.Field + ": " + p.Message
}

// List is what is wrong, in the order in which it was found. The zero value is empty and ready for use.
type List []Problem

// Add appends a problem with the field; its message is formatted as fmt.Sprintf does.
func (l *List) Add(field, format string, args ...any) {
	*l = append(*l, Problem{Field: field, Message: fmt.Sprintf(format, args...)})
}

// Err returns nil for an empty list, else an *Error that is base and carries the list.
func (l List) Err(base error) error {
	if len(l) == 0 {
		return nil
	}
	return &Error{Base: base, Problems: l}
}

// Error is an invalid input: the sentinel of the package that refused it, and every problem.
type Error struct {
	Base     error
	Problems List
}

// Error returns the base and all problems in one line.
func (e *Error) Error() string {
	all := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		all[i] = p.String()
	}
	return e.Base.Error() + ": " + strings.Join(all, "; ")
}

// Unwrap returns the base, for errors.Is.
func (e *Error) Unwrap() error { return e.Base }
