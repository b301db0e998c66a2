package portal

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
)

// answerError is an error that is an answer.
type answerError struct {
	status       int
	code, detail string
	problems     []affiliate.Problem
}

// Error names the answer.
func (e *answerError) Error() string { return "portal: " + e.code + ": " + e.detail }

func unauthenticated() error {
	return &answerError{status: http.StatusUnauthorized, code: "unauthenticated", detail: "please sign in"}
}

func forbidden(detail string) error {
	return &answerError{status: http.StatusForbidden, code: "forbidden", detail: detail}
}

func missing() error {
	return &answerError{status: http.StatusNotFound, code: "not_found", detail: "there is nothing here"}
}

func invalid(field, message string) error {
	return &answerError{
		status: http.StatusUnprocessableEntity, code: "invalid_input", detail: "invalid values",
		problems: []affiliate.Problem{{Field: field, Message: message}},
	}
}

// codeOf is the code of an answer that nothing more is known about.
func codeOf(status int) string {
	switch status {
	case http.StatusMethodNotAllowed:
		return "method_not_allowed"
	case http.StatusNotFound:
		return "not_found"
	default:
		return "store_unavailable"
	}
}

// answer says how an error is answered. What is not an error of the library's
// own is the store's. Details are in a partner's words: an error of the Engine
// may name ids.
func (p *Portal) answer(r *http.Request, err error) *answerError {
	var known *answerError
	if errors.As(err, &known) {
		return known
	}
	code := affiliate.ErrorCode(err)
	refused := func(status int, field, message string) *answerError {
		return &answerError{status, code, message, []affiliate.Problem{{Field: field, Message: message}}}
	}
	switch {
	case errors.Is(err, affiliate.ErrNotFound), errors.Is(err, affiliate.ErrNotApproved):
		return &answerError{status: http.StatusNotFound, code: "not_found", detail: "there is nothing here"}
	case errors.Is(err, affiliate.ErrCodeTaken):
		return refused(http.StatusConflict, "code", "This code is taken. Please choose another one.")
	case errors.Is(err, affiliate.ErrCodeInvalid):
		return refused(http.StatusUnprocessableEntity, "code", "A code has 3 to 40 letters A–Z, digits and hyphens.")
	case errors.Is(err, affiliate.ErrCodeLimit):
		return refused(http.StatusUnprocessableEntity, "code", "You cannot have more codes on this program. Retire one first.")
	case errors.Is(err, affiliate.ErrExists):
		return refused(http.StatusConflict, "key", "This name is taken. Please choose another one.")
	case errors.Is(err, affiliate.ErrProgramNotActive):
		return refused(http.StatusUnprocessableEntity, "program", "This program is not running, so nothing can be added to it.")
	case errors.Is(err, affiliate.ErrInvalidInput):
		return refused(http.StatusUnprocessableEntity, "key", "A name has 1 to 64 letters, digits, hyphens and underscores.")
	}
	if r.Context().Err() == nil { // otherwise it is the caller who went away
		p.cfg.Logger.ErrorContext(r.Context(), "portal: operation failed", "error", err)
	}
	return &answerError{status: http.StatusServiceUnavailable, code: "store_unavailable", detail: "nothing was changed; please try again in a moment"}
}

func (p *Portal) failJSON(w http.ResponseWriter, r *http.Request, err error) {
	a := p.answer(r, err)
	p.headers(w, a.status)
	ui.WriteProblem(w, a.status, a.code, a.detail, a.problems...)
}

func (p *Portal) headers(w http.ResponseWriter, status int) {
	switch status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Session")
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	}
}

// failPage shows an error. The visit is nil if it is not known who asks.
func (p *Portal) failPage(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	a := p.answer(r, err)
	if a.status == http.StatusUnauthorized && p.cfg.SignIn != "" {
		p.toSignIn(w, r)
		return
	}
	p.headers(w, a.status)
	body := errorBody{a.status, heading(a.status), a.detail}
	if v != nil {
		_ = v.show(a.status, "error", body.Title, body) // show logs and never fails
		return
	}
	p.plain(w, r, body)
}

// errorBody is what the error page says.
type errorBody struct {
	Status        int
	Title, Detail string
}

// bare shows an error to whoever asks.
func (p *Portal) bare(w http.ResponseWriter, r *http.Request, status int) {
	p.plain(w, r, errorBody{status, heading(status), "This page cannot do that."})
}

func (p *Portal) plain(w http.ResponseWriter, r *http.Request, body errorBody) {
	if err := p.kit.Render(w, r, body.Status, "error", "", ui.Page{Title: body.Title, Body: body}); err != nil {
		p.cfg.Logger.ErrorContext(r.Context(), "portal: page not rendered", "page", "error", "error", err)
	}
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
		return "That is not possible here"
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusConflict:
		return "That is not quite right"
	default:
		return "We will be right back"
	}
}

// toSignIn sends a visitor to the host's sign-in, which may bring them back.
func (p *Portal) toSignIn(w http.ResponseWriter, r *http.Request) {
	ui.Secure(w.Header())
	target := p.cfg.SignIn
	if u, err := url.Parse(target); err == nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		q := u.Query()
		q.Set("next", p.kit.To(r.URL.RequestURI()))
		u.RawQuery = q.Encode()
		target = u.String()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}
