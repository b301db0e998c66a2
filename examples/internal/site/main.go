package site

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/goaffiliate/affiliate/examples/auth"
)

// Router makes a router out of a site.
type Router func(*Site) http.Handler

// Main is the main function of an example: it serves, or with -demo plays the
// story and exits.
func Main(name string, router Router) {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; links of an existing database go on leading to its first one")
	file := flag.String("db", "affiliate-"+name+".db", "database file")
	play := flag.Bool("demo", false, "play a story on a free port, check every amount, and exit")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *play {
		err = Demo(ctx, os.Stdout, name, router)
	} else {
		err = serve(ctx, *addr, router, Options{
			File: *file, APIKey: cmp.Or(os.Getenv("AFFILIATE_API_KEY"), rand.Text()), Secret: cmp.Or(os.Getenv("STRIPE_WEBHOOK_SECRET"), "whsec_"+rand.Text()),
			Mailer: &auth.Outbox{Print: os.Stdout}, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, addr string, router Router, opts Options) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	s, stop, err := Start(ctx, listener, router, opts)
	if err != nil {
		return err
	}
	fmt.Printf("shop     %s/\nlink     %s%s/r/ada\nportal   %s%s/portal   as ada@example.com; mails are printed here\n", s.Base, s.Base, s.Prefix, s.Base, s.Prefix)
	for done := false; !done; {
		select {
		case <-ctx.Done():
			done = true
		case <-s.Auth.Asked():
			if err := s.Auth.SendLinks(ctx); err != nil {
				opts.Logger.ErrorContext(ctx, "links not sent, and will be with the next", "error", err)
			}
		}
	}
	return stop()
}

// Start opens a site behind a listener. The function it returns closes it.
func Start(ctx context.Context, listener net.Listener, router Router, opts Options) (*Site, func() error, error) {
	opts.Base, opts.Prefix = "http://"+listener.Addr().String(), "/aff"
	s, err := Open(ctx, opts)
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	server := &http.Server{
		Handler: router(s), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: time.Minute, IdleTimeout: time.Minute,
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	stop := func() error {
		shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err := server.Shutdown(shutdown)
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return errors.Join(err, s.Close())
	}
	return s, stop, nil
}

// Demo plays the story on a free port and a database of its own, and returns an
// error unless everything is as it should be.
func Demo(ctx context.Context, out io.Writer, name string, router Router) (err error) {
	folder, err := os.MkdirTemp("", "affiliate-"+name+"-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	outbox := &auth.Outbox{}
	s, stop, err := Start(ctx, listener, router, Options{
		File: filepath.Join(folder, "site.db"), APIKey: "key_demo", Secret: "whsec_demo", Mailer: outbox, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	st := &story{Site: s, out: out, outbox: outbox}
	st.play(ctx)
	return errors.Join(st.err, stop())
}
