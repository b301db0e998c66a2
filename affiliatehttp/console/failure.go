package console

import (
	"errors"
	"net/http"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
)

// answer says how an error is answered. What is not an error of the library's
// own is the store's.
func (c *Console) answer(r *http.Request, err error) *ui.AnswerError {
	var known *ui.AnswerError
	if errors.As(err, &known) {
		return known
	}
	code := affiliate.ErrorCode(err)
	refused := func(status int, field, message string) *ui.AnswerError {
		list := affiliate.Problems(err)
		if len(list) == 0 {
			list = []affiliate.Problem{{Field: field, Message: message}}
		}
		return &ui.AnswerError{Status: status, Code: code, Detail: message, Problems: list}
	}
	const conflict, invalid = http.StatusConflict, http.StatusUnprocessableEntity
	switch {
	case errors.Is(err, affiliate.ErrNotFound):
		return &ui.AnswerError{Status: http.StatusNotFound, Code: code, Detail: "there is nothing here"}
	case errors.Is(err, affiliate.ErrCodeTaken):
		return refused(conflict, "code", "This code is taken. Please choose another one.")
	case errors.Is(err, affiliate.ErrCodeInvalid):
		return refused(invalid, "code", "A code has 3 to 40 letters A–Z, digits and hyphens.")
	case errors.Is(err, affiliate.ErrExists):
		return refused(conflict, "id", "This id is taken. Please choose another one.")
	case errors.Is(err, affiliate.ErrNotApproved):
		return refused(invalid, "program", "The partner is not approved on this program.")
	case errors.Is(err, affiliate.ErrProgramNotActive):
		return refused(invalid, "program", "This program is not running, so nothing can be added to it.")
	case errors.Is(err, affiliate.ErrInvalidTransition):
		return refused(conflict, "state", "That is not possible in its present state.")
	case errors.Is(err, affiliate.ErrInvalidTerms), errors.Is(err, affiliate.ErrInvalidSchedule), errors.Is(err, affiliate.ErrInvalidInput):
		return refused(invalid, "id", "1 to 255 characters without control characters.")
	}
	if r.Context().Err() == nil { // otherwise it is the caller who went away
		c.cfg.Logger.ErrorContext(r.Context(), "console: operation failed", "error", err)
	}
	return &ui.AnswerError{Status: http.StatusServiceUnavailable, Code: "store_unavailable", Detail: "the database did not answer; please try again in a moment"}
}

// fail shows an error. The visit is nil if it is not known who asks.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	a := c.answer(r, err)
	if a.Status == http.StatusUnauthorized && c.cfg.SignIn != "" {
		c.kit.ToSignIn(w, r, c.cfg.SignIn)
		return
	}
	ui.StatusHeaders(w, a.Status)
	body := ui.ErrorPage(a.Status, a.Detail)
	if v != nil {
		_ = v.show(a.Status, "error", body.Title, body) // show logs and never fails
		return
	}
	c.plain(w, r, body)
}

// bare shows an error to whoever asks.
func (c *Console) bare(w http.ResponseWriter, r *http.Request, status int) {
	c.plain(w, r, ui.ErrorPage(status, "This page cannot do that."))
}

func (c *Console) plain(w http.ResponseWriter, r *http.Request, body ui.ErrorBody) {
	if err := c.kit.Render(w, r, body.Status, "error", "", ui.Page{Title: body.Title, Body: body}); err != nil {
		c.cfg.Logger.ErrorContext(r.Context(), "console: page not rendered", "page", "error", "error", err)
	}
}
