package affiliatetest

import (
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

// ProgramBuilder adds details to a program, or to an edit of one, and goes on
// with the story.
type ProgramBuilder struct {
	*Builder
	program *Program
}

// Program adds a program that exists since for ever, with its rules.
func (b *Builder) Program(id string, rules ...commission.Rule) *ProgramBuilder {
	p := &Program{ID: id, Rules: rules}
	b.programs = append(b.programs, p)
	return &ProgramBuilder{b, p}
}

// Currency is what the program's fixed amounts, revenue tiers and conversions
// are in.
func (p *ProgramBuilder) Currency(c money.Currency) *ProgramBuilder {
	p.program.Currency = string(c)
	return p
}

// TimeZone is the IANA zone of the program's calendar.
func (p *ProgramBuilder) TimeZone(name string) *ProgramBuilder {
	p.program.TimeZone = name
	return p
}

// Model says how the touches of a conversion share its credit.
func (p *ProgramBuilder) Model(m attribution.Model) *ProgramBuilder {
	p.program.AttributionModel = m
	return p
}

// Window is for how many days a click counts.
func (p *ProgramBuilder) Window(days int) *ProgramBuilder {
	p.program.AttributionWindowDays = &days
	return p
}

// Methods are the ways to find a conversion's partner, in their order.
func (p *ProgramBuilder) Methods(order ...attribution.Method) *ProgramBuilder {
	p.program.Methods = order
	return p
}

// Binding says whether customers stay with their first partners.
func (p *ProgramBuilder) Binding(mode attribution.BindingMode) *ProgramBuilder {
	p.program.Binding = mode
	return p
}

// Starts is when the program becomes active; the time is written as in At.
func (p *ProgramBuilder) Starts(when string) *ProgramBuilder {
	p.time("Starts", when, &p.program.StartsAt)
	return p
}

// NoStart removes the start, in an edit: the program is active already.
func (p *ProgramBuilder) NoStart() *ProgramBuilder { return p.without("startsAt") }

// NoEnd removes the end, in an edit: the program is open-ended.
func (p *ProgramBuilder) NoEnd() *ProgramBuilder { return p.without("endsAt") }

func (p *ProgramBuilder) without(field string) *ProgramBuilder {
	p.program.Remove = append(p.program.Remove, field)
	return p
}

// Ends is when the program stops; the time is written as in At.
func (p *ProgramBuilder) Ends(when string) *ProgramBuilder {
	p.time("Ends", when, &p.program.EndsAt)
	return p
}

func (b *Builder) time(call, text string, into **time.Time) {
	t, err := parseTime(text)
	if err != nil {
		b.problem("%s: %v", call, err)
		return
	}
	*into = &t
}

// Holdback is for how many days commissions stay pending.
func (p *ProgramBuilder) Holdback(days int) *ProgramBuilder {
	p.program.HoldbackDays = &days
	return p
}

// PartnerCodes says whether partners may add codes of their own.
func (p *ProgramBuilder) PartnerCodes(allowed bool) *ProgramBuilder {
	p.program.PartnerCodes = &allowed
	return p
}

// PartnerBuilder adds details to a partner and goes on with the story.
type PartnerBuilder struct {
	*Builder
	partner *Partner
}

// Partner adds a partner that exists since for ever, approved on every program
// unless Programs says otherwise.
func (b *Builder) Partner(id string) *PartnerBuilder {
	p := &Partner{ID: id}
	b.partners = append(b.partners, p)
	return &PartnerBuilder{b, p}
}

// Email is the partner's address; a customer who has it refers himself.
func (p *PartnerBuilder) Email(address string) *PartnerBuilder {
	p.partner.Email = address
	return p
}

// Programs are those the partner is approved on from the beginning: all that
// are named, and none if none is.
func (p *PartnerBuilder) Programs(ids ...string) *PartnerBuilder {
	list := append([]string{}, ids...)
	p.partner.Programs = &list
	return p
}

// Code is a promo code on the default program that exists from the beginning.
func (p *PartnerBuilder) Code(code string) *PartnerBuilder { return p.CodeOn(code, "") }

// CodeOn is a promo code on a program that exists from the beginning.
func (p *PartnerBuilder) CodeOn(code, program string) *PartnerBuilder {
	p.partner.Codes = append(p.partner.Codes, PartnerCode{Code: code, Program: program})
	return p
}

// Match adds a condition that claims tagged traffic: the field is "campaignId"
// or "sub1" to "sub30".
func (p *PartnerBuilder) Match(field string, op attribution.Op, value string) *PartnerBuilder {
	p.partner.Match = append(p.partner.Match, attribution.Condition{Field: field, Op: op, Value: value})
	return p
}

// PaidOut is when the partner is paid, and from which balance on.
func (p *PartnerBuilder) PaidOut(schedule payout.Schedule) *PartnerBuilder {
	p.partner.Payout = &schedule
	return p
}
