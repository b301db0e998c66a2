package affiliate

import (
	"context"
	"errors"
	"fmt"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/storage"
)

// Errors of operations. Those of other packages stand here again so that a host
// needs one import to tell them apart with errors.Is.
var (
	// ErrConflict: the same id came with other content (semantics 8.1).
	ErrConflict = errors.New("the same id with other content")
	// ErrOverRefund: refunds together, or one dispute, exceed the conversion.
	ErrOverRefund = errors.New("more than the conversion's amount")
	// ErrInvalidInput: an input has invalid fields; see Problems.
	ErrInvalidInput = program.ErrInvalid
	// ErrBusy: other writers got in between on every attempt. Nothing was
	// written; try again.
	ErrBusy = errors.New("too many concurrent writers")

	// ErrOverflow: an amount does not fit into 64 bits (semantics 1.5).
	ErrOverflow = money.ErrOverflow

	// Errors of the database. Whatever the error, doing the operation again ends
	// in one effect. ErrSerialization asks a host whose transaction was joined to
	// run it again.
	ErrSerialization = storage.ErrSerialization
	ErrTimeout       = storage.ErrTimeout
	ErrCanceled      = storage.ErrCanceled
	ErrReadOnly      = storage.ErrReadOnly
	ErrFull          = storage.ErrFull
	ErrUnavailable   = storage.ErrUnavailable

	ErrNotFound          = program.ErrNotFound
	ErrExists            = program.ErrExists
	ErrProgramNotActive  = program.ErrNotActive
	ErrNotApproved       = program.ErrNotApproved
	ErrInvalidTerms      = commission.ErrInvalidTerms
	ErrInvalidSchedule   = payout.ErrInvalidSchedule
	ErrInvalidReward     = promo.ErrInvalidReward
	ErrInvalidTransition = payout.ErrInvalidTransition
	ErrCodeTaken         = promo.ErrTaken
	ErrCodeInvalid       = promo.ErrInvalid
	ErrCodeLimit         = promo.ErrLimit
	ErrLinkLimit         = program.ErrLinkLimit
)

// codes are the stable names of errors on the wire and in scenario files.
func codes() []struct {
	err  error
	code string
} {
	return []struct {
		err  error
		code string
	}{
		{ErrConflict, "duplicate_conflict"},
		{ErrOverRefund, "over_refund"},
		{ErrCodeTaken, "code_taken"},
		{ErrCodeInvalid, "code_invalid"},
		{ErrCodeLimit, "code_limit"},
		{ErrLinkLimit, "link_limit"},
		{ErrProgramNotActive, "program_not_active"},
		{ErrInvalidTerms, "invalid_terms"},
		{ErrInvalidTransition, "invalid_transition"},
		{ErrNotFound, "not_found"},
		{ErrNotApproved, "partner_not_approved"},
		{ErrExists, "exists"},
		{ErrInvalidSchedule, "invalid_schedule"},
		{ErrInvalidInput, "invalid_input"},
		{ErrInvalidReward, "invalid_reward"},
		{ErrBusy, "busy"},
		{ErrOverflow, "overflow"},
		{ErrSerialization, "serialization"},
		{ErrCanceled, "canceled"},
		{context.Canceled, "canceled"},
		{context.DeadlineExceeded, "canceled"},
		{ErrTimeout, "timeout"},
		{ErrReadOnly, "read_only"},
		{ErrFull, "full"},
		{ErrUnavailable, "unavailable"},
	}
}

// ErrorCode returns the stable name of an error, like "code_taken", or "" for an
// error that is not one of this library's.
func ErrorCode(err error) string {
	for _, c := range codes() {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return ""
}

// Problem is one invalid field of an input.
type Problem struct {
	Field   string `json:"field"`   // path of the field, like "rules[0].value"; empty: the input as a whole
	Message string `json:"message"` // what is wrong with it
}

// String returns "field: message", or the message alone without a field.
func (p Problem) String() string { return problem.Problem(p).String() }

// Problems returns the invalid fields that an error tells of.
func Problems(err error) []Problem {
	var list []Problem
	for _, p := range problem.Of(err) {
		list = append(list, Problem(p))
	}
	return list
}

// opError is the error of an operation.
type opError struct {
	operation string // "" if the error says what is wrong with what the caller gave
	err       error
}

// Error names the operation only where the caller's input is not the reason.
func (e *opError) Error() string {
	if e.operation == "" {
		return "affiliate: " + e.err.Error()
	}
	return "affiliate: " + e.operation + ": " + e.err.Error()
}

func (e *opError) Unwrap() error { return e.err }

// wrap makes the error of an operation, once, of what went wrong in it.
func wrap(operation string, err error) error {
	if err == nil {
		return nil
	}
	if inner, ok := err.(*opError); ok { //nolint:errorlint // of an operation that this one is made of
		err = inner.err
	}
	if !errors.Is(err, ErrCanceled) && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		err = fmt.Errorf("%w: %w", ErrCanceled, err)
	}
	if ErrorCode(err) != "" && !ofStore(err) {
		operation = ""
	}
	return &opError{operation, err}
}

// ofStore reports whether an error is of the database rather than of the input.
func ofStore(err error) bool {
	for _, base := range []error{ErrSerialization, ErrCanceled, ErrTimeout, ErrReadOnly, ErrFull, ErrUnavailable, ErrBusy} {
		if errors.Is(err, base) {
			return true
		}
	}
	return false
}

func notFound(what, id string) error {
	return problem.About(ErrNotFound, fmt.Sprintf("%s %q not found", what, id))
}
