package attribution

import (
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Op is how a condition compares.
type Op string

// The operators of match conditions; all are case-sensitive.
const (
	Equals      Op = "equals"
	NotEquals   Op = "not_equals"
	Contains    Op = "contains"
	NotContains Op = "not_contains"
	StartsWith  Op = "starts_with"
)

// Valid reports whether o is a known operator.
func (o Op) Valid() bool {
	switch o {
	case Equals, NotEquals, Contains, NotContains, StartsWith:
		return true
	}
	return false
}

// Condition claims tagged traffic for a partner.
type Condition struct {
	Field string `json:"field"` // campaignId or sub1 … sub30
	Op    Op     `json:"op"`
	Value string `json:"value"`
}

// ValidSub reports whether key is one of sub1 … sub30.
func ValidSub(key string) bool {
	digits, ok := strings.CutPrefix(key, "sub")
	if !ok || digits == "" || digits[0] == '0' {
		return false
	}
	n, err := strconv.Atoi(digits)
	return err == nil && n >= 1 && n <= 30 && strconv.Itoa(n) == digits
}

// ValidField reports whether a condition may look at the field.
func ValidField(field string) bool { return field == "campaignId" || ValidSub(field) }

// Tags are the fields that conditions look at.
type Tags struct {
	CampaignID string
	Sub        map[string]string
}

func (t Tags) field(name string) string {
	if name == "campaignId" {
		return t.CampaignID
	}
	return t.Sub[name]
}

// Holds reports whether the condition holds: each field comes from the
// conversion or, if empty there, from the click. A condition on an empty field
// never holds, a negative one neither (semantics 3.9).
func (c Condition) Holds(conversion, click Tags) bool {
	value := conversion.field(c.Field)
	if value == "" {
		value = click.field(c.Field)
	}
	if value == "" {
		return false
	}
	switch c.Op {
	case Equals:
		return value == c.Value
	case NotEquals:
		return value != c.Value
	case Contains:
		return strings.Contains(value, c.Value)
	case NotContains:
		return !strings.Contains(value, c.Value)
	case StartsWith:
		return strings.HasPrefix(value, c.Value)
	}
	return false
}

// Matcher is a partner with the conditions that claim tagged traffic for it. Any
// one of them that holds is enough.
type Matcher struct {
	Partner    string      // id of the partner
	Conditions []Condition // none: the partner is never matched
}

// Matched is the result of FirstMatch.
type Matched struct {
	Partner string   // id of the partner that is credited; empty if nobody is
	ByClick bool     // the fields of the click were needed for it
	Passed  []Passed // partners before it whose conditions held, and why they get nothing
}

// Passed is a partner that a match passed over.
type Passed struct {
	Partner string `json:"partner"` // id of the partner
	Reason  Reason `json:"reason"`  // why it gets nothing
}

// FirstMatch returns the first of the partners, in the owner's order, any of
// whose conditions holds for the tags of a conversion and of the click before it.
// A partner for whom refuse returns a reason is passed over (semantics 3.9).
func FirstMatch(partners iter.Seq[Matcher], conversion, click Tags, refuse func(partner string) Reason) Matched {
	var m Matched
	for p := range partners {
		holds := func(click Tags) bool {
			return slices.ContainsFunc(p.Conditions, func(c Condition) bool { return c.Holds(conversion, click) })
		}
		if !holds(click) {
			continue
		}
		if reason := refuse(p.Partner); reason != "" {
			m.Passed = append(m.Passed, Passed{p.Partner, reason})
			continue
		}
		m.Partner, m.ByClick = p.Partner, !holds(Tags{})
		return m
	}
	return m
}
