package affiliatetest

import (
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// ClickBuilder adds details to a click and goes on with the story.
type ClickBuilder struct {
	*Builder
	click *Click
}

// Click is a click on a partner's link, or on a campaign link if partner is "".
// It counts for a customer once Visitor and an Identify, Customer or a
// conversion's FromClick say whose it is.
func (b *Builder) Click(id, partner string) *ClickBuilder {
	c := &Click{ID: id, Partner: partner}
	return &ClickBuilder{b.Step(Step{Click: c}), c}
}

// On says which program the link is of, if not the default one.
func (c *ClickBuilder) On(program string) *ClickBuilder {
	c.click.Program = program
	return c
}

// Visitor is the browser that clicked.
func (c *ClickBuilder) Visitor(id string) *ClickBuilder {
	c.click.Visitor = id
	return c
}

// Customer says whose click it is, as an Identify of it would.
func (c *ClickBuilder) Customer(id string) *ClickBuilder {
	c.click.Customer = id
	return c
}

// Campaign tags the click.
func (c *ClickBuilder) Campaign(id string) *ClickBuilder {
	c.click.CampaignID = id
	return c
}

// Sub tags the click; the key is "sub1" to "sub30".
func (c *ClickBuilder) Sub(key, value string) *ClickBuilder {
	c.click.Sub = tagged(c.click.Sub, key, value)
	return c
}

// Flag marks a click that earns nothing: "bot", "prefetch",
// "self_referral".
func (c *ClickBuilder) Flag(reason string) *ClickBuilder {
	c.click.Flag = reason
	return c
}

func tagged(sub map[string]string, key, value string) map[string]string {
	if sub == nil {
		sub = map[string]string{}
	}
	sub[key] = value
	return sub
}

// IdentifyBuilder adds details to an identify and goes on with the story.
type IdentifyBuilder struct {
	*Builder
	identify *Identify
}

// Identify says who a visitor or a click is; which one, its details say.
func (b *Builder) Identify(customer string) *IdentifyBuilder {
	i := &Identify{Customer: customer}
	return &IdentifyBuilder{b.Step(Step{Identify: i}), i}
}

// Visitor is the browser that is the customer's.
func (i *IdentifyBuilder) Visitor(id string) *IdentifyBuilder {
	i.identify.Visitor = id
	return i
}

// FromClick is the click that is the customer's.
func (i *IdentifyBuilder) FromClick(id string) *IdentifyBuilder {
	i.identify.Click = id
	return i
}

// Email is an address of the customer.
func (i *IdentifyBuilder) Email(address string) *IdentifyBuilder {
	i.identify.Email = address
	return i
}

// Alias is another id of the same customer.
func (i *IdentifyBuilder) Alias(customer string) *IdentifyBuilder {
	i.identify.Alias = customer
	return i
}

// ConversionBuilder adds details to a conversion and goes on with the story.
type ConversionBuilder struct {
	*Builder
	conversion *Conversion
}

// Sale is a paid invoice.
func (b *Builder) Sale(id, customer string, minor int64) *ConversionBuilder {
	return b.Conversion(id, attribution.InvoicePaid, customer).Amount(minor)
}

// Conversion is a conversion of any type, like "signup", without an amount
// unless Amount gives one. A customer of "" is a guest.
func (b *Builder) Conversion(id, eventType, customer string) *ConversionBuilder {
	c := &Conversion{ID: id, Type: eventType, Customer: customer}
	return &ConversionBuilder{b.Step(Step{Conversion: c}), c}
}

// Amount is what was paid, net of tax, shipping and discount.
func (c *ConversionBuilder) Amount(minor int64) *ConversionBuilder {
	c.conversion.Amount = &minor
	return c
}

// Currency is what the amount is in, if not in the program's.
func (c *ConversionBuilder) Currency(code money.Currency) *ConversionBuilder {
	c.conversion.Currency = string(code)
	return c
}

// On names the program: only its touches and codes count.
func (c *ConversionBuilder) On(program string) *ConversionBuilder {
	c.conversion.Program = program
	return c
}

// Code is the promo code that was used.
func (c *ConversionBuilder) Code(promo string) *ConversionBuilder {
	c.conversion.PromoCode = promo
	return c
}

// FromClick is the click that led here; it becomes the customer's.
func (c *ConversionBuilder) FromClick(id string) *ConversionBuilder {
	c.conversion.Click = id
	return c
}

// CreditTo gives the conversion to a partner by hand, before all methods.
func (c *ConversionBuilder) CreditTo(partner string) *ConversionBuilder {
	c.conversion.Partner = partner
	return c
}

// Campaign tags the conversion.
func (c *ConversionBuilder) Campaign(id string) *ConversionBuilder {
	c.conversion.CampaignID = id
	return c
}

// Sub tags the conversion; the key is "sub1" to "sub30".
func (c *ConversionBuilder) Sub(key, value string) *ConversionBuilder {
	c.conversion.Sub = tagged(c.conversion.Sub, key, value)
	return c
}

// Refund gives a part of a conversion's amount back.
func (b *Builder) Refund(id, conversion string, minor int64) *Builder {
	return b.Step(Step{Refund: &Refund{ID: id, Conversion: conversion, Amount: &minor}})
}

// RefundAll gives all back that is left of a conversion's amount.
func (b *Builder) RefundAll(id, conversion string) *Builder {
	return b.Step(Step{Refund: &Refund{ID: id, Conversion: conversion}})
}

// Dispute is a dispute over a part of a conversion's amount, in one of its
// states; open and lost ones take money back.
func (b *Builder) Dispute(id, conversion string, minor int64, status commission.DisputeStatus) *Builder {
	return b.Step(Step{Dispute: &Dispute{ID: id, Conversion: conversion, Amount: &minor, Status: status}})
}

// DisputeAll is a dispute over the whole amount of a conversion.
func (b *Builder) DisputeAll(id, conversion string, status commission.DisputeStatus) *Builder {
	return b.Step(Step{Dispute: &Dispute{ID: id, Conversion: conversion, Status: status}})
}

// RefundFailed says that a refund of the story did not go through after all.
func (b *Builder) RefundFailed(id string) *Builder {
	return b.Step(Step{RefundFailed: &RefundID{ID: id}})
}

// Amend gives a conversion another amount, as if it had always been that.
func (b *Builder) Amend(conversion string, minor int64) *Builder {
	return b.Step(Step{Amend: &Amendment{Conversion: conversion, Amount: &minor}})
}
