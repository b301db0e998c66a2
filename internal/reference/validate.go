package reference

import (
	"math/big"
	"regexp"
	"slices"
)

var decimalText = regexp.MustCompile(`^[0-9]+(\.[0-9]{1,6})?$`)

var hundred = big.NewRat(100, 1)

func rat(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("reference: bad decimal " + text)
	}
	return r
}

// validRules checks what semantics 4.7 lists.
func validRules(rules []Rule) bool {
	seen := map[string]bool{}
	for _, r := range rules {
		if r.ID == "" || seen[r.ID] || !validRule(r) {
			return false
		}
		seen[r.ID] = true
	}
	return len(rules) > 0
}

func validRule(r Rule) bool {
	switch {
	case !slices.Contains([]string{"every", "first", "subsequent"}, r.Trigger):
		return false
	case r.Type != "percent" && r.Type != "fixed":
		return false
	case !validValue(r.Type, r.Value):
		return false
	case r.Months != nil && (*r.Months < 1 || !r.Recurring):
		return false
	}
	return r.Tiers == nil || validTiers(r.Type, *r.Tiers)
}

func validValue(kind, value string) bool {
	if !decimalText.MatchString(value) {
		return false
	}
	v := rat(value)
	if kind == "fixed" {
		return v.IsInt()
	}
	return v.Cmp(hundred) <= 0
}

func validTiers(kind string, t Tiers) bool {
	periods := []string{"day", "week", "month", "quarter", "year", "lifetime", "payout"}
	if t.Metric != "conversions" && t.Metric != "revenue" || !slices.Contains(periods, t.Period) || len(t.Thresholds) == 0 {
		return false
	}
	for i, step := range t.Thresholds {
		if !validValue(kind, step.Value) || i > 0 && step.At <= t.Thresholds[i-1].At {
			return false
		}
	}
	return true
}

// onlyNulls reports whether nothing but these is null.
func onlyNulls(nulls []string, optional ...string) bool {
	for _, name := range nulls {
		if !slices.Contains(optional, name) {
			return false
		}
	}
	return true
}

func validEdit(e *EditProgram) bool {
	switch {
	case !onlyNulls(e.nulls, "name", "deepLinkDomains", "startsAt", "endsAt"):
		return false
	case e.Rules != nil && !validRules(*e.Rules):
		return false
	case e.HoldbackDays != nil && *e.HoldbackDays < 0, e.WindowDays != nil && *e.WindowDays < 0:
		return false
	case e.Model != nil && !slices.Contains([]string{"last_click", "first_click", "linear", "position"}, *e.Model):
		return false
	case e.Binding != nil && *e.Binding != "sticky" && *e.Binding != "per_conversion":
		return false
	}
	if e.Methods != nil {
		for _, m := range *e.Methods {
			if m != "promo" && m != "click" && m != "match" {
				return false
			}
		}
	}
	return true
}

func validOverride(o *Override) bool {
	return onlyNulls(o.nulls) && (o.Rules == nil || validRules(*o.Rules)) && (o.HoldbackDays == nil || *o.HoldbackDays >= 0)
}
