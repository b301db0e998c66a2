package console

import (
	"net/http"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/commission"
)

// reviewsOf are what an owner may do with a commission.
func reviewsOf(s commission.Status) []commission.FactKind {
	switch s {
	case commission.StatusPending, commission.StatusPayable:
		return []commission.FactKind{commission.Hold, commission.Reject}
	case commission.StatusUnderReview:
		return []commission.FactKind{commission.Release, commission.Reject}
	case commission.StatusInPayout, commission.StatusPaid:
		return []commission.FactKind{commission.Reject}
	default:
		return nil
	}
}

func reviewName(kind commission.FactKind) string {
	switch kind {
	case commission.Hold:
		return "Put under review"
	case commission.Release:
		return "Release"
	default:
		return "Reject"
	}
}

// reviewedWords says what was done with a commission, by whom, when and why.
func (v *visit) reviewedWords(f commission.Fact) string {
	text := map[commission.FactKind]string{
		commission.Hold: "Put under review", commission.Release: "Released", commission.Reject: "Rejected",
	}[f.Kind]
	if f.By != "" {
		text += " by " + f.By
	}
	text += " on " + ui.DateTime(f.At.In(v.cfg.Zone))
	if f.Reason != "" {
		text += ": “" + f.Reason + "”"
	}
	return text
}

func reviewTitle(kind commission.FactKind, amount string) string {
	if kind == commission.Hold {
		return "Put " + amount + " under review?"
	}
	return reviewName(kind) + " " + amount + "?"
}

// reviewed is the commission that a request names, and what is to be done.
func (v *visit) reviewed(get func(string) string) (c affiliate.Commission, do commission.FactKind, err error) {
	result, err := v.eng.Conversion(v.ctx, idOf(v.r.PathValue("id")))
	if err != nil {
		return c, "", err
	}
	i := slices.IndexFunc(result.Commissions, func(c affiliate.Commission) bool {
		return c.Partner == get("partner") && c.Program == get("program") && c.Rule == get("rule")
	})
	do = commission.FactKind(get("do"))
	if i < 0 || !slices.Contains([]commission.FactKind{commission.Hold, commission.Release, commission.Reject}, do) {
		return c, "", ui.Missing()
	}
	return result.Commissions[i], do, nil
}

func (v *visit) reviewPage() error {
	c, do, err := v.reviewed(v.query)
	if err != nil {
		return err
	}
	if !slices.Contains(reviewsOf(c.Status), do) {
		return v.done(conversionPath(c.Conversion), "unchanged")
	}
	return v.reviewForm(http.StatusOK, c, do, nil)
}

func (v *visit) reviewForm(status int, c affiliate.Commission, do commission.FactKind, w wrong) error {
	name := v.partnerName(c.Partner)
	text := map[commission.FactKind]string{
		commission.Hold:    "It is not paid until you release it. The partner sees that it is under review, but not the reason.",
		commission.Release: "It is paid as if it had never been held: with the next payout if it is payable by then.",
		commission.Reject:  "It is taken back in full. This is final. If it was already paid, the amount comes off a later payout. The partner sees that it is rejected, but not the reason.",
	}[do]
	f := ui.Form{
		Action: v.to(conversionPath(c.Conversion) + "/review"), Button: reviewName(do), Bad: do == commission.Reject,
		Hidden: []ui.Pair{
			{Label: "do", Text: string(do)},
			{Label: "partner", Text: c.Partner},
			{Label: "program", Text: c.Program},
			{Label: "rule", Text: c.Rule},
			{Label: "was", Text: string(c.Status)},
		},
	}
	if do != commission.Release {
		f.Groups = []ui.Fieldset{{Fields: []ui.Field{{Name: "reason", Label: "Reason", Kind: "text", Value: v.input("reason"), Required: true, Help: "Shown to owners only."}}}}
	}
	w.place(&f)
	return v.showForm(status, formBody{
		Title: reviewTitle(do, ui.Money(c.Amount, c.Currency)), Lead: "Commission of " + name + " on " + v.programName(c.Program) + ".",
		Crumb: v.crumb("Conversion", conversionPath(c.Conversion)), Text: []string{text}, Form: f,
	})
}

// review does what the form says, once: if it is sent again nothing happens, and
// if the commission has moved on meanwhile the owner is asked again.
func (v *visit) review() error {
	c, do, err := v.reviewed(v.input)
	if err != nil {
		return err
	}
	state := string(c.Status)
	already := map[commission.FactKind]bool{
		commission.Hold: c.Status == commission.StatusUnderReview, commission.Reject: c.Status == commission.StatusRejected,
		commission.Release: v.input("was") == string(commission.StatusUnderReview) && c.Status != commission.StatusUnderReview,
	}[do]
	if already {
		return v.done(conversionPath(c.Conversion), string(do))
	}
	if !slices.Contains(reviewsOf(c.Status), do) {
		return &ui.AnswerError{Status: http.StatusConflict, Code: "invalid_transition", Detail: "that is not possible in the commission’s present state"}
	}
	if v.stale(state) {
		return v.reviewForm(http.StatusConflict, c, do, wrong{"": "The commission is now “" + ui.Words(state) + "”. Nothing was done. Send it again if you still want to."})
	}
	if do != commission.Release && v.input("reason") == "" {
		return v.reviewForm(http.StatusUnprocessableEntity, c, do, wrong{"reason": "Please give a reason."})
	}
	if err := v.decide(c, do); err != nil {
		status, w, fatal := v.refusal(err)
		if fatal != nil {
			return fatal
		}
		return v.reviewForm(status, c, do, w)
	}
	return v.done(conversionPath(c.Conversion), string(do))
}

func (v *visit) decide(c affiliate.Commission, do commission.FactKind) (err error) {
	ref := affiliate.CommissionRef{Conversion: c.Conversion, Partner: c.Partner, Program: c.Program, Rule: c.Rule}
	switch do {
	case commission.Hold:
		_, err = v.eng.HoldCommission(v.ctx, ref, v.input("reason"), time.Time{})
	case commission.Release:
		_, err = v.eng.ReleaseCommission(v.ctx, ref, time.Time{})
	default:
		_, err = v.eng.RejectCommission(v.ctx, ref, v.input("reason"), time.Time{})
	}
	return err
}
