package affiliatetest

import (
	"maps"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate"
)

// Describe returns the reasoning behind conversions for people to read, in the
// order of their times; without ids, behind all. It says which touches were seen
// and which left out and why, the method, model, binding and shares, and for
// each commission the terms, value, rounding, tier, refunds and postings.
func (r Result) Describe(conversions ...string) string {
	if len(conversions) == 0 {
		conversions = slices.Collect(maps.Keys(r.Explanations))
	}
	var list []affiliate.Explanation
	for _, id := range conversions {
		if x, ok := r.Explanations[id]; ok {
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b affiliate.Explanation) int {
		if c := a.Conversion.At.Compare(b.Conversion.At); c != 0 {
			return c
		}
		return strings.Compare(a.Conversion.ID, b.Conversion.ID)
	})
	var text strings.Builder
	for _, x := range list {
		text.WriteString(x.String())
	}
	return text.String()
}
