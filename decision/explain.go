package decision

import (
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/calendar"
	"github.com/goaffiliate/affiliate/program"
)

// Explanation says how a decision came about (semantics 9). What each rule made
// of it is on the lines.
type Explanation struct {
	Method       attribution.Method   `json:"method,omitempty"`
	Model        attribution.Model    `json:"model,omitempty"`
	Touches      []Touch              `json:"touches,omitempty"`
	Binding      *attribution.Binding `json:"binding,omitempty"`
	Borrowed     bool                 `json:"borrowed,omitempty"`
	BorrowedFrom string               `json:"borrowedFrom,omitempty"` // scope; "" is the unnamed one
	Failed       []Failure            `json:"failed,omitempty"`
	PassedOver   []Passed             `json:"passedOver,omitempty"` // partners whose match condition held
	Rules        []RuleNote           `json:"rules,omitempty"`
}

// Touch is a click that was looked at.
type Touch struct {
	Click   string             `json:"click"`
	At      time.Time          `json:"at"`
	Partner string             `json:"partner"`
	Program string             `json:"program"`
	LeftOut attribution.Reason `json:"leftOut,omitempty"`
	Suspect string             `json:"suspect,omitempty"` // what it earns starts under review
}

// Failure is a method that yielded no credit.
type Failure struct {
	Method attribution.Method `json:"method"`
	Reason attribution.Reason `json:"reason"`
	Detail string             `json:"detail,omitempty"` // the code or partner in question
}

// Passed is a partner that a match passed over.
type Passed struct {
	Partner string             `json:"partner"`
	Reason  attribution.Reason `json:"reason"`
}

// RuleNote says whether a rule fired for a credit, and why not.
type RuleNote struct {
	Partner string `json:"partner"`
	Program string `json:"program"`
	Rule    string `json:"rule"`
	Fired   bool   `json:"fired"`
	Why     string `json:"why,omitempty"`
}

// Why a rule did not fire.
const (
	WhyNoMatch    = "no_match"     // another event type, or no positive amount
	WhyNotFirst   = "not_first"    // trigger first, and an earlier conversion took it
	WhyFirst      = "first"        // trigger subsequent, and this is the first
	WhyCapReached = "cap_reached"  // beyond the months of a recurring rule
	WhyEnded      = "ended_repeat" // nothing repeats past the end of a program
)

func (d *attempt) fail(m attribution.Method, r attribution.Reason, detail string) {
	d.explanation.Failed = append(d.explanation.Failed, Failure{m, r, detail})
}

// reason is why the conversion is not attributed: that of the first method that
// found something and refused it, else no_touch.
func (d *attempt) reason() attribution.Reason {
	if len(d.credits) > 0 { // all void
		return d.credits[0].Void
	}
	only := attribution.Reason("")
	for _, f := range d.explanation.Failed {
		if f.Reason != attribution.NoMatch && f.Reason != attribution.NoTouch {
			return f.Reason
		}
		if only == "" || only == attribution.NoMatch {
			only = f.Reason
		}
	}
	if only == "" {
		return attribution.NoTouch
	}
	return only
}

// fires decides whether a rule fires for a credit (semantics 2.3, 4.2–4.4).
func (d *attempt) fires(of *program.Program, c attribution.Credit, rule commission.Rule) RuleNote {
	note := RuleNote{Partner: c.Partner, Program: c.Program, Rule: rule.ID}
	if !rule.Matches(d.sale, d.amount) {
		note.Why = WhyNoMatch
		return note
	}
	first, repeated := d.state.Firsts[firstKey(c.Program, c.Partner, rule.Class())]
	if !repeated {
		first = d.mark()
	}
	switch {
	case rule.Trigger == commission.First && repeated:
		note.Why = WhyNotFirst
	case rule.Trigger == commission.Subsequent && !repeated:
		note.Why = WhyFirst
	case rule.Months > 0 && !d.sale.At.Before(calendar.AddMonths(first.At, rule.Months, of.Location)):
		note.Why = WhyCapReached
	case d.repeatsPastEnd(of, c, rule):
		note.Why = WhyEnded
	default:
		note.Fired = true
	}
	return note
}

// repeatsPastEnd reports whether the program has ended, and the rule would pay
// another conversion of an event type than the customer's first.
func (d *attempt) repeatsPastEnd(of *program.Program, c attribution.Credit, rule commission.Rule) bool {
	if of.LifecycleAt(d.sale.At) != program.Ended {
		return false
	}
	_, repeated := d.state.Firsts[firstKey(c.Program, c.Partner, rule.ClassAfterEnd(d.sale.Type))]
	return repeated
}
