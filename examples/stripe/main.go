// Command stripe is a small SaaS that sells through Stripe and pays the partners
// who bring it customers: a subscription by Checkout, a single purchase by payment
// link or buy button, and a free trial. Everything it knows of a payment, it knows
// from Stripe's webhook. All of its data is in one SQLite file.
//
//	go run ./examples/stripe -demo  plays the whole story and checks every amount
//	go run ./examples/stripe        serves http://127.0.0.1:8080 with your own keys
//
// See README.md for what either needs. What a host writes is in shop.go (wiring and
// routes), checkout.go (what is sent to Stripe), setup.go (the program), store.go
// (the database) and jobs.go (what runs on a schedule); the rest is the demo. The
// pages of partners have no log-in here: put yours in front of them, or that of
// examples/auth.
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
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "stripe:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	opts := options{
		key: os.Getenv("STRIPE_SECRET_KEY"), secret: os.Getenv("STRIPE_WEBHOOK_SECRET"), cookieKey: os.Getenv("SHOP_COOKIE_KEY"),
		log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
	flags := flag.NewFlagSet("stripe", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "address to listen on")
	flags.StringVar(&opts.file, "db", "affiliate-stripe.db", "database file")
	flags.StringVar(&opts.base, "base", "", "address of the shop as its visitors see it; links of an existing database go on leading to its first one (default: http:// and the address it listens on)")
	flags.StringVar(&opts.stripeAPI, "stripe-api", os.Getenv("STRIPE_API"), "address of the API, for a stripe-mock that runs already (default: $STRIPE_API, else Stripe's)")
	flags.StringVar(&opts.goods.Pro, "price-pro", os.Getenv("STRIPE_PRICE_PRO"), "price_… of the subscription (default: $STRIPE_PRICE_PRO)")
	flags.StringVar(&opts.goods.Pack, "price-pack", os.Getenv("STRIPE_PRICE_PACK"), "price_… of the single purchase (default: $STRIPE_PRICE_PACK)")
	flags.StringVar(&opts.goods.Link, "payment-link", os.Getenv("STRIPE_PAYMENT_LINK"), "https://buy.stripe.com/… (default: $STRIPE_PAYMENT_LINK, else none)")
	flags.StringVar(&opts.goods.Button, "buy-button", os.Getenv("STRIPE_BUY_BUTTON"), "buy_btn_… (default: $STRIPE_BUY_BUTTON, else none)")
	flags.StringVar(&opts.goods.Publishable, "publishable-key", os.Getenv("STRIPE_PUBLISHABLE_KEY"), "pk_… for the buy button (default: $STRIPE_PUBLISHABLE_KEY)")
	play := flags.Bool("demo", false, "play the whole story on a free port, check every amount, and exit")
	mock := flags.String("stripe-mock", os.Getenv("STRIPE_MOCK"), "stripe-mock that the demo starts to check what is sent to Stripe (default: $STRIPE_MOCK, else the one on the PATH, else none)")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case *play:
		return playWith(ctx, os.Stdout, opts.stripeAPI, *mock)
	}
	return serve(ctx, *addr, opts)
}

// serve runs the shop until the context ends.
func serve(ctx context.Context, addr string, opts options) error {
	if missing := opts.missing(); len(missing) > 0 {
		return fmt.Errorf("set %s, or try -demo", strings.Join(missing, ", "))
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		opts.log.Warn("the pages of partners have no log-in, and this address is open to others", "addr", addr)
	}
	a, stop, err := start(ctx, listener, opts)
	if err != nil {
		return err
	}
	fmt.Printf("shop      %s/\nwebhook   %s/stripe/webhook\nlinks     %s/r/ada  %s/r/alex   promo code  %s\n", a.base, a.base, a.base, a.base, promoCode)
	fmt.Printf("partners  %s/partners/ada  %s/partners/alex\n", a.base, a.base)
	a.schedule(ctx)
	return stop()
}

// start opens the shop behind a listener. The function it returns closes it.
func start(ctx context.Context, listener net.Listener, opts options) (*app, func() error, error) {
	if opts.base == "" {
		opts.base = "http://" + listener.Addr().String()
	}
	a, err := newApp(ctx, opts)
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	server := &http.Server{
		Handler: a.routes(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
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
		return errors.Join(err, a.db.Close())
	}
	return a, stop, nil
}
