package portal

import (
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/storage"
)

// span reads which time is asked for.
func (v *visit) span() (ui.Span, error) {
	s, ok := ui.NewSpan(v.r.URL.Query().Get("days"), v.now)
	if !ok {
		return s, ui.Invalid("days", "must be 30, 90 or 365")
	}
	return s, nil
}

// pointsOf are the stretches of time, empty.
func pointsOf(s ui.Span) []pointView {
	points := make([]pointView, s.Len())
	for i := range points {
		from, to := s.Point(i)
		points[i] = pointView{From: from.Format(time.DateOnly), To: to.Format(time.DateOnly), Earned: []moneyView{}}
	}
	return points
}

func addClicks(s ui.Span, points []pointView, counts []storage.ClickCount) {
	for _, c := range counts {
		if i := s.At(c.Day); i >= 0 {
			points[i].Clicks += c.Clicks
		}
	}
}

// addEarnings adds what conversions earned, on the day of the conversion.
func addEarnings(s ui.Span, points []pointView, list []affiliate.Commission) error {
	last := ""
	for _, c := range list { // those of one conversion are neighbors
		i := s.At(c.At)
		if i < 0 {
			continue
		}
		if c.Conversion != last {
			points[i].Conversions++
			last = c.Conversion
		}
		var err error
		if points[i].Earned, err = addMoney(points[i].Earned, c.Amount, c.Currency); err != nil {
			return err
		}
	}
	return nil
}

// addMoney adds an amount to a list with one amount per currency, in order of
// currency.
func addMoney(list []moneyView, amount int64, c money.Currency) ([]moneyView, error) {
	i, found := slices.BinarySearchFunc(list, c, func(m moneyView, c money.Currency) int {
		return compare(string(m.Currency), string(c))
	})
	if !found {
		return slices.Insert(list, i, moneyView{amount, c}), nil
	}
	sum, err := money.Add(list[i].Amount, amount)
	list[i].Amount = sum
	return list, err
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// charted returns the points of a span, filled in.
func (v *visit) charted(s ui.Span) ([]pointView, error) {
	points := pointsOf(s)
	counts, err := v.eng.ClickCounts(v.ctx, v.me.ID)
	if err != nil {
		return nil, err
	}
	addClicks(s, points, slices.DeleteFunc(counts, func(c storage.ClickCount) bool { return !v.shown(c.Program) }))
	list, err := v.commissionsSince(s.From)
	if err != nil {
		return nil, err
	}
	return points, addEarnings(s, points, list)
}

func (v *visit) chartsAnswer() (any, error) {
	s, err := v.span()
	if err != nil {
		return nil, err
	}
	points, err := v.charted(s)
	return struct {
		Days   int         `json:"days"`
		Points []pointView `json:"points"`
	}{s.Days, points}, err
}

func (v *visit) ranges(s ui.Span) ui.Tabs {
	return s.Tabs(func(days string) string { return v.kit.To(ui.Query(v.r.URL.Path, "days", days)) })
}

func clickChart(s ui.Span, points []pointView) ui.Chart {
	total := int64(0)
	for _, p := range points {
		total += p.Clicks
	}
	return s.Chart("clicks", "Clicks", func(i int) int64 { return points[i].Clicks }, nil, total)
}

func conversionChart(s ui.Span, points []pointView) ui.Chart {
	total := int64(0)
	for _, p := range points {
		total += p.Conversions
	}
	return s.Chart("conversions", "Conversions", func(i int) int64 { return points[i].Conversions }, nil, total)
}

// earningCharts are one per currency.
func (v *visit) earningCharts(s ui.Span, points []pointView) ([]ui.Chart, error) {
	var totals []moneyView
	var err error
	for _, p := range points {
		for _, m := range p.Earned {
			if totals, err = addMoney(totals, m.Amount, m.Currency); err != nil {
				return nil, err
			}
		}
	}
	if len(totals) == 0 {
		totals = []moneyView{{0, v.currency()}}
	}
	totals = mainFirst(totals, v.currency(), func(m moneyView) money.Currency { return m.Currency })
	var charts []ui.Chart
	for _, t := range totals {
		title := "Earnings"
		if len(totals) > 1 {
			title = "Earnings in " + upper(t.Currency)
		}
		value := func(i int) int64 {
			for _, m := range points[i].Earned {
				if m.Currency == t.Currency {
					return m.Amount
				}
			}
			return 0
		}
		format := func(n int64) string { return ui.Money(n, t.Currency) }
		charts = append(charts, s.Chart("earnings-"+string(t.Currency), title, value, format, t.Amount))
	}
	return charts, nil
}
