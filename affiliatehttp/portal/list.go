package portal

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/goaffiliate/affiliate"
)

// Limits of a page of a list.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// limit reads how many items a caller asks for.
func (v *visit) limit() (int, error) {
	text := v.r.URL.Query().Get("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, invalid("limit", "must be 1 to "+strconv.Itoa(maxLimit))
	}
	return n, nil
}

func (v *visit) after() string { return v.r.URL.Query().Get("after") }

// badCursor reports an "after" that no page returned.
func badCursor() error { return invalid("after", "must be the nextAfter of an earlier page") }

// pageOf cuts one page out of a list whose items have ids of their own.
func pageOf[T any](v *visit, items []T, id func(T) string) (listView[T], error) {
	limit, err := v.limit()
	if err != nil {
		return listView[T]{}, err
	}
	if after := v.after(); after != "" {
		i := slices.IndexFunc(items, func(item T) bool { return id(item) == after })
		if i < 0 {
			return listView[T]{}, badCursor()
		}
		items = items[i+1:]
	}
	page := listView[T]{Items: items}
	if len(items) > limit {
		page.Items = items[:limit]
		page.NextAfter = id(items[limit-1])
	}
	if page.Items == nil {
		page.Items = []T{}
	}
	return page, nil
}

// next is the address of the page after this one, or "".
func (v *visit) next(after string) string {
	if after == "" {
		return ""
	}
	q := v.r.URL.Query()
	q.Set("after", after)
	q.Del("done")
	return v.kit.To(v.r.URL.Path) + "?" + q.Encode()
}

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
		return &answerError{status: http.StatusRequestEntityTooLarge, code: "body_too_large", detail: "the body is too large"}
	}
	return &answerError{status: http.StatusBadRequest, code: "malformed_json", detail: "the body must be one JSON object with known fields"}
}

// fieldErrors are the messages of an answer by field, to show them in a form.
func fieldErrors(problems []affiliate.Problem) map[string]string {
	wrong := map[string]string{}
	for _, p := range problems {
		wrong[p.Field] = p.Message
	}
	return wrong
}

// query returns a relative address with some parameters.
func query(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
