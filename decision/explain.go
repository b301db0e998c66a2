package decision

import (
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
)

// Explanation says how a decision came about (semantics 9). What each rule made
// of it is on the lines.
type Explanation struct {
	Method       attribution.Method    `json:"method,omitempty"`
	Model        attribution.Model     `json:"model,omitempty"`
	Touches      []Touch               `json:"touches,omitempty"`
	Binding      *attribution.Binding  `json:"binding,omitempty"`
	Borrowed     bool                  `json:"borrowed,omitempty"`
	BorrowedFrom string                `json:"borrowedFrom,omitempty"` // scope; "" is the unnamed one
	Failed       []Failure             `json:"failed,omitempty"`
	PassedOver   []attribution.Passed  `json:"passedOver,omitempty"` // partners whose match condition held
	Rules        []commission.RuleNote `json:"rules,omitempty"`
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
