package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/storage/sqlite"
)

// previewPartner is whose portal the preview shows.
const previewPartner = "ada"

// preview shows portal and console to anybody, with sample data that was made for
// it. Nothing can be changed: requests that change something are not passed on, and
// the database takes no writes.
type preview struct {
	eng    *affiliate.Engine
	pages  *template.Template
	log    *slog.Logger
	tour   []stop
	inside http.Handler // portal and console
}

// servePreview runs the preview until the context ends.
func servePreview(ctx context.Context, addr string, opts options) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	base, end, err := startPreview(ctx, listener, opts)
	if err != nil {
		return err
	}
	fmt.Printf("preview  %s/   sample data, read-only, open to anybody\n", base)
	<-ctx.Done()
	return end()
}

// startPreview opens the preview behind a listener. The function it returns closes
// it, and deletes its data.
func startPreview(ctx context.Context, listener net.Listener, opts options) (base string, end func() error, err error) {
	folder, err := os.MkdirTemp("", "affiliate-preview-")
	if err != nil {
		return "", nil, errors.Join(err, listener.Close())
	}
	opts.file, opts.base = filepath.Join(folder, "preview.db"), baseOf(opts.base, listener)
	p, db, err := newPreview(ctx, opts)
	if err != nil {
		return "", nil, errors.Join(err, listener.Close(), os.RemoveAll(folder))
	}
	end = listen(ctx, listener, p.routes(), func() error { return errors.Join(db.Close(), os.RemoveAll(folder)) })
	return opts.base, end, nil
}

// newPreview fills a database and opens it again for reading. The clock stands
// still at that moment, so that the sample data stays as old as it was made.
func newPreview(ctx context.Context, opts options) (*preview, *sql.DB, error) {
	now := time.Now()
	opts.now, opts.sample = func() time.Time { return now }, true
	a, err := newApp(ctx, opts)
	if err != nil {
		return nil, nil, err
	}
	if _, err := a.eng.Settle(ctx, 0); err != nil {
		return nil, nil, errors.Join(err, a.db.Close())
	}
	return reopen(a)
}

// reopen closes a shop and opens its database for reading.
func reopen(a *app) (*preview, *sql.DB, error) {
	if err := a.db.Close(); err != nil {
		return nil, nil, err
	}
	db, err := openFile(a.file, "query_only(1)")
	if err != nil {
		return nil, nil, err
	}
	p := &preview{pages: a.pages, log: a.log, tour: tour()}
	if err := p.connect(db, a.base, a.now); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return p, db, nil
}

func (p *preview) connect(db *sql.DB, base string, now func() time.Time) error {
	store, err := sqlite.New(db, sqlite.Config{})
	if err != nil {
		return err
	}
	if p.eng, err = affiliate.New(store, affiliate.Config{Now: now, Logger: p.log}); err != nil {
		return err
	}
	key := []byte(newID("") + newID(""))
	partner, err := portal.New(p.eng, portal.Config{
		Authenticate: func(*http.Request) (string, error) { return previewPartner, nil },
		Key:          key, BaseURL: base, Insecure: insecure(base), Brand: portal.Brand{Name: "Margin Notes", HomeURL: "/"}, Logger: p.log,
	})
	if err != nil {
		return err
	}
	owner, err := console.New(p.eng, console.Config{
		Authenticate: func(*http.Request) (affiliatehttp.Principal, error) {
			return affiliatehttp.Principal{Organization: p.eng.Organization(), Role: affiliatehttp.RoleOwner}, nil
		},
		Key: key, BaseURL: base, PortalURL: base + "/portal", Insecure: insecure(base), Logger: p.log,
		Brand: console.Brand{Name: "Margin Notes", HomeURL: "/"},
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	for _, path := range []string{"/portal", "/portal/", "/v1/portal/"} {
		mux.Handle(path, partner)
	}
	for _, path := range []string{"/admin", "/admin/"} {
		mux.Handle(path, owner)
	}
	p.inside = mux
	return nil
}

func (p *preview) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { p.show(w, r, http.StatusOK, "guide") })
	mux.HandleFunc("GET /style.css", style)
	mux.HandleFunc("GET /preview.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "pages/preview.css") })
	mux.HandleFunc("GET /r/", p.refuse) // a link records a click
	mux.Handle("/", p.banner(p.inside))
	return p.readOnly(mux)
}

// readOnly refuses what would change something. The choice between light and dark
// is a cookie of the visitor's own.
func (p *preview) readOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		theme := r.URL.Path == "/portal/theme" || r.URL.Path == "/admin/theme"
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !theme {
			p.refuse(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (p *preview) refuse(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusForbidden, "refused")
}

// show renders one of the preview's own pages.
func (p *preview) show(w http.ResponseWriter, r *http.Request, status int, page string) {
	var body bytes.Buffer
	if err := p.pages.ExecuteTemplate(&body, page, map[string]any{"Tour": p.tour, "Day": p.eng.Now()}); err != nil {
		p.log.ErrorContext(r.Context(), "page not rendered", "page", page, "error", err)
		http.Error(w, "Something went wrong; it has been logged.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // a browser that is gone needs no page
}

// banner puts the banner on top of every page, with what there is to see on it and
// where the tour goes on.
func (p *preview) banner(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := &held{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(page, r)
		text := page.body.String()
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			var banner bytes.Buffer
			if err := p.pages.ExecuteTemplate(&banner, "banner", p.at(r.URL.Path)); err != nil {
				p.log.ErrorContext(r.Context(), "banner not rendered", "error", err)
			}
			text = strings.Replace(text, "</head>", `<link rel="stylesheet" href="/preview.css"></head>`, 1)
			text = strings.Replace(text, `<div class="frame`, banner.String()+`<div class="frame`, 1)
			w.Header().Del("Content-Length")
		}
		w.WriteHeader(page.status)
		_, _ = w.Write([]byte(text)) // a browser that is gone needs no page
	})
}

// held is an answer that is not sent yet.
type held struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *held) WriteHeader(status int)         { h.status = status }
func (h *held) Write(data []byte) (int, error) { return h.body.Write(data) }
