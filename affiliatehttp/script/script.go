package script

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	_ "embed" // the script
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:generate go run github.com/goaffiliate/affiliate/internal/browser/buildscript .

//go:embed affiliate.min.js
var code string

// Handler serves the script. Its text is made by New, and compressed once, for
// the first browser that takes it compressed.
type Handler struct {
	started file // begins at once
	waiting file // begins with the visitor's consent
	consent func(*http.Request) bool
}

// file is the script with its settings in front.
type file struct {
	plain     []byte
	packed    func() []byte // by gzip, when it is first asked for
	version   string
	integrity string
}

// New returns the script of a server. The error unwraps to
// affiliate.ErrInvalidInput and names every field that cannot be used. Hosts get
// theirs from affiliatehttp's Handler.Script.
func New(cfg Config, server Server) (*Handler, error) {
	s := cfg.settings(server)
	if err := s.check(); err != nil {
		return nil, err
	}
	h := &Handler{consent: server.Consent}
	var err error
	if h.started, err = newFile(s); err != nil {
		return nil, err
	}
	s.Consent = true
	h.waiting, err = newFile(s)
	return h, err
}

func newFile(s settings) (file, error) {
	constant, err := s.constant()
	if err != nil {
		return file{}, err
	}
	// A browser that lacks something must not report an error on the page.
	text := "try{" + string(constant) + strings.TrimSpace(code) + "}catch{}\n"
	short, long := sha256.Sum256([]byte(text)), sha512.Sum384([]byte(text))
	return file{
		plain: []byte(text), packed: sync.OnceValue(func() []byte { return pack(text) }), version: hex.EncodeToString(short[:8]),
		integrity: "sha384-" + base64.StdEncoding.EncodeToString(long[:]),
	}, nil
}

// pack compresses a text. Nothing can fail: the level exists and a buffer takes
// all that is written.
func pack(text string) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

// Version names these bytes. An address that ends in ?v= and the version may be
// cached for ever, unless each visitor's consent is asked for.
func (h *Handler) Version() string { return h.started.version }

// Integrity is the value of a script element's integrity attribute. It changes
// with every release and setting, so take it from here.
func (h *Handler) Integrity() string {
	if h.consent == nil {
		return h.started.integrity
	}
	return h.started.integrity + " " + h.waiting.integrity // browsers take either
}

// Caching of an address with the right version, of any other, and where the
// answer depends on the visitor's consent.
const (
	forever = "public, max-age=31536000, immutable"
	briefly = "public, max-age=300"
	never   = "private, no-cache"
)

// ServeHTTP answers GET and HEAD at any path. Other sites and sub-domains may
// load the script, too.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are answered here.", http.StatusMethodNotAllowed)
		return
	}
	header.Set("Content-Type", "text/javascript; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Access-Control-Allow-Origin", "*") // for integrity on a sub-domain
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Vary", "Accept-Encoding")
	f := h.started
	switch {
	case h.consent != nil:
		header.Set("Cache-Control", never)
		if !h.consent(r) {
			f = h.waiting
		}
	case r.URL.Query().Get("v") == f.version:
		header.Set("Cache-Control", forever)
	default:
		header.Set("Cache-Control", briefly)
	}
	body, tag := f.plain, f.version
	if takesGzip(r.Header.Values("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
		body, tag = f.packed(), f.version+"-gzip"
	}
	header.Set("ETag", strconv.Quote(tag))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// takesGzip reports whether a client accepts gzip: it or * is listed, and not
// with a weight of zero.
func takesGzip(values []string) bool {
	takes := false
	for _, item := range strings.Split(strings.ToLower(strings.Join(values, ",")), ",") {
		coding, params, _ := strings.Cut(item, ";")
		coding = strings.TrimSpace(coding)
		weight, weighted := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		wanted := !weighted || strings.Trim(weight, "0.") != ""
		switch coding {
		case "gzip":
			return wanted
		case "*":
			takes = wanted
		}
	}
	return takes
}
