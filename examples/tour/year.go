package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

const days = 365

// year is a year that never happened, the same one every time: who clicked, signed
// up, paid, stayed, and wanted their money back.
type year struct {
	eng   *affiliate.Engine
	rng   *rand.Rand
	clock time.Time // of the Engine while the year happens
	start time.Time
	end   time.Time

	clicks    []affiliate.Click
	facts     []fact
	customers int
	invoices  int
	sent      []affiliate.Payout // issued, and not paid yet
	failed    bool
}

// fact is something to record, and when it happened.
type fact struct {
	at     time.Time
	record func(*affiliate.Tx) error
}

// newYear returns the year that ends at a time.
func newYear(end time.Time) *year {
	end = end.UTC().Truncate(time.Minute)
	start := end.AddDate(0, 0, -days).Truncate(24 * time.Hour)
	return &year{rng: rand.New(rand.NewPCG(20, 26)), clock: start, start: start, end: end} //nolint:gosec // a story, not a secret
}

// day returns the beginning of a day of the year.
func (y *year) day(n int) time.Time { return y.start.AddDate(0, 0, n) }

// chance is true in so many of a hundred cases.
func (y *year) chance(percent int) bool { return y.rng.IntN(100) < percent }

// within returns a time in the span after another one.
func (y *year) within(after time.Time, span time.Duration) time.Time {
	return after.Add(time.Duration(y.rng.Int64N(int64(span)))).Truncate(time.Second)
}

func (y *year) add(at time.Time, record func(*affiliate.Tx) error) {
	if at.Before(y.end) {
		y.facts = append(y.facts, fact{at, record})
	}
}

// imagine makes up the year.
func (y *year) imagine() {
	all := sellers()
	for n := range days {
		for _, s := range all {
			if n < s.joined {
				continue
			}
			for _, id := range s.programs {
				y.imagineDay(n, s, id, all)
			}
		}
	}
	slices.SortStableFunc(y.clicks, func(a, b affiliate.Click) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(y.facts, func(a, b fact) int { return a.at.Compare(b.at) })
}

// imagineDay is what one partner brings to one program on one day: more as the year
// goes on, less on weekends, a lot in the week of a campaign.
func (y *year) imagineDay(n int, s seller, id string, all []seller) {
	rate := s.rate * (60 + n*80/days)
	if weekday := y.day(n).Weekday(); weekday == time.Saturday || weekday == time.Sunday {
		rate /= 2
	}
	campaign := ""
	if n%120 > 100 && n%120 < 108 {
		campaign, rate = "launch-week", rate*2
	}
	for ; rate > 0; rate -= 10000 {
		if y.rng.IntN(10000) >= rate {
			continue
		}
		y.imagineVisit(y.within(y.day(n), 24*time.Hour), s, id, campaign, all)
	}
	if code := s.codeOn(id); code != "" && y.rng.IntN(1000) < 12 { // heard of it, and typed the code
		y.imaginePayments(y.within(y.day(n), 24*time.Hour), y.customer(), id, code)
	}
}

func (y *year) customer() string {
	y.customers++
	return fmt.Sprintf("cus_%04d", y.customers)
}

// imagineVisit is a click and what comes of it, which is mostly nothing.
func (y *year) imagineVisit(at time.Time, s seller, id, campaign string, all []seller) {
	if !at.Before(y.end) {
		return
	}
	visitor := fmt.Sprintf("visitor-%010d", len(y.clicks)+1)
	click := affiliate.Click{At: at, Link: s.link(id), Visitor: visitor, CampaignID: campaign}
	if y.chance(40) {
		click.Sub = map[string]string{"sub1": []string{"newsletter", "video", "review"}[y.rng.IntN(3)]}
	}
	if y.chance(4) {
		click.Flag = "bot"
	}
	y.clicks = append(y.clicks, click)
	if !y.chance(9) || click.Flag != "" {
		return
	}
	signup := y.within(at, 3*24*time.Hour)
	if other := all[y.rng.IntN(len(all))]; y.chance(25) && slices.Contains(other.programs, id) && y.day(other.joined).Before(at) {
		// Somebody else's link came in between.
		y.clicks = append(y.clicks, affiliate.Click{At: signup.Add(-time.Second), Link: other.link(id), Visitor: visitor})
	}
	customer := y.customer()
	y.add(signup, func(b *affiliate.Tx) error {
		_, err := b.Identify(affiliate.Identify{Customer: customer, Visitor: visitor, Email: customer + "@example.com", At: signup})
		return err
	})
	y.add(signup, func(b *affiliate.Tx) error {
		_, err := b.RecordConversion(affiliate.Conversion{ID: "signup:" + customer, Type: attribution.Signup, Customer: customer, Program: id, At: signup})
		return err
	})
	if y.chance(55) {
		code := ""
		if y.chance(20) {
			code = s.codeOn(id)
		}
		y.imaginePayments(y.within(signup, 14*24*time.Hour), customer, id, code)
	}
}

// imaginePayments is a subscription from its first invoice on.
func (y *year) imaginePayments(first time.Time, customer, id, code string) {
	cents, currency := int64(priceUSD), money.Currency("usd")
	switch id {
	case creatorsID:
		cents = []int64{1900, 4900, 9900}[y.rng.IntN(3)]
	case teamsID:
		cents, currency = 24900, "eur"
	}
	for month := 0; ; month++ {
		at := first.AddDate(0, month, 0)
		if !at.Before(y.end) || month > 0 && y.chance(9) {
			return
		}
		y.invoices++
		paid := affiliate.Conversion{
			ID: fmt.Sprintf("in_%05d", y.invoices), Customer: customer, Amount: cents, Currency: currency, Program: id, At: at,
		}
		if month == 0 && code != "" {
			paid.PromoCode = code
			paid.Amount -= paid.Amount / 5 // what the code takes off
		}
		y.add(at, func(b *affiliate.Tx) error {
			_, err := b.RecordConversion(paid)
			return err
		})
		y.imagineRegret(paid)
	}
}

// imagineRegret is what goes wrong with a few payments.
func (y *year) imagineRegret(paid affiliate.Conversion) {
	switch later := y.within(paid.At.Add(24*time.Hour), 18*24*time.Hour); {
	case y.invoices%97 == 0: // the bank of the customer asks for it back, and gets it every other time
		y.addDispute(paid.ID, commission.DisputeOpen, later)
		status := commission.DisputeLost
		if y.invoices%2 == 0 {
			status = commission.DisputeWon
		}
		y.addDispute(paid.ID, status, later.AddDate(0, 0, 20))
	case y.chance(3):
		refund := affiliate.Refund{ID: "re_" + paid.ID, Conversion: paid.ID, All: true, At: later}
		if y.chance(50) {
			refund.All, refund.Amount = false, paid.Amount*3/10
		}
		y.add(later, func(b *affiliate.Tx) error {
			_, err := b.RecordRefund(refund)
			return err
		})
	}
}

func (y *year) addDispute(conversion string, status commission.DisputeStatus, at time.Time) {
	y.add(at, func(b *affiliate.Tx) error {
		_, err := b.RecordDispute(affiliate.Dispute{ID: "dp_" + conversion, Conversion: conversion, All: true, Status: status, At: at})
		return err
	})
}

// happen records the year in steps of a week, as it was seen at the time: what is
// paid out stays paid out, whatever comes later.
func (y *year) happen(ctx context.Context) error {
	for t := y.start; t.Before(y.end); {
		t = next(t)
		if t.After(y.end) {
			t = y.end
		}
		y.clock = t
		if err := y.record(ctx); err != nil {
			return err
		}
		if err := y.pay(ctx); err != nil {
			return err
		}
	}
	return nil
}

// next returns the next 1st, 8th, 15th or 22nd.
func next(t time.Time) time.Time {
	for t = t.AddDate(0, 0, 1); t.Day() > 22 || t.Day()%7 != 1; {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

// record records what happened by now.
func (y *year) record(ctx context.Context) error {
	n := slices.IndexFunc(y.clicks, func(c affiliate.Click) bool { return !c.At.Before(y.clock) })
	if n < 0 {
		n = len(y.clicks)
	}
	if _, err := y.eng.RecordClicks(ctx, y.clicks[:n]); err != nil {
		return err
	}
	y.clicks = y.clicks[n:]
	n = slices.IndexFunc(y.facts, func(f fact) bool { return !f.at.Before(y.clock) })
	if n < 0 {
		n = len(y.facts)
	}
	err := y.eng.Atomically(ctx, func(b *affiliate.Tx) error {
		for _, f := range y.facts[:n] {
			if err := f.record(b); err != nil {
				return err
			}
		}
		return nil
	})
	y.facts = y.facts[n:]
	return err
}

// pay marks what was issued the last time as paid, and on the 1st and the 15th
// issues what is due. One transfer comes back, one is on its way in the end, and the
// last run is left to whoever looks at it.
func (y *year) pay(ctx context.Context) error {
	if y.clock.Equal(y.end) {
		return y.review(ctx)
	}
	lately := y.end.Sub(y.clock) < 16*24*time.Hour
	for i, p := range y.sent {
		to := payout.Paid
		switch {
		case lately && i == 0:
			to = payout.Processing
		case p.Partner == "erin" && !y.failed:
			to, y.failed = payout.Failed, true
		}
		if _, err := y.eng.MovePayout(ctx, p.ID, to, time.Time{}); err != nil {
			return err
		}
	}
	y.sent = nil
	if day := y.clock.Day(); lately || day != 1 && day != 15 {
		return nil
	}
	issued, err := y.eng.RunPayouts(ctx, affiliate.PayoutRun{})
	y.sent = issued
	return err
}

// review is what the owner looked into at last: one commission waits for an answer,
// one was declined.
func (y *year) review(ctx context.Context) error {
	for partner, reason := range map[string]string{"heidi": "asked the customer how they found us", "bob": "bought by the partner's own company"} {
		page, err := y.eng.Commissions(ctx, partner, "", 40)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(page.Commissions, func(c affiliate.Commission) bool { return c.Status == commission.StatusPending && c.Amount > 0 })
		if i < 0 {
			continue
		}
		c := page.Commissions[i]
		ref := affiliate.CommissionRef{Conversion: c.Conversion, Partner: c.Partner, Program: c.Program, Rule: c.Rule}
		if partner == "bob" {
			_, err = y.eng.RejectCommission(ctx, ref, reason, time.Time{})
		} else {
			_, err = y.eng.HoldCommission(ctx, ref, reason, time.Time{})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
