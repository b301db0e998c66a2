package affiliatehttp

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
)

// Defaults of Config.
const (
	DefaultCookieName   = "aff_visitor"
	DefaultClickParam   = "cref"
	DefaultCookieMaxAge = 365 * 24 * time.Hour
	DefaultClickTimeout = time.Second
)

// Config holds what a Handler may be told. Its zero value serves the public
// routes and answers 401 on all others.
type Config struct {
	// Authenticate says who calls a server-to-server route: typically it looks
	// up an API key, comparing in constant time. An error is answered with 401,
	// one that is ErrForbidden with 403. Nil lets nobody in.
	Authenticate func(*http.Request) (Principal, error)

	// CookieName names the first-party cookie that holds the visitor's id.
	// Default: DefaultCookieName.
	CookieName string

	// CookieMaxAge is how long the cookie lives after each click. Browsers keep
	// no cookie beyond 400 days. Default: DefaultCookieMaxAge.
	CookieMaxAge time.Duration

	// CookieDomain widens the cookie to the sub-domains of a site. Default: the
	// host of the request only.
	CookieDomain string

	// Insecure leaves out the cookie's Secure attribute, for http://localhost.
	Insecure bool

	// ClickParam is the query parameter that carries the click id to the
	// destination. Default: DefaultClickParam.
	ClickParam string

	// ClickTimeout is how long a redirect waits for the store before it goes on
	// without a click. Default: DefaultClickTimeout.
	ClickTimeout time.Duration

	// NewVisitorID makes the ids of visitors: 1 to 64 characters of A–Z, a–z,
	// 0–9, _ and -, that nobody can guess. Default: UUIDv7.
	NewVisitorID func() string

	// Logger gets what an answer does not tell: lost clicks and failures of the
	// store. No personal data is ever logged. Default: discard.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.CookieName == "" {
		c.CookieName = DefaultCookieName
	}
	if c.CookieMaxAge == 0 {
		c.CookieMaxAge = DefaultCookieMaxAge
	}
	if c.ClickParam == "" {
		c.ClickParam = DefaultClickParam
	}
	if c.ClickTimeout == 0 {
		c.ClickTimeout = DefaultClickTimeout
	}
	if c.NewVisitorID == nil {
		c.NewVisitorID = newVisitorID
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// newVisitorID returns a UUIDv7, whose 74 random bits nobody guesses. Reading
// randomness does not fail on the platforms that Go supports.
func newVisitorID() string { return uuid.Must(uuid.NewV7()).String() }

// Handler serves one Engine over HTTP. Its methods are safe for concurrent use.
type Handler struct {
	eng *affiliate.Engine
	cfg Config

	lost  atomic.Int64
	known atomic.Pointer[program.Setup] // the last set-up that could be read
}

// New returns the handlers of an Engine.
func New(eng *affiliate.Engine, cfg Config) *Handler {
	return &Handler{eng: eng, cfg: cfg.withDefaults()}
}

// Routes serves every handler of this package at its path in docs/http.md, and
// answers 404 elsewhere.
func (h *Handler) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/r/{link}", h.Redirect)
	mux.HandleFunc("/v1/conversions", h.RecordConversion)
	mux.HandleFunc("/v1/conversions/{externalId}", h.Conversion)
	mux.HandleFunc("/v1/identify", h.Identify)
	mux.HandleFunc("/v1/refunds", h.RecordRefund)
	mux.HandleFunc("/v1/track/sale", h.TrackSale)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { notFound("no such route").write(w) })
	return mux
}
