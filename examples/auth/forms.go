package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
)

// FormField is the field of a form that carries its token.
const FormField = "csrf"

// maxForm bounds what a form may send.
const maxForm = 64 << 10

// Forms makes tokens for the forms of a host, and refuses forms without them: a
// page of somebody else's can have a visitor's browser post a form, but it cannot
// read the token that belongs into it.
type Forms struct {
	// Session names the session that tokens are bound to; "" is none. Whoever has
	// no session gets a cookie that takes its place.
	Session func(*http.Request) string

	// Insecure leaves out the cookie's Secure attribute, for http://localhost.
	Insecure bool
}

// Forms returns the tokens of forms that are bound to the sessions of an Auth.
func (a *Auth) Forms() Forms { return Forms{Session: a.Session, Insecure: a.Insecure} }

// SignOutToken is portal.Config.SignOutToken and console.Config.SignOutToken.
func (a *Auth) SignOutToken(r *http.Request) string { return tokenOf(a.Session(r)) }

// Token returns what the forms on a page must carry in FormField. It is called
// before the page is written, for it may set a cookie.
func (f Forms) Token(w http.ResponseWriter, r *http.Request) string {
	if secret := f.secret(r); secret != "" {
		return tokenOf(secret)
	}
	cookie := &http.Cookie{
		Name: f.cookie(), Value: rand.Text(), Path: "/", HttpOnly: true, Secure: !f.Insecure, SameSite: http.SameSiteLaxMode,
	}
	http.SetCookie(w, cookie)
	r.AddCookie(cookie) // for the next form of the page
	return tokenOf(cookie.Value)
}

// Guard is the middleware that lets forms pass only from pages of the same origin,
// and with their token.
func (f Forms) Guard(next http.Handler) http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
		default:
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			secret := f.secret(r)
			if secret == "" || subtle.ConstantTimeCompare([]byte(r.PostFormValue(FormField)), []byte(tokenOf(secret))) != 1 {
				http.Error(w, "This form was sent from elsewhere, or it is too old. Go back, reload the page and try again.", http.StatusForbidden)
				return
			}
		}
		next.ServeHTTP(w, r)
	}))
}

// secret is what only the visitor's browser has: the session, else the cookie.
func (f Forms) secret(r *http.Request) string {
	if f.Session != nil {
		if session := f.Session(r); session != "" {
			return session
		}
	}
	if cookie, err := r.Cookie(f.cookie()); err == nil && len(cookie.Value) >= 26 && len(cookie.Value) <= 64 {
		return cookie.Value
	}
	return ""
}

// cookie is a name that a browser takes over https only, and from no sub-domain.
func (f Forms) cookie() string {
	if f.Insecure {
		return "form"
	}
	return "__Host-form"
}

// tokenOf is a token by which nobody finds out the secret.
func tokenOf(secret string) string {
	sum := sha256.Sum256([]byte("form\x00" + secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
