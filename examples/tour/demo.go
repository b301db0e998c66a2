package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/examples/auth"
)

// What the story must come to, in cents, worked out by hand from
// docs/semantics.md.
const (
	// Two clicks lie in the 60 days before the sign-up. The model is last_click,
	// so blair gets all of it (3.2, 3.3): the fixed bounty of 5.00 for a first
	// sign-up (4.3, 4.5).
	wantBounty = 500

	// The sale carries ALEX10. Method promo comes before click (3.5, 3.6), so
	// alex gets 20 % of 49.00 = 9.80, and nobody anything by click.
	wantSale = 980

	// The sign-up had bound the customer to blair, but no conversion with a
	// positive amount came before the code: the code replaces the binding
	// (3.8). The renewal has no code, its clicks are 82 and 80 days old, and it
	// still pays alex 20 % of 49.00 (3.7), as rule sale pays for 12 months (4.4).
	wantRenewal = 980

	// 14.99 of the renewal's 49.00 is refunded: 9.80 × 14.99 / 49.00 = 2.998,
	// rounded once to 3.00 (1.2, 7.2). What is left is 9.80 − 3.00.
	refundCents     = 1499
	wantRenewalLeft = 680

	// On 25 May the sale of 13 March is past its 30 days, the renewal of 22 May
	// and the reversal that matures with it are not (7.1, 7.2).
	wantPayableInMay = 980
	wantPendingInMay = 680

	// On 1 July, the monthly cut-off, all has matured: 9.80 + 9.80 − 3.00 for
	// alex, 5.00 for blair (7.4).
	wantAlex  = 1660
	wantBlair = 500
)

// demo plays the story over HTTP on a free port and a database of its own, and
// returns an error unless every amount is right.
func demo(ctx context.Context, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "affiliate-tour-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p := &player{out: out, outbox: &auth.Outbox{}}
	p.app, p.stop, err = start(ctx, listener, options{
		file: filepath.Join(folder, "shop.db"), apiKey: newID("key_"), now: p.now, newID: counter(), log: slog.New(slog.DiscardHandler), mailer: p.outbox,
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

// counter makes ids that read well: cs_test_1, cs_test_2 …
func counter() func(string) string {
	last := map[string]int{}
	return func(prefix string) string {
		last[prefix]++
		return prefix + strconv.Itoa(last[prefix])
	}
}

func (p *player) play(ctx context.Context) {
	p.at("2026-03-01 08:00")
	p.signIn(ctx)
	p.say("Two partners bring the same visitor")
	p.at("2026-03-01 09:00")
	p.click(ctx, "alex")
	p.at("2026-03-03 18:30")
	p.click(ctx, "blair")

	p.say("The visitor signs up")
	p.at("2026-03-03 18:40")
	p.form(ctx, "sign-up", "/signup", "email=ada@example.com")
	p.check("bounty of blair before the address is verified", p.pending(ctx, "blair"), 0)
	p.verify(ctx)
	p.explain(ctx, "signup:cus_1")
	p.check("bounty of blair for the sign-up", p.paid(ctx, "signup:cus_1", "blair"), wantBounty)

	p.say("The customer pays, with alex's promo code")
	p.at("2026-03-13 09:42")
	p.form(ctx, "checkout", "/checkout", "promoCode="+promoCode)
	p.explain(ctx, "cs_test_1")
	p.check("commission of alex for the sale", p.paid(ctx, "cs_test_1", "alex"), wantSale)
	p.check("commission of blair for the sale", p.paid(ctx, "cs_test_1", "blair"), 0)
	p.again(ctx)

	p.say("70 days on, a renewal: no click, no code, both clicks outside the window")
	p.at("2026-05-22 09:42")
	p.form(ctx, "renewal", "/renew", "")
	p.explain(ctx, "in_1")
	p.check("commission of alex for the renewal", p.paid(ctx, "in_1", "alex"), wantRenewal)

	p.say("A part of the renewal is refunded")
	p.at("2026-05-25 12:00")
	p.form(ctx, "refund", "/refund", "order=in_1&cents="+strconv.Itoa(refundCents))
	p.explain(ctx, "in_1")
	p.check("commission of alex for the renewal, after the refund", p.paid(ctx, "in_1", "alex"), wantRenewalLeft)
	p.balance(ctx, "alex", wantPendingInMay, wantPayableInMay, 0, 0)
	p.balance(ctx, "blair", 0, wantBlair, 0, 0)

	p.payOut(ctx)
}

// payOut runs July's payouts, twice, and sends the money.
func (p *player) payOut(ctx context.Context) {
	p.say("The holdback is over: the payout run of 1 July")
	p.at("2026-07-01 00:05")
	p.balance(ctx, "alex", 0, wantAlex, 0, 0)
	for _, run := range []string{"payout run", "the same payout run again"} {
		p.form(ctx, run, "/owner/payouts", "")
		p.balance(ctx, "alex", 0, 0, wantAlex, 0)
		p.balance(ctx, "blair", 0, 0, wantBlair, 0)
	}
	p.say("The money is sent")
	p.at("2026-07-02 10:00")
	for _, partner := range []string{"alex", "blair"} {
		page := p.partner(ctx, partner)
		p.check("payouts of "+partner, int64(len(page.Payouts)), 1)
		for _, payout := range page.Payouts {
			p.form(ctx, "mark "+partner+"'s payout as paid", "/owner/payouts/"+payout.ID+"/paid", "")
		}
	}
	p.balance(ctx, "alex", 0, 0, 0, wantAlex)
	p.balance(ctx, "blair", 0, 0, 0, wantBlair)
	p.check("clicks of alex", p.partner(ctx, "alex").Clicks, 1)
	p.check("clicks of blair", p.partner(ctx, "blair").Clicks, 1)
	p.shows(ctx, "/partners/alex", "16.60 USD", "Alex", promoCode, "paid")
}

// again posts the sale a second time, and then with another amount: the first
// changes nothing, the second is refused.
func (p *player) again(ctx context.Context) {
	paidAt := p.clock
	same := order{ID: "cs_test_1", Customer: "cus_1", PromoCode: promoCode, Cents: priceUSD, PaidAt: paidAt}.payment()
	p.api(ctx, "the same sale again", same, 200, `"duplicate":true`)
	other := same
	other.AmountCents = 2 * priceUSD
	p.api(ctx, "the same id, another amount", other, 409, `"duplicate_conflict"`)
	p.check("commission of alex, still", p.paid(ctx, "cs_test_1", "alex"), wantSale)
	p.balance(ctx, "alex", wantSale, 0, 0, 0)
}

// verdict prints every figure that was checked and fails if one is wrong.
func (p *player) verdict() error {
	p.say("Every amount, against what was worked out by hand")
	wrong := 0
	for _, c := range p.checks {
		mark := "ok"
		if c.got != c.want {
			mark = "WRONG, expected " + c.want
			wrong++
		}
		p.print("  %-52s %-50s %s\n", c.what, c.got, mark)
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d figures are wrong", wrong, len(p.checks))
	}
	p.print("\nAll %d figures are right: alex was paid 16.60 USD, blair 5.00 USD.\n", len(p.checks))
	return p.err
}

func (p *player) say(text string) {
	if p.err == nil {
		p.print("\n%s\n%s\n", text, strings.Repeat("-", len(text)))
	}
}

// at sets the clock of shop and library.
func (p *player) at(when string) {
	t, err := time.Parse("2006-01-02 15:04", when)
	if err != nil && p.err == nil {
		p.err = err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clock = t
}
