package console

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/money"
)

// conversionBody is the page that says why a conversion pays what it pays.
type conversionBody struct {
	ID, Event  string
	At         time.Time
	Sale       *sum // nil: it brought in no money
	Attributed bool
	Reason     string // why nobody is paid
	Earned     sums
	Why        []string
	Touches    []touchView
	Credits    []creditView
	Rules      []ruleView
	Parts      []partView
	Facts      []ui.Pair
	Current    bool // today's rules would decide the same
	Erased     bool // the customer was erased
	Erase      ui.Tab
}

// touchView is a click that was looked at.
type touchView struct {
	Click, Partner, PartnerURL, Program string
	At                                  time.Time
	Credited                            bool
	LeftOut, Suspect                    string
	Accept                              string // address of the page that accepts an unconfirmed sign-up
}

// creditView is the share of one partner.
type creditView struct {
	Partner, PartnerURL, Program, Share, Method, Void string
}

// ruleView says whether a rule of a partner's terms fired.
type ruleView struct {
	Partner, Program, Rule, Why string
	Fired                       bool
}

// partView is one commission with its arithmetic.
type partView struct {
	commissionView
	Steps   []string
	Posted  []postedView
	Meaning string
	Reviews []string
	Actions []ui.Tab
}

// postedView is one line of the ledger.
type postedView struct {
	Kind, Cause string
	MaturesAt   time.Time
	Amount      int64
}

// Sooner reports whether it is known when the line matures.
func (p postedView) Sooner() bool { return words.Sooner(p.MaturesAt) }

func (v *visit) conversionPage() error {
	x, err := v.eng.Explain(v.ctx, idOf(v.r.PathValue("id")))
	if err != nil {
		return err
	}
	body := conversionBody{
		ID: x.Conversion.ID, Event: words.Event(x.Conversion.Type), At: x.Conversion.At, Attributed: x.Attributed, Current: x.Current,
		Why: v.why(x), Facts: v.facts(x), Erased: x.Erased, Erase: v.eraseLink(x.Conversion.ID, x.Customer),
	}
	if x.Conversion.Amount > 0 {
		body.Sale = &sum{x.Conversion.Amount, x.Conversion.Currency}
	}
	for _, t := range x.How.Touches {
		body.Touches = append(body.Touches, v.touch(t, x.Credits))
	}
	for _, c := range x.Credits {
		body.Credits = append(body.Credits, v.credit(c))
	}
	for _, r := range x.How.Rules {
		body.Rules = append(body.Rules, ruleView{v.partnerName(r.Partner), v.programName(r.Program), r.Rule, whyWords(r.Why), r.Fired})
	}
	for _, c := range x.Commissions {
		if c.Line.Accrued == 0 && c.Tier.Adjustment == 0 {
			continue // one of zero is none
		}
		body.Parts = append(body.Parts, v.part(c))
		if body.Earned, err = body.Earned.plus(c.Amount, c.Currency); err != nil {
			return err
		}
	}
	switch {
	case len(body.Parts) > 0:
	case len(x.Commissions) > 0:
		body.Reason = "the commission comes to zero"
	default:
		body.Reason = reasonWords(cmp.Or(x.Reason, attribution.NoRule))
	}
	return v.show(http.StatusOK, "conversion", "Conversion "+x.Conversion.ID, body)
}

func (v *visit) touch(t decision.Touch, credits []attribution.Credit) touchView {
	view := touchView{Click: t.Click, Partner: v.partnerName(t.Partner), PartnerURL: v.to(partnerPath(t.Partner)), Program: v.programName(t.Program), At: t.At, Suspect: t.Suspect}
	view.Credited = slices.ContainsFunc(credits, func(c attribution.Credit) bool {
		return c.Partner == t.Partner && c.Program == t.Program && c.Void == "" && t.LeftOut == "" && (c.Share != money.WholeShare() || c.TouchID == t.Click)
	})
	if t.LeftOut != "" {
		view.LeftOut = reasonWords(t.LeftOut)
	}
	if t.LeftOut == attribution.ClaimUnconfirmed && len(credits) == 0 {
		view.Accept = v.to(claimPath(idOf(v.r.PathValue("id"))), "click", t.Click)
	}
	return view
}

func (v *visit) credit(c attribution.Credit) creditView {
	share := "100%"
	if c.Share != money.WholeShare() {
		share = c.Share.String()
	}
	view := creditView{v.partnerName(c.Partner), v.to(partnerPath(c.Partner)), v.programName(c.Program), share, methodName(c.Method), ""}
	if c.Void != "" {
		view.Void = reasonWords(c.Void)
	}
	return view
}

// why says step by step how the decision came about.
func (v *visit) why(x affiliate.Explanation) []string {
	var lines []string
	for _, f := range x.How.Failed {
		text := "By " + methodName(f.Method) + ": no partner, because " + reasonWords(f.Reason)
		if f.Detail != "" {
			text += " (" + f.Detail + ")"
		}
		lines = append(lines, text+".")
	}
	for _, p := range x.How.PassedOver {
		lines = append(lines, v.partnerName(p.Partner)+" was passed over, because "+reasonWords(p.Reason)+".")
	}
	if b := x.How.Binding; b != nil && b.SetBy != x.Conversion.ID {
		text := fmt.Sprintf("The customer has been bound since %s, by conversion %s.", v.date(b.SetAt), b.SetBy)
		if x.How.Borrowed {
			text += " The binding is borrowed from another scope."
		}
		lines = append(lines, text)
	} else if text := v.found(x); text != "" {
		lines = append(lines, text)
	}
	if !x.Attributed {
		return append(lines, "No partner is credited: "+reasonWords(x.Reason)+".")
	}
	for _, c := range x.Credits {
		text := fmt.Sprintf("%s is credited on %s", v.partnerName(c.Partner), v.programName(c.Program))
		if c.Share != money.WholeShare() {
			text += fmt.Sprintf(" with %s", c.Share)
		}
		if c.Void != "" {
			text += ", but is not paid: " + reasonWords(c.Void)
		}
		lines = append(lines, text+".")
	}
	return lines
}

// found says by what the credit was found.
func (v *visit) found(x affiliate.Explanation) string {
	switch x.How.Method {
	case attribution.Promo:
		return "The customer used code " + x.Conversion.PromoCode + "."
	case attribution.Manual:
		return "The conversion names the partner itself."
	case attribution.Match:
		return "The tags of the visit match the partner’s conditions."
	case attribution.Clicks:
		return "The customer came through a click. The credit goes to " + modelWords(x.How.Model) + "."
	default:
		return ""
	}
}

// facts are what was reported of the conversion.
func (v *visit) facts(x affiliate.Explanation) []ui.Pair {
	c := x.Conversion
	pairs := []ui.Pair{{Label: "ID", Text: c.ID}, {Label: "Type", Text: c.Type}, {Label: "Customer", Text: joined(x.Customer)}}
	for _, p := range []ui.Pair{
		{Label: "Program", Text: c.Program},
		{Label: "Promo code", Text: c.PromoCode},
		{Label: "Referral code", Text: c.Referral},
		{Label: "Click", Text: c.Click},
		{Label: "Partner", Text: c.Partner},
		{Label: "Campaign", Text: c.CampaignID},
	} {
		if p.Text != "" {
			pairs = append(pairs, p)
		}
	}
	for _, of := range []map[string]string{c.Sub, c.Metadata} {
		for _, key := range slices.Sorted(maps.Keys(of)) {
			pairs = append(pairs, ui.Pair{Label: key, Text: of[key]})
		}
	}
	return append(pairs, ui.Pair{Label: "Rules version", Text: fmt.Sprint(x.RulesVersion)})
}

func (v *visit) part(c affiliate.ExplainedCommission) partView {
	part := partView{commissionView: v.commission(c.Commission), Steps: v.arithmetic(c), Meaning: v.meaning(c)}
	for _, p := range c.Posted {
		part.Posted = append(part.Posted, postedView{words.LineKind(string(p.Component)), causeWords(p.Cause), p.MaturesAt, p.Amount})
	}
	for _, f := range c.Reviews {
		part.Reviews = append(part.Reviews, v.reviewedWords(f))
	}
	for _, a := range reviewsOf(c.Status) {
		part.Actions = append(part.Actions, ui.Tab{Name: reviewName(a), Link: v.to(conversionPath(c.Conversion)+"/review",
			"do", string(a), "partner", c.Partner, "program", c.Program, "rule", c.Rule)})
	}
	return part
}

// arithmetic shows how an amount came about.
func (v *visit) arithmetic(c affiliate.ExplainedCommission) []string {
	from := sourceWords(c.Line.Source)
	if c.Line.TermsFrom.Year() > 1 {
		from += ", in force since " + v.date(c.Line.TermsFrom)
	}
	how := words.Rate(c.Line.Type, c.Line.Value, c.Currency)
	if c.Line.Type == commission.Percent {
		how += " of " + ui.Money(c.Line.Amount, c.Line.Paid)
	}
	if c.Line.Share != money.WholeShare() {
		how += " × " + c.Line.Share.String()
	}
	if how != ui.Money(c.Line.Accrued, c.Currency) {
		how += " = " + ui.Money(c.Line.Accrued, c.Currency)
	}
	if c.Line.Exact != "" && c.Line.Exact != fmt.Sprint(c.Line.Accrued) {
		how += fmt.Sprintf(" (%s in the smallest unit before rounding)", c.Line.Exact)
	}
	steps := []string{from, how}
	if c.Line.Tiers != nil {
		text := fmt.Sprintf("Tier: %s reached in the period, so %s", reached(c), words.Rate(c.Line.Type, c.Tier.Value, c.Currency))
		steps = append(steps, text+", which adds "+ui.Money(c.Tier.Adjustment, c.Currency))
	}
	for _, level := range c.Line.Ladder {
		text := fmt.Sprintf("%s on %s: %s of the sale is refunded", causeWords(level.Cause), v.date(level.At), ui.Money(level.Refunded, c.Line.Paid))
		if level.Rejected {
			text = "Rejected on " + v.date(level.At) + ": nothing of it is paid"
		}
		steps = append(steps, text)
	}
	return append(steps, "Total "+ui.Money(c.Amount, c.Currency))
}

func reached(c affiliate.ExplainedCommission) string {
	if c.Line.Tiers.Metric == commission.Revenue {
		return ui.Money(c.Tier.Reached, c.Currency) + " in sales"
	}
	return words.Count(c.Tier.Reached, "conversion")
}

// causeWords says what is behind a line of the ledger, by the key of its fact.
func causeWords(cause string) string {
	kind, rest, _ := strings.Cut(cause, ":")
	id := strings.NewReplacer("%3A", ":", "%25", "%").Replace(rest)
	switch commission.FactKind(kind) {
	case commission.Refund:
		return "Refund " + id
	case commission.RefundFailed:
		return "Refund " + id + ", failed"
	case commission.Dispute:
		return "Dispute " + id
	case commission.Amendment:
		return "Amended amount"
	case commission.Reject:
		return "Rejected"
	default:
		return cause
	}
}

// meaning says what the state of a commission means.
func (v *visit) meaning(c affiliate.ExplainedCommission) string {
	switch c.Status {
	case commission.StatusPending:
		return "It becomes payable on " + v.date(c.PayableAt) + "."
	case commission.StatusPayable:
		return "It is ready to be paid out."
	case commission.StatusInPayout:
		return "It is in a payout that is issued and awaiting payment."
	case commission.StatusPaid:
		return "It was paid out. If you reject it now, the amount comes off a later payout."
	case commission.StatusUnderReview:
		if c.Suspect != "" {
			return "It is under review because of a suspect click (" + c.Suspect + ") and not paid until you release it. " +
				"That releases what this customer brings the partner later, too."
		}
		return "It is under review and is not paid until you release it."
	case commission.StatusRejected:
		return "It is rejected. This is final."
	default:
		return "The customer got the money back, so there is nothing to pay."
	}
}
