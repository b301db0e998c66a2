package stripeadapter

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/problem"
)

const (
	// MaxBody is how large a delivery may be: 1 MiB.
	MaxBody = 1 << 20

	signatureHeader = "Stripe-Signature"
	tolerance       = 300 * time.Second
)

// Handler returns the handler of the webhook: it verifies a delivery and applies
// it. It answers 200 for what was applied, need not be, or was set aside, 400 for
// what is not Stripe's or no event, 413 for more than MaxBody, 405 for another
// method than POST, and 503 when the event could not be stored or looked up: Stripe
// then delivers it again. The error unwraps to affiliate.ErrInvalidInput if there is
// no secret.
func (a *Adapter) Handler() (http.Handler, error) {
	if len(a.cfg.Secrets) == 0 {
		var list problem.List
		list.Add("secrets", "must not be empty")
		return nil, list.Err(affiliate.ErrInvalidInput)
	}
	return http.HandlerFunc(a.serve), nil
}

func (a *Adapter) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := readBody(w, r)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		http.Error(w, "more than 1 MiB", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "the body broke off", http.StatusBadRequest)
		return
	}
	if err := a.Verify(body, r.Header.Get(signatureHeader)); err != nil {
		a.cfg.Logger.WarnContext(r.Context(), "stripeadapter: delivery refused", "error", err)
		http.Error(w, "the signature does not fit", http.StatusBadRequest)
		return
	}
	switch _, err := a.Apply(r.Context(), body); {
	case err == nil:
		w.WriteHeader(http.StatusOK)
	case errors.Is(err, ErrMalformed) && isFinal(err):
		a.cfg.Logger.WarnContext(r.Context(), "stripeadapter: delivery refused", "error", err)
		http.Error(w, "not an event", http.StatusBadRequest)
	default:
		a.cfg.Logger.ErrorContext(r.Context(), "stripeadapter: event not applied", "error", err)
		w.Header().Set("Retry-After", "30")
		http.Error(w, "try again later", http.StatusServiceUnavailable)
	}
}

// readBody reads what is sent, into room for as much as is announced, within reason.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	const reason = 64 << 10
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), reason)) + bytes.MinRead)
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, MaxBody))
	return body.Bytes(), err
}

// Verify checks the Stripe-Signature header of a delivery against the raw bytes of
// its body, by the Engine's clock. It returns ErrSignature.
func (a *Adapter) Verify(body []byte, signature string) error {
	if !a.isTimely(signature) {
		return ErrSignature
	}
	for _, secret := range a.cfg.Secrets {
		// The age is checked above, against a clock that can be set: here any will do.
		if secret != "" && webhook.ValidatePayloadIgnoringTolerance(body, signature, secret) == nil {
			return nil
		}
	}
	return ErrSignature
}

// isTimely reports whether a signature was made within five minutes of now, before
// or after.
func (a *Adapter) isTimely(signature string) bool {
	for _, pair := range strings.Split(signature, ",") {
		key, value, _ := strings.Cut(pair, "=")
		if key != "t" {
			continue
		}
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return false
		}
		age := a.eng.Now().Sub(time.Unix(seconds, 0))
		return -tolerance <= age && age <= tolerance
	}
	return false
}
