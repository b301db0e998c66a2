package commission

import (
	"slices"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
)

// accrue sets what each line accrues. Lines are those of one conversion, one
// per (partner, program, rule) that fired. Lines of one rule id on one program
// in one currency are paid together: the exact amounts are summed, the sum is
// rounded once, and the minor units are handed out by largest remainder, ties
// to the partner whose first credited touch is earlier (semantics 1.3).
func accrue(lines []Commission) error {
	groups := map[[3]string][]*Commission{}
	var order [][3]string
	for i := range lines {
		l := &lines[i]
		key := [3]string{l.Program, l.Rule, string(l.Currency)}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], l)
	}
	for _, key := range order {
		if err := accrueTogether(groups[key]); err != nil {
			return err
		}
	}
	return nil
}

func accrueTogether(group []*Commission) error {
	slices.SortStableFunc(group, func(a, b *Commission) int {
		if attribution.Before(a.TouchAt, a.TouchID, b.TouchAt, b.TouchID) {
			return -1
		}
		return 1
	})
	parts := make([]money.Exact, len(group))
	for i, l := range group {
		exact, err := l.exactAt(l.Value)
		if err != nil {
			return err
		}
		parts[i], l.Exact = exact, exact.String()
	}
	amounts, err := money.Split(parts)
	if err != nil {
		return err
	}
	for i, l := range group {
		l.Accrued = amounts[i]
	}
	return nil
}
