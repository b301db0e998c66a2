package console

import (
	"context"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// standing is a change of where a partner stands on one program. The owner is asked
// before it is made.
type standing struct {
	title, button string // the title is asked of the partner's and the program's name
	bad           bool
	text          []string
	done          string // see doneNotice
	holds         func(v *visit, on *program.Partnership) bool
	change        func(v *visit, on *program.Partnership) (bool, error)
}

// standings are the changes by the last segment of their path.
func standings() map[string]standing {
	return map[string]standing{
		"suspend": {
			title: "Suspend on this program?", button: "Suspend", bad: true, done: "suspended-there",
			text: []string{
				"From now on new conversions on this program earn this partner nothing. Other programs are not affected. What was earned will be paid out.",
				"You can reinstate the partner at any time.",
			},
			holds:  func(v *visit, on *program.Partnership) bool { return on.SuspendedAt(v.now) },
			change: changeOf((*affiliate.Engine).SuspendPartnership),
		},
		"reinstate": {
			title: "Reinstate on this program?", button: "Reinstate", done: "reinstated",
			text:   []string{"From now on new conversions on this program earn this partner commissions again. Those in between earn nothing."},
			holds:  func(v *visit, on *program.Partnership) bool { return !on.SuspendedAt(v.now) },
			change: changeOf((*affiliate.Engine).ReinstatePartnership),
		},
		"revoke": {
			title: "Revoke this partnership?", button: "Revoke", bad: true, done: "revoked",
			text: []string{
				"From now on new conversions on this program earn this partner nothing, also those of customers the partner brought. What was earned stays and will be paid out.",
				"Links keep redirecting. A custom commission ends. You can approve the partner again later, on the terms of then.",
			},
			holds:  func(v *visit, on *program.Partnership) bool { return on.RevokedAt(v.now) },
			change: changeOf((*affiliate.Engine).RevokePartnership),
		},
		"approve": {
			title: "Approve this partner again?", button: "Approve again", done: "approved-again",
			text:   []string{"The partner gets the program’s current terms, and the code and links of before count again."},
			holds:  func(v *visit, on *program.Partnership) bool { return on.IsApprovedAt(v.now) },
			change: changeOf((*affiliate.Engine).ApprovePartnership),
		},
		"adopt": {
			title: "Give this partner the program’s current terms?", button: "Use current terms", done: "adopted",
			text: []string{
				"The program’s terms of today take the place of the terms the partner joined with, and of a custom commission. They apply to conversions from now on.",
				"Later changes of the program do not reach this partner, unless you do this again.",
			},
			holds: func(*visit, *program.Partnership) bool { return false },
			change: func(v *visit, on *program.Partnership) (bool, error) {
				return v.eng.AdoptTerms(v.ctx, on.Program, []string{on.Partner}, time.Time{})
			},
		},
	}
}

// changeOf makes a change of a method of the Engine, from now on.
func changeOf(
	do func(eng *affiliate.Engine, ctx context.Context, partner, programID string, effectiveAt time.Time) (bool, error),
) func(*visit, *program.Partnership) (bool, error) {
	return func(v *visit, on *program.Partnership) (bool, error) {
		return do(v.eng, v.ctx, on.Partner, on.Program, time.Time{})
	}
}

// page asks whether the change is meant.
func (s standing) page(v *visit) error {
	on, _, err := v.granted()
	if err != nil {
		return err
	}
	text := append([]string{v.partnerName(on.Partner) + " on " + v.programName(on.Program) + "."}, s.text...)
	return v.confirm(s.title, s.button, s.bad, v.crumb("Terms of "+v.partnerName(on.Partner), grantPath(on.Partner, on.Program)), text...)
}

// make makes the change, once: sent again it changes nothing.
func (s standing) make(v *visit) error {
	on, _, err := v.granted()
	if err != nil {
		return err
	}
	if !s.holds(v, on) {
		if _, err := s.change(v, on); err != nil {
			return err
		}
	}
	return v.done(grantPath(on.Partner, on.Program), s.done)
}

// standingState says where a partner stands on a program that is otherwise in a
// state of its own life.
func standingState(on *program.Partnership, t time.Time, otherwise program.Lifecycle) string {
	switch {
	case on.RevokedAt(t):
		return "revoked"
	case on.SuspendedAt(t):
		return "suspended"
	}
	return string(otherwise)
}

// standingActions are the changes that can be made to a partnership.
func (v *visit) standingActions(on *program.Partnership, source commission.Source, differs bool) []ui.Tab {
	path := v.to(grantPath(on.Partner, on.Program))
	if on.RevokedAt(v.now) {
		return []ui.Tab{{Name: "Approve again", Link: path + "/approve"}}
	}
	if !on.IsApprovedAt(v.now) {
		return nil
	}
	var list []ui.Tab
	if differs && source != commission.FromProgram {
		list = append(list, ui.Tab{Name: "Use current terms", Link: path + "/adopt"})
	}
	if on.SuspendedAt(v.now) {
		list = append(list, ui.Tab{Name: "Reinstate here", Link: path + "/reinstate"})
	} else {
		list = append(list, ui.Tab{Name: "Suspend here", Link: path + "/suspend"})
	}
	return append(list, ui.Tab{Name: "Revoke", Link: path + "/revoke"})
}
