package ui

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goaffiliate/affiliate"
)

// AnswerError is an error that is an answer.
type AnswerError struct {
	Status       int
	Code, Detail string
	Problems     []affiliate.Problem
}

// Error names the answer.
func (e *AnswerError) Error() string { return "ui: " + e.Code + ": " + e.Detail }

// Unauthenticated is the answer to whoever is not signed in.
func Unauthenticated() error {
	return &AnswerError{Status: http.StatusUnauthorized, Code: "unauthenticated", Detail: "please sign in"}
}

// Forbidden is the answer to whoever may not do this.
func Forbidden(detail string) error {
	return &AnswerError{Status: http.StatusForbidden, Code: "forbidden", Detail: detail}
}

// Missing is the answer where there is nothing to see, or not for this reader.
func Missing() error {
	return &AnswerError{Status: http.StatusNotFound, Code: "not_found", Detail: "there is nothing here"}
}

// Invalid is the answer to one wrong field.
func Invalid(field, message string) error {
	return &AnswerError{
		Status: http.StatusUnprocessableEntity, Code: "invalid_input", Detail: "invalid values",
		Problems: []affiliate.Problem{{Field: field, Message: message}},
	}
}

// CodeOf is the code of an answer that nothing more is known about.
func CodeOf(status int) string {
	switch status {
	case http.StatusMethodNotAllowed:
		return "method_not_allowed"
	case http.StatusNotFound:
		return "not_found"
	default:
		return "store_unavailable"
	}
}

// FieldErrors are the messages of an answer by field, to show them in a form.
func FieldErrors(problems []affiliate.Problem) map[string]string {
	wrong := map[string]string{}
	for _, p := range problems {
		wrong[p.Field] = p.Message
	}
	return wrong
}

// StatusHeaders sets the headers that belong to the status of an error.
func StatusHeaders(w http.ResponseWriter, status int) {
	switch status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Session")
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	}
}

// ErrorBody is what the page "error" says.
type ErrorBody struct {
	Status        int
	Title, Detail string
}

// ErrorPage is the body of an error page.
func ErrorPage(status int, detail string) ErrorBody {
	return ErrorBody{status, heading(status), sentence(detail)}
}

// sentence writes the detail of an answer as people read it.
func sentence(detail string) string {
	first, size := utf8.DecodeRuneInString(detail)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(detail[size:], ".") + "."
}

func heading(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "Please sign in"
	case http.StatusForbidden:
		return "That did not work"
	case http.StatusNotFound:
		return "Page not found"
	case http.StatusMethodNotAllowed:
		return "Not possible here"
	case http.StatusConflict:
		return "This has changed in the meantime"
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "Something isn’t right"
	default:
		return "We will be right back"
	}
}

// ToSignIn sends a visitor to the host's sign-in, which may bring them back.
func (k *Kit) ToSignIn(w http.ResponseWriter, r *http.Request, target string) {
	Secure(w.Header())
	if u, err := url.Parse(target); err == nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		q := u.Query()
		q.Set("next", k.To(r.URL.RequestURI()))
		u.RawQuery = q.Encode()
		target = u.String()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}
