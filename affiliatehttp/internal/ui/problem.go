package ui

import (
	"encoding/json"
	"net/http"

	"github.com/goaffiliate/affiliate"
)

// Problem is an answer that tells of an error (RFC 9457).
type Problem struct {
	Type   string              `json:"type"`
	Title  string              `json:"title"`
	Status int                 `json:"status"`
	Detail string              `json:"detail,omitempty"`
	Code   string              `json:"code"`
	Errors []affiliate.Problem `json:"errors,omitempty"`
}

// WriteProblem answers with an error. Codes never change.
func WriteProblem(w http.ResponseWriter, status int, code, detail string, errs ...affiliate.Problem) {
	write(w, status, "application/problem+json", Problem{"about:blank", http.StatusText(status), status, detail, code, errs})
}

// WriteJSON answers with a document.
func WriteJSON(w http.ResponseWriter, status int, doc any) {
	write(w, status, "application/json", doc)
}

func write(w http.ResponseWriter, status int, contentType string, doc any) {
	data, err := json.Marshal(doc)
	if err != nil { // plain structs always marshal
		status, data = http.StatusInternalServerError, nil
	}
	Secure(w.Header())
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) // a caller that is gone needs no answer
}
