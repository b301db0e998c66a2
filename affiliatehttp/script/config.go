package script

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Defaults of Config.
const (
	DefaultGlobal       = "Affiliate"
	DefaultClickParam   = "cref"
	DefaultCookieName   = "aff_ref"
	DefaultCookieMaxAge = 365 * 24 * time.Hour
)

// Config holds what the script may be told. Its zero value is ready to use.
// All of it is public: it is served to every visitor.
type Config struct {
	// Global is the name of the script's object in window. Default:
	// DefaultGlobal.
	Global string

	// Aliases are further names for the same object, so that a page which reads
	// another vendor's keeps working. A name that is taken is left alone.
	Aliases []string

	// Params are the query parameters that may carry a referral code; the first
	// that has one counts. Default: aff, via and ref.
	Params []string

	// ClickParam is the query parameter in which a redirect hands over the id of
	// its click. Default: DefaultClickParam.
	ClickParam string

	// RequireConsent lets the script neither store nor send anything before the
	// page calls consent(true).
	RequireConsent bool

	// CookieName names the script's cookie, and its item in local storage. It
	// must be another one than the server's own cookie, which no script can
	// write. Default: DefaultCookieName.
	CookieName string

	// ServerCookie is the name of the server's readable cookie, which is
	// affiliatehttp's Config.ScriptCookie. It is read where the script's own is
	// gone: Safari keeps what scripts store for 7 days, and what a server sets for
	// as long as it says. Default: none.
	ServerCookie string

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

	// Tracks are the names that track takes. Default: none.
	Tracks []string
}

// stripeHosts serve payment links; the text of the button decides which.
func stripeHosts() []string {
	return []string{"buy.stripe.com", "book.stripe.com", "donate.stripe.com"}
}

// settings is what the script reads, under short names.
type settings struct {
	Global  string   `json:"global"`
	Aliases []string `json:"aliases"`
	Params  []string `json:"params"`
	Click   string   `json:"click"`
	Consent bool     `json:"consent,omitempty"`
	Cookie  string   `json:"cookie"`
	Server  string   `json:"server,omitempty"`
	Domain  string   `json:"domain,omitempty"`
	Age     int64    `json:"age"` // seconds
	Hosts   []string `json:"hosts"`
	API     string   `json:"api"` // ends in a slash
	Tracks  []string `json:"tracks"`
}

func (c Config) settings() settings {
	s := settings{
		Global: or(c.Global, DefaultGlobal), Aliases: list(c.Aliases), Params: list(c.Params), Click: or(c.ClickParam, DefaultClickParam),
		Consent: c.RequireConsent, Cookie: or(c.CookieName, DefaultCookieName), Server: c.ServerCookie, Domain: strings.TrimPrefix(c.CookieDomain, "."),
		Age: int64(c.CookieMaxAge.Seconds()), Hosts: stripeHosts(), API: strings.TrimSuffix(or(c.APIBase, "."), "/") + "/", Tracks: list(c.Tracks),
	}
	if len(s.Params) == 0 {
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

func (s settings) check() error {
	var problems []error
	refuse := func(bad bool, field, value, why string) {
		if bad {
			problems = append(problems, fmt.Errorf("script: %s %q %s", field, value, why))
		}
	}
	refuse(!validGlobal(s.Global), "Global", s.Global, "is not the name of a new variable")
	for _, alias := range s.Aliases {
		refuse(!validGlobal(alias), "Aliases", alias, "is not the name of a new variable")
	}
	refuse(slices.Contains(s.Params, ""), "Params", "", "is empty")
	refuse(slices.Contains(s.Params, s.Click), "ClickParam", s.Click, "is also one of Params")
	cookie := http.Cookie{Name: s.Cookie, Value: "x", Domain: s.Domain}
	if err := cookie.Valid(); err != nil {
		problems = append(problems, fmt.Errorf("script: CookieName or CookieDomain: %w", err))
	}
	refuse(s.Server != "" && (&http.Cookie{Name: s.Server, Value: "x"}).Valid() != nil, "ServerCookie", s.Server, "is not the name of a cookie")
	refuse(s.Server == s.Cookie, "ServerCookie", s.Server, "is also CookieName, which the script writes")
	refuse(s.Age <= 0, "CookieMaxAge", fmt.Sprint(s.Age, "s"), "must be a second or more")
	for _, host := range s.Hosts {
		u, err := url.Parse("https://" + host + "/")
		refuse(err != nil || host == "" || u.Hostname() != host, "PaymentHosts", host, "is not the name of a host")
	}
	refuse(!validBase(s.API), "APIBase", s.API, "is neither a path nor an http address")
	refuse(slices.Contains(s.Tracks, ""), "Tracks", "", "is empty")
	return errors.Join(problems...)
}

// constant returns the settings as JavaScript that goes before the script. JSON
// is JavaScript, and this encoder escapes what could end a script or a line.
func (s settings) constant() ([]byte, error) {
	value, err := json.Marshal(s)
	return append([]byte("const affiliateConfig="), append(value, ';')...), err
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
