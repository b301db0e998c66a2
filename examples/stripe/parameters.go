package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
)

// parameters are those that stripe-mock has taken from the shop, by the path that
// they are posted to. A test compares them with what stripe-mock takes today.
func parameters() (map[string][]string, error) {
	text, err := payloads.ReadFile("payloads/parameters.json")
	if err != nil {
		return nil, err
	}
	var known map[string][]string
	return known, json.Unmarshal(text, &known)
}

var (
	position = regexp.MustCompile(`\[\d+\]`)
	ownKey   = regexp.MustCompile(`(metadata\]?)\[.*`)
)

// plain is a parameter's name without positions in lists and keys of metadata,
// which are the shop's own.
func plain(name string) string {
	return ownKey.ReplaceAllString(position.ReplaceAllString(name, "[]"), "$1")
}

// refuse answers a call that Stripe was never seen to take, as Stripe would. It
// returns nil for others.
func refuse(r *http.Request, sent url.Values) (*http.Response, error) {
	if r.Method != http.MethodPost {
		return nil, nil
	}
	known, err := parameters()
	if err != nil {
		return nil, err
	}
	allowed, ok := known[r.URL.Path]
	if !ok {
		return refusal(r, http.StatusNotFound, "Unrecognized request URL "+r.URL.Path)
	}
	for name := range sent {
		if !slices.Contains(allowed, plain(name)) {
			return refusal(r, http.StatusBadRequest, "Received unknown parameter: "+name)
		}
	}
	return nil, nil
}

func refusal(r *http.Request, status int, message string) (*http.Response, error) {
	text, err := json.Marshal(map[string]any{"error": map[string]string{"type": "invalid_request_error", "message": message}})
	if err != nil {
		return nil, fmt.Errorf("refuse %s: %w", r.URL.Path, err)
	}
	return answer(r, status, text), nil
}
