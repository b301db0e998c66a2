package console

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/payout"
)

// dryRun is what a run would issue.
func (v *visit) dryRun(at time.Time) ([]affiliate.Payout, error) {
	return v.eng.RunPayouts(v.ctx, affiliate.PayoutRun{At: at, DryRun: true})
}

// runBody is the page that shows a run before it is made.
type runBody struct {
	At      time.Time
	Payouts []payoutView
	Total   sums
	Count   int64
	Form    ui.Form
	Notice  *ui.Notice
}

func (v *visit) runPage() error { return v.runForm(http.StatusOK, nil) }

func (v *visit) runForm(status int, notice *ui.Notice) error {
	due, err := v.dryRun(v.now)
	if err != nil {
		return err
	}
	body := runBody{At: v.now, Count: int64(len(due)), Notice: notice}
	if body.Total, err = total(due); err != nil {
		return err
	}
	body.Total = v.mainFirst(body.Total)
	for _, p := range due {
		body.Payouts = append(body.Payouts, v.payoutView(p))
	}
	body.Form = ui.Form{
		Action: v.to(root + "/payouts/run"), Button: "Issue " + words.Count(body.Count, "payout"), Back: v.to(root + "/payouts"),
		Hidden: []ui.Pair{{Label: "at", Text: v.now.Format(time.RFC3339Nano)}, {Label: "was", Text: runMark(due)}},
	}
	return v.show(status, "run", "Next payouts", body)
}

// runMark identifies what a run would issue.
func runMark(due []affiliate.Payout) string {
	type key struct {
		Partner, Currency string
		Cutoff            time.Time
		Amount            int64
	}
	var list []key
	for _, p := range due {
		list = append(list, key{p.Partner, string(p.Currency), p.Cutoff, p.Amount})
	}
	return mark(list)
}

// run issues what the owner was shown. The time of the run comes with the form,
// so the same form sent twice is the same run, which issues nothing twice. If
// what is due has changed meanwhile, the owner is asked again.
func (v *visit) run() error {
	at, err := time.Parse(time.RFC3339Nano, v.input("at"))
	if err != nil || at.After(v.now) {
		return ui.Invalid("at", "is not the time of a run")
	}
	due, err := v.dryRun(at)
	if err != nil {
		return err
	}
	if len(due) == 0 {
		return v.done(root+"/payouts", "nothing-due")
	}
	if v.stale(runMark(due)) {
		return v.runForm(http.StatusConflict, &ui.Notice{Tone: ui.Warn, Text: "What is due has changed since you looked. Nothing was issued. These are the current amounts."})
	}
	if _, err := v.eng.RunPayouts(v.ctx, affiliate.PayoutRun{At: at}); err != nil {
		return err
	}
	return v.done(root+"/payouts", "issued")
}

// movesOf are the states that a payout may go to.
func movesOf(from payout.Status) []payout.Status {
	var list []payout.Status
	for _, to := range []payout.Status{payout.Paid, payout.Processing, payout.Failed, payout.Canceled} {
		if payout.Transition(from, to) == nil {
			list = append(list, to)
		}
	}
	return list
}

func moveName(to payout.Status) string {
	switch to {
	case payout.Paid:
		return "Mark as paid"
	case payout.Processing:
		return "Mark as on its way"
	case payout.Failed:
		return "Mark as failed"
	default:
		return "Cancel the payout"
	}
}

// moved are the payouts that a request names, and where they go.
func (v *visit) moved(ids []string, to string) ([]affiliate.Payout, payout.Status, error) {
	status := payout.Status(to)
	if !slices.Contains([]payout.Status{payout.Paid, payout.Processing, payout.Failed, payout.Canceled}, status) {
		return nil, "", ui.Missing()
	}
	if len(ids) == 0 {
		return nil, "", ui.Invalid("id", "choose at least one payout")
	}
	all, err := v.payouts("")
	if err != nil {
		return nil, "", err
	}
	list := slices.DeleteFunc(all, func(p affiliate.Payout) bool { return !slices.Contains(ids, p.ID) })
	if len(list) != len(slices.Compact(slices.Sorted(slices.Values(ids)))) {
		return nil, "", ui.Missing()
	}
	return list, status, nil
}

// movePage asks before payouts go to another state: most of them are final.
func (v *visit) movePage() error {
	q := v.r.URL.Query()
	if len(q["id"]) == 0 {
		return v.done(root+"/payouts", "unchanged")
	}
	list, to, err := v.moved(q["id"], q.Get("to"))
	if err != nil {
		return err
	}
	sum, err := total(list)
	if err != nil {
		return err
	}
	f := ui.Form{
		Action: v.to(root + "/payouts/move"), Button: moveName(to), Bad: to.Returned(), BackText: "Cancel", Hidden: []ui.Pair{{Label: "to", Text: string(to)}},
	}
	for _, p := range list {
		f.Hidden = append(f.Hidden, ui.Pair{Label: "id", Text: p.ID})
	}
	text := map[payout.Status]string{
		payout.Paid:       "You have sent the money. This is final. The partner sees it as paid.",
		payout.Processing: "The money is on its way. You can mark it as paid or failed afterwards.",
		payout.Failed:     "The money did not arrive. This is final. The amount goes back to the balance and into a later payout.",
		payout.Canceled:   "It will not be paid. This is final. The amount goes back to the balance and into a later payout.",
	}[to]
	body := formBody{Title: moveName(to) + "?", Lead: words.Count(int64(len(list)), "payout") + ", " + v.mainFirst(sum).String(), Crumb: v.crumb("Payouts", root+"/payouts"), Text: []string{text}, Form: f}
	for _, p := range list {
		line := fmt.Sprintf("%s to %s, cut-off %s", ui.Money(p.Amount, p.Currency), v.partnerName(p.Partner), ui.Date(p.Cutoff.In(v.zoneOf(p.Partner, p.Cutoff))))
		if p.Status == to {
			line += " (is " + ui.Words(string(to)) + " already)"
		}
		body.Items = append(body.Items, line)
	}
	return v.showForm(http.StatusOK, body)
}

// move does so. A payout that is there already stays as it is, so a form that is
// sent twice changes nothing more.
func (v *visit) move() error {
	list, to, err := v.moved(v.r.PostForm["id"], v.input("to"))
	if err != nil {
		return err
	}
	for _, p := range list { // all or, as far as is known, none
		if err := payout.Transition(p.Status, to); err != nil && p.Status != to {
			return &ui.AnswerError{
				Status: http.StatusConflict, Code: "invalid_transition",
				Detail: fmt.Sprintf("the payout to %s is now “%s”, so nothing was changed", v.partnerName(p.Partner), ui.Words(string(p.Status))),
			}
		}
	}
	for _, p := range list {
		if p.Status == to {
			continue
		}
		if _, err := v.eng.MovePayout(v.ctx, p.ID, to, time.Time{}); err != nil {
			return err
		}
	}
	return v.done(root+"/payouts", "moved")
}
