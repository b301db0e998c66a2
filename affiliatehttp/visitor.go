package affiliatehttp

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
)

// Visit is what is known of where a visitor came from. All of it was signed, or
// looked up in the store: a browser cannot make it up.
type Visit struct {
	Visitor  string    // id; empty before the first click
	Click    string    // id of the last click; empty as long as that could not be stored
	Referral string    // the code of that click's link, if it came through one
	At       time.Time // of that click, in whole seconds

	// unstored is the id that the click will have when it is stored: it was made
	// while the store was down. Click is empty until then, and where not even the
	// configuration was known, nobody has seen that there is such a link.
	unstored string
	suspect  bool // that click
}

// clickOr returns the id of the click or, as long as that is not stored, the signed
// value of the visit, which stands for it wherever a click id is taken.
func (v Visit) clickOr(sealed string) string {
	if v.unstored != "" {
		return sealed
	}
	return v.Click
}

type visitKey struct{}

// FromRequest returns the visit of a request that came through Handler.Capture,
// for the host's own handlers: to put it on a checkout, or to send it with a
// conversion. Send both Click and Referral: while the store is down a visit has the
// code alone. Without Capture it is empty; see Handler.Visit.
func FromRequest(r *http.Request) Visit {
	v, _ := r.Context().Value(visitKey{}).(Visit)
	return v
}

// with returns the request with its visit, for FromRequest.
func (v Visit) with(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
}

// Visit returns the visit of any request: what Capture found, else what the
// cookie says or, where the click parameter holds one, a token. Of a token that is
// in an address all but the visitor counts: the address may have been copied.
func (h *Handler) Visit(r *http.Request) Visit {
	if v := FromRequest(r); v != (Visit{}) {
		return v
	}
	t, f := h.tenant(r)
	if f != nil {
		return Visit{}
	}
	now := t.eng.Now()
	if v, ok := h.signer.open(tokenKind, r.URL.Query().Get(h.cfg.ClickParam), now, h.cfg.TokenMaxAge); ok {
		v.Visitor = h.cookieVisit(r, now).Visitor // an address does not say who opens it
		return v
	}
	return h.cookieVisit(r, now)
}

// IssueToken returns a visit as signed text that is good for a short time: for
// flows without cookies, where it travels in a form or an address. Wherever a
// click id is taken, so is a token. In an address it ties its click to whichever
// browser opens that, as long as it is good.
func (h *Handler) IssueToken(eng *affiliate.Engine, v Visit) string {
	return h.signer.seal(tokenKind, v, eng.Now())
}

// VerifyToken returns the visit of a token, if it is genuine and has not expired.
func (h *Handler) VerifyToken(eng *affiliate.Engine, token string) (Visit, bool) {
	return h.signer.open(tokenKind, token, eng.Now(), h.cfg.TokenMaxAge)
}

// signed returns the visit that a token or the value of a cookie stands for.
func (h *Handler) signed(text string, now time.Time) (Visit, bool) {
	if v, ok := h.signer.open(tokenKind, text, now, h.cfg.TokenMaxAge); ok {
		return v, true
	}
	return h.signer.open(cookieKind, text, now, h.cfg.CookieMaxAge)
}

// consents reports whether cookies may be used.
func (h *Handler) consents(r *http.Request) bool { return h.cfg.Consent == nil || h.cfg.Consent(r) }

// cookieVisit returns what the cookie says, if it is genuine.
func (h *Handler) cookieVisit(r *http.Request, now time.Time) Visit {
	if !h.consents(r) {
		return Visit{}
	}
	for _, c := range r.CookiesNamed(h.cfg.CookieName) {
		if v, ok := h.signer.open(cookieKind, c.Value, now, h.cfg.CookieMaxAge); ok {
			return v
		}
	}
	return Visit{}
}

// remember sets the cookies of a visit, where that is allowed.
func (h *Handler) remember(w http.ResponseWriter, r *http.Request, v Visit, now time.Time) {
	if !h.consents(r) {
		return
	}
	if !program.ValidLinkKey(v.Visitor) { // the host's own, which would be no good in a cookie
		v.Visitor = ""
	}
	sealed := h.signer.seal(cookieKind, v, now)
	h.cookies.set(w, sealed)
	if h.cfg.ScriptCookie != "" {
		h.scriptCookies.set(w, "referral="+v.Referral+"&click="+url.QueryEscape(v.clickOr(sealed))+"&visitor="+v.Visitor)
	}
}

// forget clears the cookies.
func (h *Handler) forget(w http.ResponseWriter) {
	h.cookies.clear(w)
	if h.cfg.ScriptCookie != "" {
		h.scriptCookies.clear(w)
	}
	w.WriteHeader(http.StatusNoContent)
}

// cookieFrame is a cookie but for its value, as headers say it. The values it is
// given hold nothing that a header would not.
type cookieFrame struct{ before, after, cleared string }

func (c Config) cookieFrame(name string, httpOnly bool) cookieFrame {
	cookie := http.Cookie{
		Name: name, Path: "/", Domain: c.CookieDomain, MaxAge: int(c.CookieMaxAge.Seconds()),
		HttpOnly: httpOnly, Secure: !c.Insecure, SameSite: http.SameSiteLaxMode,
	}
	var f cookieFrame
	f.before, f.after, _ = strings.Cut(cookie.String(), ";")
	cookie.MaxAge = -1
	f.cleared = cookie.String()
	return f
}

func (f cookieFrame) set(w http.ResponseWriter, value string) { f.add(w, f.before+value+";"+f.after) }

func (f cookieFrame) clear(w http.ResponseWriter) { f.add(w, f.cleared) }

func (f cookieFrame) add(w http.ResponseWriter, text string) {
	if f.before != "" { // else the host's name is none, as http.SetCookie finds
		w.Header().Add("Set-Cookie", text)
	}
}

// minVisitor is how long an id must be that a script made for its visitor: a
// short one would be somebody else's, too.
const minVisitor = 16

// ownVisitor reports whether a script's own id can stand for its visitor.
func ownVisitor(id string) bool { return len(id) >= minVisitor && program.ValidLinkKey(id) }

// isVisit reports whether somebody is going there: not a HEAD, not a prefetch,
// not a preview of the link in a chat or a search engine.
func isVisit(r *http.Request) bool { return r.Method == http.MethodGet && !isAutomatic(r) }

// isAutomatic reports whether a program asks that no person has told to.
func isAutomatic(r *http.Request) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		for _, value := range r.Header[name] {
			value = strings.ToLower(value)
			if strings.Contains(value, "prefetch") || strings.Contains(value, "prerender") || strings.Contains(value, "preview") {
				return true
			}
		}
	}
	return isUnfurler(r.UserAgent())
}

// isEmbedded reports whether a page loads the address for itself, as an image or
// in a frame, where nobody has clicked. Browsers of these years say so. The script
// posts, which a browser calls "empty"; it knows itself whether it is in a frame.
func isEmbedded(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return r.Method != http.MethodPost && dest != "" && dest != "document"
}
