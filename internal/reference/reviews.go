package reference

import (
	"encoding/json"
	"sort"
	"time"
)

// never is when what is under review matures.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// review is a word of the owner: "hold", "release" or "reject".
type review struct {
	at   time.Time
	kind string
}

func (w *world) review(s Step) string {
	kind, of := "hold", s.Hold
	switch {
	case s.Release != nil:
		kind, of = "release", s.Release
	case s.Reject != nil:
		kind, of = "reject", s.Reject
	}
	awards, _ := w.awards()
	for _, a := range awards {
		k := a.key
		if k.conversion != of.Conversion || k.partner != of.Partner || k.program != of.Program || k.rule != of.Rule {
			continue
		}
		if kind == "hold" && w.everPaidOut(k) {
			return "invalid_transition"
		}
		k.currency = ""
		w.reviews[k] = append(w.reviews[k], review{s.At, kind})
		sort.SliceStable(w.reviews[k], func(i, j int) bool { return w.reviews[k][i].at.Before(w.reviews[k][j].at) })
		return ""
	}
	return "not_found"
}

// everPaidOut says that a commission is or was in a payout.
func (w *world) everPaidOut(k awardKey) bool {
	inside := map[*payout]int64{}
	for _, e := range w.ledger.entries {
		if e.key == k && e.payout != nil && (e.cause == "accrual" || e.cause == "tier") {
			inside[e.payout] += e.amount
		}
	}
	return !zeros(inside)
}

// reviewed lays the owner's words over an award: what is held matures never, what is rejected is reversed.
func (w *world) reviewed(a *award) {
	k := a.key
	k.currency = ""
	held := false
	for _, r := range w.reviews[k] {
		switch {
		case r.kind == "reject" && a.rejected == nil:
			a.rejected = &r.at
		case r.kind != "reject":
			held = r.kind == "hold"
		}
	}
	if held {
		a.maturity = never
	}
}

func (w *world) amended(conversion string) *timeline[int64] {
	if w.amounts[conversion] == nil {
		w.amounts[conversion] = &timeline[int64]{}
	}
	return w.amounts[conversion]
}

func (w *world) amend(at time.Time, a Amendment) string {
	if a.Amount < 0 {
		return "invalid_input"
	}
	w.amended(a.Conversion).set(at, a.Amount)
	return ""
}

// planEdit is a change of the payout plan.
type planEdit struct {
	at     time.Time
	fields map[string]json.RawMessage
}

// planAt is the payout plan in force at t: every field as the last change that names it says (semantics 2.6, 2.7).
func (p *partner) planAt(t time.Time) PayoutPlan {
	plan := p.first
	plan.Minimum = map[string]int64{}
	for currency, least := range p.first.Minimum {
		plan.Minimum[currency] = least
	}
	for _, e := range p.plans {
		if !e.at.After(t) {
			plan.change(e.fields)
		}
	}
	return plan
}

func (p *PayoutPlan) change(fields map[string]json.RawMessage) {
	for name, into := range map[string]any{
		"cadence": &p.Cadence, "weekday": &p.Weekday, "day": &p.Day, "hour": &p.Hour, "timeZone": &p.TimeZone, "cron": &p.Cron,
	} {
		if value := fields[name]; value != nil {
			must(json.Unmarshal(value, into))
		}
	}
	var least map[string]*int64
	if value := fields["minimum"]; string(value) == "null" {
		p.Minimum = map[string]int64{}
	} else if value != nil {
		must(json.Unmarshal(value, &least))
	}
	for currency, amount := range least {
		if amount == nil {
			delete(p.Minimum, currency)
		} else {
			p.Minimum[currency] = *amount
		}
	}
}

func must(err error) {
	if err != nil {
		panic("reference: " + err.Error())
	}
}

func (w *world) editPartner(at time.Time, e *EditPartner) string {
	p := w.partners[e.ID]
	if p == nil {
		return "not_found"
	}
	var nulls []string
	for name, value := range e.Payout {
		if string(value) == "null" {
			nulls = append(nulls, name)
		}
	}
	if !onlyNulls(e.nulls, "name", "email", "match") || !onlyNulls(nulls, "cron", "minimum") {
		return "invalid_terms"
	}
	if e.Email != "" {
		p.email.set(at, e.Email)
	}
	if e.Match != nil {
		p.match.set(at, *e.Match)
	}
	for _, name := range e.nulls {
		switch name {
		case "email":
			p.email.set(at, "")
		case "match":
			p.match.set(at, nil)
		}
	}
	if e.Payout != nil {
		p.plans = append(p.plans, planEdit{at, e.Payout})
		sort.SliceStable(p.plans, func(i, j int) bool { return p.plans[i].at.Before(p.plans[j].at) })
	}
	return ""
}
