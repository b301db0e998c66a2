package main

import "github.com/goaffiliate/affiliate/affiliatetest"

// offer is one way to pay partners.
type offer struct {
	name  string
	rules []affiliatetest.Rule
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
func flat() []affiliatetest.Rule {
	return []affiliatetest.Rule{affiliatetest.Every("invoice_paid").Percent("20").As("revenue")}
}

// capped is 20 % of the invoices of a customer's first 12 months.
func capped() []affiliatetest.Rule {
	return []affiliatetest.Rule{affiliatetest.Every("invoice_paid").Percent("20").ForMonths(12).As("revenue")}
}

// bounty is $200 for a customer's first subscription, and 20 % of every invoice.
func bounty() []affiliatetest.Rule {
	return []affiliatetest.Rule{
		affiliatetest.First("subscription_created").Fixed(200_00).As("bounty"),
		affiliatetest.Every("invoice_paid").Percent("20").As("revenue"),
	}
}

// headStart is half of a customer's first invoice and 20 % of all others.
func headStart() []affiliatetest.Rule {
	return []affiliatetest.Rule{
		affiliatetest.First("invoice_paid").Percent("50").As("start"),
		affiliatetest.Subsequent("invoice_paid").Percent("20").As("revenue"),
	}
}

// signups is $50 for each customer who signs up, paying or not.
func signups() []affiliatetest.Rule {
	return []affiliatetest.Rule{affiliatetest.First("signup").Fixed(50_00).As("signup")}
}
