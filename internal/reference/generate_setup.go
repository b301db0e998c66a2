package reference

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

var (
	zones      = []string{"", "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns", "Australia/Lord_Howe", "Europe/Berlin"}
	currencies = []string{"usd", "usd", "usd", "eur", "jpy", "kwd"}
	eventTypes = []string{"", "", "invoice_paid", "invoice_paid", "signup", "trial_started", "subscription_created", "demo_booked"}
	models     = []string{"last_click", "first_click", "linear", "linear", "position", "position"}
	fields     = []string{"campaignId", "sub1", "sub2", "sub30"}
	values     = []string{"spring", "ada", "ada-spring", "Ada", "news"}
)

func (g *generator) setUp() {
	for _, id := range []string{"main", "pro", "eu"}[:1+g.IntN(3)] {
		g.scenario.Programs = append(g.scenario.Programs, g.program(id))
	}
	if g.chance(30) {
		g.scenario.Organization = &Organization{ID: "acme", DefaultProgram: g.programID()}
	}
	for _, id := range []string{"ada", "bob", "cyd", "dan"}[:2+g.IntN(3)] {
		g.scenario.Partners = append(g.scenario.Partners, g.partner(id))
	}
}

func (g *generator) programID() string { return pick(g, g.scenario.Programs...).ID }
func (g *generator) partnerID() string { return pick(g, g.scenario.Partners...).ID }

func (g *generator) program(id string) Program {
	p := Program{ID: id, TimeZone: pick(g, zones...), Model: pick(g, models...), PartnerCodes: g.chance(40)}
	if g.chance(30) {
		p.Currency = pick(g, currencies...)
	}
	if g.chance(45) {
		p.WindowDays = ptr(pick(g, 1, 7, 30, 60, 90))
	}
	if g.chance(40) {
		p.HoldbackDays = ptr(pick(g, 0, 7, 30))
	}
	if g.chance(30) {
		p.Methods = g.methods()
	}
	if g.chance(20) {
		p.Binding = "per_conversion"
	}
	if g.chance(12) {
		p.StartsAt = ptr(g.base.Add(days(g.IntN(20))))
	}
	if g.chance(20) {
		p.EndsAt = ptr(g.base.Add(days(20 + g.IntN(g.span))))
	}
	p.Rules = g.rules()
	return p
}

func (g *generator) methods() []string {
	list := []string{"promo", "click", "match"}
	g.Shuffle(3, func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:pick(g, 3, 3, 3, 3, 2)]
}

func (g *generator) rules() []Rule {
	ids := []string{"rev", "bonus", "later"}
	g.Shuffle(3, func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	var out []Rule
	for _, id := range ids[:1+g.IntN(3)] {
		out = append(out, g.rule(id))
	}
	if g.chance(60) {
		out[0].Trigger, out[0].EventType = "every", ""
	}
	return out
}

func (g *generator) rule(id string) Rule {
	r := Rule{ID: id, Trigger: pick(g, "every", "every", "every", "first", "subsequent"), EventType: pick(g, eventTypes...), Type: "percent"}
	if g.chance(35) {
		r.Type = "fixed"
		if g.chance(40) {
			r.Currency = pick(g, currencies...)
		}
	}
	r.Value = g.value(r.Type)
	if g.chance(35) {
		r.Recurring = true
		if g.chance(75) {
			r.Months = ptr(1 + g.IntN(3))
		}
	}
	if g.chance(g.w.tiers) {
		r.Tiers = g.tiers(r.Type)
	}
	return r
}

func (g *generator) value(kind string) string {
	if kind == "fixed" {
		return pick(g, "0", "1", "333", "333", "1000", "1000", "2500")
	}
	return pick(g, "0", "0.5", "7.25", "10", "12.5", "15", "15", "20", "20", "33.333333", "100")
}

func (g *generator) tiers(kind string) *Tiers {
	t := &Tiers{Metric: pick(g, "conversions", "revenue"), Period: pick(g, "day", "day", "week", "week", "month", "month", "quarter", "year", "lifetime", "payout")}
	if g.chance(70) {
		t.Retroactive = ptr(g.chance(40))
	}
	at, step := int64(1+g.IntN(3)), int64(2)
	if t.Metric == "revenue" {
		at, step = int64(pick(g, 1, 3000, 8889, 12000)), 6000
	}
	for range 1 + g.IntN(3) {
		t.Thresholds = append(t.Thresholds, Threshold{at, g.value(kind)})
		at += 1 + g.Int64N(step)
	}
	return t
}

func (g *generator) partner(id string) Partner {
	p := Partner{ID: id, Email: id + "@partners.test"}
	missing := 20
	if g.profile == "edits" {
		missing = 60
	}
	if g.chance(missing) {
		list := []string{}
		for _, prog := range g.scenario.Programs {
			if g.chance(40) {
				list = append(list, prog.ID)
				continue
			}
			at := g.base.Add(days(g.IntN(g.span / 3))).UTC()
			g.add(g.late(at), Step{At: at, Approve: &Partnership{id, prog.ID}})
		}
		p.Programs = &list
	}
	for i := range g.IntN(3) {
		c := CodeSetup{Code: fmt.Sprintf("%s-%d0", id, i+1)}
		if g.chance(50) {
			c.Program = g.programID()
		}
		p.Codes = append(p.Codes, c)
		g.codes = append(g.codes, c.Code)
	}
	for range g.IntN(4) {
		op := pick(g, "equals", "not_equals", "contains", "not_contains", "starts_with")
		p.Match = append(p.Match, Condition{pick(g, fields...), op, pick(g, values...)})
	}
	if g.chance(75) {
		p.Payout = g.plan()
	}
	return p
}

func (g *generator) plan() *PayoutPlan {
	plan := &PayoutPlan{Cadence: pick(g, "daily", "weekly", "monthly", "monthly", "monthly", "cron"), TimeZone: pick(g, zones...)}
	switch plan.Cadence {
	case "weekly":
		plan.Weekday = pick(g, "monday", "wednesday", "sunday")
	case "monthly":
		plan.Day = pick(g, 1, 1, 15, 30, 31)
	case "cron":
		plan.Cron = pick(g, "0 9 * * 1", "30 6 15 * *", "0 0 1,15 * *", "*/30 12 * * 5", "0 0 13 * 5", "15 2-4 1-7 */3 *")
	}
	if plan.Cadence != "cron" {
		plan.Hour = pick(g, 0, 0, 2, 3, 9, 23)
	}
	if g.chance(50) {
		plan.Minimum = map[string]int64{"usd": int64(pick(g, 0, 100, 1500, 5000))}
	}
	return plan
}

func (g *generator) drawSetup() {
	at := g.time()
	p := g.partnerID()
	key := Partnership{p, g.programID()}
	switch g.IntN(11) {
	case 0, 1:
		g.drawPartnerEdit()
	case 10:
		g.add(at, Step{At: at, Erase: &Erasure{Customer: pick(g, "cus_1", "cus_1", "cus_2", "user_1")}})
	case 2, 3:
		of := Suspension{Partner: p}
		if g.chance(50) {
			of.Program = key.Program
		}
		g.add(g.late(at), Step{At: at, Suspend: &of})
		if g.chance(70) {
			back := at.Add(days(1 + g.IntN(15)))
			g.add(g.late(back), Step{At: back, Reinstate: &of})
		}
	case 4, 5:
		g.add(g.late(at), Step{At: at, Revoke: &key})
		if g.chance(60) {
			back := at.Add(days(g.IntN(15)))
			g.add(g.late(back), Step{At: back, Approve: &key})
		}
	case 6:
		a := Adoption{Program: key.Program}
		if g.chance(50) {
			a.Partner = p
		}
		g.add(g.late(at), Step{At: at, Adopt: &a})
	case 7:
		g.drawAdjustment(p, at)
	default:
		g.add(g.late(at), Step{At: at, Approve: &key})
	}
}

// drawAdjustment posts an amount by hand, seldom one that is refused, and sometimes again.
func (g *generator) drawAdjustment(partner string, at time.Time) {
	a := Adjustment{
		ID: g.id("adj"), Partner: partner, Currency: pick(g, "", "usd", "eur", "jpy"),
		Amount: int64(pick(g, 1500, 250, -250, -2000, 1, 0)), Reason: pick(g, "bonus", "correction", "taken over", ""),
	}
	g.add(g.late(at), Step{At: at, Adjustment: &a})
	if g.chance(20) {
		again := a
		again.Amount += int64(pick(g, 0, 0, 5))
		g.add(g.late(at), Step{At: at, Adjustment: &again})
	}
}

func (g *generator) drawEdit() {
	at := g.time()
	e := &EditProgram{ID: g.programID()}
	switch g.IntN(8) {
	case 0, 1:
		rules := g.rules()
		e.Rules = &rules
	case 2:
		e.HoldbackDays = ptr(pick(g, 0, 3, 14, 30))
	case 3:
		e.Model = ptr(pick(g, models...))
	case 4:
		e.WindowDays = ptr(pick(g, 1, 7, 30, 60))
	case 5:
		if g.chance(30) {
			e.nulls = []string{"endsAt"}
		} else {
			e.EndsAt = ptr(pick(g, at, at.Add(days(g.IntN(30)))))
		}
	case 6:
		methods := g.methods()
		e.Methods = &methods
	default:
		e.Binding = ptr(pick(g, "sticky", "per_conversion"))
	}
	g.add(g.late(at), Step{At: at, EditProgram: e})
}

// drawPartnerEdit changes a part of a payout plan or the match conditions.
func (g *generator) drawPartnerEdit() {
	at := g.time()
	e := &EditPartner{ID: g.partnerID()}
	switch g.IntN(6) {
	case 0:
		e.Payout = parts(`"day"`, pick(g, "1", "10", "31"), `"hour"`, pick(g, "0", "9"))
	case 1:
		e.Payout = parts(`"minimum"`, pick(g, `{"usd":100}`, `{"eur":2000}`, `{"usd":null}`, "null"))
	case 2:
		e.Payout = parts(`"cadence"`, pick(g, `"daily"`, `"weekly"`, `"monthly"`), `"timeZone"`, pick(g, `"Asia/Kolkata"`, `"UTC"`))
	case 3:
		e.Payout = parts(`"cadence"`, `"cron"`, `"cron"`, pick(g, `"0 0 1,15 * *"`, `"30 6 * * 1"`))
	case 4:
		e.nulls = []string{"match"}
	default:
		e.Match = &[]Condition{{pick(g, fields...), pick(g, "equals", "contains"), pick(g, values...)}}
	}
	g.add(g.late(at), Step{At: at, EditPartner: e})
}

// parts is an object of names and values, both as JSON.
func parts(members ...string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for i := 0; i < len(members); i += 2 {
		out[strings.Trim(members[i], `"`)] = json.RawMessage(members[i+1])
	}
	return out
}

func (g *generator) drawOverride() {
	at := g.time()
	key := Partnership{g.partnerID(), g.programID()}
	o := &Override{Partner: key.Partner, Program: key.Program}
	if g.chance(60) {
		rules := g.rules()
		o.Rules = &rules
	}
	if o.Rules == nil || g.chance(40) {
		o.HoldbackDays = ptr(pick(g, 0, 5, 45))
	}
	arrival := g.late(at)
	g.add(arrival, Step{At: at, Override: o})
	if g.chance(60) {
		clear := at.Add(days(1 + g.IntN(30)))
		if clear.After(arrival) {
			arrival = clear
		}
		g.add(arrival, Step{At: clear, ClearOverride: &key})
		if g.chance(40) {
			g.afterClear(key, clear.Add(days(1)))
		}
	}
}

// afterClear overrides the holdback alone, which freezes the live rules, and then edits those.
func (g *generator) afterClear(key Partnership, at time.Time) {
	g.add(at, Step{At: at, Override: &Override{Partner: key.Partner, Program: key.Program, HoldbackDays: ptr(pick(g, 0, 5, 20))}})
	rules := g.rules()
	g.add(at.Add(days(1)), Step{At: at.Add(days(1)), EditProgram: &EditProgram{ID: key.Program, Rules: &rules}})
}

// drawCode adds a code, and may retire it and bring it back.
func (g *generator) drawCode() {
	at := g.time()
	a := &AddCode{Code: fmt.Sprintf("new-%d", g.IntN(5)), Partner: g.partnerID(), Program: g.programID(), By: pick(g, "owner", "partner", "")}
	if g.chance(10) {
		a.Code = pick(g, "X", "no good", "ÄÖÜ")
	}
	if g.chance(25) && len(g.codes) > 0 {
		a.Code = pick(g, g.codes...)
	}
	g.codes = append(g.codes, a.Code)
	g.add(at, Step{At: at, AddCode: a})
	if !g.chance(60) {
		return
	}
	out := at.Add(days(1 + g.IntN(20)))
	g.add(out, Step{At: out, RetireCode: &RetireCode{a.Code}})
	if g.chance(60) {
		back := out.Add(time.Duration(g.IntN(10)) * 24 * time.Hour)
		again := *a
		again.By = pick(g, "owner", "owner", "partner")
		g.add(back, Step{At: back, AddCode: &again})
	}
}

func (g *generator) drawRun() {
	at := g.time()
	if g.chance(35) {
		p := pick(g, g.scenario.Partners...)
		if p.Payout != nil {
			at = lastCutoff(*p.Payout, at.Add(days(20))).UTC()
		}
	}
	g.add(pick(g, at, at, g.late(at)), Step{At: at, PayoutRun: &struct{}{}})
	if g.chance(30) {
		g.drawStatusAt(at.Add(time.Hour))
	}
}

func (g *generator) drawStatus() { g.drawStatusAt(g.time()) }

func (g *generator) drawStatusAt(at time.Time) {
	status := pick(g, "processing", "paid", "paid", "failed", "failed", "canceled")
	g.add(at, Step{At: at, PayoutStatus: &PayoutStatus{g.partnerID(), pick(g, "usd", "usd", "usd", "eur", "jpy"), status}})
}
