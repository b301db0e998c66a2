package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// What the story must come to, in cents, worked out by hand from
// docs/semantics.md. Every payment pays a fifth of its net amount.
const (
	// Grace came by ada's link: 20 % of 49.00.
	wantGraceFirst = 980

	// 10.00 of her renewal is refunded: 9.80 × 10.00 / 49.00 is taken back.
	wantGraceRenewal = 780

	// Linus came by himself and typed ALEX10, which takes 10.00 off the first
	// invoice: 20 % of the 39.00 that he paid.
	wantLinus = 780

	// Margaret bought the pack by a payment link: 20 % of 120.00.
	wantMargaret = 2400

	// Katherine's trial is an invoice of nothing, two weeks before the first one
	// that she pays: 20 % of 49.00.
	wantTrial     = 0
	wantKatherine = 980

	// On 20 April what was paid before 21 March has matured, after 30 days.
	wantAdaPayable  = wantGraceFirst
	wantAdaPending  = wantGraceRenewal + wantKatherine
	wantAlexPayable = wantLinus + wantMargaret

	// In the payout of 1 June is all of it: 27.40 for ada and 31.80 for alex.
	wantAda  = 2740
	wantAlex = 3180
)

// playWith plays the demo. Calls to Stripe are checked by the stripe-mock at an
// address, else by one that it starts: the one that is named, or the one on the PATH.
// Without any of them it plays all the same, and says that nobody checked.
func playWith(ctx context.Context, out io.Writer, address, binary string) error {
	path, err := exec.LookPath(cmp.Or(binary, "stripe-mock"))
	switch {
	case address != "":
	case err == nil:
		started, stop, err := startMock(ctx, path)
		if err != nil {
			return err
		}
		defer stop()
		address = started
	case binary != "":
		return fmt.Errorf("stripe-mock: %w", err)
	}
	return demo(ctx, out, address)
}

// demo plays the story over HTTP on a free port and a database of its own, and
// returns an error unless every amount is right.
func demo(ctx context.Context, out io.Writer, mock string) (err error) {
	folder, err := os.MkdirTemp("", "affiliate-stripe-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p := &player{out: out, stripe: &captured{mock: mock}}
	p.app, p.stop, err = start(ctx, listener, options{
		file: filepath.Join(folder, "shop.db"), key: "sk_test_demo", secret: "whsec_demo",
		goods: goods{
			Pro: "price_pro", Pack: "price_pack", Link: "https://buy.stripe.com/test_pack", Button: "buy_btn_pack", Publishable: "pk_test_demo",
		},
		transport: p.stripe, now: p.now, newID: counter(), log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	p.play(ctx)
	if err := p.stop(); err != nil && p.err == nil {
		p.err = err
	}
	if p.err != nil {
		return fmt.Errorf("the demo stopped: %w", p.err)
	}
	return p.verdict()
}

// counter makes ids that read well: user_1, user_2 …
func counter() func(string) string {
	last := map[string]int{}
	return func(prefix string) string {
		last[prefix]++
		return prefix + strconv.Itoa(last[prefix])
	}
}

func (p *player) play(ctx context.Context) {
	p.at("2026-03-01 09:00")
	p.say("The shop opens, and brings the reward of its promo codes to Stripe")
	p.jobs(ctx)
	p.reward(ctx)
	p.checkout(ctx)
	p.promotion(ctx)
	p.paymentLink(ctx)
	p.freeTrial(ctx)
	p.renewal(ctx)
	p.everythingAgain(ctx)
	p.payouts(ctx)
}

// checkout: the first invoice is told before the session is, in a version of the
// API from 2023, and both are told twice.
func (p *player) checkout(ctx context.Context) {
	p.at("2026-03-02 10:00")
	p.say("Grace follows ada's link and subscribes at Checkout")
	p.visit(ctx, "grace", "ada")
	p.form(ctx, "/checkout", "plan=pro", "https://checkout.stripe.com/c/pay/cs_test_grace_1")
	click := p.click
	for _, place := range []string{"metadata", "subscription_data[metadata]"} {
		p.sent(place+"[affiliate_click_id]", click)
		p.sent(place+"[affiliate_ref]", "ada")
		p.sent(place+"[affiliate_customer_key]", "user_1")
	}
	p.sent("client_reference_id", "ada")
	p.at("2026-03-02 10:07")
	for range 2 {
		p.deliver(ctx, "grace.invoice.paid.first", "grace.checkout.session.completed")
	}
	p.earned(ctx, "in_grace_1", "ada", wantGraceFirst)
}

// promotion: nothing that Stripe sends with the invoice says which code was typed.
func (p *player) promotion(ctx context.Context) {
	p.at("2026-03-05 20:00")
	p.say("Linus comes by himself, and types ALEX10 at Checkout")
	p.visit(ctx, "linus", "")
	p.form(ctx, "/checkout", "plan=pro", "https://checkout.stripe.com/c/pay/cs_test_linus_1")
	p.sent("allow_promotion_codes", "true")
	p.sent("metadata[affiliate_customer_key]", "user_2")
	p.sent("client_reference_id", "")
	p.at("2026-03-05 20:13")
	p.deliver(ctx, "linus.invoice.paid.first", "linus.checkout.session.completed", "linus.invoice.paid.first")
	p.earned(ctx, "in_linus_1", "alex", wantLinus)
}

// paymentLink: the shop sends nothing to Stripe. The script in Margaret's browser
// adds client_reference_id=alex to the link, and Stripe puts it on the session.
func (p *player) paymentLink(ctx context.Context) {
	p.at("2026-03-09 14:20")
	p.say("Margaret follows alex's link and buys by payment link")
	p.visit(ctx, "margaret", "alex")
	p.shows(ctx, "/", `href="https://buy.stripe.com/test_pack"`, `buy-button-id="buy_btn_pack"`, `src="/affiliate.js?v=`)
	p.shows(ctx, "/affiliate.js", "buy.stripe.com", "client_reference_id")
	p.at("2026-03-09 14:32")
	p.deliver(ctx, "margaret.payment_intent.succeeded", "margaret.checkout.session.completed", "margaret.payment_intent.succeeded")
	p.earned(ctx, "cs_test_margaret_1", "alex", wantMargaret)
}

// freeTrial: by the time of the payment only the customer says who led here.
func (p *player) freeTrial(ctx context.Context) {
	p.at("2026-03-10 08:40")
	p.say("Katherine follows ada's link and starts a free trial")
	p.visit(ctx, "katherine", "ada")
	p.form(ctx, "/trial", "email=katherine%40example.com", "/thanks")
	p.sent("metadata[affiliate_click_id]", p.click)
	p.sent("trial_period_days", "14")
	p.at("2026-03-10 08:41")
	p.deliver(ctx, "katherine.customer.subscription.created", "katherine.invoice.paid.trial", "katherine.customer.created")
	p.earned(ctx, "in_katherine_1", "ada", wantTrial)
	p.at("2026-03-24 09:41")
	p.deliver(ctx, "katherine.invoice.paid.first", "katherine.invoice.paid.first")
	p.earned(ctx, "in_katherine_2", "ada", wantKatherine)
}

// renewal: the shop was down on 2 April, and Stripe delivers again what it could
// not: the refund first, of which nobody knows yet what it is a refund of. The
// account has moved to a version of the API from 2025.
func (p *player) renewal(ctx context.Context) {
	p.at("2026-04-06 15:01")
	p.say("Grace's renewal, told after the refund of a part of it")
	p.deliver(ctx, "grace.charge.refunded", "grace.invoice_payment.paid.renewal", "grace.invoice.paid.renewal", "grace.charge.refunded")
	p.earned(ctx, "in_grace_2", "ada", wantGraceRenewal)
}

// everythingAgain: an event that comes again says nothing new, in any order.
func (p *player) everythingAgain(ctx context.Context) {
	p.at("2026-04-20 12:00")
	p.say("Two weeks later Stripe delivers all of it once more, the latest first")
	for i := len(p.delivered) - 1; i >= 0 && p.err == nil; i-- {
		p.post(ctx, p.delivered[i])
	}
	p.print("  %d deliveries\n", len(p.delivered))
	p.jobs(ctx)
	p.balance(ctx, "ada", wantAdaPending, wantAdaPayable, 0)
	p.balance(ctx, "alex", 0, wantAlexPayable, 0)
}

// payouts: whoever runs the jobs, and however often, what is due is issued once.
func (p *player) payouts(ctx context.Context) {
	p.at("2026-06-01 00:05")
	p.say("The holdback is over: the jobs of 1 June issue the payouts")
	p.jobs(ctx)
	p.jobs(ctx)
	p.balance(ctx, "ada", 0, 0, wantAda)
	p.balance(ctx, "alex", 0, 0, wantAlex)
	p.statement(ctx, "ada", wantAda)
	p.statement(ctx, "alex", wantAlex)
	p.shows(ctx, "/partners/ada", "in_grace_1", "in_grace_2", "in_katherine_2")
}
