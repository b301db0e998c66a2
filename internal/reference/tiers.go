package reference

import (
	"math/big"
	"time"
)

// rate fills the tier entry of every award (semantics 5).
func (w *world) rate(awards []*award) {
	levels := map[*conversion][]level{}
	ladders := map[awardKey][]*award{}
	for _, a := range awards {
		levels[a.conv] = w.levels(a.conv)
		k := awardKey{"", a.key.partner, a.key.program, a.key.rule, ""}
		ladders[k] = append(ladders[k], a)
	}
	for _, a := range awards {
		if a.rule.Tiers == nil || a.rejected != nil {
			continue
		}
		peers := w.samePeriod(a, ladders[awardKey{"", a.key.partner, a.key.program, a.key.rule, ""}])
		value := a.rule.Value
		if reached := w.reached(a, peers, levels); reached != "" {
			value = reached
		}
		extra := round(exactAt(a.rule, value, a.conv, a.credit)) - round(a.exact)
		a.tier = max(extra, -a.accrual)
	}
}

// samePeriod are the awards of the same partner, program and rule id in the award's period, in time order.
func (w *world) samePeriod(a *award, all []*award) []*award {
	period, who := a.rule.Tiers.Period, w.partners[a.key.partner]
	loc := w.programs[a.key.program].loc
	start := periodStart(period, a.conv.at, loc, who.planAt(a.conv.at))
	var out []*award
	for _, b := range all {
		if periodStart(period, b.conv.at, loc, who.planAt(b.conv.at)).Equal(start) {
			out = append(out, b)
		}
	}
	return out
}

// reached is the value of the highest threshold reached, or "".
func (w *world) reached(a *award, peers []*award, levels map[*conversion][]level) string {
	t := a.rule.Tiers
	if t.Retroactive == nil || *t.Retroactive {
		return valueAt(t, w.metric(t, peers, func(b *award) level {
			l := finalLevel(levels[b.conv])
			l.rejected = b.rejected != nil
			return l
		}))
	}
	best := int64(0)
	for i, upTo := range peers {
		if earlier(a.conv.at, a.conv.ID, upTo.conv.at, upTo.conv.ID) {
			break
		}
		best = max(best, w.metric(t, peers[:i+1], at(levels, upTo.conv.at)))
	}
	return valueAt(t, best)
}

func at(levels map[*conversion][]level, t time.Time) func(*award) level {
	return func(b *award) level {
		l := levelAt(levels[b.conv], t)
		l.rejected = b.rejected != nil && !b.rejected.After(t)
		return l
	}
}

func valueAt(t *Tiers, metric int64) string {
	value := ""
	for _, step := range t.Thresholds {
		if metric >= step.At {
			value = step.Value
		}
	}
	return value
}

// metric counts conversions that are not fully refunded, or adds up their revenue in the program's currency.
func (w *world) metric(t *Tiers, awards []*award, levelOf func(*award) level) int64 {
	total := int64(0)
	for _, a := range awards {
		l, amount := levelOf(a), a.conv.amount()
		switch {
		case l.rejected, l.counts && l.amount == amount:
			continue
		case t.Metric == "conversions":
			total++
		case w.currencyOf(a.conv) == w.programs[a.key.program].currency:
			left := new(big.Rat).SetInt64(amount - l.amount)
			total += round(left.Mul(left, a.credit.share))
		}
	}
	return total
}
