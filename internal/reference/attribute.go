package reference

import (
	"math/big"
	"sort"
	"time"
)

// credit is a partner's share of a conversion on one program, with its first credited touch.
type credit struct {
	partner, program string
	share            *big.Rat
	firstAt          time.Time
	firstID          string
}

// decision is what a conversion was decided to be: credits, or none and a reason.
type decision struct {
	conv    *conversion
	group   string
	credits []credit
	method  string
	reason  string
}

// binding is what a customer is bound to in a scope; setAt and setID name the conversion that set it.
type binding struct {
	credits []credit
	setAt   time.Time
	setID   string
}

// fold walks one customer's conversions in (occurredAt, id) order.
type fold struct {
	w        *world
	people   *people
	group    string
	bindings map[string]*binding // by scope: a program, or "" for conversions that name none
	paid     map[string]bool     // scopes with an attributed conversion of a positive amount
}

// decide decides every conversion.
func (w *world) decide(p *people) []*decision {
	groups := map[string][]*conversion{}
	for _, c := range w.conversions {
		if c.closed {
			continue
		}
		g := p.groupOf(c)
		groups[g] = append(groups[g], c)
	}
	var out []*decision
	for g, list := range groups {
		sort.Slice(list, func(i, j int) bool { return earlier(list[i].at, list[i].ID, list[j].at, list[j].ID) })
		f := &fold{w: w, people: p, group: g, bindings: map[string]*binding{}, paid: map[string]bool{}}
		for _, c := range list {
			out = append(out, f.decide(c))
		}
	}
	sort.Slice(out, func(i, j int) bool {
		return earlier(out[i].conv.at, out[i].conv.ID, out[j].conv.at, out[j].conv.ID)
	})
	return out
}

func (f *fold) decide(c *conversion) *decision {
	d := &decision{conv: c, group: f.group}
	deciding := f.w.programs[or(c.Program, f.w.defaultProgram)]
	sticky := deciding.binding.at(c.at) == "sticky"
	methods := deciding.methods.at(c.at)
	if c.Partner != "" {
		methods = append([]string{"manual"}, methods...)
	}
	for _, m := range methods {
		credits, reason, stop := f.try(m, c, deciding, sticky)
		d.method, d.reason, d.credits = m, reason, credits
		if len(credits) > 0 || stop {
			break
		}
	}
	if len(d.credits) > 0 {
		f.bind(c, d, sticky)
	}
	return d
}

// bind stores the first attributed conversion's credits; before any money a promo code replaces them (semantics 3.8).
func (f *fold) bind(c *conversion, d *decision, sticky bool) {
	replaces := d.method == "promo" && !f.paid[c.Program]
	if sticky && (f.bindings[c.Program] == nil || replaces) {
		f.bindings[c.Program] = &binding{d.credits, c.at, c.ID}
	}
	if c.amount() > 0 {
		f.paid[c.Program] = true
	}
}

func (f *fold) try(method string, c *conversion, deciding *program, sticky bool) ([]credit, string, bool) {
	switch method {
	case "manual":
		reason := f.atConversion(c.Partner, deciding, c)
		return single(c, c.Partner, deciding.id, reason), reason, false
	case "promo":
		credits, reason := f.promo(c)
		return credits, reason, false
	case "click":
		if sticky {
			if b := f.boundTo(c); b != nil {
				return f.fromBinding(b, c)
			}
		}
		credits, reason := f.touches(c, deciding)
		return credits, reason, false
	}
	credits, reason := f.match(c, deciding)
	return credits, reason, false
}

// atConversion is why a credit that counts as a touch at the conversion's time fails, or "" (semantics 3.5).
func (f *fold) atConversion(partner string, p *program, c *conversion) string {
	switch {
	case !p.activeAt(c.at):
		return "program_not_active"
	}
	return f.w.barredAt(partner, p.id, c.at)
}

// single is one partner's whole credit, unless there is a reason against it.
func single(c *conversion, partner, program, reason string) []credit {
	if reason != "" {
		return nil
	}
	return []credit{{partner, program, big.NewRat(1, 1), c.at, c.ID}}
}

func (f *fold) promo(c *conversion) ([]credit, string) {
	text := normalCode(c.PromoCode)
	if text == "" {
		return nil, "no_touch"
	}
	found := f.w.codes[text]
	reason := ""
	switch {
	case found == nil || c.at.Before(found.intervals[0].from):
		reason = "code_unknown"
	case c.Program != "" && c.Program != found.program:
		reason = "code_other_program"
	case !found.activeAt(c.at):
		reason = "code_retired"
	default:
		reason = f.atConversion(found.partner, f.w.programs[found.program], c)
		if reason == "" && f.w.selfReferral(f.people, f.group, found.partner, c.at) {
			reason = "self_referral"
		}
	}
	if reason != "" {
		return nil, reason
	}
	return single(c, found.partner, found.program, ""), ""
}

// boundTo is the scope's binding, or one borrowed from the other scope, which is then stored as its own (semantics 3.8).
func (f *fold) boundTo(c *conversion) *binding {
	if own := f.bindings[c.Program]; own != nil {
		return own
	}
	var lent *binding
	if c.Program != "" {
		lent = f.bindings[""]
		if lent != nil {
			for _, cr := range lent.credits {
				if cr.program != c.Program {
					return nil
				}
			}
		}
	} else {
		for scope, b := range f.bindings {
			if scope != "" && (lent == nil || earlier(lent.setAt, lent.setID, b.setAt, b.setID)) {
				lent = b
			}
		}
	}
	if lent == nil {
		return nil
	}
	f.bindings[c.Program] = &binding{lent.credits, c.at, c.ID}
	return f.bindings[c.Program]
}

// fromBinding drops self-referrals, whose share is that of the others, and voids credits of who is barred (semantics 3.8, 3.11).
func (f *fold) fromBinding(b *binding, c *conversion) ([]credit, string, bool) {
	kept, total := []credit{}, new(big.Rat)
	for _, cr := range b.credits {
		if !f.w.selfReferral(f.people, f.group, cr.partner, c.at) {
			kept = append(kept, cr)
			total.Add(total, cr.share)
		}
	}
	if len(kept) == 0 {
		return nil, "self_referral", false
	}
	var out []credit
	for _, cr := range kept {
		if f.w.barredAt(cr.partner, cr.program, c.at) == "" {
			cr.share = new(big.Rat).Quo(cr.share, total)
			out = append(out, cr)
		}
	}
	if len(out) == 0 {
		return nil, f.w.barredAt(kept[0].partner, kept[0].program, c.at), true
	}
	return out, "", false
}

// touches credits the clicks in the scope by the model (semantics 3.2 to 3.4).
func (f *fold) touches(c *conversion, deciding *program) ([]credit, string) {
	var kept []*click
	reason := "no_touch"
	for _, k := range f.people.clicks[f.group] {
		if k.Partner == "" || c.Program != "" && k.Program != c.Program || k.at.After(c.at) {
			continue
		}
		if why := f.leftOut(k, c); why != "" {
			reason = why
			continue
		}
		kept = append(kept, k)
	}
	if len(kept) == 0 {
		return nil, reason
	}
	model := deciding.model.at(c.at)
	if c.Program == "" {
		model = f.w.programs[kept[len(kept)-1].Program].model.at(c.at)
	}
	return share(kept, model), ""
}

func (f *fold) leftOut(k *click, c *conversion) string {
	p := f.w.programs[k.Program]
	switch {
	case c.at.Sub(k.at) > days(p.window.at(c.at)):
		return "outside_window"
	case k.Flag != "":
		return "flagged"
	case !p.activeAt(k.at):
		return "program_not_active"
	case !f.w.approvedAt(k.Partner, k.Program, k.at):
		return "partner_not_approved"
	case f.w.barredAt(k.Partner, k.Program, c.at) != "":
		return f.w.barredAt(k.Partner, k.Program, c.at)
	case f.w.selfReferral(f.people, f.group, k.Partner, c.at):
		return "self_referral"
	}
	return ""
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// share adds up each touch's share by partner and program, in the order of the first credited touch.
func share(touches []*click, model string) []credit {
	var out []credit
	for i, k := range touches {
		part := modelShare(model, i, len(touches))
		if part.Sign() == 0 {
			continue
		}
		added := false
		for j := range out {
			if out[j].partner == k.Partner && out[j].program == k.Program {
				out[j].share = new(big.Rat).Add(out[j].share, part)
				added = true
			}
		}
		if !added {
			out = append(out, credit{k.Partner, k.Program, part, k.at, k.ID})
		}
	}
	return out
}

// modelShare is the share of touch i of n (semantics 3.3).
func modelShare(model string, i, n int) *big.Rat {
	one := big.NewRat(1, 1)
	edge := i == 0 || i == n-1
	switch {
	case n == 1:
		return one
	case model == "linear":
		return big.NewRat(1, int64(n))
	case model == "first_click" && i == 0, model == "last_click" && i == n-1:
		return one
	case model == "position" && n == 2:
		return big.NewRat(1, 2)
	case model == "position" && edge:
		return big.NewRat(2, 5)
	case model == "position":
		return big.NewRat(1, 5*int64(n-2))
	}
	return new(big.Rat)
}
