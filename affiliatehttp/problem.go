package affiliatehttp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/promo"
)

// Codes of problems that are not the Engine's; affiliate.ErrorCode has the
// others. They never change.
const (
	CodeMalformed        = "malformed_json"
	CodeUnauthenticated  = "unauthenticated"
	CodeForbidden        = "forbidden"
	CodeNotFound         = "not_found"
	CodeMethodNotAllowed = "method_not_allowed"
	CodeTooLarge         = "body_too_large"
	CodeUnsupportedMedia = "unsupported_media_type"
	CodeInvalidInput     = "invalid_input"
	CodeOverflow         = "overflow"
	CodeUnavailable      = "store_unavailable"
	CodeTooManyRequests  = "too_many_requests"
)

// retryAfter is what a caller is asked to wait while the store is unavailable.
const retryAfter = 5 * time.Second

// maxProblems bounds the list of an answer, maxShown a name that it repeats.
const (
	maxProblems = 50
	maxShown    = 80
)

// failure is an answer that tells of an error (RFC 9457).
type failure struct {
	Type   string              `json:"type"`
	Title  string              `json:"title"`
	Status int                 `json:"status"`
	Detail string              `json:"detail,omitempty"`
	Code   string              `json:"code"`
	Errors []affiliate.Problem `json:"errors,omitempty"`

	retry string // seconds to wait
}

func fail(status int, code, detail string, problems ...affiliate.Problem) *failure {
	return &failure{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: code,
		Errors: problems[:min(len(problems), maxProblems)],
	}
}

func (f *failure) write(w http.ResponseWriter) {
	switch f.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", cmp.Or(f.retry, "1"))
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	}
	writeJSON(w, f.Status, "application/problem+json", f)
}

func writeJSON(w http.ResponseWriter, status int, contentType string, doc any) {
	data, err := json.Marshal(doc)
	if err != nil { // plain structs of this package always marshal
		status, data = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) // a caller that is gone needs no answer
}

func malformed(field, message string) *failure {
	if field == "" {
		return fail(http.StatusBadRequest, CodeMalformed, "the body "+message)
	}
	field = shown(field)
	return fail(http.StatusBadRequest, CodeMalformed, field+" "+message, affiliate.Problem{Field: field, Message: message})
}

func invalid(problems ...affiliate.Problem) *failure {
	return fail(http.StatusUnprocessableEntity, CodeInvalidInput, "invalid values", problems...)
}

func notFound(detail string) *failure { return fail(http.StatusNotFound, CodeNotFound, detail) }

func forbidden() *failure {
	return fail(http.StatusForbidden, CodeForbidden, "this caller may not use this route")
}

func unauthenticated() *failure {
	return fail(http.StatusUnauthorized, CodeUnauthenticated, "a valid API key or session is required")
}

func unavailable() *failure {
	return fail(http.StatusServiceUnavailable, CodeUnavailable, "the database did not answer; sending this again has one effect")
}

// broken is the answer to an error of the store, all of which a retry may mend. It
// says that nothing was stored only where that is known.
func broken(err error) *failure {
	code := affiliate.ErrorCode(err)
	switch {
	case errors.Is(err, affiliate.ErrBusy):
		return fail(http.StatusServiceUnavailable, code, "too many concurrent writers; nothing was stored, try again")
	case errors.Is(err, affiliate.ErrCanceled):
		return fail(http.StatusServiceUnavailable, code, "this was canceled on the way; sending it again has one effect")
	case errors.Is(err, affiliate.ErrTimeout):
		return fail(http.StatusServiceUnavailable, code, "the database took too long; nothing was stored, try again")
	case errors.Is(err, affiliate.ErrSerialization):
		return fail(http.StatusServiceUnavailable, code, "other transactions were in the way; nothing was stored, try again")
	case errors.Is(err, affiliate.ErrReadOnly):
		return fail(http.StatusServiceUnavailable, code, "the database takes no writes now; nothing was stored, try again later")
	case errors.Is(err, affiliate.ErrFull):
		return fail(http.StatusServiceUnavailable, code, "the database is full; nothing was stored, try again later")
	}
	return unavailable()
}

// shown shortens a name that an answer repeats.
func shown(name string) string {
	if len(name) <= maxShown {
		return name
	}
	return name[:maxShown] + "…"
}

// wireNames maps the Engine's names of input fields to those of a body.
type wireNames map[string]string

// failed turns an error of the Engine into an answer. What is not an error of
// the library's own is the store's.
func (h *Handler) failed(ctx context.Context, err error, names wireNames) *failure {
	code := affiliate.ErrorCode(err)
	switch {
	case errors.Is(err, affiliate.ErrConflict):
		return fail(http.StatusConflict, code, "this id was used before with other content; nothing was changed")
	case errors.Is(err, affiliate.ErrOverRefund):
		problem := affiliate.Problem{Field: names["amount"], Message: "exceeds what is left of the conversion"}
		return fail(http.StatusUnprocessableEntity, code, "refunds exceed the conversion", problem)
	case errors.Is(err, money.ErrOverflow):
		problem := affiliate.Problem{Field: names["amount"], Message: "is too large to compute with"}
		return fail(http.StatusUnprocessableEntity, CodeOverflow, "amount out of range", problem)
	case errors.Is(err, affiliate.ErrNotFound):
		return notFound("not found")
	case errors.Is(err, affiliate.ErrInvalidInput):
		return invalid(names.rename(affiliate.Problems(err))...)
	}
	if f := denied(err, names); f != nil {
		return f
	}
	if ctx.Err() == nil { // otherwise it is the caller who went away
		h.cfg.Logger.ErrorContext(ctx, "affiliatehttp: operation failed", "error", err)
	}
	return broken(err)
}

// denied turns what the configuration and the ledger do not allow into an answer, nil
// for other errors.
func denied(err error, names wireNames) *failure {
	code := affiliate.ErrorCode(err)
	switch {
	case errors.Is(err, affiliate.ErrExists):
		return fail(http.StatusConflict, code, "this id was used before with other content; nothing was changed")
	case errors.Is(err, affiliate.ErrCodeTaken):
		return fail(http.StatusConflict, code, "this code is another partner's or program's, or is in use")
	case errors.Is(err, affiliate.ErrNotApproved):
		return fail(http.StatusConflict, code, "the partner is not approved on the program")
	case errors.Is(err, affiliate.ErrProgramNotActive):
		return fail(http.StatusConflict, code, "the program is not running")
	case errors.Is(err, affiliate.ErrInvalidTransition):
		return fail(http.StatusConflict, code, "it is past that")
	case errors.Is(err, affiliate.ErrCodeInvalid):
		return fail(http.StatusUnprocessableEntity, code, "invalid values", names.rename(affiliate.Problems(err))...)
	case errors.Is(err, affiliate.ErrInvalidTerms), errors.Is(err, affiliate.ErrInvalidSchedule), errors.Is(err, promo.ErrInvalidReward):
		return fail(http.StatusUnprocessableEntity, code, "invalid values", names.rename(affiliate.Problems(err))...)
	}
	return nil
}

// rename gives problems the field names of the body.
func (n wireNames) rename(problems []affiliate.Problem) []affiliate.Problem {
	renamed := make([]affiliate.Problem, len(problems))
	for i, p := range problems {
		renamed[i] = p
		end := len(p.Field)
		for j, c := range p.Field {
			if c == '.' || c == '[' {
				end = j
				break
			}
		}
		if name := n[p.Field[:end]]; name != "" {
			renamed[i].Field = name + p.Field[end:]
		}
	}
	return renamed
}
