package ui

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

// TokenField is the form field that carries the token.
const TokenField = "csrf"

// maxForm bounds what a form may send.
const maxForm = 64 << 10

// contentPolicy lets a page load what its own host serves, and nothing else.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Secure sets the headers that every page and answer has. Whatever is served may
// be about money, so nobody keeps a copy.
func Secure(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	// A stricter policy would have browsers send "Origin: null" with our own forms.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
	h.Set("Cache-Control", "no-store")
}

// Token is what a form of this session must carry.
func (k *Kit) Token(session string) string {
	mac := hmac.New(sha256.New, k.token)
	mac.Write([]byte(session))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// SameSite reports whether a request that changes something comes from the same
// origin, by Sec-Fetch-Site and Origin, or from no browser at all.
func (k *Kit) SameSite(r *http.Request) bool { return k.cross.Check(r) == nil }

// Form reports whether a posted form may be believed: it comes from the same
// origin and carries the token of the session.
func (k *Kit) Form(w http.ResponseWriter, r *http.Request, session string) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	return k.SameSite(r) && hmac.Equal([]byte(r.PostFormValue(TokenField)), []byte(k.Token(session)))
}

// derive makes a key of its own for one purpose.
func derive(key []byte, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, key, nil, purpose, sha256.Size)
}
