package portal

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
)

func (v *visit) after() string { return v.r.URL.Query().Get("after") }

// maxBody bounds what a caller may send.
const maxBody = 64 << 10

// decode reads a body strictly.
func (v *visit) decode(doc any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(v.w, v.r.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(doc)
	if err == nil {
		_, err = decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &ui.AnswerError{Status: http.StatusRequestEntityTooLarge, Code: "body_too_large", Detail: "the body is too large"}
	}
	return &ui.AnswerError{Status: http.StatusBadRequest, Code: "malformed_json", Detail: "the body must be one JSON object with known fields"}
}
