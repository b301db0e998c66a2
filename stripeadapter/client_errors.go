package stripeadapter

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/stripe/stripe-go/v76"
)

// Errors of calls to Stripe. The error of stripe-go is wrapped, too.
var (
	// ErrRateLimited: Stripe takes no more calls for the moment.
	ErrRateLimited = errors.New("stripeadapter: Stripe asks to slow down")
	// ErrNotPermitted: the key is wrong, or the account did not allow this.
	ErrNotPermitted = errors.New("stripeadapter: Stripe does not permit this to the key")
	// ErrUnavailable: Stripe did not answer, or not with a result. It is not
	// known whether the call had an effect.
	ErrUnavailable = errors.New("stripeadapter: Stripe did not answer")
)

// morePermissions is the code with which Stripe refuses a connected account's
// object to a platform.
const morePermissions = "more_permissions_required_for_application"

// callError wraps what a call returned in the sentinel of its kind, if it has one.
func callError(operation string, err error) error {
	answer, answered := answerTo(err)
	var kind error
	switch {
	case err == nil:
		return nil
	case !answered || answer.HTTPStatusCode >= http.StatusInternalServerError,
		answer.HTTPStatusCode == http.StatusConflict: // a call with the same idempotency key is under way
		kind = ErrUnavailable
	case answer.HTTPStatusCode == http.StatusTooManyRequests:
		kind = ErrRateLimited
	case answer.HTTPStatusCode == http.StatusUnauthorized, answer.HTTPStatusCode == http.StatusForbidden,
		answer.Code == morePermissions:
		kind = ErrNotPermitted
	default:
		return fmt.Errorf("stripeadapter: %s: %w", operation, err)
	}
	return fmt.Errorf("stripeadapter: %s: %w: %w", operation, kind, err)
}

// answerTo returns Stripe's own error, if the call got as far as an answer.
func answerTo(err error) (*stripe.Error, bool) {
	var answer *stripe.Error
	ok := errors.As(err, &answer) && answer.HTTPStatusCode != 0
	return answer, ok
}

// isMissing reports whether the object that a call names does not exist.
func isMissing(err error) bool {
	answer, ok := answerTo(err)
	return ok && (answer.HTTPStatusCode == http.StatusNotFound || answer.Code == stripe.ErrorCodeResourceMissing)
}

// isRefused reports whether Stripe looked at a call and did not like it.
func isRefused(err error) bool {
	answer, ok := answerTo(err)
	return ok && answer.HTTPStatusCode == http.StatusBadRequest && answer.Type != stripe.ErrorTypeIdempotency
}

// keepsAnswer reports whether Stripe may keep the answer of a call with its
// idempotency key. It keeps whatever the call came to, faults of its own included,
// but not that it was too busy to look.
func keepsAnswer(err error) bool {
	answer, ok := answerTo(err)
	return ok && answer.HTTPStatusCode != http.StatusTooManyRequests && answer.HTTPStatusCode != http.StatusConflict
}
