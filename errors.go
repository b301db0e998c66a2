package affiliate

import (
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
	ErrConflict = errors.New("affiliate: the same id with other content")
	// ErrOverRefund: refunds together, or one dispute, exceed the conversion.
	ErrOverRefund = errors.New("affiliate: more than the conversion's amount")
	// ErrInvalidInput: an input has invalid fields; see Problems.
	ErrInvalidInput = program.ErrInvalid
	// ErrBusy: other writers got in between on every attempt. Nothing was
	// written; try again.
	ErrBusy = errors.New("affiliate: too many concurrent writers")

	// ErrOverflow: an amount does not fit into 64 bits (semantics 1.5).
	ErrOverflow = money.ErrOverflow

	// Errors of the database. Whatever the error, doing the operation again ends
	// in one effect. ErrSerialization asks a host whose transaction was joined to
	// run it again.
	ErrSerialization = storage.ErrSerialization
	ErrTimeout       = storage.ErrTimeout
	ErrFull          = storage.ErrFull
	ErrUnavailable   = storage.ErrUnavailable

	ErrNotFound          = program.ErrNotFound
	ErrExists            = program.ErrExists
	ErrProgramNotActive  = program.ErrNotActive
	ErrNotApproved       = program.ErrNotApproved
	ErrInvalidTerms      = commission.ErrInvalidTerms
	ErrInvalidSchedule   = payout.ErrInvalidSchedule
	ErrInvalidTransition = payout.ErrInvalidTransition
	ErrCodeTaken         = promo.ErrTaken
	ErrCodeInvalid       = promo.ErrInvalid
	ErrCodeLimit         = promo.ErrLimit
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
		{ErrProgramNotActive, "program_not_active"},
		{ErrInvalidTerms, "invalid_terms"},
		{ErrInvalidTransition, "invalid_transition"},
		{ErrNotFound, "not_found"},
		{ErrNotApproved, "partner_not_approved"},
		{ErrExists, "exists"},
		{ErrInvalidSchedule, "invalid_schedule"},
		{ErrInvalidInput, "invalid_input"},
		{promo.ErrInvalidReward, "invalid_reward"},
		{ErrBusy, "busy"},
		{ErrOverflow, "overflow"},
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
type Problem = problem.Problem

// Problems returns the invalid fields that an error tells of.
func Problems(err error) []Problem {
	var p *problem.Error
	if errors.As(err, &p) {
		return p.Problems
	}
	return nil
}

func wrap(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("affiliate: %s: %w", operation, err)
}

func notFound(what, id string) error { return fmt.Errorf("%w: %s %q", ErrNotFound, what, id) }
