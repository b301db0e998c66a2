package affiliatetest

import (
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
)

// Approve approves a partner on a program.
func (b *Builder) Approve(partner, program string) *Builder {
	return b.Step(Step{Approve: &Approval{Partner: partner, Program: program}})
}

// Revoke closes a partnership.
func (b *Builder) Revoke(partner, program string) *Builder {
	return b.Step(Step{Revoke: &Approval{Partner: partner, Program: program}})
}

// Adopt gives the program's terms to a partner, or to all that are approved if
// partner is "".
func (b *Builder) Adopt(program, partner string) *Builder {
	return b.Step(Step{Adopt: &Adoption{Program: program, Partner: partner}})
}

// Suspend stops a partner from earning, on every program.
func (b *Builder) Suspend(partner string) *Builder {
	return b.Step(Step{Suspend: &Suspension{Partner: partner}})
}

// SuspendOn stops a partner from earning on one program.
func (b *Builder) SuspendOn(partner, program string) *Builder {
	return b.Step(Step{Suspend: &Suspension{Partner: partner, Program: program}})
}

// Reinstate ends what Suspend did.
func (b *Builder) Reinstate(partner string) *Builder {
	return b.Step(Step{Reinstate: &Suspension{Partner: partner}})
}

// ReinstateOn ends what SuspendOn did.
func (b *Builder) ReinstateOn(partner, program string) *Builder {
	return b.Step(Step{Reinstate: &Suspension{Partner: partner, Program: program}})
}

// Erase forgets a customer; what the customer's conversions earned stays.
func (b *Builder) Erase(customer string) *Builder {
	return b.Step(Step{Erase: &Erasure{Customer: customer}})
}

// Adjust posts a signed amount in minor units to a partner, with a reason.
func (b *Builder) Adjust(id, partner string, amount int64, currency, reason string) *Builder {
	return b.Step(Step{Adjustment: &Adjustment{ID: id, Partner: partner, Currency: currency, Amount: amount, Reason: reason}})
}

// EditProgram changes a program from now on: its rules, if any are given, and
// what the details name.
func (b *Builder) EditProgram(id string, rules ...commission.Rule) *ProgramBuilder {
	p := &Program{ID: id, Rules: rules}
	return &ProgramBuilder{b.Step(Step{EditProgram: p}), p}
}

// PartnerEditBuilder says what an edit of a partner changes, and goes on with the
// story. What it does not say stays.
type PartnerEditBuilder struct {
	*Builder
	edit *PartnerEdit
}

// EditPartner changes a partner from now on, in what the details name.
func (b *Builder) EditPartner(id string) *PartnerEditBuilder {
	e := &PartnerEdit{ID: id}
	return &PartnerEditBuilder{b.Step(Step{EditPartner: e}), e}
}

// Email is the partner's address from now on.
func (p *PartnerEditBuilder) Email(address string) *PartnerEditBuilder {
	p.edit.Email = address
	return p
}

// Match adds a condition that claims tagged traffic; all that the edit names
// together take the place of the earlier ones.
func (p *PartnerEditBuilder) Match(field string, op attribution.Op, value string) *PartnerEditBuilder {
	list := []attribution.Condition{}
	if p.edit.Match != nil {
		list = *p.edit.Match
	}
	list = append(list, attribution.Condition{Field: field, Op: op, Value: value})
	p.edit.Match = &list
	return p
}

// NoMatch removes the match conditions.
func (p *PartnerEditBuilder) NoMatch() *PartnerEditBuilder {
	p.edit.Match = &[]attribution.Condition{}
	return p
}

// PaidOut changes when the partner is paid, and from which balance on.
func (p *PartnerEditBuilder) PaidOut(change payout.ScheduleChange) *PartnerEditBuilder {
	p.edit.Payout = &change
	return p
}

// Hold puts a commission under review: it is in no payout until it is released.
// The program is the one that ExpectCommission would take.
func (b *Builder) Hold(conversion, partner, rule, reason string) *Builder {
	return b.Step(Step{Hold: &Review{Conversion: conversion, Partner: partner, Rule: rule, Reason: reason}})
}

// Release ends the review of a commission.
func (b *Builder) Release(conversion, partner, rule string) *Builder {
	return b.Step(Step{Release: &Review{Conversion: conversion, Partner: partner, Rule: rule}})
}

// Reject reverses a commission in full.
func (b *Builder) Reject(conversion, partner, rule, reason string) *Builder {
	return b.Step(Step{Reject: &Review{Conversion: conversion, Partner: partner, Rule: rule, Reason: reason}})
}

// OverrideBuilder adds details to an override and goes on with the story.
type OverrideBuilder struct {
	*Builder
	override *Override
}

// Override gives one partner rules of its own on a program, if any are given,
// and what the details name.
func (b *Builder) Override(partner, program string, rules ...commission.Rule) *OverrideBuilder {
	o := &Override{Partner: partner, Program: program, Rules: rules}
	return &OverrideBuilder{b.Step(Step{Override: o}), o}
}

// Holdback is for how many days the partner's commissions stay pending.
func (o *OverrideBuilder) Holdback(days int) *OverrideBuilder {
	o.override.HoldbackDays = &days
	return o
}

// ClearOverride ends the override: the live terms of the program apply.
func (b *Builder) ClearOverride(partner, program string) *Builder {
	return b.Step(Step{ClearOverride: &Approval{Partner: partner, Program: program}})
}

// AddCode is the owner's adding a promo code for a partner; a program of "" is
// the default one.
func (b *Builder) AddCode(code, partner, program string) *Builder {
	return b.Step(Step{AddCode: &AddCode{Code: code, Partner: partner, Program: program}})
}

// AddCodeByPartner is a partner's adding a promo code; a program of "" is the default
// one.
func (b *Builder) AddCodeByPartner(code, partner, program string) *Builder {
	return b.Step(Step{AddCode: &AddCode{Code: code, Partner: partner, Program: program, By: "partner"}})
}

// RetireCode ends a promo code.
func (b *Builder) RetireCode(code string) *Builder {
	return b.Step(Step{RetireCode: &RetireCode{Code: code}})
}

// PayoutRun issues what is due.
func (b *Builder) PayoutRun() *Builder { return b.Step(Step{PayoutRun: &struct{}{}}) }

// PayoutStatus moves a partner's latest payout in the default program's
// currency to a status, like payout.Paid.
func (b *Builder) PayoutStatus(partner string, to payout.Status) *Builder {
	return b.Step(Step{PayoutStatus: &PayoutStatus{Partner: partner, Status: to}})
}
