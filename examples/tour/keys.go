package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/goaffiliate/affiliate/examples/auth"
)

// keysPage lists the API keys.
func (a *app) keysPage(w http.ResponseWriter, r *http.Request) { a.showKeys(w, r, "") }

func (a *app) showKeys(w http.ResponseWriter, r *http.Request, secret string) {
	keys, err := a.who.Keys.List(r.Context())
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.show(w, r, "keys", map[string]any{"Keys": keys, "Scopes": auth.AllScopes(), "Secret": secret})
}

// issueKey makes a key. The page is the answer to the form, not one to go on to:
// the secret is in no address and is kept nowhere.
func (a *app) issueKey(w http.ResponseWriter, r *http.Request) {
	days, err := strconv.Atoi(r.FormValue("days"))
	if name := r.FormValue("name"); err != nil || days < 0 || days > 3650 || name == "" || len(name) > 60 || len(r.Form["scope"]) == 0 {
		http.Error(w, "A key needs a name, at least one thing that it may do, and 0 to 3650 days.", http.StatusUnprocessableEntity)
		return
	}
	var scopes []auth.Scope
	for _, s := range r.Form["scope"] {
		scopes = append(scopes, auth.Scope(s))
	}
	var expires time.Time
	if days > 0 {
		expires = time.Now().AddDate(0, 0, days)
	}
	secret, err := a.who.Keys.Issue(r.Context(), r.FormValue("name"), scopes, expires)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	a.showKeys(w, r, secret)
}

func (a *app) revokeKey(w http.ResponseWriter, r *http.Request) {
	if err := a.who.Keys.Revoke(r.Context(), r.PathValue("id")); err != nil {
		a.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/owner/keys", http.StatusSeeOther)
}
