package main

import (
	"context"
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// jobs runs what a host runs on a schedule.
func (p *player) jobs(ctx context.Context) {
	if p.err == nil {
		p.err = p.app.jobs(ctx)
	}
}

// reward checks how far the reward of the promo code is at Stripe.
func (p *player) reward(ctx context.Context) {
	if p.err != nil {
		return
	}
	list, err := p.app.rewards.Rewards(ctx, promoCode)
	if p.err = err; err != nil {
		return
	}
	p.print("  promotion code %s: %s, coupon %s\n", list[0].PromotionCode, list[0].Status, list[0].Coupon)
	p.compare("reward of "+promoCode, string(list[0].Status), string(stripeadapter.RewardActive))
}

// earned checks what a conversion pays a partner, and anybody else, and prints why.
func (p *player) earned(ctx context.Context, conversion, partner string, want int64) {
	if p.err != nil {
		return
	}
	x, err := p.app.eng.Explain(ctx, conversion)
	if p.err = err; err != nil {
		return
	}
	var got, others int64
	for _, c := range x.Commissions {
		if c.Partner == partner && c.Currency == "usd" {
			got += c.Amount
		} else {
			others += c.Amount
		}
	}
	for _, reason := range why(x) {
		p.print("      %s: %s\n", conversion, reason)
	}
	p.compare(partner+" for "+conversion, usd(got), usd(want))
	p.compare("others for "+conversion, usd(others), usd(0))
}

// balance checks a partner's whole balance.
func (p *player) balance(ctx context.Context, partner string, pending, payable, inPayout int64) {
	if p.err != nil {
		return
	}
	list, err := p.app.eng.Balances(ctx, partner, time.Time{})
	if p.err = err; err != nil {
		return
	}
	if len(list) != 1 || list[0].Currency != "usd" {
		p.err = fmt.Errorf("balances of %s: %+v", partner, list)
		return
	}
	b := list[0]
	got := figures(b.Pending, b.Payable, b.InPayout, b.Paid)
	p.print("  %-5s %s\n", partner, got)
	p.compare(partner+" on "+p.now().Format("2 January"), got, figures(pending, payable, inPayout, 0))
}

func figures(pending, payable, inPayout, paid int64) string {
	return fmt.Sprintf("pending %s, payable %s, in payout %s, paid %s", usd(pending), usd(payable), usd(inPayout), usd(paid))
}

func usd(minor int64) string { return money.Amount{Minor: minor, Currency: "usd"}.String() }

// statement prints the statement of a partner's only payout, and checks what it
// adds up to.
func (p *player) statement(ctx context.Context, partner string, want int64) {
	if p.err != nil {
		return
	}
	list, err := p.app.eng.Payouts(ctx, partner)
	if p.err = err; err != nil {
		return
	}
	if len(list) != 1 {
		p.err = fmt.Errorf("%s has %d payouts", partner, len(list))
		return
	}
	s, err := p.app.eng.Statement(ctx, list[0].ID)
	if p.err = err; err != nil {
		return
	}
	p.print("\n  Statement of %s, cut off on %s: %s\n", partner, s.Cutoff.Format(day), usd(s.Amount))
	var sum int64
	for _, line := range s.Lines {
		p.print("    %-12s %-20s %-10s %10s\n", line.At.Format(day), line.Conversion, line.Kind, usd(line.Amount))
		sum += line.Amount
	}
	p.compare("amount of "+partner+"'s statement", usd(s.Amount), usd(want))
	p.compare("lines of "+partner+"'s statement", usd(sum), usd(want))
}

// verdict prints every figure that was checked and fails if one is wrong.
func (p *player) verdict() error {
	p.say("Every figure, against what was worked out by hand")
	wrong := 0
	for _, c := range p.checks {
		mark := "ok"
		if c.got != c.want {
			mark = "WRONG, expected " + c.want
			wrong++
		}
		p.print("  %-54s %-70s %s\n", c.what, c.got, mark)
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d figures are wrong", wrong, len(p.checks))
	}
	p.print("\nAll %d figures are right: ada is paid %s, alex %s.\n", len(p.checks), usd(wantAda), usd(wantAlex))
	if p.stripe.mock == "" {
		p.print("WITHOUT STRIPE-MOCK: Stripe was played by the files under payloads, which take what stripe-mock took when they were written.\n")
	} else {
		p.print("stripe-mock has accepted all %d calls to Stripe.\n", p.stripe.checked)
	}
	return p.err
}
