package main

import (
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
)

// offer is one way to pay partners.
type offer struct {
	name  string
	rules []commission.Rule
	total int64 // cents that the story of year.go pays, worked out by hand
}

// offers are the five that are compared.
func offers() []offer {
	return []offer{
		{"20 % recurring", flat(), 368_90},
		{"20 % for 12 months", capped(), 269_90},
		{"$200 and 20 %", bounty(), 968_90},
		{"50 % then 20 %", headStart(), 413_00},
		{"$50 a signup", signups(), 200_00},
	}
}

// flat is 20 % of every invoice, for ever.
func flat() []commission.Rule {
	return []commission.Rule{
		{ID: "revenue", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20"},
	}
}

// capped is 20 % of the invoices of a customer's first 12 months.
func capped() []commission.Rule {
	rules := flat()
	rules[0].Recurring, rules[0].Months = true, 12
	return rules
}

// bounty is $200 for a customer's first subscription, and 20 % of every invoice.
func bounty() []commission.Rule {
	return append(flat(), commission.Rule{
		ID: "bounty", Trigger: commission.First, EventType: attribution.SubscriptionCreated, Type: commission.Fixed, Value: "20000",
	})
}

// headStart is half of a customer's first invoice and 20 % of all others.
func headStart() []commission.Rule {
	return []commission.Rule{
		{ID: "start", Trigger: commission.First, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "50"},
		{ID: "revenue", Trigger: commission.Subsequent, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20"},
	}
}

// signups is $50 for each customer who signs up, paying or not.
func signups() []commission.Rule {
	return []commission.Rule{{ID: "signup", Trigger: commission.First, EventType: attribution.Signup, Type: commission.Fixed, Value: "5000"}}
}
