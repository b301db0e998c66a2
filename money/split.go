package money

import (
	"fmt"
	"slices"
)

// Split rounds the exact sum of the parts half away from zero and hands it out in minor units, one result per part, by
// largest remainder (semantics 1.3). Equal remainders go to the lower index, so callers order the parts by first credited
// touch. The results add up to the rounded sum, each lies within one minor unit of its part, and a part without a remainder
// is met exactly; so a part of zero never gets money. The error is ErrNegative for a negative part, or ErrOverflow.
func Split(parts []Exact) ([]int64, error) {
	var sum Exact
	for i, p := range parts {
		if p.Sign() < 0 {
			return nil, fmt.Errorf("%w: part %d is %v", ErrNegative, i, p)
		}
		sum = sum.Add(p)
	}
	left, err := sum.Round()
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(parts))
	rest := make([]Exact, len(parts))
	order := make([]int, len(parts))
	for i, p := range parts {
		// No floor exceeds the rounded sum, and neither does their total.
		floor, err := p.Floor()
		if err != nil {
			return nil, err
		}
		out[i], rest[i], order[i] = floor, p.Add(Exact{num: -floor, den: 1}), i
		left -= floor
	}
	slices.SortStableFunc(order, func(a, b int) int { return rest[b].Cmp(rest[a]) })
	// What is left is the rounded sum of the remainders, each below one: never more than there are remainders.
	for _, i := range order[:left] {
		out[i]++
	}
	return out, nil
}
