// Command nethttp is a small SaaS on net/http that pays the partners who bring
// it customers. It sells one subscription, keeps its orders in SQLite, and lets
// the affiliate library use the same database.
//
//	go run ./examples/nethttp        serves http://127.0.0.1:8080
//	go run ./examples/nethttp -demo  plays the whole story against itself
//
// What a host writes is in store.go (the database), seed.go (program and
// partners), app.go (wiring), shop.go (where customers sign up and pay) and
// owner.go (payouts). Owner and partner pages have no log-in here, because this
// example has none: put yours in front of them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	file := flag.String("db", "affiliate-nethttp.db", "database file")
	key := flag.String("api-key", os.Getenv("AFFILIATE_API_KEY"), "bearer token of /v1 (default: $AFFILIATE_API_KEY, else a random one)")
	play := flag.Bool("demo", false, "play the whole story on a free port, check every amount, and exit")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *play {
		err = demo(ctx, os.Stdout)
	} else {
		err = serve(ctx, *addr, options{file: *file, apiKey: *key, log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "nethttp:", err)
		os.Exit(1)
	}
}

// serve runs the shop until the context ends.
func serve(ctx context.Context, addr string, opts options) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		opts.log.Warn("owner and partner pages have no log-in, and this address is open to others", "addr", addr)
	}
	if opts.apiKey == "" {
		opts.apiKey = newID("key_")
		opts.log.Info("made an API key for /v1", "key", opts.apiKey)
	}
	a, stop, err := start(ctx, listener, opts)
	if err != nil {
		return err
	}
	fmt.Printf("shop      %s/\nowner     %s/owner\npartners  %s/partners/alex  %s/partners/blair\n", a.base, a.base, a.base, a.base)
	fmt.Printf("links     %s/r/alex  %s/r/blair   promo code  %s\n", a.base, a.base, promoCode)
	<-ctx.Done()
	return stop()
}

// start opens the shop behind a listener. The function it returns closes it.
func start(ctx context.Context, listener net.Listener, opts options) (*app, func() error, error) {
	opts.base = "http://" + listener.Addr().String()
	a, err := newApp(ctx, opts)
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: a.routes(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	stop := func() error {
		shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err := server.Shutdown(shutdown)
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return errors.Join(err, a.db.Close())
	}
	if err := a.reportUnreported(ctx); err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return a, stop, nil
}
