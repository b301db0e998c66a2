package console

import (
	"errors"
	"net/http"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/storage"
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
	Activity *activity // nil: there is too much to add up
	RunLink  string
}

// activity is what happened lately, of all partners.
type activity struct {
	Range    ui.Tabs
	Earnings []ui.Chart
	Counts   []ui.Chart
	Balances bool // of all partners, who are few enough
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
	if body.Activity, err = v.activity(span); err != nil && !errors.Is(err, affiliate.ErrInvalidInput) {
		return err
	}
	body.Due, body.Open, body.Paid = v.mainFirst(body.Due), v.mainFirst(body.Open), v.mainFirst(body.Paid)
	return v.show(http.StatusOK, "overview", "Overview", body)
}

// points are what happened, by stretch of time.
type points struct {
	span        ui.Span
	clicks      []int64
	conversions []int64
	earned      []sums
	revenue     []sums
	totals      [2]sums // earned, revenue
}

// activity adds up what happened. The error is ErrInvalidInput if that is too much.
func (v *visit) activity(span ui.Span) (*activity, error) {
	stats, err := v.eng.Stats(v.ctx, affiliate.StatsQuery{From: span.From, By: affiliate.ByDay, Location: v.now.Location()})
	if err != nil {
		return nil, err
	}
	p := points{
		span: span, clicks: make([]int64, span.Len()), conversions: make([]int64, span.Len()), earned: make([]sums, span.Len()), revenue: make([]sums, span.Len()),
	}
	for _, row := range stats.Items {
		if err := p.add(row, v.now.Location()); err != nil {
			return nil, err
		}
	}
	a := &activity{Range: span.Tabs(func(days string) string { return v.to(root, "days", days) }), Balances: len(v.setup.Partners()) <= maxChoice}
	p.charts(a, v.currency())
	if err := v.latest(a, span); err != nil || !a.Balances {
		return a, err
	}
	for _, who := range v.setup.Partners() {
		if err := v.balance(a, who.ID); err != nil {
			return nil, err
		}
	}
	a.Pending, a.Payable = v.mainFirst(a.Pending), v.mainFirst(a.Payable)
	return a, nil
}

// latest reads the latest commissions, and how many wait for a review.
func (v *visit) latest(a *activity, span ui.Span) error {
	held, err := v.eng.ListCommissions(v.ctx, affiliate.CommissionFilter{From: span.From, Status: commission.StatusUnderReview}, storage.Mark{}, manyHeld)
	if err != nil {
		return err
	}
	a.Held, a.HeldLink = int64(len(held.Items)), v.to(root+"/conversions", "state", string(commission.StatusUnderReview))
	list, err := v.eng.ListCommissions(v.ctx, affiliate.CommissionFilter{From: span.From}, storage.Mark{}, someLatest)
	if err != nil {
		return err
	}
	for _, c := range list.Items[:min(len(list.Items), someLatest)] {
		a.Latest = append(a.Latest, v.commission(c))
	}
	return nil
}

// manyHeld is how many commissions under review are counted.
const manyHeld = 500

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

// add adds the figures of a day.
func (p *points) add(row affiliate.StatsRow, zone *time.Location) error {
	day, err := time.ParseInLocation(time.DateOnly, row.Key, zone)
	i := p.span.At(day)
	if err != nil || i < 0 {
		return nil //nolint:nilerr // such a row is of no day
	}
	p.clicks[i] += row.Clicks
	p.conversions[i] += row.Conversions
	for _, money := range []struct {
		amount int64
		of     []sums
		total  *sums
	}{{row.Commission, p.earned, &p.totals[0]}, {row.Revenue, p.revenue, &p.totals[1]}} {
		if money.amount == 0 {
			continue
		}
		if money.of[i], err = money.of[i].plus(money.amount, row.Currency); err != nil {
			return err
		}
		if *money.total, err = money.total.plus(money.amount, row.Currency); err != nil {
			return err
		}
	}
	return nil
}

func (p *points) charts(a *activity, first money.Currency) {
	for i, of := range []struct {
		id, title string
		values    []sums
	}{{"earnings", "Commissions", p.earned}, {"revenue", "Revenue", p.revenue}} {
		totals := p.totals[i].first(first)
		if len(totals) == 0 {
			totals = sums{{0, first}}
		}
		for _, t := range totals {
			title := of.title
			if len(totals) > 1 {
				title += " in " + upper(t.Currency)
			}
			a.Earnings = append(a.Earnings, p.span.Chart(of.id+"-"+string(t.Currency), title, func(i int) int64 { return of.values[i].of(t.Currency) },
				func(n int64) string { return ui.Money(n, t.Currency) }, t.Amount))
		}
	}
	count := func(id, title string, values []int64) ui.Chart {
		all := int64(0)
		for _, n := range values {
			all += n
		}
		return p.span.Chart(id, title, func(i int) int64 { return values[i] }, nil, all)
	}
	a.Counts = []ui.Chart{count("clicks", "Clicks", p.clicks), count("conversions", "Conversions", p.conversions)}
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
