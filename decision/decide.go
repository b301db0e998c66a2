package decision

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
)

// Sale is a conversion with all that happened to it later.
type Sale struct {
	attribution.Conversion
	Facts []commission.Fact
}

// Customer is what is known of one customer, under all of their ids.
type Customer struct {
	Clicks []attribution.Click // those that belong to the customer
	Emails []string            // keys of all e-mails that identifies gave
	Claims []attribution.Click // of sign-ups that only a browser told of: they credit nobody
	Sales  []Sale
}

// Outcome is the decision on one conversion.
type Outcome struct {
	Conversion string                  `json:"conversion"`
	Credits    []attribution.Credit    `json:"credits,omitempty"`
	Reason     attribution.Reason      `json:"reason,omitempty"` // why it is not attributed, or no_rule
	Lines      []commission.Commission `json:"lines,omitempty"`
	Version    int                     `json:"version"`

	Explanation Explanation `json:"-"`
}

// Attributed reports whether any credit is paid to somebody.
func (o Outcome) Attributed() bool {
	return slices.ContainsFunc(o.Credits, func(c attribution.Credit) bool { return c.Void == "" })
}

// Decide folds all conversions of a customer from scratch. The outcomes are in
// the order of the fold, and the state is that after the last.
func Decide(setup *program.Configuration, c Customer) ([]Outcome, *State, error) {
	known := c
	known.Clicks = slices.Clone(c.Clicks)
	attribution.SortClicks(known.Clicks)
	sales := slices.Clone(c.Sales)
	slices.SortFunc(sales, func(a, b Sale) int {
		if d := a.At.Compare(b.At); d != 0 {
			return d
		}
		return strings.Compare(a.ID, b.ID)
	})
	state := &State{}
	outcomes := make([]Outcome, 0, len(sales))
	for _, sale := range sales {
		out, err := state.Step(setup, known, sale)
		if err != nil {
			return nil, nil, err
		}
		outcomes = append(outcomes, out)
	}
	return outcomes, state, nil
}

// Step decides the next conversion in order and advances the state. It does not
// look at c.Sales. The clicks are in time order; they may be left out where Bound
// says so and no method before click needs them.
func (s *State) Step(setup *program.Configuration, c Customer, sale Sale) (Outcome, error) {
	d := &attempt{setup: setup, state: s, clicks: c.Clicks, emails: c.Emails, claims: c.Claims, sale: sale.Conversion}
	d.amount = commission.AmountOf(sale.Amount, sale.Facts)
	method, err := d.credit()
	if err != nil {
		return Outcome{}, fmt.Errorf("decision: conversion %q: %w", sale.ID, err)
	}
	out := Outcome{Conversion: sale.ID, Credits: d.credits, Version: Version}
	attributed := out.Attributed()
	if d.sticky {
		d.bind(method, attributed)
	}
	if attributed && d.amount > 0 {
		s.scope(sale.Program).Paid = true
	}
	if !attributed {
		out.Reason = d.reason()
	} else if err := d.pay(&out, sale.Facts); err != nil {
		return Outcome{}, fmt.Errorf("decision: conversion %q: %w", sale.ID, err)
	}
	if d.explanation.Touches == nil {
		d.touches() // what was seen, also where a code or a binding decided
	}
	s.Last = Mark{sale.At, sale.ID}
	out.Explanation = d.explanation
	return out, nil
}

// bind stores the credits of the first attributed conversion in a scope, and
// those of a promo code before any money (semantics 3.8).
func (d *attempt) bind(method attribution.Method, attributed bool) {
	if !attributed {
		return
	}
	sc := d.state.scope(d.sale.Program)
	if sc.Binding == nil || (method == attribution.Promo && !sc.Paid) {
		sc.Binding = &attribution.Binding{Credits: slices.Clone(d.credits), SetAt: d.sale.At, SetBy: d.sale.ID}
	}
}

// pay finds the rules that fire for each credit and what they accrue.
func (d *attempt) pay(out *Outcome, facts []commission.Fact) error {
	facts = slices.Clone(facts)
	commission.SortFacts(facts)
	ladder := commission.Ladder(d.amount, facts)
	classes := commission.Classes(d.sale.Type, d.amount)
	for _, c := range d.credits {
		if c.Void != "" {
			continue
		}
		of, ok := d.setup.Program(c.Program)
		if !ok {
			continue
		}
		terms, _ := d.setup.Terms(c.Partner, c.Program, d.sale.At)
		if d.state.vouched(c.Program, c.Partner) {
			c.Suspect = ""
		}
		for _, rule := range terms.Rules {
			note := d.fires(of, c, rule)
			d.explanation.Rules = append(d.explanation.Rules, note)
			if note.Fired {
				line := d.line(of, c, terms, rule)
				line.Review(ladder, facts)
				if c.Suspect != "" && !line.Held && !line.Rejected() {
					d.state.vouch(c.Program, c.Partner, d.mark())
				}
				out.Lines = append(out.Lines, line)
			}
		}
		for _, class := range classes {
			d.state.setFirst(firstKey(c.Program, c.Partner, class), Mark{d.sale.At, d.sale.ID})
		}
	}
	if len(out.Lines) == 0 {
		out.Reason = attribution.NoRule
	}
	return commission.Accrue(out.Lines)
}

func (d *attempt) line(of *program.Program, c attribution.Credit, terms program.InForce, rule commission.Rule) commission.Commission {
	currency := d.sale.Currency
	if rule.Type == commission.Fixed {
		currency = rule.Currency
		if currency == "" {
			currency = of.Currency
		}
	}
	return commission.Commission{
		Conversion: d.sale.ID, Partner: c.Partner, Program: c.Program, Rule: rule.ID,
		Type: rule.Type, Value: rule.Value, Share: c.Share,
		Amount: d.amount, Paid: d.sale.Currency, Currency: currency,
		Source: terms.Source, TermsFrom: terms.Since,
		At: d.sale.At, MaturesAt: d.sale.At.Add(time.Duration(terms.HoldbackDays) * 24 * time.Hour),
		TouchAt: c.TouchAt, TouchID: c.TouchID, Tiers: rule.Tiers, Suspect: c.Suspect,
	}
}

// whole is a single credit of everything.
func whole(partner, programID string, m attribution.Method, at Mark) []attribution.Credit {
	return []attribution.Credit{{
		Partner: partner, Program: programID, Share: money.WholeShare(), Method: m, TouchAt: at.At, TouchID: at.ID,
	}}
}
