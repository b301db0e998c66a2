package affiliate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/money"
)

// String returns the explanation for people to read, several lines: which touches
// were seen and which left out and why, the method, model, binding and shares, and
// for each commission the terms, value, rounding, tier, refunds and postings.
func (x Explanation) String() string {
	d := &description{}
	d.conversion(x)
	return d.String()
}

// description is text in two columns.
type description struct{ strings.Builder }

func (d *description) row(label, format string, args ...any) {
	fmt.Fprintf(&d.Builder, "  %-12s %s\n", label, fmt.Sprintf(format, args...))
}

func (d *description) conversion(x Explanation) {
	c := x.Conversion
	fmt.Fprintf(&d.Builder, "%s: %s", c.ID, c.Type)
	if c.Amount != 0 {
		fmt.Fprintf(&d.Builder, " of %s", amountOf(c.Amount, c.Currency))
	}
	if len(x.Customer) > 0 {
		fmt.Fprintf(&d.Builder, " by %s", strings.Join(x.Customer, " = "))
	}
	fmt.Fprintf(&d.Builder, " at %s\n", dateOf(c.At))
	if x.Erased {
		d.row("customer", "erased: how it was decided is not known any more")
	}
	d.attribution(x)
	for _, note := range x.How.Rules {
		if !note.Fired {
			d.row("rule", "%s does not fire for %s on %s: %s", note.Rule, note.Partner, note.Program, note.Why)
		}
	}
	if !x.Attributed {
		d.row("unattributed", "%s", x.Reason)
	} else if x.Reason != "" {
		d.row("pays", "nothing: %s", x.Reason)
	}
	for _, of := range x.Commissions {
		d.commission(of)
	}
}

// attribution says whose the conversion is.
func (d *description) attribution(x Explanation) {
	for _, t := range x.How.Touches {
		left := ""
		if t.LeftOut != "" {
			left = ", left out: " + string(t.LeftOut)
		}
		d.row("touch", "%s at %s, %s on %s%s", t.Click, dateOf(t.At), t.Partner, t.Program, left)
	}
	if len(x.How.Touches) == 0 {
		d.row("touches", "%s", untouched(x))
	}
	for _, f := range x.How.Failed {
		detail := ""
		if f.Detail != "" {
			detail = " (" + f.Detail + ")"
		}
		d.row("no credit", "by %s: %s%s", f.Method, f.Reason, detail)
	}
	for _, p := range x.How.PassedOver {
		d.row("passed over", "%s: %s", p.Partner, p.Reason)
	}
	if x.How.Method != "" {
		model := ""
		if x.How.Model != "" {
			model = ", model " + string(x.How.Model)
		}
		d.row("method", "%s%s", x.How.Method, model)
	}
	if b := x.How.Binding; b != nil {
		from := ""
		if x.How.Borrowed {
			from = ", borrowed from " + scopeOf(x.How.BorrowedFrom)
		}
		d.row("binding", "set by %s at %s%s", b.SetBy, dateOf(b.SetAt), from)
	}
	for _, c := range x.Credits {
		void := ""
		if c.Void != "" {
			void = ", void: " + string(c.Void)
		}
		d.row("credit", "%s on %s, share %s, first touch %s%s", c.Partner, c.Program, c.Share, c.TouchID, void)
	}
}

// untouched says why an explanation shows no touches.
func untouched(x Explanation) string {
	switch {
	case x.How.Binding != nil:
		return "not asked for: the customer is bound"
	case slices.ContainsFunc(x.How.Failed, func(f decision.Failure) bool { return f.Method == attribution.Clicks }):
		return "none"
	}
	return "not asked for"
}

func scopeOf(program string) string {
	if program == "" {
		return "the conversions without a program"
	}
	return "program " + program
}

// commission shows the arithmetic of one commission.
func (d *description) commission(c ExplainedCommission) {
	l := c.Line
	fmt.Fprintf(&d.Builder, "  %s pays %s on %s: %s, %s\n", l.Rule, l.Partner, l.Program, amountOf(c.Amount, l.Currency), c.Status)
	d.row("  terms", "%s in force since %s", l.Source, dateOf(l.TermsFrom))
	base := ""
	if l.Type == commission.Percent {
		base = " of " + amountOf(l.Amount, l.Paid)
	}
	d.row("  value", "%s%s, share %s", valueOf(l, l.Value), base, l.Share)
	together := ""
	if l.Share != money.WholeShare() {
		together = " (all shares are rounded together)"
	}
	d.row("  rounding", "%s -> %d minor units%s: %s accrued", l.Exact, l.Accrued, together, amountOf(l.Accrued, l.Currency))
	d.tier(c)
	d.ladder(c)
	for _, p := range c.Posted {
		cause := ""
		if p.Cause != "" {
			cause = " for " + p.Cause
		}
		d.row("  posted", "%s %s%s, matures %s", signed(p.Amount, l.Currency), p.Component, cause, dateOf(p.MaturesAt))
	}
}

func (d *description) tier(c ExplainedCommission) {
	t := c.Line.Tiers
	if t == nil {
		return
	}
	how := "retroactive"
	if !t.IsRetroactive() {
		how = "from then on"
	}
	var steps []string
	for _, th := range t.Thresholds {
		steps = append(steps, fmt.Sprintf("%s from %d", valueOf(c.Line, th.Value), th.At))
	}
	d.row("  tiers", "%s by %s, %s: %s", t.Metric, t.Period, how, strings.Join(steps, ", "))
	d.row("  tier", "%d reached, %s in force: %s", c.Tier.Reached, valueOf(c.Line, c.Tier.Value), signed(c.Tier.Adjustment, c.Line.Currency))
}

// ladder shows what each refund, dispute or review takes back or returns.
func (d *description) ladder(c ExplainedCommission) {
	own, err := c.Line.Targets()
	if err != nil {
		return
	}
	tiers, err := c.Line.TierTargets(c.Tier.Adjustment)
	if err != nil {
		return
	}
	for i, level := range c.Line.Ladder {
		sum := own[i+1].Amount + tiers[i+1].Amount // the first is the accrual
		what := fmt.Sprintf("%s of %s back", amountOf(level.Refunded, c.Line.Paid), amountOf(c.Line.Amount, c.Line.Paid))
		if level.Rejected {
			what = "rejected"
		}
		d.row("  ladder", "%s at %s: %s: %s", level.Cause, dateOf(level.At), what, signed(sum, c.Line.Currency))
	}
}

// valueOf is a rule's value as people write it.
func valueOf(l commission.Commission, text string) string {
	if l.Type == commission.Percent {
		return text + " %"
	}
	minor, err := money.ParseWhole(text)
	if err != nil {
		return text
	}
	return amountOf(minor, l.Currency)
}

func amountOf(minor int64, c money.Currency) string {
	return money.Amount{Minor: minor, Currency: c}.String()
}

func signed(minor int64, c money.Currency) string {
	if minor < 0 {
		return amountOf(minor, c)
	}
	return "+" + amountOf(minor, c)
}

func dateOf(t time.Time) string {
	switch {
	case t.Year() <= 1:
		return "ever"
	case !t.Before(commission.Never):
		return "never: under review"
	}
	return t.Format(time.RFC3339)
}
