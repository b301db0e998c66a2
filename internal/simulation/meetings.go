package simulation

import (
	"context"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// meetings are the kinds of facts that may meet.
func meetings() []meeting {
	return []meeting{
		{name: "refund and its conversion", pair: func(i int) []fact {
			customer := name("cus", i%50)
			return []fact{
				sale(affiliate.Conversion{ID: name("in", i), Customer: customer, Partner: "ada", At: day(i % 90)}),
				refund(affiliate.Refund{ID: name("re", i), Conversion: name("in", i), Amount: 1000, At: day(i%90 + 1)}),
			}
		}},
		{name: "click and its identify", setUp: []fact{}, pair: func(i int) []fact {
			return []fact{
				click(name("c", i), "ada", name("v", i), day(1)),
				identify(affiliate.Identify{Customer: name("cus", i), Visitor: name("v", i), At: day(2)}),
				sale(affiliate.Conversion{ID: name("in", i), Customer: name("cus", i), At: day(3)}),
			}
		}},
		{name: "click by id and its identify", pair: func(i int) []fact {
			return []fact{
				click(name("c", i), "ada", name("v", i/2), day(1)),
				identify(affiliate.Identify{Customer: name("cus", i), Click: name("c", i), At: day(2)}),
				identify(affiliate.Identify{Customer: name("other", i), Visitor: name("v", i/2), At: day(i % 3)}),
				sale(affiliate.Conversion{ID: name("in", i), Customer: name("cus", i), At: day(3)}),
				sale(affiliate.Conversion{ID: name("io", i), Customer: name("other", i), At: day(3)}),
			}
		}},
		{name: "identify and conversion", pair: func(i int) []fact {
			return []fact{
				click(name("c", i), "bob", name("v", i%40), day(1)),
				identify(affiliate.Identify{Customer: name("cus", i), Visitor: name("v", i%40), At: day(i % 5)}),
				sale(affiliate.Conversion{ID: name("in", i), Customer: name("cus", i), At: day(3)}),
			}
		}},
		{name: "two ids and their alias", pair: func(i int) []fact {
			return []fact{
				identify(affiliate.Identify{Customer: name("user", i), Alias: name("cus", i), At: day(5)}),
				click(name("c", i), "ada", name("v", i), day(1)),
				identify(affiliate.Identify{Customer: name("user", i), Visitor: name("v", i), At: day(2)}),
				sale(affiliate.Conversion{ID: name("in", i), Customer: name("cus", i), At: day(3)}),
				sale(affiliate.Conversion{ID: name("iu", i), Customer: name("user", i), At: day(4)}),
			}
		}},
		{name: "claim and what confirms it", pair: claimAndWord},
		{name: "edit and conversion", pair: editAndSale},
		{name: "sales over the threshold of a tier", tiers: []program.TermsChange{{Rules: tieredRules()}}, pair: func(i int) []fact {
			facts := []fact{sale(affiliate.Conversion{ID: name("in", i), Partner: "ada", At: day(i % 28), Amount: int64(4900 + i)})}
			if i%7 == 0 {
				facts = append(facts, refund(affiliate.Refund{ID: name("re", i), Conversion: name("in", i), All: true, At: day(i%28 + 1)}))
			}
			return facts
		}},
	}
}

// claimAndWord lets a browser's sign-up meet what the server says of the customer.
func claimAndWord(i int) []fact {
	email, customer := name("e", i)+"@site.example", name("cus", i)
	facts := []fact{
		click(name("c", i), "ada", name("v", i), day(1)),
		claim(affiliate.Claim{Customer: customer, Click: name("c", i), ClickAt: day(1), Email: email, At: day(2)}),
		identify(affiliate.Identify{Customer: customer, Email: email, At: day(i%3 + 1)}),
		sale(affiliate.Conversion{ID: name("in", i), Customer: customer, At: day(3)}),
	}
	if i%2 == 0 { // the server speaks of the customer by another id, too
		facts = append(facts, identify(affiliate.Identify{Customer: name("user", i), Alias: customer, At: day(2)}))
	}
	return facts
}

// editAndSale lets a sale meet an edit that is dated before it: an override of
// its partnership, a suspension or a code.
func editAndSale(i int) []fact {
	days := i % 40
	at := day(i % 80)
	edits := []fact{
		func(ctx context.Context, e *affiliate.Engine) error {
			return errOf(e.OverrideTerms(ctx, "ada", "main", program.TermsChange{HoldbackDays: &days}, at))
		},
		func(ctx context.Context, e *affiliate.Engine) error { return errOf(e.SuspendPartner(ctx, "bob", at)) },
		func(ctx context.Context, e *affiliate.Engine) error {
			return errOf(e.ReinstatePartner(ctx, "bob", at.AddDate(0, 0, 1)))
		},
		func(ctx context.Context, e *affiliate.Engine) error {
			return errOf(e.AddCode(ctx, affiliate.Code{Code: name("CODE-", i)[:4] + name("", i)[1:], Partner: "ada", EffectiveAt: at}))
		},
	}
	who := []string{"ada", "bob"}[i%2]
	if i%10 != 0 { // edits wait for each other; sales need not
		return []fact{sale(affiliate.Conversion{
			ID: name("in", i), Customer: name("cus", i), Partner: who, PromoCode: "CODE" + name("", i/10*10)[1:], At: at,
		})}
	}
	return []fact{
		edits[i/10%len(edits)],
		sale(affiliate.Conversion{ID: name("in", i), Customer: name("cus", i), Partner: who, At: at.AddDate(0, 0, 1)}),
	}
}

func tieredRules() []commission.Rule {
	return []commission.Rule{
		{
			ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: "5",
			Tiers: &commission.Tiers{
				Metric: commission.Conversions, Period: commission.PerMonth,
				Thresholds: []commission.Threshold{{At: 8, Value: "8"}, {At: 30, Value: "12.5"}},
			},
		},
		{
			ID: "steps", Trigger: commission.Every, Type: commission.Percent, Value: "1",
			Tiers: &commission.Tiers{
				Metric: commission.Revenue, Period: commission.PerLifetime, Retroactive: new(bool),
				Thresholds: []commission.Threshold{{At: 50_000, Value: "2"}, {At: 200_000, Value: "3"}},
			},
		},
	}
}
