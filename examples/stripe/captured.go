package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
)

//go:embed payloads
var payloads embed.FS

// captured is Stripe, as far as the demo needs it. Its answers and events are files
// under payloads, into which goes what the shop has sent: what was not sent does not
// come back. It takes the calls and parameters that stripe-mock is known to take.
// Where there is a stripe-mock, it also checks every call against the specification
// of Stripe's API; it cannot do more, for it remembers nothing, sends no events and
// makes its answers up.
type captured struct {
	mock string // address of stripe-mock; empty: there is none

	mu      sync.Mutex
	who     string // the buyer
	sent    map[string]url.Values
	checked int
	taken   map[string]bool // path and parameter of what was posted and not refused
}

// meet says who buys from now on.
func (c *captured) meet(who string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.who = who
}

// of returns what was sent for a buyer.
func (c *captured) of(who string) url.Values {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.sent[who])
}

// RoundTrip answers a call of stripe-go.
func (c *captured) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, errors.Join(err, r.Body.Close())
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	if refused, err := c.check(r, body); err != nil || refused != nil {
		return refused, err
	}
	if refused, err := refuse(r, form); err != nil || refused != nil {
		return refused, err
	}
	values := c.note(r.URL.Path, form)
	text, err := payloads.ReadFile(path.Join("payloads/api", r.Method, r.URL.Path) + ".json")
	if errors.Is(err, fs.ErrNotExist) { // as an account answers in which there is nothing yet
		return answer(r, http.StatusNotFound, []byte(`{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such object"}}`)), nil
	}
	if err == nil {
		text, err = fill(text, values)
	}
	if err != nil {
		return nil, err
	}
	return answer(r, http.StatusOK, text), nil
}

// check passes a call to stripe-mock, and returns its answer if it refuses.
func (c *captured) check(r *http.Request, body []byte) (*http.Response, error) {
	if c.mock == "" {
		return nil, nil
	}
	check, err := http.NewRequestWithContext(r.Context(), r.Method, c.mock+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	check.Header = r.Header.Clone()
	response, err := http.DefaultTransport.RoundTrip(check)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return answer(r, response.StatusCode, text), nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checked++
	return nil, nil
}

// note keeps what was sent for the buyer, and returns all that was so far.
func (c *captured) note(path string, form url.Values) url.Values {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sent == nil {
		c.sent, c.taken = map[string]url.Values{}, map[string]bool{}
	}
	for name := range form {
		c.taken[path+" "+plain(name)] = true
	}
	form.Set("who", c.who)
	if c.sent[c.who] == nil {
		c.sent[c.who] = url.Values{}
	}
	for key, values := range form {
		c.sent[c.who][key] = values
	}
	return maps.Clone(c.sent[c.who])
}

// event returns the body of a delivery: who it is about, a dot, and what happened.
func (c *captured) event(name string) ([]byte, error) {
	text, err := payloads.ReadFile("payloads/events/" + name + ".json")
	if err != nil {
		return nil, err
	}
	who, _, _ := strings.Cut(name, ".")
	if text, err = fill(text, c.of(who)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

// fill puts values in the place of their {{names}}.
func fill(text []byte, values url.Values) ([]byte, error) {
	var out bytes.Buffer
	for {
		before, rest, found := bytes.Cut(text, []byte("{{"))
		out.Write(before)
		if !found {
			return out.Bytes(), nil
		}
		name, after, _ := bytes.Cut(rest, []byte("}}"))
		if !values.Has(string(name)) {
			return nil, fmt.Errorf("the shop did not send %s", name)
		}
		value, err := json.Marshal(values.Get(string(name)))
		if err != nil {
			return nil, err
		}
		out.Write(bytes.Trim(value, `"`))
		text = after
	}
}

func answer(r *http.Request, status int, body []byte) *http.Response {
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), Request: r,
	}
}
