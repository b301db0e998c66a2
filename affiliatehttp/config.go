package affiliatehttp

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/script"
	"github.com/goaffiliate/affiliate/internal/problem"
)

// Defaults of Config.
const (
	DefaultCookieName   = "aff_visitor"
	DefaultClickParam   = "cref"
	DefaultCookieMaxAge = 365 * 24 * time.Hour
	DefaultTokenMaxAge  = time.Hour
	DefaultTieMaxAge    = 30 * time.Minute
	DefaultClickTimeout = time.Second
	DefaultClickWindow  = time.Hour
)

// Config holds what a Handler may be told. Its zero value serves the public
// routes and answers 401 on all others.
type Config struct {
	// Authenticate says who calls a route that is not public: typically it looks up
	// an API key of the host's servers, comparing in constant time, or a session of
	// the owner. An error is answered with 401, one that is ErrForbidden with 403.
	// Nil lets nobody in. The key of a postback comes as "Authorization: Bearer
	// <key>", too.
	Authenticate func(*http.Request) (Principal, error)

	// Resolve picks the Engine of a request, for hosts with many organizations:
	// by host name, say. affiliate.ErrNotFound is answered with 404, any other
	// error with 503. Nil: the Engine that New was given.
	Resolve func(*http.Request) (*affiliate.Engine, error)

	// Keys sign cookies and tokens. Each has at least 32 random bytes; New refuses
	// a shorter one. To make one, run
	//
	//	openssl rand -hex 32
	//
	// and keep it as a secret of the host: whoever knows it can forge visits. The
	// first key signs; all are accepted, so a new key goes in front and the old one
	// goes when what it signed has expired. Without keys, one is made that is
	// forgotten at the end of the process, and all cookies with it.
	Keys [][]byte

	// Consent reports whether the visitor agreed to cookies. Where it returns
	// false, none is read and none is set, on any route, and the script waits until
	// the page calls consent(true). The script's calls, below /v1/track/, come only
	// then, so a host that keeps no record of the consent may return true for them.
	// Nil: always.
	Consent func(*http.Request) bool

	// Script holds the settings of the tracking script alone; see Handler.Script.
	// Its zero value is ready to use.
	Script script.Config

	// CookieName names the signed first-party cookie that holds the visitor and
	// the last click. Scripts cannot read it. Default: DefaultCookieName.
	CookieName string

	// ScriptCookie names a second cookie that scripts can read, with the referral
	// code, the click and the visitor as a query: "referral=…&click=…&visitor=…".
	// Nothing that it says is believed. Default: none.
	ScriptCookie string

	// CookieMaxAge is how long the cookies live after each click, whatever the
	// attribution window is. Browsers keep none beyond 400 days. Default:
	// DefaultCookieMaxAge.
	CookieMaxAge time.Duration

	// CookieDomain widens the cookies to the sub-domains of a site. Default: the
	// host of the request only.
	CookieDomain string

	// Insecure leaves out the cookies' Secure attribute, for http://localhost.
	Insecure bool

	// TokenMaxAge is how long a token of IssueToken is accepted. Default:
	// DefaultTokenMaxAge.
	TokenMaxAge time.Duration

	// ClickParam is the query parameter that carries the click id to the
	// destination. Default: DefaultClickParam.
	ClickParam string

	// TieMaxAge is how old a click may be for ClickParam to tie it to a browser that
	// has no cookie of it. An address that is copied, or opened again later, ties
	// nothing. Default: DefaultTieMaxAge.
	TieMaxAge time.Duration

	// CodeParams are the query parameters that carry a referral code to any page,
	// first found first used. Default: aff, via, ref.
	CodeParams []string

	// ClickTimeout is how long a redirect waits for the store before it goes on
	// without a click. Default: DefaultClickTimeout.
	ClickTimeout time.Duration

	// ClickWindow is for how long another visit by the same visitor through the
	// same link is still the same click. Negative: each visit is a click of its
	// own. Default: DefaultClickWindow.
	ClickWindow time.Duration

	// Queue is how many clicks may wait in memory for Flush or Run to store them.
	// That many are lost if the process is killed. A click that finds the queue
	// full is stored before it is answered. Default: 0, so all of them are.
	Queue int

	// ClientIP says where a request comes from; behind a proxy it is needed for the
	// limits below, see Forwarded and docs/guides/behind-a-proxy.md. An address that
	// is not valid is limited by nothing. Default: RemoteIP, unless a proxy of this
	// machine or a private network forwards the request: then the address is not
	// known, and the log says so once.
	ClientIP func(*http.Request) netip.Addr

	// Origins are the sites whose pages may call the script's routes, as browsers
	// write them: "https://www.example.com". The site of the handlers itself
	// always may.
	Origins []string

	// BrowserLimit bounds the calls of the script's routes by one network (an IPv4
	// /24 or an IPv6 /48), LeadLimit those of leads beyond it. VelocityLimit is how
	// many clicks on one link from one network are plausible: those beyond it are
	// suspect, and what they earn starts under review. Defaults: 240 a minute, 20 a
	// minute, 120 a minute.
	BrowserLimit  Limit
	LeadLimit     Limit
	VelocityLimit Limit

	// Events are the types of conversions that a page may report by itself, without
	// an amount, once for each click. A browser can make them up: pay for one only
	// what a made-up one may cost. Default: none.
	Events []string

	// Mount are handlers of other packages, or of the host's own, that Routes serves
	// beside these, by pattern: a webhook, the portal.
	Mount map[string]http.Handler

	// TrustLeads says that nobody can guess the host's customer keys (random ones,
	// not 1001, 1002 …). A sign-up that a browser told of then needs no further
	// proof than that the server speaks of the same customer. By default the server
	// must name something that only the honest browser shares with it, such as the
	// click, or vouch for the customer: see SignCustomer.
	TrustLeads bool

	// NewVisitorID makes the ids of visitors: 16 to 64 characters of A–Z, a–z,
	// 0–9, _ and -, that nobody can guess. Default: UUIDv7.
	NewVisitorID func() string

	// Logger gets what an answer does not tell: lost clicks and failures of the
	// store. No personal data is ever logged. Default: discard.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	c.CookieName = cmp.Or(c.CookieName, DefaultCookieName)
	c.CookieMaxAge = cmp.Or(c.CookieMaxAge, DefaultCookieMaxAge)
	c.TokenMaxAge = cmp.Or(c.TokenMaxAge, DefaultTokenMaxAge)
	c.TieMaxAge = cmp.Or(c.TieMaxAge, DefaultTieMaxAge)
	c.ClickParam = cmp.Or(c.ClickParam, DefaultClickParam)
	c.ClickTimeout = cmp.Or(c.ClickTimeout, DefaultClickTimeout)
	c.ClickWindow = cmp.Or(c.ClickWindow, DefaultClickWindow)
	c.BrowserLimit = cmp.Or(c.BrowserLimit, Limit{PerMinute: 240, Burst: 120})
	c.LeadLimit = cmp.Or(c.LeadLimit, Limit{PerMinute: 20, Burst: 20})
	c.VelocityLimit = cmp.Or(c.VelocityLimit, Limit{PerMinute: 120, Burst: 60})
	if c.CodeParams == nil {
		c.CodeParams = []string{"aff", "via", "ref"}
	}
	if c.NewVisitorID == nil {
		c.NewVisitorID = newID
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// minKey is how many bytes a key must have: as many as a SHA-256 MAC, so that
// nobody can guess one.
const minKey = 32

// check adds every problem of a Config with its defaults, by field. Those of what
// the script is told, too, are found by package script.
func (c Config) check(list *problem.List) {
	for i, key := range c.Keys {
		if len(key) < minKey {
			list.Add(fmt.Sprintf("keys[%d]", i), "must have at least %d bytes; make one with: openssl rand -hex 32", minKey)
		}
	}
	refuse := func(bad bool, field, message string) {
		if bad {
			list.Add(field, "%s", message)
		}
	}
	refuse((&http.Cookie{Name: c.CookieName, Value: "x"}).Valid() != nil, "cookieName", "must be the name of a cookie")
	refuse(c.ScriptCookie == c.CookieName, "scriptCookie", "must not be cookieName, which scripts cannot read")
	refuse(cmp.Or(c.Script.CookieName, script.DefaultCookieName) == c.CookieName, "script.cookieName", "must not be cookieName, which scripts cannot write")
	refuse((&http.Cookie{Name: "x", Value: "x", Domain: c.CookieDomain}).Valid() != nil, "cookieDomain", "must be a domain")
	refuse(c.CookieMaxAge < time.Second, "cookieMaxAge", "must be a second or more")
	refuse(c.TokenMaxAge < 0, "tokenMaxAge", "must not be negative")
	refuse(c.TieMaxAge < 0, "tieMaxAge", "must not be negative")
	refuse(c.ClickTimeout < 0, "clickTimeout", "must not be negative")
	refuse(c.Queue < 0, "queue", "must not be negative")
	for i, origin := range c.Origins {
		u, err := url.Parse(origin)
		bad := err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin
		refuse(bad, fmt.Sprintf("origins[%d]", i), "must be a scheme and a host, like https://www.example.com")
	}
	for _, pattern := range slices.Sorted(maps.Keys(c.Mount)) {
		refuse(c.Mount[pattern] == nil, fmt.Sprintf("mount[%s]", pattern), "must not be nil")
		refuse(pattern == scriptPath, fmt.Sprintf("mount[%s]", pattern), "is served by Routes; its settings are script")
	}
}

// newScript returns the script of a Config with its defaults, and adds every
// problem of its settings.
func (c Config) newScript(list *problem.List) *script.Handler {
	h, err := script.New(c.Script, script.Server{
		Consent: c.Consent, CodeParams: c.CodeParams, ClickParam: c.ClickParam, Cookie: c.ScriptCookie, Events: c.Events,
	})
	found := affiliate.Problems(err)
	if err != nil && found == nil {
		list.Add("script", "%v", err)
	}
	for _, p := range found {
		switch name, _, _ := strings.Cut(p.Field, "["); name {
		case "codeParams", "clickParam", "events":
		case "cookie":
			p.Field = "scriptCookie"
		default:
			p.Field = "script." + p.Field
		}
		*list = append(*list, problem.Problem(p))
	}
	return h
}

// newID returns a UUIDv7, whose 74 random bits nobody guesses. Reading
// randomness does not fail on the platforms that Go supports.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
