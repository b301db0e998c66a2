package ui

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// Limits of a page of a list.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// List is one page of a list.
type List[T any] struct {
	Items     []T    `json:"items"`
	NextAfter string `json:"nextAfter,omitempty"`
}

// Limit reads how many items a caller asks for.
func Limit(r *http.Request) (int, error) {
	text := r.URL.Query().Get("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, Invalid("limit", "must be 1 to "+strconv.Itoa(maxLimit))
	}
	return n, nil
}

// BadCursor reports an "after" that no page returned.
func BadCursor() error { return Invalid("after", "must be the nextAfter of an earlier page") }

// PageOf cuts the page that a request asks for out of a list whose items have
// ids of their own.
func PageOf[T any](r *http.Request, items []T, id func(T) string) (List[T], error) {
	limit, err := Limit(r)
	if err != nil {
		return List[T]{}, err
	}
	if after := r.URL.Query().Get("after"); after != "" {
		i := slices.IndexFunc(items, func(item T) bool { return id(item) == after })
		if i < 0 {
			return List[T]{}, BadCursor()
		}
		items = items[i+1:]
	}
	page := List[T]{Items: items}
	if len(items) > limit {
		page.Items = items[:limit]
		page.NextAfter = id(items[limit-1])
	}
	if page.Items == nil {
		page.Items = []T{}
	}
	return page, nil
}

// Next is the address of the page after this one, or "".
func (k *Kit) Next(r *http.Request, after string) string {
	if after == "" {
		return ""
	}
	q := r.URL.Query()
	q.Set("after", after)
	return k.To(r.URL.EscapedPath()) + "?" + q.Encode()
}

// Query returns an address with some parameters, of which the empty ones are
// left out.
func Query(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Add(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
