package decision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
)

// Customer is what is known of one customer, under all of their ids.
type Customer struct {
	Clicks []attribution.Click // those that belong to the customer
	Emails []string            // keys of all e-mails that identifies gave
	Claims []attribution.Click // of sign-ups that only a browser told of: they credit nobody
	Sales  []commission.Sale
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
	slices.SortFunc(sales, func(a, b commission.Sale) int {
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
func (s *State) Step(setup *program.Configuration, c Customer, sale commission.Sale) (Outcome, error) {
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
	} else if err := d.pay(&out, sale); err != nil {
		return Outcome{}, fmt.Errorf("decision: conversion %q: %w", sale.ID, err)
	}
	if d.explanation.Touches == nil {
		d.touches() // what was seen, also where a code or a binding decided
	}
	s.Last = attribution.Mark{At: sale.At, ID: sale.ID}
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

// pay finds what the sale earns by the terms of each credit.
func (d *attempt) pay(out *Outcome, sale commission.Sale) error {
	credits := slices.Clone(d.credits)
	offers := make([]commission.Offer, 0, len(credits))
	for i, c := range credits {
		if d.state.vouched(c.Program, c.Partner) {
			credits[i].Suspect = ""
		}
		if of, ok := d.setup.Program(c.Program); ok {
			offers = append(offers, d.offer(of, c.Partner))
		}
	}
	earned, notes, err := d.state.Earn(sale, credits, offers...)
	d.explanation.Rules = notes
	out.Lines = earned
	if len(earned) == 0 {
		out.Reason = attribution.NoRule
	}
	for _, c := range credits {
		if c.Suspect != "" && slices.ContainsFunc(earned, func(l commission.Commission) bool { return cleared(l, c) }) {
			d.state.vouch(c.Program, c.Partner, d.mark())
		}
	}
	return err
}

// cleared reports whether the owner's review let a commission pass that a suspect
// credit earned.
func cleared(of commission.Commission, by attribution.Credit) bool {
	return of.Partner == by.Partner && of.Program == by.Program && !of.Held && !of.Rejected()
}

// offer is what a partner is paid by on a program at the conversion's time.
func (d *attempt) offer(of *program.Program, partner string) commission.Offer {
	terms, _ := d.setup.Terms(partner, of.ID, d.sale.At)
	return commission.Offer{
		Partner: partner, Program: of.ID, Currency: of.Currency, Location: of.Location,
		Ended: of.LifecycleAt(d.sale.At) == program.Ended, Snapshot: terms,
	}
}

// whole is a single credit of everything.
func whole(partner, programID string, m attribution.Method, at attribution.Mark) []attribution.Credit {
	return []attribution.Credit{{
		Partner: partner, Program: programID, Share: money.WholeShare(), Method: m, TouchAt: at.At, TouchID: at.ID,
	}}
}
