package reference

import (
	"encoding/json"
	"time"
)

// world is the configuration and every accepted fact.
type world struct {
	defaultProgram string
	programs       map[string]*program
	partners       map[string]*partner
	order          []*partner // the owner's order
	partnerships   map[Partnership]*partnership
	codes          map[string]*code

	clicks      map[string]*click
	identifies  []identify
	conversions map[string]*conversion
	refunds     map[string]*refund
	disputes    map[string]*dispute         // by id and status
	failed      map[string]time.Time        // when a refund turned out to have failed
	amounts     map[string]*timeline[int64] // of amended conversions
	reviews     map[awardKey][]review
	adjustments map[string]adjustment
	arrivals    int             // of words on partnerships
	seen        map[string]bool // accepted steps, for redelivery

	closed closed
	ledger ledger
}

type partner struct {
	Partner
	email     timeline[string]
	match     timeline[[]Condition]
	first     PayoutPlan // since for ever
	plans     []planEdit // what changed of it, by time
	suspended timeline[bool]
}

type click struct {
	Click
	at time.Time
}

type identify struct {
	Identify
	at time.Time
}

type conversion struct {
	Conversion
	at      time.Time
	amended *timeline[int64]
	closed  bool // its customer was erased
}

// amount is a of semantics 7.2, as if the latest amendment had always been: 0 when there is none.
func (c *conversion) amount() int64 {
	if n := len(c.amended.versions); n > 0 {
		return c.amended.versions[n-1].value
	}
	if c.Amount == nil {
		return 0
	}
	return *c.Amount
}

type refund struct {
	Refund
	at time.Time
}

type dispute struct {
	Dispute
	at time.Time
}

func newWorld(s Scenario) *world {
	w := &world{
		programs: map[string]*program{}, partners: map[string]*partner{}, partnerships: map[Partnership]*partnership{},
		codes: map[string]*code{}, clicks: map[string]*click{}, conversions: map[string]*conversion{},
		refunds: map[string]*refund{}, disputes: map[string]*dispute{}, seen: map[string]bool{},
		failed: map[string]time.Time{}, amounts: map[string]*timeline[int64]{}, reviews: map[awardKey][]review{},
		adjustments: map[string]adjustment{},
	}
	for _, p := range s.Programs {
		w.programs[p.ID] = newProgram(p)
	}
	w.defaultProgram = s.Programs[0].ID
	if s.Organization != nil && s.Organization.DefaultProgram != "" {
		w.defaultProgram = s.Organization.DefaultProgram
	}
	for _, p := range s.Partners {
		w.addPartner(p, s.Programs)
	}
	return w
}

func (w *world) addPartner(p Partner, programs []Program) {
	entry := &partner{Partner: p}
	entry.email.set(forever, p.Email)
	entry.match.set(forever, p.Match)
	if p.Payout != nil {
		entry.first = *p.Payout
	}
	w.partners[p.ID] = entry
	w.order = append(w.order, entry)
	for _, prog := range programs {
		joined := p.Programs == nil
		if p.Programs != nil {
			for _, id := range *p.Programs {
				joined = joined || id == prog.ID
			}
		}
		if joined {
			w.approve(forever, Partnership{p.ID, prog.ID})
		}
	}
	for _, c := range p.Codes {
		text := normalCode(c.Code)
		w.codes[text] = &code{partner: p.ID, program: or(c.Program, w.defaultProgram), intervals: []interval{{from: forever}}}
	}
}

// apply takes one step and returns its error code; a refused step changes nothing.
func (w *world) apply(step Step) string {
	key := stepKey(step)
	if w.seen[key] && step.PayoutRun == nil && step.Erase == nil {
		return "" // a redelivery changes nothing
	}
	err := w.dispatch(step)
	if err == "" {
		w.seen[key] = true
	}
	return err
}

func stepKey(step Step) string {
	step.Error = ""
	step.At = step.At.UTC()
	data, err := json.Marshal(step)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func (w *world) dispatch(s Step) string {
	switch {
	case s.Click != nil:
		return w.addClick(s.At, *s.Click)
	case s.Identify != nil:
		w.identifies = append(w.identifies, identify{*s.Identify, s.At})
	case s.Conversion != nil:
		return w.addConversion(s.At, *s.Conversion)
	case s.Refund != nil:
		return w.addRefund(s.At, *s.Refund)
	case s.Dispute != nil:
		return w.addDispute(s.At, *s.Dispute)
	case s.RefundFailed != nil:
		if _, known := w.failed[s.RefundFailed.ID]; !known {
			w.failed[s.RefundFailed.ID] = s.At
		}
	case s.Amend != nil:
		return w.amend(s.At, *s.Amend)
	case s.Hold != nil, s.Release != nil, s.Reject != nil:
		return w.review(s)
	case s.Adjustment != nil:
		return w.adjust(s.At, *s.Adjustment)
	case s.Erase != nil:
		return w.erase(s.Erase.Customer)
	case s.PayoutRun != nil:
		w.payoutRun(s.At)
	case s.PayoutStatus != nil:
		return w.payoutStatus(*s.PayoutStatus)
	default:
		return w.configure(s)
	}
	return ""
}

// configure applies a configuration step.
func (w *world) configure(s Step) string {
	switch {
	case s.Approve != nil:
		if w.missing(s.Approve.Partner, s.Approve.Program) {
			return "not_found"
		}
		w.approve(s.At, *s.Approve)
	case s.Suspend != nil:
		return w.suspend(s.At, *s.Suspend, true)
	case s.Reinstate != nil:
		return w.suspend(s.At, *s.Reinstate, false)
	case s.Revoke != nil:
		return w.revoke(s.At, *s.Revoke)
	case s.Adopt != nil:
		return w.adopt(s.At, *s.Adopt)
	case s.EditPartner != nil:
		return w.editPartner(s.At, s.EditPartner)
	case s.EditProgram != nil:
		return w.editProgram(s.At, s.EditProgram)
	case s.Override != nil:
		return w.override(s.At, s.Override)
	case s.ClearOverride != nil:
		return w.clearOverride(s.At, *s.ClearOverride)
	case s.AddCode != nil:
		return w.addCode(s.At, *s.AddCode)
	case s.RetireCode != nil:
		return w.retireCode(s.At, s.RetireCode.Code)
	}
	return ""
}

// missing says that a named partner or program is unknown; an empty name is not named.
func (w *world) missing(partner, program string) bool {
	return partner != "" && w.partners[partner] == nil || program != "" && w.programs[program] == nil
}

func (w *world) editProgram(at time.Time, e *EditProgram) string {
	p := w.programs[e.ID]
	if p == nil {
		return "not_found"
	}
	if !validEdit(e) {
		return "invalid_terms"
	}
	p.edit(at, e)
	return ""
}
