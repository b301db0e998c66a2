package console

import (
	"net/http"
	"slices"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// overviewBody is the first page.
type overviewBody struct {
	Tasks    []task // nil once all are done
	Done     int
	Due      sums
	DueCount int64
	Open     sums
	Paid     sums
	ToSettle int64
	Partners int64
	Activity *activity // nil: there are too many partners to add up
	RunLink  string
}

// activity is what happened lately, of all partners.
type activity struct {
	Range    ui.Tabs
	Earnings []ui.Chart
	Counts   []ui.Chart
	Pending  sums
	Payable  sums
	Held     int64 // commissions under review
	HeldLink string
	Latest   []commissionView
}

func (v *visit) overviewPage() error {
	span, ok := ui.NewSpan(v.query("days"), v.now)
	if !ok {
		return ui.Invalid("days", "must be 30, 90 or 365")
	}
	body := overviewBody{Partners: int64(len(v.setup.Partners())), RunLink: v.to(root + "/payouts/run")}
	tasks, err := v.tasks()
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if t.Done {
			body.Done++
		}
	}
	if body.Done < len(tasks) {
		body.Tasks = tasks
	}
	list, err := v.eng.Payouts(v.ctx, "")
	if err != nil {
		return err
	}
	if body.Open, body.Paid, err = payoutTotals(list); err != nil {
		return err
	}
	for _, p := range list {
		if p.Status.Open() {
			body.ToSettle++
		}
	}
	due, err := v.dryRun(v.now)
	if err != nil {
		return err
	}
	body.DueCount = int64(len(due))
	if body.Due, err = total(due); err != nil {
		return err
	}
	if len(v.setup.Partners()) <= maxScan {
		if body.Activity, err = v.activity(span); err != nil {
			return err
		}
	}
	body.Due, body.Open, body.Paid = v.mainFirst(body.Due), v.mainFirst(body.Open), v.mainFirst(body.Paid)
	return v.show(http.StatusOK, "overview", "Overview", body)
}

// points add up what happened, by stretch of time.
type points struct {
	span        ui.Span
	clicks      []int64
	conversions []int64
	earned      []sums
	total       sums
	all         []affiliate.Commission
	held        int64
}

func (v *visit) activity(span ui.Span) (*activity, error) {
	p := points{span: span, clicks: make([]int64, span.Len()), conversions: make([]int64, span.Len()), earned: make([]sums, span.Len())}
	a := &activity{Range: span.Tabs(func(days string) string { return v.to(root, "days", days) })}
	for _, who := range v.setup.Partners() {
		counts, err := v.eng.ClickCounts(v.ctx, who.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range counts {
			if i := span.At(c.Day); i >= 0 {
				p.clicks[i] += c.Clicks
			}
		}
		if err := v.balance(a, who.ID); err != nil {
			return nil, err
		}
		if err := v.since(&p, who.ID); err != nil {
			return nil, err
		}
	}
	if err := p.add(); err != nil {
		return nil, err
	}
	p.charts(a, v.currency())
	a.Pending, a.Payable = v.mainFirst(a.Pending), v.mainFirst(a.Payable)
	a.Held, a.HeldLink = p.held, v.to(root+"/conversions", "state", string(commission.StatusUnderReview))
	for _, c := range p.all[:min(len(p.all), someLatest)] {
		a.Latest = append(a.Latest, v.commission(c))
	}
	return a, nil
}

// balance adds what one partner has.
func (v *visit) balance(a *activity, partner string) error {
	list, err := v.eng.Balances(v.ctx, partner, v.now)
	if err != nil {
		return err
	}
	for _, b := range list {
		if a.Pending, err = a.Pending.plus(b.Pending, b.Currency); err != nil {
			return err
		}
		if a.Payable, err = a.Payable.plus(b.Payable, b.Currency); err != nil {
			return err
		}
	}
	return nil
}

// since reads the commissions of one partner since the beginning of the span.
func (v *visit) since(p *points, partner string) error {
	after := ""
	for range readPages {
		page, err := v.eng.Commissions(v.ctx, partner, after, readSize)
		if err != nil {
			return err
		}
		for _, c := range page.Commissions {
			if c.At.Before(p.span.From) {
				return nil
			}
			p.all = append(p.all, c)
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
	return nil
}

// add sorts the commissions and adds them up. A conversion that several partners
// share counts once.
func (p *points) add() error {
	slices.SortStableFunc(p.all, func(a, b affiliate.Commission) int { return b.At.Compare(a.At) })
	seen := map[string]bool{}
	for _, c := range p.all {
		if c.Status == commission.StatusUnderReview {
			p.held++
		}
		i := p.span.At(c.At)
		if i < 0 {
			continue
		}
		if !seen[c.Conversion] {
			seen[c.Conversion] = true
			p.conversions[i]++
		}
		var err error
		if p.earned[i], err = p.earned[i].plus(c.Amount, c.Currency); err != nil {
			return err
		}
		if p.total, err = p.total.plus(c.Amount, c.Currency); err != nil {
			return err
		}
	}
	return nil
}

func (p *points) charts(a *activity, first money.Currency) {
	totals := p.total.first(first)
	if len(totals) == 0 {
		totals = sums{{0, first}}
	}
	for _, t := range totals {
		title := "Commissions"
		if len(totals) > 1 {
			title += " in " + upper(t.Currency)
		}
		a.Earnings = append(a.Earnings, p.span.Chart("earnings-"+string(t.Currency), title, func(i int) int64 { return p.earned[i].of(t.Currency) },
			func(n int64) string { return ui.Money(n, t.Currency) }, t.Amount))
	}
	count := func(id, title string, values []int64) ui.Chart {
		all := int64(0)
		for _, n := range values {
			all += n
		}
		return p.span.Chart(id, title, func(i int) int64 { return values[i] }, nil, all)
	}
	a.Counts = []ui.Chart{count("clicks", "Clicks", p.clicks), count("conversions", "Conversions that earned", p.conversions)}
}

// currency is the one to show where there is no money yet.
func (v *visit) currency() money.Currency {
	if p := v.setup.Default(v.now); p != nil {
		return p.Currency
	}
	return "usd"
}

// mainFirst puts the amount in the main currency before the others.
func (v *visit) mainFirst(s sums) sums { return s.first(v.currency()) }
