package ui

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What was just done is told once, on the page that follows. It travels in a
// cookie that only these pages can make, for one session and a minute: an address
// is anybody's to write, and a page must not claim what did not happen.
const (
	flashCookie = "aff_done"
	flashAge    = time.Minute
)

// Done sends the browser on after a change, so that a reload repeats nothing. The
// page at path is told what was done.
func (k *Kit) Done(w http.ResponseWriter, r *http.Request, session, path, what string, now time.Time) {
	k.setFlash(w, k.Seal.Seal(flashScope(session), strconv.FormatInt(now.Unix(), 10)+" "+what), int(flashAge.Seconds()))
	Secure(w.Header())
	http.Redirect(w, r, k.To(path), http.StatusSeeOther)
}

// Told returns what was just done, once; "" for nothing.
func (k *Kit) Told(w http.ResponseWriter, r *http.Request, session string, now time.Time) string {
	cookie, err := r.Cookie(flashCookie)
	if err != nil || cookie.Value == "" {
		return ""
	}
	k.setFlash(w, "", -1)
	text, ok := k.Seal.Open(flashScope(session), cookie.Value)
	if !ok {
		return ""
	}
	at, what, _ := strings.Cut(text, " ")
	unix, err := strconv.ParseInt(at, 10, 64)
	if age := now.Sub(time.Unix(unix, 0)); err != nil || age < 0 || age > flashAge {
		return ""
	}
	return what
}

func (k *Kit) setFlash(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: flashCookie, Value: value, Path: k.To(k.opt.Root), MaxAge: maxAge, HttpOnly: true, Secure: !k.opt.Insecure,
		SameSite: http.SameSiteLaxMode,
	})
}

func flashScope(session string) string { return "done\x00" + session }
