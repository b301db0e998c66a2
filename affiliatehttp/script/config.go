package script

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/problem"
)

// Defaults of Config.
const (
	DefaultGlobal       = "Affiliate"
	DefaultClickParam   = "cref"
	DefaultCookieName   = "aff_ref"
	DefaultCookieMaxAge = 365 * 24 * time.Hour
)

// Config holds what the script may be told. Its zero value is ready to use.
// All of it is public: it is served to every visitor. What the script shares with
// the handlers that it calls is in Server.
type Config struct {
	// Global is the name of the script's object in window. Default:
	// DefaultGlobal.
	Global string

	// Aliases are further names for the same object, so that a page which reads
	// another vendor's keeps working. A name that is taken is left alone.
	Aliases []string

	// CookieName names the script's cookie, and its item in local storage. It
	// must be another one than the server's own cookie, which no script can
	// write. Default: DefaultCookieName.
	CookieName string

	// CookieDomain is the domain that shares the cookie. Default: the widest one
	// that the browser permits, which it is asked on the visitor's side.
	CookieDomain string

	// CookieMaxAge is how long the cookie lives after the last click. Browsers
	// keep no cookie beyond 400 days, and some drop those of scripts after 7.
	// Default: DefaultCookieMaxAge.
	CookieMaxAge time.Duration

	// PaymentHosts are hosts of payment links beside Stripe's own, such as a
	// custom domain: exact names without a port.
	PaymentHosts []string

	// APIBase is where v1/track/... is found: a path, or an address with scheme
	// and host. Default: the folder from which the page loaded the script.
	APIBase string
}

// Server holds the settings that the script shares with the handlers that it
// calls. affiliatehttp.New fills it in from its own Config, so the two agree.
type Server struct {
	// Consent reports whether the visitor agreed to cookies. It is asked each time
	// the script is loaded. Where it returns false, the script neither stores nor
	// sends anything before the page calls consent(true). Nil: always.
	Consent func(*http.Request) bool

	// CodeParams are the query parameters that may carry a referral code; the
	// first that has one counts. Default: aff, via and ref.
	CodeParams []string

	// ClickParam is the query parameter in which a redirect hands over the id of
	// its click. Default: DefaultClickParam.
	ClickParam string

	// Cookie is the name of the server's readable cookie, which is
	// affiliatehttp's Config.ScriptCookie. It is read where the script's own is
	// gone: Safari keeps what scripts store for 7 days, and what a server sets for
	// as long as it says. Default: none.
	Cookie string

	// Events are the names that track takes. Default: none.
	Events []string
}

// stripeHosts serve payment links; the text of the button decides which.
func stripeHosts() []string {
	return []string{"buy.stripe.com", "book.stripe.com", "donate.stripe.com"}
}

// settings is what the script reads, under names of one letter: each visitor loads
// them.
type settings struct {
	Global  string   `json:"g"`
	Aliases []string `json:"a"`
	Params  []string `json:"p"`
	Click   string   `json:"i"`
	Consent bool     `json:"w,omitempty"`
	Cookie  string   `json:"c"`
	Server  string   `json:"s,omitempty"`
	Domain  string   `json:"d,omitempty"`
	Age     int64    `json:"m"` // seconds
	Hosts   []string `json:"h"`
	API     string   `json:"b"` // ends in a slash
	Tracks  []string `json:"e"`
}

func (c Config) settings(server Server) settings {
	s := settings{
		Global: or(c.Global, DefaultGlobal), Aliases: list(c.Aliases), Params: list(server.CodeParams), Click: or(server.ClickParam, DefaultClickParam),
		Cookie: or(c.CookieName, DefaultCookieName), Server: server.Cookie, Domain: strings.TrimPrefix(c.CookieDomain, "."),
		Age: int64(c.CookieMaxAge.Seconds()), Hosts: stripeHosts(), API: strings.TrimSuffix(or(c.APIBase, "."), "/") + "/", Tracks: list(server.Events),
	}
	if server.CodeParams == nil {
		s.Params = []string{"aff", "via", "ref"}
	}
	if c.CookieMaxAge == 0 {
		s.Age = int64(DefaultCookieMaxAge.Seconds())
	}
	for _, host := range c.PaymentHosts {
		s.Hosts = append(s.Hosts, strings.ToLower(host))
	}
	return s
}

// check returns every problem of the settings, by the field of Config or Server.
func (s settings) check() error {
	var problems problem.List
	refuse := func(bad bool, field, message string) {
		if bad {
			problems.Add(field, "%s", message)
		}
	}
	refuse(!validGlobal(s.Global), "global", "must be the name of a new variable")
	for i, alias := range s.Aliases {
		refuse(!validGlobal(alias), fmt.Sprintf("aliases[%d]", i), "must be the name of a new variable")
	}
	for i, name := range s.Params {
		refuse(name == "", fmt.Sprintf("codeParams[%d]", i), "must not be empty")
	}
	refuse(slices.Contains(s.Params, s.Click), "clickParam", "must not be one of the codeParams")
	refuse(!validCookie(s.Cookie, ""), "cookieName", "must be the name of a cookie")
	refuse(!validCookie("x", s.Domain), "cookieDomain", "must be a domain")
	refuse(s.Server != "" && !validCookie(s.Server, ""), "cookie", "must be the name of a cookie")
	refuse(s.Server == s.Cookie, "cookieName", "must not be the server's cookie, which the script would overwrite")
	refuse(s.Age <= 0, "cookieMaxAge", "must be a second or more")
	for i, host := range s.Hosts[len(stripeHosts()):] {
		u, err := url.Parse("https://" + host + "/")
		refuse(err != nil || host == "" || u.Hostname() != host, fmt.Sprintf("paymentHosts[%d]", i), "must be the name of a host, without a scheme or a port")
	}
	refuse(!validBase(s.API), "apiBase", "must be a path or an http address")
	for i, name := range s.Tracks {
		refuse(name == "", fmt.Sprintf("events[%d]", i), "must not be empty")
	}
	return problems.Err(affiliate.ErrInvalidInput)
}

func validCookie(name, domain string) bool {
	return (&http.Cookie{Name: name, Value: "x", Domain: domain}).Valid() == nil
}

// constant returns the settings as JavaScript that goes before the script. JSON
// is JavaScript, and this encoder escapes what could end a script or a line.
func (s settings) constant() ([]byte, error) {
	value, err := json.Marshal(s)
	return append([]byte("const config="), append(value, ';')...), err
}

// validGlobal reports whether a name can be given to a new property of window,
// which has some that nobody may overwrite or that lead away from the page.
func validGlobal(name string) bool {
	if name == "" || '0' <= name[0] && name[0] <= '9' {
		return false
	}
	if slices.Contains([]string{"window", "document", "location", "top", "self", "name", "status", "opener"}, name) {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		return !letter && (r < '0' || r > '9') && r != '_' && r != '$'
	})
}

func validBase(base string) bool {
	u, err := url.Parse(base)
	if err != nil || u.RawQuery != "" || u.Fragment != "" || u.User != nil || u.Opaque != "" {
		return false
	}
	if u.Scheme == "" && u.Host == "" {
		return base == "./" || strings.HasPrefix(base, "/")
	}
	return (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// list returns a copy that JSON never writes as null.
func list(values []string) []string { return append([]string{}, values...) }
