package portal

import (
	"errors"
	"fmt"
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

// conversion explains a conversion that earns the partner something.
func (v *visit) conversion(ref string) (explainedView, error) {
	id, err := v.open("conversion", ref)
	if err != nil {
		return explainedView{}, err
	}
	x, err := v.eng.Explain(v.ctx, id)
	if errors.Is(err, affiliate.ErrNotFound) {
		return explainedView{}, ui.Missing()
	}
	if err != nil {
		return explainedView{}, err
	}
	return v.explained(ref, x)
}

// explained takes the partner's own part out of an explanation.
func (v *visit) explained(ref string, x affiliate.Explanation) (explainedView, error) {
	view := explainedView{conversionView: conversionView{ID: ref, At: x.Conversion.At}, Event: words.Event(x.Conversion.Type)}
	var err error
	for _, c := range x.Commissions {
		if c.Partner != v.me.ID || c.Line.Accrued == 0 && c.Tier.Adjustment == 0 {
			continue
		}
		own := v.commission(c.Commission)
		view.Program, view.Title = own.Program, own.Title
		view.Commissions = append(view.Commissions, own)
		view.Parts = append(view.Parts, earningView{own, v.arithmetic(c), v.meaning(c)})
		if view.Earned, err = addMoney(view.Earned, c.Amount, c.Currency); err != nil {
			return view, err
		}
		if v.cfg.ShowSaleAmounts(c.Program) && x.Conversion.Amount > 0 {
			view.Sale = &moneyView{c.Line.Amount, c.Line.Paid}
		}
	}
	i := slices.IndexFunc(x.Credits, func(c attribution.Credit) bool { return c.Partner == v.me.ID && c.Void == "" })
	if len(view.Parts) == 0 || i < 0 {
		return view, ui.Missing()
	}
	credit := x.Credits[i]
	view.Share = credit.Share.String()
	view.Why = v.why(x, credit)
	return view, nil
}

// why says in a partner's words how the credit came about.
func (v *visit) why(x affiliate.Explanation, credit attribution.Credit) []string {
	var lines []string
	switch credit.Method {
	case attribution.Promo:
		lines = append(lines, v.whyCode(x))
	case attribution.Match:
		lines = append(lines, "The visit carried a tag that is assigned to you.")
	case attribution.Manual:
		lines = append(lines, "The program team credited this conversion to you by hand.")
	default:
		lines = append(lines, v.whyClick(x, credit)...)
	}
	if credit.Share != money.WholeShare() {
		lines = append(lines, fmt.Sprintf("The customer came through several links. Your part of the credit is %s.", credit.Share))
	}
	terms := map[string]bool{}
	for _, c := range x.Commissions {
		text := v.source(c.Line)
		if c.Partner == v.me.ID && text != "" && !terms[text] {
			terms[text] = true
			lines = append(lines, text)
		}
	}
	return lines
}

func (v *visit) whyCode(x affiliate.Explanation) string {
	if c, ok := v.setup.Code(x.Conversion.PromoCode); ok && c.Partner == v.me.ID {
		return "The customer used your code " + c.Code + "."
	}
	return "The customer used one of your codes."
}

func (v *visit) whyClick(x affiliate.Explanation, credit attribution.Credit) []string {
	if b := x.How.Binding; b != nil && b.SetBy != x.Conversion.ID {
		return []string{fmt.Sprintf("This customer has been yours since %s. Their later payments count for you, too.", v.date(b.SetAt))}
	}
	var lines []string
	i := slices.IndexFunc(x.How.Touches, func(t decision.Touch) bool { return t.Click == credit.TouchID })
	if i >= 0 {
		lines = append(lines, fmt.Sprintf("The customer followed your link on %s.", v.dateTime(x.How.Touches[i].At)))
	} else {
		lines = append(lines, "The customer followed your link.")
	}
	switch x.How.Model {
	case attribution.LastClick:
		lines = append(lines, "It was the last click before the conversion that counted.")
	case attribution.FirstClick:
		lines = append(lines, "It was the first click that counted.")
	default: // a share says the rest
	}
	return lines
}

// source says which terms a commission is paid by.
func (v *visit) source(l commission.Commission) string {
	since := ""
	if l.TermsFrom.Year() > 1 {
		since = " of " + v.date(l.TermsFrom)
	}
	switch l.Source {
	case commission.FromAmendment:
		return "It is paid by terms" + since + " that were agreed for you alone."
	case commission.FromAdoption:
		return "It is paid by the program’s terms that you were given" + strings.Replace(since, " of ", " on ", 1) + "."
	case commission.FromApproval, commission.FromBackfill:
		if since == "" {
			return "It is paid by the terms you joined with."
		}
		return "It is paid by the terms you joined with on " + v.date(l.TermsFrom) + "."
	case commission.FromProgram:
		return "It is paid by the program’s terms" + since + "."
	default:
		return ""
	}
}

// arithmetic shows how an amount came about.
func (v *visit) arithmetic(c affiliate.ExplainedCommission) []string {
	base := "the sale"
	if v.cfg.ShowSaleAmounts(c.Program) && c.Line.Paid == c.Line.Currency {
		base = ui.Money(c.Line.Amount, c.Line.Paid)
	}
	how := words.Rate(c.Line.Type, c.Line.Value, c.Currency)
	if c.Line.Type == commission.Percent {
		how += " of " + base
	}
	if c.Line.Share != money.WholeShare() {
		how += " × " + c.Line.Share.String()
	}
	steps := []string{how + " = " + ui.Money(c.Line.Accrued, c.Currency)}
	if c.Tier.Adjustment != 0 {
		verb := "added"
		if c.Tier.Adjustment < 0 {
			verb = "took back"
		}
		steps = append(steps, fmt.Sprintf("Your tier made it %s, which %s %s",
			words.Rate(c.Line.Type, c.Tier.Value, c.Currency), verb, ui.Money(absolute(c.Tier.Adjustment), c.Currency)))
	}
	if back := c.Line.Accrued + c.Tier.Adjustment - c.Amount; back != 0 {
		steps = append(steps, v.takenBack(c, back))
	}
	return append(steps, "Total "+ui.Money(c.Amount, c.Currency))
}

// takenBack says what refunds or a rejection took away, and when.
func (v *visit) takenBack(c affiliate.ExplainedCommission, amount int64) string {
	if c.Line.Rejected() {
		return "It was rejected, which took back " + ui.Money(amount, c.Currency)
	}
	last := time.Time{}
	for _, level := range c.Line.Ladder {
		last = level.At
	}
	return fmt.Sprintf("The customer was refunded (last on %s), which took back %s", v.date(last), ui.Money(amount, c.Currency))
}

// meaning says what the state of a commission means for the partner.
func (v *visit) meaning(c affiliate.ExplainedCommission) string {
	switch c.Status {
	case commission.StatusPending:
		return "It becomes payable on " + v.date(c.PayableAt) + ", when refunds are no longer likely."
	case commission.StatusPayable:
		return "It is ready to be paid out."
	case commission.StatusInPayout:
		return "It is in a payout that is on its way to you."
	case commission.StatusPaid:
		return "It was paid out to you."
	case commission.StatusUnderReview:
		if c.Suspect != "" {
			return "It is under review because of a suspect click: many came from one network at that time. It is paid once the program team releases it."
		}
		return "The program team is reviewing it. It is paid once they release it."
	case commission.StatusRejected:
		return "The program team rejected it, so it is not paid."
	default:
		return "The customer got the money back, so there is nothing to pay."
	}
}

func (v *visit) date(t time.Time) string     { return ui.Date(t.In(v.zone)) }
func (v *visit) dateTime(t time.Time) string { return t.In(v.zone).Format("2 Jan 2006, 15:04") }

func absolute(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

func (v *visit) conversionPage() error {
	view, err := v.conversion(v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "conversion", "Conversion "+ui.Short(view.ID), view)
}

func (v *visit) conversionAnswer() (any, error) { return v.conversion(v.r.PathValue("id")) }
