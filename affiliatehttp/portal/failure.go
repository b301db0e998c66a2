package portal

import (
	"errors"
	"net/http"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
)

// answer says how an error is answered. What is not an error of the library's
// own is the store's. Details are in a partner's words: an error of the Engine
// may name ids.
func (p *Portal) answer(r *http.Request, err error) *ui.AnswerError {
	var known *ui.AnswerError
	if errors.As(err, &known) {
		return known
	}
	code := affiliate.ErrorCode(err)
	refused := func(status int, field, message string) *ui.AnswerError {
		return &ui.AnswerError{Status: status, Code: code, Detail: message, Problems: []affiliate.Problem{{Field: field, Message: message}}}
	}
	switch {
	case errors.Is(err, affiliate.ErrNotFound), errors.Is(err, affiliate.ErrNotApproved):
		return &ui.AnswerError{Status: http.StatusNotFound, Code: "not_found", Detail: "there is nothing here"}
	case errors.Is(err, affiliate.ErrCodeTaken):
		return refused(http.StatusConflict, "code", "This code is taken. Please choose another one.")
	case errors.Is(err, affiliate.ErrCodeInvalid):
		return refused(http.StatusUnprocessableEntity, "code", "A code has 3 to 40 letters A–Z, digits and hyphens.")
	case errors.Is(err, affiliate.ErrCodeLimit):
		return refused(http.StatusUnprocessableEntity, "code", "You cannot have more codes on this program. Retire one first.")
	case errors.Is(err, affiliate.ErrLinkLimit):
		return refused(http.StatusUnprocessableEntity, "key", "You have as many links on this program as you can have.")
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
	return &ui.AnswerError{Status: http.StatusServiceUnavailable, Code: "store_unavailable", Detail: "the database did not answer; please try again in a moment"}
}

func (p *Portal) failJSON(w http.ResponseWriter, r *http.Request, err error) {
	a := p.answer(r, err)
	ui.StatusHeaders(w, a.Status)
	ui.WriteProblem(w, a.Status, a.Code, a.Detail, a.Problems...)
}

// failPage shows an error. The visit is nil if it is not known who asks.
func (p *Portal) failPage(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	a := p.answer(r, err)
	if a.Status == http.StatusUnauthorized && p.cfg.SignIn != "" {
		p.kit.ToSignIn(w, r, p.cfg.SignIn)
		return
	}
	ui.StatusHeaders(w, a.Status)
	body := ui.ErrorPage(a.Status, a.Detail)
	if v != nil {
		_ = v.show(a.Status, "error", body.Title, body) // show logs and never fails
		return
	}
	p.plain(w, r, body)
}

// bare shows an error to whoever asks.
func (p *Portal) bare(w http.ResponseWriter, r *http.Request, status int) {
	p.plain(w, r, ui.ErrorPage(status, "This page cannot do that."))
}

func (p *Portal) plain(w http.ResponseWriter, r *http.Request, body ui.ErrorBody) {
	if err := p.kit.Render(w, r, body.Status, "error", "", ui.Page{Title: body.Title, Body: body}); err != nil {
		p.cfg.Logger.ErrorContext(r.Context(), "portal: page not rendered", "page", "error", "error", err)
	}
}
