package ui

import (
	"net/http"
	"strings"
	"time"
)

// Themes that a reader may choose; the empty one follows the system.
const (
	ThemeLight = "light"
	ThemeDark  = "dark"
)

const themeCookie = "aff_theme"

// Theme returns what the reader chose.
func Theme(r *http.Request) string {
	c, err := r.Cookie(themeCookie)
	if err != nil || c.Value != ThemeLight && c.Value != ThemeDark {
		return ""
	}
	return c.Value
}

// ServeTheme keeps the choice of a form in a cookie and goes back to the page
// that it was made on. The caller has checked the form.
func (k *Kit) ServeTheme(w http.ResponseWriter, r *http.Request) {
	theme := r.PostFormValue("theme")
	cookie := http.Cookie{
		Name: themeCookie, Value: theme, Path: k.To(k.opt.Root), HttpOnly: true, Secure: !k.opt.Insecure,
		SameSite: http.SameSiteLaxMode, MaxAge: int((365 * 24 * time.Hour).Seconds()),
	}
	if theme != ThemeLight && theme != ThemeDark {
		cookie.Value, cookie.MaxAge = "", -1
	}
	http.SetCookie(w, &cookie)
	back := r.PostFormValue("back")
	if root := k.To(k.opt.Root); !localPath(back) || back != root && !strings.HasPrefix(back, root+"/") && !strings.HasPrefix(back, root+"?") {
		back = k.To(k.opt.Root)
	}
	Secure(w.Header())
	http.Redirect(w, r, back, http.StatusSeeOther)
}
