package reference

import (
	"math/big"
	"sort"
	"time"
)

// level is R after one refund or dispute fact, and whether any refund counts then (semantics 7.2).
type level struct {
	fact   string
	at     time.Time
	amount int64
	counts bool
	// rejected says that the owner has rejected the commission by then.
	rejected bool
}

// rung is a level with what it takes from one commission.
type rung struct {
	fact   string
	at     time.Time
	amount int64 // negative takes, positive gives back
}

type refundFact struct {
	id, status string // status is empty for a refund, "failed" for its failure
	at         time.Time
	amount     *int64
}

func (f refundFact) order() string { return f.id + "\x00" + f.status }

func (w *world) refundFacts(conv string) []refundFact {
	var out []refundFact
	for _, r := range w.refunds {
		if r.Conversion == conv {
			out = append(out, refundFact{r.ID, "", r.at, r.Amount})
			if at, failed := w.failed[r.ID]; failed {
				out = append(out, refundFact{r.ID, "failed", at, nil})
			}
		}
	}
	for _, d := range w.disputes {
		if d.Conversion == conv {
			out = append(out, refundFact{d.ID, d.Status, d.at, d.Amount})
		}
	}
	sort.Slice(out, func(i, j int) bool { return earlier(out[i].at, out[i].order(), out[j].at, out[j].order()) })
	return out
}

// levels is the ladder of R, one level after each fact in time order.
func (w *world) levels(c *conversion) []level {
	var out []level
	facts := w.refundFacts(c.ID)
	for i, f := range facts {
		sum, counts := refunded(facts[:i+1], c.amount())
		out = append(out, level{fact: f.order(), at: f.at, amount: sum, counts: counts})
	}
	return out
}

// refunded adds refunds to disputes whose latest status is open or lost, at most a.
func refunded(facts []refundFact, a int64) (int64, bool) {
	sum, counts := int64(0), false
	latest := map[string]refundFact{}
	failed := map[string]bool{}
	for _, f := range facts {
		failed[f.id] = failed[f.id] || f.status == "failed"
	}
	for _, f := range facts {
		switch {
		case f.status == "failed" || f.status == "" && failed[f.id]:
			continue
		case f.status != "":
			latest[f.id] = f
			continue
		}
		counts = true
		sum += amountOr(f.amount, a)
	}
	for _, f := range latest {
		if f.status != "won" {
			counts = true
			sum += amountOr(f.amount, a)
		}
	}
	return min(sum, a), counts
}

func amountOr(amount *int64, whole int64) int64 {
	if amount == nil {
		return whole
	}
	return *amount
}

// levelAt is R at a time, from the facts up to it.
func levelAt(levels []level, t time.Time) level {
	var last level
	for _, l := range levels {
		if !l.at.After(t) {
			last = l
		}
	}
	return last
}

func finalLevel(levels []level) level {
	if len(levels) == 0 {
		return level{}
	}
	return levels[len(levels)-1]
}

// reverse fills the award's ladder: round(commission after tiers x R / a), a fixed one only in full, and all of it from a
// rejection on.
func (a *award) reverse(levels []level) {
	a.levels = levels
	if a.rejected != nil {
		last := levelAt(levels, *a.rejected)
		last.fact, last.at = "reject "+a.key.partner+" "+a.key.program+" "+a.key.rule, *a.rejected
		a.levels = append(append([]level{}, levels...), last)
		sort.SliceStable(a.levels, func(i, j int) bool { return a.levels[i].at.Before(a.levels[j].at) })
		for i := range a.levels {
			a.levels[i].rejected = !a.levels[i].at.Before(*a.rejected)
		}
	}
	before := int64(0)
	for _, l := range a.levels {
		total := a.reversal(l)
		if total != before {
			a.ladder = append(a.ladder, rung{l.fact, l.at, before - total})
		}
		before = total
	}
}

func (a *award) reversal(l level) int64 {
	commission, amount := a.accrual+a.tier, a.conv.amount()
	if l.rejected {
		return commission
	}
	if a.rule.Type == "fixed" {
		if l.counts && l.amount == amount {
			return commission
		}
		return 0
	}
	return round(new(big.Rat).Mul(big.NewRat(l.amount, amount), new(big.Rat).SetInt64(commission)))
}
