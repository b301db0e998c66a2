package portal

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/promo"
)

// Known reports whether it is known when the code began.
func (c codeView) Known() bool { return c.Since.Year() > 1 }

// codes are the partner's, active ones first.
func (v *visit) codes() []codeView {
	var list []codeView
	for _, c := range v.setup.CodesOf(v.me.ID) {
		if v.shown(c.Program) && len(c.Intervals) > 0 {
			list = append(list, v.code(c))
		}
	}
	slices.SortStableFunc(list, func(a, b codeView) int { return cmp.Compare(a.State, b.State) })
	return list
}

func (v *visit) code(c *promo.Code) codeView {
	last := c.Intervals[len(c.Intervals)-1]
	view := codeView{
		Code: c.Code, Program: v.ref("program", c.Program), Title: v.title(c.Program), State: "active",
		Since: last.From, Reward: words.Reward(v.setup.RewardOf(c, v.now)), CanRetire: v.mayChangeCodes(c.Program),
	}
	if !c.ActiveAt(v.now) {
		view.State, view.CanRetire = "retired", false
		if !last.To.IsZero() {
			view.RetiredAt = new(time.Time)
			*view.RetiredAt = last.To
		}
	}
	return view
}

// codeList is a page of the partner's codes.
func (v *visit) codeList() (ui.List[codeView], error) {
	page, err := ui.PageOf(v.r, v.codes(), func(c codeView) string { return c.Code })
	if err != nil {
		return page, err
	}
	return page, v.atCheckout(page.Items)
}

// atCheckout says of codes whose reward customers do not get at checkout.
func (v *visit) atCheckout(list []codeView) error {
	codes := make([]string, len(list))
	for i, c := range list {
		codes[i] = c.Code
	}
	states, err := v.eng.CodeRewards(v.ctx, codes...)
	if err != nil {
		return err
	}
	for i, c := range list {
		list[i].NoReward = words.AtCheckout(states[c.Code]) != ""
	}
	return nil
}

// mayChangeCodes reports whether partners choose their codes on a program.
func (v *visit) mayChangeCodes(programID string) bool {
	of, ok := v.setup.Program(programID)
	if !ok {
		return false
	}
	s, _ := of.At(v.now)
	return s.PartnerCodes
}

// mine returns a code of the partner's that may be retired.
func (v *visit) mine(text string) (codeView, error) {
	c, ok := v.setup.Code(text)
	if !ok || c.Partner != v.me.ID || !v.shown(c.Program) {
		return codeView{}, ui.Missing()
	}
	view := v.code(c)
	if !view.CanRetire {
		return view, &ui.AnswerError{Status: http.StatusForbidden, Code: "forbidden", Detail: "this code cannot be retired here"}
	}
	return view, nil
}

// codeInput is a code to add.
type codeInput struct {
	Program string `json:"program"`
	Code    string `json:"code"`
}

func (v *visit) addOwn(in codeInput) error {
	programID, err := v.programID(in.Program, "program")
	if err != nil {
		return err
	}
	if !v.mayChangeCodes(programID) {
		return ui.Invalid("code", "Codes of this program are given out by its owner.")
	}
	_, err = v.eng.AddCode(v.ctx, affiliate.Code{Code: in.Code, Partner: v.me.ID, Program: programID, ByPartner: true})
	return err
}

// codesBody is the page of codes.
type codesBody struct {
	Codes    ui.List[codeView]
	Next     string
	Programs []programView // where the partner may add codes
	Input    codeInput
	Wrong    map[string]string
}

func (v *visit) codesPage() error { return v.codesWith(http.StatusOK, codeInput{}, nil) }

func (v *visit) codesWith(status int, in codeInput, wrong map[string]string) error {
	body := codesBody{Input: in, Wrong: wrong}
	for _, p := range running(v.programs()) {
		if p.OwnCodes {
			body.Programs = append(body.Programs, p)
		}
	}
	var err error
	if body.Codes, err = v.codeList(); err != nil {
		return err
	}
	body.Next = v.kit.Next(v.r, body.Codes.NextAfter)
	return v.show(status, "codes", "Promo codes", body)
}

func (v *visit) addCode() error {
	in := codeInput{v.r.PostFormValue("program"), strings.TrimSpace(v.r.PostFormValue("code"))}
	err := v.addOwn(in)
	if err == nil {
		return v.done("/portal/codes", "code")
	}
	a := v.answer(v.r, err)
	if len(a.Problems) == 0 {
		return a
	}
	return v.codesWith(a.Status, in, ui.FieldErrors(a.Problems))
}

// retirePage asks before a code is retired: the partner cannot bring it back.
func (v *visit) retirePage() error {
	c, err := v.mine(v.r.PathValue("code"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "retire", "Retire "+c.Code, c)
}

func (v *visit) retireCode() error {
	c, err := v.mine(v.r.PathValue("code"))
	if err == nil {
		_, err = v.eng.RetireCode(v.ctx, c.Code, time.Time{})
	}
	if err != nil {
		return err
	}
	return v.done("/portal/codes", "retired")
}

func (v *visit) codesAnswer() (any, error) {
	return v.codeList()
}

func (v *visit) addCodeAnswer() (any, error) {
	var in codeInput
	if err := v.decode(&in); err != nil {
		return nil, err
	}
	if err := v.addOwn(in); err != nil {
		return nil, err
	}
	return v.codeAgain(in.Code)
}

func (v *visit) retireCodeAnswer() (any, error) {
	c, err := v.mine(v.r.PathValue("code"))
	if err != nil {
		return nil, err
	}
	if _, err := v.eng.RetireCode(v.ctx, c.Code, time.Time{}); err != nil {
		return nil, err
	}
	return v.codeAgain(c.Code)
}

// codeAgain reads a code after it was changed.
func (v *visit) codeAgain(text string) (any, error) {
	var err error
	if v.setup, err = v.eng.Configuration(v.ctx); err != nil {
		return nil, err
	}
	v.now = v.eng.Now()
	c, ok := v.setup.Code(text)
	if !ok {
		return nil, ui.Missing()
	}
	list := []codeView{v.code(c)}
	err = v.atCheckout(list)
	return list[0], err
}
