package reference

import "strings"

// match credits the first partner in the owner's order any of whose conditions holds (semantics 3.9).
func (f *fold) match(c *conversion, paying *program) ([]credit, string) {
	if !paying.activeAt(c.at) {
		return nil, "program_not_active"
	}
	latest := f.latestClick(c, paying)
	for _, p := range f.w.order {
		if f.atConversion(p.ID, paying, c) != "" || f.w.selfReferral(f.people, f.group, p.ID, c.at) {
			continue
		}
		for _, cond := range p.match.at(c.at) {
			if cond.holds(fieldOf(c, latest, cond.Field)) {
				return single(c, p.ID, paying.id, ""), ""
			}
		}
	}
	return nil, "no_match"
}

// latestClick is the customer's latest click at or before the conversion, of any program, unflagged, in the window.
func (f *fold) latestClick(c *conversion, paying *program) *click {
	var latest *click
	for _, k := range f.people.clicks[f.group] {
		if !k.at.After(c.at) && k.Flag == "" && c.at.Sub(k.at) <= days(paying.window.at(c.at)) {
			latest = k
		}
	}
	return latest
}

func fieldOf(c *conversion, k *click, field string) string {
	own, clicked := c.Sub[field], ""
	if field == "campaignId" {
		own = c.CampaignID
	}
	if k != nil {
		clicked = k.Sub[field]
		if field == "campaignId" {
			clicked = k.CampaignID
		}
	}
	return or(own, clicked)
}

// holds is never true on a missing or empty field.
func (c Condition) holds(value string) bool {
	if value == "" {
		return false
	}
	switch c.Op {
	case "equals":
		return value == c.Value
	case "not_equals":
		return value != c.Value
	case "contains":
		return strings.Contains(value, c.Value)
	case "not_contains":
		return !strings.Contains(value, c.Value)
	case "starts_with":
		return strings.HasPrefix(value, c.Value)
	}
	return false
}
