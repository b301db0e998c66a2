package main

import (
	"fmt"
	"strings"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
)

const day = "2 Jan 2006"

// why puts an explanation into sentences: who is credited, and how much that comes
// to.
func why(x affiliate.Explanation) []string {
	if !x.Attributed {
		return []string{fmt.Sprintf("nobody is credited: %s", x.Reason)}
	}
	list := []string{credited(x)}
	for _, c := range x.Commissions {
		text := fmt.Sprintf("rule %q gives %s %s %% of what was paid: %s", c.Rule, c.Partner, c.Line.Value, amount(c.Line.Accrued, c.Currency))
		if n := len(c.Line.Ladder); n > 0 {
			text += fmt.Sprintf("; %s was refunded, %s is left", amount(c.Line.Ladder[n-1].Refunded, c.Line.Paid), amount(c.Amount, c.Currency))
		}
		list = append(list, text+"; payable from "+c.PayableAt.Format(day))
	}
	return list
}

func credited(x affiliate.Explanation) string {
	switch {
	case x.How.Method == attribution.Promo:
		return fmt.Sprintf("the customer typed %s, and codes come before clicks", x.Conversion.PromoCode)
	case x.How.Binding != nil:
		return fmt.Sprintf("the customer is bound since %s by %s", x.How.Binding.SetAt.Format(day), x.How.Binding.SetBy)
	case x.How.Method == attribution.Clicks:
		var touches []string
		for _, t := range x.How.Touches {
			touches = append(touches, t.Partner+" on "+t.At.Format(day))
		}
		return fmt.Sprintf("the customer came by %s", strings.Join(touches, " and "))
	}
	return fmt.Sprintf("method %s decided", x.How.Method)
}

func amount(minor int64, currency money.Currency) string {
	return money.Amount{Minor: minor, Currency: currency}.String()
}
