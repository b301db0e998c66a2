package affiliatetest

import "github.com/goaffiliate/affiliate/payout"

// Approve approves a partner on a program.
func (b *Builder) Approve(partner, program string) *Builder {
	return b.Step(Step{Approve: &Approval{Partner: partner, Program: program}})
}

// Suspend stops a partner from earning.
func (b *Builder) Suspend(partner string) *Builder {
	return b.Step(Step{Suspend: &PartnerID{Partner: partner}})
}

// Reinstate lets a suspended partner earn again.
func (b *Builder) Reinstate(partner string) *Builder {
	return b.Step(Step{Reinstate: &PartnerID{Partner: partner}})
}

// EditProgram changes a program from now on: its rules, if any are given, and
// what the details name.
func (b *Builder) EditProgram(id string, rules ...Rule) *ProgramBuilder {
	p := &Program{ID: id, Rules: rules}
	return &ProgramBuilder{b.Step(Step{EditProgram: p}), p}
}

// OverrideBuilder adds details to an override and goes on with the story.
type OverrideBuilder struct {
	*Builder
	override *Override
}

// Override gives one partner rules of its own on a program, if any are given,
// and what the details name.
func (b *Builder) Override(partner, program string, rules ...Rule) *OverrideBuilder {
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
