package reference

import (
	"sort"
	"time"
)

// ledger is what was posted and issued so far: the only state that depends on the order of arrival (semantics 7.5, 8.3).
type ledger struct {
	entries []*entry
	payouts []*payout
}

// entry is append-only. cause is "accrual", "tier", "refund" plus the fact, or "repost" for a failed payout's amount.
type entry struct {
	key      awardKey
	cause    string
	partner  string
	currency string
	amount   int64
	maturity time.Time
	ownTime  bool    // a reversal that matures at the refund's own time
	payout   *payout // where it was paid out
	reposts  *payout // the failed payout that it posts back
}

type payout struct {
	partner, currency string
	cutoff            time.Time
	amount            int64
	status            string
}

func (p *payout) dead() bool { return p.status == "failed" || p.status == "canceled" }

// awards computes the whole outcome from all facts, from scratch.
func (w *world) awards() ([]*award, []*decision) {
	decisions := w.decide(w.people())
	awards := append(w.fired(decisions), w.closed.standing(w)...)
	decisions = append(decisions, w.closed.decisions...)
	sort.SliceStable(awards, func(i, j int) bool {
		return earlier(awards[i].conv.at, awards[i].conv.ID, awards[j].conv.at, awards[j].conv.ID)
	})
	for _, a := range awards {
		w.reviewed(a)
	}
	w.rate(awards)
	for _, a := range awards {
		a.reverse(w.levels(a.conv))
	}
	return awards, decisions
}

// post appends the differences between the computation from scratch and what was posted (semantics 8.2).
func (w *world) post() {
	awards, _ := w.awards()
	byKey := map[awardKey]*award{}
	var keys []awardKey
	for _, a := range awards {
		byKey[a.key] = a
		keys = append(keys, a.key)
	}
	posted := map[awardKey][]*entry{}
	for _, e := range w.ledger.entries {
		if e.reposts != nil || e.cause == "adjustment" {
			continue
		}
		if byKey[e.key] == nil && posted[e.key] == nil {
			keys = append(keys, e.key)
		}
		posted[e.key] = append(posted[e.key], e)
	}
	for _, k := range keys {
		w.postOne(k, byKey[k], posted[k])
	}
}

// postOne posts one commission's differences; a is nil when nothing is due any more.
func (w *world) postOne(k awardKey, a *award, posted []*entry) {
	live := w.inPayout(posted)
	var maturity time.Time
	for _, e := range posted {
		if e.cause == "accrual" || e.cause == "tier" {
			maturity = e.maturity
		}
	}
	due := map[string]int64{"accrual": 0, "tier": 0}
	ownTime := map[string]time.Time{}
	if a != nil {
		maturity = a.maturity
		due["accrual"], due["tier"] = a.accrual, a.tier
		for _, r := range a.ladder {
			due["refund "+r.fact] += r.amount
		}
		for _, l := range a.levels {
			ownTime["refund "+l.fact] = l.at
		}
	}
	for _, e := range posted {
		if _, known := due[e.cause]; !known {
			due[e.cause] = 0
		}
		if _, known := ownTime[e.cause]; !known {
			ownTime[e.cause] = w.factTime(e)
		}
	}
	if a == nil {
		w.takeBack(k, posted)
		return
	}
	for cause, amount := range due {
		w.postCause(k, cause, amount, maturity, ownTime[cause], live && cause != "accrual" && cause != "tier", posted)
	}
}

// takeBack takes back where it stands what is not due any more.
func (w *world) takeBack(k awardKey, posted []*entry) {
	type place struct {
		cause    string
		maturity time.Time
		own      bool
	}
	sums := map[place]int64{}
	for _, e := range posted {
		sums[place{e.cause, e.maturity, e.ownTime}] += e.amount
	}
	for p, sum := range sums {
		if sum != 0 {
			w.append(k, p.cause, -sum, p.maturity, p.own)
		}
	}
}

// factTime is the own time of the refund that caused an entry.
func (w *world) factTime(e *entry) time.Time {
	for _, f := range w.refundFacts(e.key.conversion) {
		if "refund "+f.order() == e.cause {
			return f.at
		}
	}
	return e.maturity
}

// postCause moves what was posted under another maturity, and posts what is missing.
func (w *world) postCause(k awardKey, cause string, due int64, maturity, own time.Time, useOwn bool, posted []*entry) {
	have := map[time.Time]int64{}
	ownSum := int64(0)
	for _, e := range posted {
		switch {
		case e.cause != cause:
		case e.ownTime:
			ownSum += e.amount
		default:
			have[e.maturity.UTC()] += e.amount
		}
	}
	withSum := int64(0)
	for m, sum := range have {
		withSum += sum
		if !m.Equal(maturity) && sum != 0 {
			w.append(k, cause, -sum, m, false)
			w.append(k, cause, sum, maturity, false)
		}
	}
	if missing := due - withSum - ownSum; missing != 0 {
		if useOwn {
			w.append(k, cause, missing, own, true)
		} else {
			w.append(k, cause, missing, maturity, false)
		}
	}
}

func (w *world) append(k awardKey, cause string, amount int64, maturity time.Time, ownTime bool) {
	w.ledger.entries = append(w.ledger.entries, &entry{
		key: k, cause: cause, partner: k.partner, currency: k.currency, amount: amount, maturity: maturity.UTC(), ownTime: ownTime,
	})
}

// inPayout says that something a commission earned, or the re-posted amount of its failed payout, is in a payout that has
// not failed (semantics 7.2). What was earned and taken back in one payout is not in it.
func (w *world) inPayout(posted []*entry) bool {
	inside := map[*payout]int64{}
	for _, e := range posted {
		if e.cause == "accrual" || e.cause == "tier" {
			inside[w.live(e)] += e.amount
		}
	}
	delete(inside, nil)
	return !zeros(inside)
}

func zeros(sums map[*payout]int64) bool {
	for _, sum := range sums {
		if sum != 0 {
			return false
		}
	}
	return true
}

// live is the payout, not failed, that an entry or the re-posted amount of its failed payout is in, or nil.
func (w *world) live(e *entry) *payout {
	for e != nil && e.payout != nil && e.payout.dead() {
		e = w.repostOf(e.payout)
	}
	if e == nil {
		return nil
	}
	return e.payout
}

func (w *world) repostOf(p *payout) *entry {
	for _, e := range w.ledger.entries {
		if e.reposts == p {
			return e
		}
	}
	return nil
}

// payoutRun issues at most one payout for each partner, currency and cut-off (semantics 7.4).
func (w *world) payoutRun(at time.Time) {
	for _, p := range w.order {
		plan := p.planAt(at)
		cutoff := lastCutoff(plan, at)
		for _, currency := range w.currencies(p.ID) {
			w.issue(p, currency, cutoff, plan.Minimum[currency])
		}
	}
}

func (w *world) currencies(partner string) []string {
	seen := map[string]bool{}
	var out []string
	for _, e := range w.ledger.entries {
		if e.partner == partner && !seen[e.currency] {
			seen[e.currency] = true
			out = append(out, e.currency)
		}
	}
	sort.Strings(out)
	return out
}

func (w *world) issue(p *partner, currency string, cutoff time.Time, least int64) {
	for _, old := range w.ledger.payouts {
		if old.partner == p.ID && old.currency == currency && !old.cutoff.Before(cutoff) {
			return
		}
	}
	var open []*entry
	sum := int64(0)
	for _, e := range w.ledger.entries {
		if e.partner == p.ID && e.currency == currency && e.payout == nil && !e.maturity.After(cutoff) {
			open = append(open, e)
			sum += e.amount
		}
	}
	if sum <= 0 || sum < least {
		return
	}
	issued := &payout{p.ID, currency, cutoff, sum, "issued"}
	w.ledger.payouts = append(w.ledger.payouts, issued)
	for _, e := range open {
		e.payout = issued
	}
}

// payoutStatus moves the latest payout; a failed one posts its amount back (semantics 7.5).
func (w *world) payoutStatus(s PayoutStatus) string {
	var latest *payout
	for _, p := range w.ledger.payouts {
		if p.partner == s.Partner && p.currency == s.Currency {
			latest = p
		}
	}
	if latest == nil {
		return "not_found"
	}
	allowed := map[string]string{"issued": "processing paid failed canceled", "processing": "paid failed canceled"}
	if !containsWord(allowed[latest.status], s.Status) {
		return "invalid_transition"
	}
	latest.status = s.Status
	if latest.dead() {
		w.ledger.entries = append(w.ledger.entries, &entry{
			cause: "repost", partner: latest.partner, currency: latest.currency, amount: latest.amount,
			maturity: latest.cutoff.UTC(), reposts: latest,
		})
	}
	return ""
}
