package affiliatehttp

import (
	"net/http"
	"strings"

	"github.com/goaffiliate/affiliate/program"
)

// Visit is what a request tells of where its visitor came from. Both ids come
// from the browser: use them to identify the customer who sends them, and for
// nothing else.
type Visit struct {
	Visitor string // from the cookie; empty before the first click
	Click   string // from the query of a landing page
}

// Visit returns what the cookie and the query of a request say, for the host's
// own handlers: a sign-up passes it to Engine.Identify.
func (h *Handler) Visit(r *http.Request) Visit {
	v := Visit{Visitor: h.visitorOf(r)}
	if click := r.URL.Query().Get(h.cfg.ClickParam); program.ValidLinkKey(click) {
		v.Click = click
	}
	return v
}

// visitorOf returns the visitor id of the cookie, or nothing.
func (h *Handler) visitorOf(r *http.Request) string {
	for _, c := range r.CookiesNamed(h.cfg.CookieName) {
		if program.ValidLinkKey(c.Value) {
			return c.Value
		}
	}
	return ""
}

// visitor returns the id of the visitor, a new one at the first click, and
// prolongs the cookie.
func (h *Handler) visitor(w http.ResponseWriter, r *http.Request) string {
	id := h.visitorOf(r)
	if id == "" {
		id = h.cfg.NewVisitorID()
	}
	http.SetCookie(w, &http.Cookie{
		Name: h.cfg.CookieName, Value: id, Path: "/", Domain: h.cfg.CookieDomain, MaxAge: int(h.cfg.CookieMaxAge.Seconds()),
		HttpOnly: true, Secure: !h.cfg.Insecure, SameSite: http.SameSiteLaxMode,
	})
	return id
}

// isVisit reports whether somebody is going there: not a HEAD, not a prefetch,
// not a preview of the link in a chat or a search engine.
func isVisit(r *http.Request) bool {
	if r.Method != http.MethodGet {
		return false
	}
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		value := strings.ToLower(r.Header.Get(name))
		if strings.Contains(value, "prefetch") || strings.Contains(value, "prerender") || strings.Contains(value, "preview") {
			return false
		}
	}
	return !isUnfurler(r.UserAgent())
}

// isUnfurler reports whether the user agent is one of the programs that fetch
// links to show or index them. Most say where to read about them, which no
// browser does. In-app browsers, which carry the name of their app, are
// visitors, and so is a phone of the brand Cubot.
func isUnfurler(userAgent string) bool {
	agent := strings.ToLower(userAgent)
	for _, name := range []string{"whatsapp/", "viber/", "tumblr/"} {
		if strings.HasPrefix(agent, name) {
			return true
		}
	}
	for _, mark := range []string{
		"+http", "bot/", "crawler", "spider", "slackbot", "slack-imgproxy", "twitterbot", "facebookexternalhit", "facebot",
		"facebookcatalog", "meta-externalagent", "telegrambot", "discordbot", "linkedinbot", "skypeuripreview", "microsoftpreview",
		"pinterestbot", "redditbot", "vkshare", "iframely", "embedly", "bitlybot", "cardyb", "googlebot", "google-inspectiontool",
		"google-read-aloud", "google-pagerenderer", "apis-google", "bingbot", "bingpreview", "applebot", "yandexbot", "yandex.com/bots",
		"baiduspider", "duckduckbot", "slurp", "ia_archiver", "petalbot", "quora link preview", "rogerbot", "flipboardproxy",
		"w3c_validator",
	} {
		if strings.Contains(agent, mark) {
			return true
		}
	}
	return false
}
