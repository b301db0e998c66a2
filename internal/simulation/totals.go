package simulation

import (
	"cmp"
	"context"
	"slices"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/money"
)

// Totals is what all partners have, without anything that depends on the order
// of arrival.
type Totals struct {
	Commissions []Standing
	Balances    []affiliate.Balance
}

// Standing is what one commission stands at.
type Standing struct {
	Conversion, Partner, Program, Rule string
	Amount                             int64
	Currency                           money.Currency
	PayableAt                          int64
}

// TotalsOf settles and reads what all partners have.
func TotalsOf(ctx context.Context, eng *affiliate.Engine) (Totals, error) {
	var totals Totals
	if err := affiliatetest.Settle(ctx, eng); err != nil {
		return totals, err
	}
	setup, err := eng.Configuration(ctx)
	if err != nil {
		return totals, err
	}
	for _, who := range setup.Partners() {
		for after, more := "", true; more; {
			page, err := eng.Commissions(ctx, who.ID, after, 500)
			if err != nil {
				return totals, err
			}
			for _, c := range page.Commissions {
				if c.Amount != 0 {
					totals.Commissions = append(totals.Commissions, Standing{
						c.Conversion, c.Partner, c.Program, c.Rule, c.Amount, c.Currency, c.PayableAt.UnixMicro(),
					})
				}
			}
			after, more = page.Next, page.Next != ""
		}
		balances, err := eng.Balances(ctx, who.ID, day(40))
		if err != nil {
			return totals, err
		}
		totals.Balances = append(totals.Balances, balances...)
	}
	slices.SortFunc(totals.Commissions, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Conversion, b.Conversion), cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.Rule, b.Rule))
	})
	return totals, nil
}
