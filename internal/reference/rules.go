package reference

import (
	"math/big"
	"sort"
	"time"
)

// award is one commission: what one rule pays one partner for one conversion, and what was added and taken since.
type award struct {
	key      awardKey
	conv     *conversion
	credit   credit
	rule     Rule
	currency string
	exact    *big.Rat // at the rule's own value
	accrual  int64
	tier     int64
	maturity time.Time
	rejected *time.Time
	levels   []level
	ladder   []rung
}

type awardKey struct{ conversion, partner, program, rule, currency string }

// fired finds every rule that fires, in the decisions' order.
func (w *world) fired(decisions []*decision) []*award {
	var out []*award
	history := map[string][]*decision{} // by group: earlier decisions
	for _, d := range decisions {
		history[d.group] = append(history[d.group], d)
		for _, cr := range d.credits {
			out = append(out, w.fire(d, cr, history[d.group])...)
		}
	}
	w.accrue(out)
	return out
}

func (w *world) fire(d *decision, cr credit, history []*decision) []*award {
	var out []*award
	prog := w.programs[cr.program]
	t := w.partnerships[Partnership{cr.partner, cr.program}].termsAt(prog, d.conv.at)
	for _, r := range t.rules {
		first, ofType := firstMatch(r, cr, history), firstMatch(r.of(d.conv.Type), cr, history)
		if !matches(r, d.conv) || prog.endedAt(d.conv.at) && d.conv != ofType || !fires(r, prog, d.conv, first) {
			continue
		}
		currency := w.currencyOf(d.conv)
		if r.Type == "fixed" {
			currency = or(r.Currency, prog.currency)
		}
		out = append(out, &award{
			key:  awardKey{d.conv.ID, cr.partner, cr.program, r.ID, currency},
			conv: d.conv, credit: cr, rule: r, currency: currency,
			exact: exactAt(r, r.Value, d.conv, cr), maturity: d.conv.at.Add(days(t.holdback)),
		})
	}
	return out
}

// matches is semantics 4.2 and 4.5.
func matches(r Rule, c *conversion) bool {
	positive := c.amount() > 0
	switch {
	case r.EventType != "" && r.EventType != c.Type:
		return false
	case r.EventType == "", r.Type == "percent", c.Type == "invoice_paid":
		return positive
	}
	return true
}

// firstMatch is the first conversion that the rule matches and that is credited to the same program, partner and
// customer, whether or not the rule was in force then (semantics 4.3).
func firstMatch(r Rule, cr credit, history []*decision) *conversion {
	for _, d := range history {
		if !matches(r, d.conv) {
			continue
		}
		for _, other := range d.credits {
			if other.partner == cr.partner && other.program == cr.program {
				return d.conv
			}
		}
	}
	return nil
}

// of is the rule for conversions of one type; what it pays stays the same (semantics 2.3).
func (r Rule) of(eventType string) Rule {
	if r.EventType == "" {
		r.EventType, r.Type = eventType, "percent" // which asks for a positive amount, as a rule without a type does
	}
	return r
}

// fires is the trigger and the cap in months (semantics 4.3, 4.4).
func fires(r Rule, p *program, c, first *conversion) bool {
	isFirst := c == first
	if r.Trigger == "first" && !isFirst || r.Trigger == "subsequent" && isFirst {
		return false
	}
	return r.Months == nil || c.at.Before(addMonths(first.at, *r.Months, p.loc))
}

// exactAt is the exact amount at a value of the rule (semantics 4.5).
func exactAt(r Rule, value string, c *conversion, cr credit) *big.Rat {
	v := rat(value)
	if r.Type == "percent" {
		v.Mul(v, new(big.Rat).SetInt64(c.amount()))
		v.Quo(v, hundred)
	}
	return v.Mul(v, cr.share)
}

// accrue hands out each rule's rounded sum by largest remainder (semantics 1.3).
func (w *world) accrue(awards []*award) {
	type pot struct{ conversion, program, rule, currency string }
	pots := map[pot][]*award{}
	for _, a := range awards {
		k := pot{a.conv.ID, a.key.program, a.rule.ID, a.currency}
		pots[k] = append(pots[k], a)
	}
	for _, list := range pots {
		sum, given := new(big.Rat), int64(0)
		for _, a := range list {
			sum.Add(sum, a.exact)
			a.accrual = floor(a.exact)
			given += a.accrual
		}
		sort.Slice(list, func(i, j int) bool { return list[i].before(list[j]) })
		for i := range round(sum) - given {
			list[i].accrual++
		}
	}
}

// before puts the largest remainder first, ties by the earlier first credited touch.
func (a *award) before(b *award) bool {
	if c := remainder(a.exact).Cmp(remainder(b.exact)); c != 0 {
		return c > 0
	}
	if !a.credit.firstAt.Equal(b.credit.firstAt) || a.credit.firstID != b.credit.firstID {
		return earlier(a.credit.firstAt, a.credit.firstID, b.credit.firstAt, b.credit.firstID)
	}
	return a.key.partner < b.key.partner
}

func floor(r *big.Rat) int64 {
	return new(big.Int).Div(r.Num(), r.Denom()).Int64() // Euclidean: the floor, as the denominator is positive
}

func remainder(r *big.Rat) *big.Rat {
	return new(big.Rat).Sub(r, new(big.Rat).SetInt64(floor(r)))
}

// round is half away from zero (semantics 1.2).
func round(r *big.Rat) int64 {
	half := big.NewRat(1, 2)
	if r.Sign() < 0 {
		return -floor(new(big.Rat).Add(new(big.Rat).Neg(r), half))
	}
	return floor(new(big.Rat).Add(r, half))
}
