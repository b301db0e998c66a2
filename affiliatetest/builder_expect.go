package affiliatetest

import (
	"fmt"
	"slices"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
)

// ExpectCommission lists a commission at what it stands at, in minor units:
// after tiers and refunds. Commissions that stand at 0 are not listed. The
// program is the default one if it ever has a rule of this id, else the first
// that does; for any other, use Expect.
func (b *Builder) ExpectCommission(conversion, partner, rule string, minor int64) *Builder {
	row := ExpectedCommission{Conversion: conversion, Partner: partner, Rule: rule, Amount: minor}
	return b.Expect(Expect{Commissions: &[]ExpectedCommission{row}})
}

// ExpectNoCommissions says that nobody has earned anything.
func (b *Builder) ExpectNoCommissions() *Builder {
	return b.Expect(Expect{Commissions: &[]ExpectedCommission{}})
}

// ExpectUnattributed lists conversions that earn nobody anything; without ids,
// there are none.
func (b *Builder) ExpectUnattributed(conversions ...string) *Builder {
	ids := append([]string{}, conversions...) // an empty list is not an absent one
	return b.Expect(Expect{Unattributed: &ids})
}

// ExpectBalance lists a balance; without a currency it is in that of the default
// program. Balances with four zeros need not be listed.
func (b *Builder) ExpectBalance(of ExpectedBalance) *Builder {
	return b.Expect(Expect{Balances: &[]ExpectedBalance{of}})
}

// ExpectNoBalances says that nobody has a balance.
func (b *Builder) ExpectNoBalances() *Builder {
	return b.Expect(Expect{Balances: &[]ExpectedBalance{}})
}

// ExpectPayout lists a payout that was ever issued, at its frozen amount in the
// default program's currency; for any other currency, use Expect.
func (b *Builder) ExpectPayout(partner string, minor int64, status payout.Status) *Builder {
	row := ExpectedPayout{Partner: partner, Amount: minor, Status: status}
	return b.Expect(Expect{Payouts: &[]ExpectedPayout{row}})
}

// ExpectNoPayouts says that none was ever issued.
func (b *Builder) ExpectNoPayouts() *Builder {
	return b.Expect(Expect{Payouts: &[]ExpectedPayout{}})
}

// Expect adds to the expectation in the form of a scenario file. Rows may leave
// out what the other calls leave out.
func (b *Builder) Expect(e Expect) *Builder {
	if last := len(b.steps) - 1; last >= 0 && !b.moved && b.steps[last].Expect != nil && e.At == nil {
		into := b.steps[last].Expect
		into.Commissions = joined(into.Commissions, e.Commissions)
		into.Unattributed = joined(into.Unattributed, e.Unattributed)
		into.Balances = joined(into.Balances, e.Balances)
		into.Payouts = joined(into.Payouts, e.Payouts)
		return b
	}
	if e.At == nil {
		at := b.at
		e.At = &at
	}
	return b.Step(Step{Expect: &e})
}

// joined is both lists; nil is one that is not mentioned.
func joined[T any](a, b *[]T) *[]T {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	list := append(append([]T{}, *a...), *b...)
	return &list
}

// completeExpect fills in programs and currencies.
func (b *Builder) completeExpect(e Expect) (Expect, error) {
	if e.Commissions != nil {
		rows := slices.Clone(*e.Commissions)
		for i := range rows {
			if rows[i].Program != "" {
				continue
			}
			var ok bool
			if rows[i].Program, ok = b.programOf(rows[i].Rule); !ok {
				return e, fmt.Errorf("no program has a rule %q", rows[i].Rule)
			}
		}
		e.Commissions = &rows
	}
	if e.Balances != nil {
		rows := slices.Clone(*e.Balances)
		for i := range rows {
			if rows[i].Currency == "" {
				rows[i].Currency = b.currency()
			}
		}
		e.Balances = &rows
	}
	if e.Payouts != nil {
		rows := slices.Clone(*e.Payouts)
		for i := range rows {
			if rows[i].Currency == "" {
				rows[i].Currency = b.currency()
			}
		}
		e.Payouts = &rows
	}
	return e, nil
}

// completeReview fills in the program of a commission.
func (b *Builder) completeReview(s Step) (Step, error) {
	for _, of := range []**Review{&s.Hold, &s.Release, &s.Reject} {
		if *of == nil || (*of).Program != "" {
			continue
		}
		review, ok := **of, false
		if review.Program, ok = b.programOf(review.Rule); !ok {
			return s, fmt.Errorf("no program has a rule %q", review.Rule)
		}
		*of = &review
	}
	return s, nil
}

// programOf is the program that has a rule, the default one first.
func (b *Builder) programOf(rule string) (id string, ok bool) {
	home := b.defaultProgram().ID
	for _, program := range b.withRule(rule) {
		if program == home {
			return home, true
		}
		if !ok {
			id, ok = program, true
		}
	}
	return id, ok
}

// withRule are the programs that have a rule at any time, for anybody.
func (b *Builder) withRule(rule string) []string {
	var ids []string
	look := func(program string, rules Rules) {
		if slices.ContainsFunc(rules, func(r commission.Rule) bool { return r.ID == rule }) {
			ids = append(ids, program)
		}
	}
	for _, p := range b.programs {
		look(p.ID, p.Rules)
	}
	for _, s := range b.steps {
		if s.EditProgram != nil {
			look(s.EditProgram.ID, s.EditProgram.Rules)
		}
		if s.Override != nil {
			look(s.Override.Program, s.Override.Rules)
		}
	}
	return ids
}
