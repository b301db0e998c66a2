package reference

import (
	"fmt"
	"strings"
	"time"
)

func (g *generator) customer() string {
	if g.profile == "alias" || g.chance(15) {
		return pick(g, "cus_1", "cus_2", "cus_3", "user_1", "user_2", "user_3")
	}
	return pick(g, "cus_1", "cus_2", "cus_3")
}

func (g *generator) visitor() string { return pick(g, "v1", "v2", "v3") }

// prelude makes most customers somebody's: clicks and identifies early on, before most conversions.
func (g *generator) prelude() {
	g.from = g.span / 6
	early := func() time.Time { return g.base.Add(time.Duration(g.IntN(g.from*4)) * 6 * time.Hour).UTC() }
	for k := range 4 + g.IntN(6) {
		at := early()
		c := &Click{ID: g.id("c"), Partner: g.partnerID(), Program: g.programID(), Visitor: fmt.Sprintf("v%d", 1+k%3)}
		if k%2 == 1 {
			c.Customer = fmt.Sprintf("cus_%d", 1+k%3)
		}
		g.clicks = append(g.clicks, c.ID)
		g.times = append(g.times, at)
		g.add(g.late(at), Step{At: at, Click: c})
	}
	for k := range 1 + g.IntN(3) {
		at := early()
		i := &Identify{Customer: fmt.Sprintf("cus_%d", k+1), Visitor: fmt.Sprintf("v%d", k+1)}
		g.add(g.late(at), Step{At: at, Identify: i})
	}
	if g.profile == "payouts" {
		for day := 20; day < g.span+40; day += 8 + g.IntN(25) {
			at := g.base.Add(days(day))
			g.add(at, Step{At: at, PayoutRun: &struct{}{}})
		}
	}
}

// subs draws tags; sometimes an empty value, which never matches.
func (g *generator) subs() map[string]string {
	return map[string]string{pick(g, "sub1", "sub2", "sub30"): pick(g, append(values, "")...)}
}

func (g *generator) drawClick() {
	at := g.time()
	c := &Click{ID: g.id("c")}
	if g.chance(85) {
		c.Partner, c.Program = g.partnerID(), g.programID()
	}
	if g.chance(65) {
		c.Visitor = g.visitor()
	}
	if c.Visitor == "" || g.chance(25) {
		c.Customer = g.customer()
	}
	if g.chance(7) {
		c.Flag = pick(g, "bot", "prefetch", "velocity")
	}
	if g.chance(25) {
		c.Sub = g.subs()
	}
	if g.chance(15) {
		c.CampaignID = pick(g, values...)
	}
	g.clicks = append(g.clicks, c.ID)
	g.add(g.late(at), Step{At: at, Click: c})
}

func (g *generator) drawIdentify() {
	at := g.time()
	i := &Identify{Customer: g.customer()}
	if g.chance(60) {
		i.Visitor = g.visitor()
	}
	if g.chance(15) && len(g.clicks) > 0 {
		i.Click = pick(g, g.clicks...)
	}
	if g.chance(18) {
		i.Email = pick(g, "kim@customer.test", "ada@partners.test", " Ada+shop@Partners.TEST", "BOB+x+y@partners.test", "cyd+ada@partners.test", "kim@customer.test", "lee@customer.test")
	}
	if alias := g.customer(); g.profile == "alias" && g.chance(35) || g.chance(4) {
		if alias != i.Customer {
			i.Alias = alias
		}
	}
	if i.Visitor == "" && i.Click == "" && i.Email == "" && i.Alias == "" {
		i.Visitor = g.visitor()
	}
	g.add(g.late(at), Step{At: at, Identify: i})
	if i.Visitor != "" && g.chance(15) {
		g.add(g.late(at), Step{At: at, Identify: &Identify{Customer: g.customer(), Visitor: i.Visitor}})
	}
}

func (g *generator) drawConversion() {
	at := g.time()
	c := &Conversion{ID: g.id(pick(g, "in", "a")), Type: "invoice_paid", Customer: g.customer()}
	amount := int64(pick(g, 0, 1, 100, 999, 3000, 3000, 5000, 8889, 8889, 10001, 10001))
	if g.chance(30) {
		c.Type = pick(g, "signup", "trial_started", "subscription_created", "demo_booked")
	}
	if c.Type == "invoice_paid" && g.chance(96) || g.chance(40) {
		c.Amount = &amount
	}
	if g.chance(20) {
		c.Currency = pick(g, currencies...)
	}
	if g.chance(50) {
		c.Program = g.programID()
	}
	g.evidence(c)
	drawn := &drawnConversion{id: c.ID, at: at, arrival: g.late(at)}
	if c.Amount != nil {
		drawn.amount, drawn.left = amount, amount
	}
	g.convs = append(g.convs, drawn)
	g.add(drawn.arrival, Step{At: at, Conversion: c})
	if c.Customer != "" && g.chance(25) {
		g.renewals(*c, drawn)
	}
}

// evidence adds codes, clicks, partners and tags to a conversion.
func (g *generator) evidence(c *Conversion) {
	if g.chance(22) {
		c.PromoCode = "UNKNOWN"
		if len(g.codes) > 0 && g.chance(85) {
			c.PromoCode = pick(g, strings.ToUpper, strings.ToLower, func(s string) string { return " " + s + " " })(pick(g, g.codes...))
		}
	}
	if g.chance(12) {
		c.Click = "never_seen"
		if len(g.clicks) > 0 {
			c.Click = pick(g, g.clicks...)
		}
	}
	if g.chance(6) {
		c.Partner = g.partnerID()
	}
	if g.chance(8) {
		c.Customer = ""
	}
	if g.chance(20) {
		c.Sub = g.subs()
	}
	if g.chance(8) {
		c.CampaignID = pick(g, values...)
	}
}

// renewals repeats a conversion month by month, at and around the cap.
func (g *generator) renewals(c Conversion, first *drawnConversion) {
	loc := zone(pick(g, g.scenario.Programs...).TimeZone)
	for k := range 1 + g.IntN(3) {
		again := c
		again.ID, again.PromoCode, again.Click = g.id("in"), "", ""
		at := addMonths(first.at, k+1, loc).UTC()
		drawn := &drawnConversion{id: again.ID, at: at, arrival: g.late(at), amount: first.amount, left: first.amount}
		g.convs = append(g.convs, drawn)
		g.add(drawn.arrival, Step{At: at, Conversion: &again})
	}
}

// drawJourney is one customer's way from signup to money, through named and unnamed scopes, codes and bursts of sales.
func (g *generator) drawJourney() {
	at, customer := g.time(), g.customer()
	gap := pick(g, 5*time.Hour, 13*time.Hour, 50*time.Hour, 11*24*time.Hour, 0)
	for k := range 3 + g.IntN(4) {
		c := &Conversion{ID: g.id("j"), Type: "invoice_paid", Customer: customer, Amount: ptr(int64(pick(g, 1, 999, 3000, 8889)))}
		if k < 3 && g.chance(60) {
			c.Type, c.Amount = pick(g, "signup", "trial_started"), nil
		}
		if g.chance(55) {
			c.Program = g.programID()
		}
		if len(g.codes) > 0 && g.chance(35) {
			c.PromoCode = pick(g, g.codes...)
		}
		drawn := &drawnConversion{id: c.ID, at: at, arrival: g.late(at)}
		if c.Amount != nil {
			drawn.amount, drawn.left = *c.Amount, *c.Amount
		}
		g.convs = append(g.convs, drawn)
		g.add(drawn.arrival, Step{At: at, Conversion: c})
		if g.chance(g.w.tiers / 3) {
			if step, ok := g.refundOf(drawn, at.Add(gap/2)); ok {
				g.add(g.late(step.At), step)
			}
		}
		at = at.Add(gap)
	}
}

// drawRefund keeps the explicit amounts within the conversion's, and dates a refund of the whole after them.
func (g *generator) drawRefund() {
	if len(g.convs) == 0 {
		return
	}
	c := pick(g, g.convs...)
	if step, ok := g.refundOf(c, c.at.Add(days(pick(g, 0, 1, 3, 10, 20, 40)))); ok {
		g.add(g.late(step.At), step)
	}
}

func (g *generator) refundOf(c *drawnConversion, at time.Time) (Step, bool) {
	r := &Refund{ID: g.id("re"), Conversion: c.id}
	switch {
	case g.chance(35):
		if !at.After(c.latest) {
			return Step{}, false
		}
		if c.whole == nil || at.Before(*c.whole) {
			c.whole = &at
		}
	case c.left == 0, c.whole != nil && !at.Before(*c.whole):
		return Step{}, false
	default:
		amount := c.left
		if g.chance(70) {
			amount = 1 + g.Int64N(c.left)
		}
		r.Amount, c.left = &amount, c.left-amount
		if at.After(c.latest) {
			c.latest = at
		}
	}
	return Step{At: at, Refund: r}, true
}

func (g *generator) drawDispute() {
	if len(g.convs) == 0 {
		return
	}
	c := pick(g, g.convs...)
	at := c.at.Add(days(pick(g, 0, 1, 3, 20)))
	d := Dispute{ID: g.id("dp"), Conversion: c.id, Status: "open"}
	if c.amount > 0 && g.chance(70) {
		d.Amount = ptr(1 + g.Int64N(c.amount))
	}
	open := d
	g.add(g.late(at), Step{At: at, Dispute: &open})
	if g.chance(60) {
		d.Status = pick(g, "won", "won", "lost")
		at = at.Add(days(1 + g.IntN(20)))
		g.add(g.late(at), Step{At: at, Dispute: &d})
	}
}

// drawAgain delivers an earlier tracking step once more.
func (g *generator) drawAgain() {
	if len(g.steps) == 0 {
		return
	}
	d := pick(g, g.steps...)
	if tracking(d.step) {
		g.add(d.arrival.Add(days(g.IntN(30))), d.step)
	}
}

func tracking(s Step) bool {
	return s.Click != nil || s.Identify != nil || s.Conversion != nil || s.Refund != nil || s.Dispute != nil || s.Adjustment != nil
}

// drawBad draws what must be refused.
func (g *generator) drawBad() {
	at := g.time()
	e := &EditProgram{ID: g.programID()}
	switch g.IntN(5) {
	case 0:
		e.Rules = &[]Rule{g.badRule()}
	case 1:
		e.HoldbackDays = ptr(-1)
	case 2:
		e.Model = ptr("bogus")
	case 3:
		e.ID = "nowhere"
		e.HoldbackDays = ptr(1)
	default:
		g.badFact()
		return
	}
	g.add(at, Step{At: at, EditProgram: e})
}

func (g *generator) badRule() Rule {
	r := Rule{ID: "rev", Trigger: "every", Type: "percent", Value: "10"}
	switch g.IntN(7) {
	case 0:
		r.Value = "100.000001"
	case 1:
		r.Value = "-5"
	case 2:
		r.Value = "1.1234567"
	case 3:
		r.Type, r.Value = "fixed", "10.5"
	case 4:
		r.Trigger = "never"
	case 5:
		r.Months = ptr(2)
	default:
		r.Tiers = &Tiers{Metric: "conversions", Period: "month", Thresholds: []Threshold{{3, "5"}, {3, "6"}}}
	}
	return r
}

// badFact is more money back than was paid, or an id used twice.
func (g *generator) badFact() {
	if len(g.convs) == 0 {
		return
	}
	c := pick(g, g.convs...)
	at := c.arrival.Add(days(g.IntN(10)))
	switch g.IntN(3) {
	case 0:
		g.add(at, Step{At: at, Refund: &Refund{g.id("re"), c.id, ptr(c.amount + 1)}})
	case 1:
		g.add(at, Step{At: at, Dispute: &Dispute{g.id("dp"), c.id, ptr(c.amount + 1), "open"}})
	default:
		g.add(at, Step{At: c.at, Conversion: &Conversion{ID: c.id, Type: fmt.Sprintf("other_%d", g.IntN(3))}})
	}
}
