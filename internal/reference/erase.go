package reference

import "slices"

// closed are the conversions of erased customers as they were decided: nothing decides them again (semantics 8.7).
type closed struct {
	decisions []*decision
	awards    []*award // before reviews, tiers and refunds
}

// erase fixes what stands of a customer and forgets who that was.
func (w *world) erase(customer string) string {
	p := w.people()
	group := p.group(customer)
	known := slices.ContainsFunc(w.identifies, func(i identify) bool { return p.group(i.Customer) == group })
	for _, c := range w.conversions {
		known = known || !c.closed && c.Customer != "" && p.groupOf(c) == group
	}
	if !known {
		return "not_found"
	}
	var mine []*decision
	for _, d := range w.decide(p) {
		if d.group == group {
			mine = append(mine, d)
		}
	}
	w.closed.decisions = append(w.closed.decisions, mine...)
	w.closed.awards = append(w.closed.awards, w.fired(mine)...)
	w.forget(p, group)
	return ""
}

func (w *world) forget(p *people, group string) {
	owned := map[string]int{}
	for _, list := range p.clicks {
		for _, c := range list {
			owned[c.ID]++
		}
	}
	for _, c := range p.clicks[group] {
		if owned[c.ID] == 1 {
			delete(w.clicks, c.ID)
			delete(w.seen, stepKey(Step{At: c.at, Click: &c.Click}))
		}
	}
	w.identifies = slices.DeleteFunc(w.identifies, func(i identify) bool {
		if p.group(i.Customer) != group {
			return false
		}
		delete(w.seen, stepKey(Step{At: i.at, Identify: &i.Identify}))
		return true
	})
	for _, c := range w.conversions {
		if !c.closed && p.groupOf(c) == group {
			c.closed = true
			delete(w.seen, stepKey(Step{At: c.at, Conversion: &c.Conversion}))
			c.Customer, c.Click, c.CampaignID, c.Sub = "", "", "", nil
		}
	}
}

// standing are fresh copies of the awards of erased customers. An amended amount counts, as if it had always been.
func (c closed) standing(w *world) []*award {
	var out []*award
	for _, a := range c.awards {
		again := *a
		again.exact = exactAt(a.rule, a.rule.Value, a.conv, a.credit)
		out = append(out, &again)
	}
	w.accrue(out)
	return out
}
