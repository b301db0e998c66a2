package auth

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// SignInPath is where browsers find the page to sign in.
func (a *Auth) SignInPath() string { return a.Prefix + "/signin" }

// SignOutPath is where the button to sign out posts to.
func (a *Auth) SignOutPath() string { return a.Prefix + "/signin/out" }

// ServeHTTP serves /signin and what is below it.
func (a *Auth) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

func (a *Auth) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /signin", a.askPage)
	mux.HandleFunc("POST /signin", a.askForm)
	mux.HandleFunc("GET /signin/confirm", a.confirmPage)
	mux.HandleFunc("POST /signin/confirm", a.confirmForm)
	mux.HandleFunc("POST /signin/out", a.signOut)
	mux.HandleFunc("GET /signin/style.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "pages/style.css") })
	// Forms of other sites cannot sign anybody in or out.
	return a.Sessions(a.Forms().Guard(mux))
}

// page is what a page shows.
type page struct {
	Name, Prefix         string
	Address, Next, Token string
	Notice, Form         string
	Minutes              int
}

func (a *Auth) askPage(w http.ResponseWriter, r *http.Request) {
	a.show(w, r, http.StatusOK, "ask", page{Next: local(r.URL.Query().Get("next"))})
}

func (a *Auth) askForm(w http.ResponseWriter, r *http.Request) {
	again := page{Address: r.PostFormValue("email"), Next: local(r.PostFormValue("next"))}
	switch err := a.ask(r); {
	case err == nil:
		a.show(w, r, http.StatusOK, "sent", page{Address: again.Address, Minutes: int(linkLife.Minutes())})
	case errors.Is(err, ErrAddress):
		again.Notice = "Please enter your e-mail address, like ada@example.com."
		a.show(w, r, http.StatusUnprocessableEntity, "ask", again)
	default:
		a.fail(w, r, err)
	}
}

// confirmPage shows a button, and changes nothing: what follows links in mails
// does not use them up.
func (a *Auth) confirmPage(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	address, err := a.peek(r.Context(), token)
	if err != nil {
		a.linkFailed(w, r, err)
		return
	}
	a.show(w, r, http.StatusOK, "confirm", page{Address: address, Token: token})
}

func (a *Auth) confirmForm(w http.ResponseWriter, r *http.Request) {
	address, next, who, err := a.use(r.Context(), r.PostFormValue("token"))
	if err == nil {
		err = a.signIn(r.Context(), address, who)
	}
	if err != nil {
		a.linkFailed(w, r, err)
		return
	}
	if next == "" {
		next = a.Prefix + homeOf(who)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func homeOf(who affiliatehttp.Principal) string {
	if who.Role == affiliatehttp.RoleOwner {
		return "/admin"
	}
	return "/portal"
}

func (a *Auth) signOut(w http.ResponseWriter, r *http.Request) {
	if err := a.sessions.Destroy(r.Context()); err != nil {
		a.fail(w, r, err)
		return
	}
	http.Redirect(w, r, a.SignInPath(), http.StatusSeeOther)
}

func (a *Auth) linkFailed(w http.ResponseWriter, r *http.Request, err error) {
	if !errors.Is(err, ErrNoLink) {
		a.fail(w, r, err)
		return
	}
	a.show(w, r, http.StatusGone, "ask", page{Notice: "This link was used, or it is too old. Ask for a new one."})
}

func (a *Auth) fail(w http.ResponseWriter, r *http.Request, err error) {
	a.Logger.ErrorContext(r.Context(), "auth: request failed", "path", r.URL.Path, "error", err)
	http.Error(w, "Please try again in a moment.", http.StatusServiceUnavailable)
}

func (a *Auth) show(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.Name, p.Prefix, p.Form = a.Name, a.Prefix, a.Forms().Token(w, r)
	var body bytes.Buffer
	if err := a.pages.ExecuteTemplate(&body, name, p); err != nil {
		a.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "same-origin") // the address of a link is nobody else's business
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // a browser that is gone needs no page
}
