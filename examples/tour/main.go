// Command tour is a small SaaS on net/http that pays the partners who bring
// it customers. It sells one subscription, keeps its orders in SQLite, and lets
// the affiliate library use the same database.
//
//	go run ./examples/tour           serves http://127.0.0.1:8080, with a year of sample data
//	go run ./examples/tour -empty    the same, with two partners and nothing else
//	go run ./examples/tour -preview  shows portal and console to anybody, read-only
//	go run ./examples/tour -demo     plays the whole story against itself
//
// AFFILIATE_API_KEY is the key of a server, which tells /v1 of conversions and
// refunds. AFFILIATE_OWNER_KEY is the key of the owner, for programs, partners and
// payouts. Owner and partners sign in to pages by a link that they get by mail:
// with SMTP_HOST set it is sent, else it is printed.
//
// Start reading in app.go (wiring) and shop.go (where customers sign up and pay).
// The same in 150 lines, without accounts and sample data, is ../nethttp.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/goaffiliate/affiliate/examples/auth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	opts := options{log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	flags := flag.NewFlagSet("tour", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "address to listen on")
	flags.StringVar(&opts.file, "db", "affiliate-tour.db", "database file")
	flags.StringVar(&opts.apiKey, "api-key", os.Getenv("AFFILIATE_API_KEY"), "bearer token of a server, for what /v1 is told (default: $AFFILIATE_API_KEY, else a random one)")
	flags.StringVar(&opts.ownKey, "owner-key", os.Getenv("AFFILIATE_OWNER_KEY"), "bearer token of the owner, for the rest of /v1 (default: $AFFILIATE_OWNER_KEY, else none)")
	flags.StringVar(&opts.owner, "owner", ownerAddress, "e-mail address of the owner")
	flags.StringVar(&opts.base, "base", "", "address as visitors see it, like https://example.com (default: http:// and the address it listens on)")
	empty := flags.Bool("empty", false, "load no sample data into a new database")
	open := flags.Bool("preview", false, "show portal and console with sample data to anybody, read-only")
	play := flags.Bool("demo", false, "play the whole story on a free port, check every amount, and exit")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case *play:
		return demo(ctx, os.Stdout)
	case *open:
		return servePreview(ctx, *addr, opts)
	}
	opts.sample = !*empty
	return serve(ctx, *addr, opts)
}

// mailer sends mails through the server that the environment names, or prints
// them.
func mailer() (auth.Mailer, error) {
	host := os.Getenv("SMTP_HOST")
	if host == "" {
		return &auth.Outbox{Print: os.Stdout}, nil
	}
	return auth.NewSMTP(host, os.Getenv("SMTP_USER"), os.Getenv("SMTP_PASSWORD"), cmp.Or(os.Getenv("SMTP_FROM"), ownerAddress))
}

// serve runs the shop until the context ends.
func serve(ctx context.Context, addr string, opts options) (err error) {
	if opts.mailer, err = mailer(); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	if opts.apiKey == "" {
		opts.apiKey = newID("key_")
		opts.log.Info("made an API key for /v1", "key", opts.apiKey)
	}
	a, stop, err := start(ctx, listener, opts)
	if err != nil {
		return err
	}
	fmt.Printf("shop     %s/\nportal   %s/portal   as alex@example.com, or another partner\n", a.base, a.base)
	fmt.Printf("console  %s/admin    as %s\nlinks    %s/r/alex  %s/r/blair   promo code  %s\n", a.base, a.owner, a.base, a.base, promoCode)
	if _, ok := opts.mailer.(*auth.Outbox); ok {
		fmt.Println("mails    are printed here")
	}
	a.work(ctx)
	return stop()
}

// work settles every second, and sends links to sign in and to verify addresses when
// they are asked for, and again every minute, until the context ends.
func (a *app) work(ctx context.Context) {
	settle, again := time.NewTicker(time.Second), time.NewTicker(time.Minute)
	defer settle.Stop()
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-settle.C:
			if _, err := a.eng.Settle(ctx, 0); err != nil && ctx.Err() == nil {
				a.log.ErrorContext(ctx, "not settled, and will be tried again", "error", err)
			}
			continue
		case <-a.who.Asked():
		case <-a.wake:
		case <-again.C:
		}
		if err := errors.Join(a.who.SendLinks(ctx), a.sendProofs(ctx)); err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "mails not sent, and will be tried again", "error", err)
		}
	}
}

// start opens the shop behind a listener. The function it returns closes it.
func start(ctx context.Context, listener net.Listener, opts options) (*app, func() error, error) {
	opts.base = baseOf(opts.base, listener)
	a, err := newApp(ctx, opts)
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	stop := listen(ctx, listener, a.routes(), a.db.Close)
	if err := a.reportUnreported(ctx); err != nil { // say, for the key was revoked: no reason to stay closed
		a.log.ErrorContext(ctx, "orders not reported, and will be tried again at the next start", "error", err)
	}
	return a, stop, nil
}

func baseOf(base string, listener net.Listener) string {
	return strings.TrimSuffix(cmp.Or(base, "http://"+listener.Addr().String()), "/")
}

// listen serves a handler. The function it returns ends that, and then closes what
// the handler uses.
func listen(ctx context.Context, listener net.Listener, handler http.Handler, after func() error) (stop func() error) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: time.Minute, IdleTimeout: time.Minute,
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	return func() error {
		shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err := server.Shutdown(shutdown)
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return errors.Join(err, after())
	}
}
