package main

import (
	"fmt"
	"strings"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

const day = "2 Jan 2006"

// why puts an explanation into sentences.
func why(x affiliate.Explanation) []string {
	list := whoIsCredited(x)
	for _, c := range x.Commissions {
		list = append(list, arithmetic(c))
	}
	for _, n := range x.How.Rules {
		if !n.Fired {
			list = append(list, fmt.Sprintf("rule %q pays %s nothing here (%s)", n.Rule, n.Partner, n.Why))
		}
	}
	return list
}

func whoIsCredited(x affiliate.Explanation) []string {
	var list []string
	for _, f := range x.How.Failed {
		list = append(list, strings.TrimSpace(fmt.Sprintf("method %s gave no credit: %s %s", f.Method, f.Reason, f.Detail)))
	}
	if !x.Attributed {
		return append(list, fmt.Sprintf("nobody is credited: %s", x.Reason))
	}
	switch {
	case x.How.Method == attribution.Promo:
		list = append(list, fmt.Sprintf("promo code %s credits its partner; codes come before clicks", x.Conversion.PromoCode))
	case x.How.Binding != nil:
		list = append(list, fmt.Sprintf("the customer is bound since %s by %s, so no window applies",
			x.How.Binding.SetAt.Format(day), x.How.Binding.SetBy))
	case x.How.Method == attribution.Clicks:
		var touches []string
		for _, t := range x.How.Touches {
			touch := t.Partner + " on " + t.At.Format(day)
			if t.LeftOut != "" {
				touch += " (left out: " + string(t.LeftOut) + ")"
			}
			touches = append(touches, touch)
		}
		list = append(list, fmt.Sprintf("clicks of %s; the model is %s", strings.Join(touches, ", "), x.How.Model))
	default:
		list = append(list, fmt.Sprintf("method %s decided", x.How.Method))
	}
	return list
}

// arithmetic says how a commission came to its amount.
func arithmetic(c affiliate.ExplainedCommission) string {
	value := c.Line.Value + " %"
	if c.Line.Type == commission.Fixed {
		value = cents(c.Line.Value, c.Currency)
	}
	if share := c.Line.Share; share != money.WholeShare() {
		value = share.String() + " of " + value
	}
	text := fmt.Sprintf("rule %q gives %s %s (%s terms): %s",
		c.Rule, c.Partner, value, c.Line.Source, amount(c.Line.Accrued, c.Currency))
	if n := len(c.Line.Ladder); n > 0 {
		text += fmt.Sprintf("; %s of %s was refunded, %s is left", amount(c.Line.Ladder[n-1].Refunded, c.Line.Paid),
			amount(c.Line.Amount, c.Line.Paid), amount(c.Amount, c.Currency))
	}
	return text + "; payable from " + c.PayableAt.Format(day)
}

func amount(minor int64, currency money.Currency) string {
	return money.Amount{Minor: minor, Currency: currency}.String()
}

// cents shows a rule's fixed value, which is a count of minor units.
func cents(value string, currency money.Currency) string {
	minor, err := money.ParseWhole(value)
	if err != nil {
		return value
	}
	return amount(minor, currency)
}
