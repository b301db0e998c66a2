package console

import (
	"cmp"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/money"
)

// sum is an amount.
type sum struct {
	Amount   int64
	Currency money.Currency
}

// sums are one amount per currency, in order of currency.
type sums []sum

// plus adds an amount.
func (s sums) plus(amount int64, c money.Currency) (sums, error) {
	i, found := slices.BinarySearchFunc(s, c, func(m sum, c money.Currency) int { return cmp.Compare(m.Currency, c) })
	if !found {
		return slices.Insert(s, i, sum{amount, c}), nil
	}
	total, err := money.Add(s[i].Amount, amount)
	s[i].Amount = total
	return s, err
}

// first puts the amount in a currency before the others.
func (s sums) first(c money.Currency) sums {
	list := slices.Clone(s)
	slices.SortStableFunc(list, func(a, b sum) int { return cmp.Compare(notMain(a.Currency, c), notMain(b.Currency, c)) })
	return list
}

// notMain is what to sort by, to have one currency before the others.
func notMain(c, first money.Currency) int {
	if c == first {
		return 0
	}
	return 1
}

// of is the amount in a currency.
func (s sums) of(c money.Currency) int64 {
	for _, m := range s {
		if m.Currency == c {
			return m.Amount
		}
	}
	return 0
}

// String writes all amounts: "$12.00 + €3.50".
func (s sums) String() string {
	var list []string
	for _, m := range s {
		list = append(list, ui.Money(m.Amount, m.Currency))
	}
	return strings.Join(list, " + ")
}
