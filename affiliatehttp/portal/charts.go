package portal

import (
	"slices"
	"strconv"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/storage"
)

// span is the time that charts show, in days of UTC: clicks are counted so.
type span struct {
	days  int
	from  time.Time
	edges []time.Time // beginnings of the points, and the end of the last
}

// span reads which time is asked for: 30 days by day, 90 by week, 365 by month.
func (v *visit) span() (span, error) {
	text := v.r.URL.Query().Get("days")
	if text == "" {
		text = "30"
	}
	end := day(v.now).AddDate(0, 0, 1)
	s := span{edges: []time.Time{end}}
	switch text {
	case "30":
		s.days = 30
		s.back(30, func(t time.Time) time.Time { return t.AddDate(0, 0, -1) })
	case "90":
		s.days = 90
		s.back(13, func(t time.Time) time.Time { return t.AddDate(0, 0, -7) })
	case "365":
		s.days = 365
		s.back(12, func(t time.Time) time.Time {
			y, m, _ := t.AddDate(0, 0, -1).Date()
			return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
		})
	default:
		return s, invalid("days", "must be 30, 90 or 365")
	}
	s.from = s.edges[0]
	return s, nil
}

// back adds n points before the first.
func (s *span) back(n int, step func(time.Time) time.Time) {
	for range n {
		s.edges = slices.Insert(s.edges, 0, step(s.edges[0]))
	}
}

// points are the stretches of time, empty.
func (s span) points() []pointView {
	points := make([]pointView, len(s.edges)-1)
	for i := range points {
		points[i] = pointView{
			From: s.edges[i].Format(time.DateOnly), To: s.edges[i+1].AddDate(0, 0, -1).Format(time.DateOnly), Earned: []moneyView{},
		}
	}
	return points
}

// at is the point that holds a time, or −1.
func at(points []pointView, t time.Time) int {
	date := day(t).Format(time.DateOnly)
	return slices.IndexFunc(points, func(p pointView) bool { return p.From <= date && date <= p.To })
}

func addClicks(points []pointView, counts []storage.ClickCount) {
	for _, c := range counts {
		if i := at(points, c.Day); i >= 0 {
			points[i].Clicks += c.Clicks
		}
	}
}

// addEarnings adds what conversions earned, on the day of the conversion.
func addEarnings(points []pointView, list []affiliate.Commission) error {
	last := ""
	for _, c := range list { // those of one conversion are neighbors
		i := at(points, c.At)
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
func (v *visit) charted(s span) ([]pointView, error) {
	points := s.points()
	counts, err := v.eng.ClickCounts(v.ctx, v.me.ID)
	if err != nil {
		return nil, err
	}
	addClicks(points, slices.DeleteFunc(counts, func(c storage.ClickCount) bool { return !v.shown(c.Program) }))
	list, err := v.commissionsSince(s.from)
	if err != nil {
		return nil, err
	}
	return points, addEarnings(points, list)
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
	}{s.days, points}, err
}

func (v *visit) ranges(s span) ui.Tabs {
	tabs := ui.Tabs{Label: "Time"}
	for _, c := range []struct {
		name string
		days int
	}{{"30 days", 30}, {"3 months", 90}, {"12 months", 365}} {
		tabs.Items = append(tabs.Items, ui.Tab{
			Name: c.name, Link: v.kit.To(query(v.r.URL.Path, "days", strconv.Itoa(c.days))), Current: s.days == c.days,
		})
	}
	return tabs
}

// name is what a point is called in full, label what stands below a chart.
func (s span) name(p pointView) string {
	from, _ := time.Parse(time.DateOnly, p.From)
	to, _ := time.Parse(time.DateOnly, p.To)
	switch s.days {
	case 365:
		return from.Format("January 2006")
	case 90:
		return from.Format("2 Jan") + " – " + to.Format("2 Jan 2006")
	default:
		return from.Format("Mon 2 Jan 2006")
	}
}

func (s span) label(p pointView) string {
	from, _ := time.Parse(time.DateOnly, p.From)
	if s.days == 365 {
		return from.Format("Jan 2006")
	}
	return from.Format("2 Jan")
}

func (s span) words() string {
	switch s.days {
	case 365:
		return "in the last 12 months, by month"
	case 90:
		return "in the last 13 weeks, by week"
	default:
		return "in the last 30 days, by day"
	}
}

func (s span) unit() string {
	switch s.days {
	case 365:
		return "Month"
	case 90:
		return "Week"
	default:
		return "Day"
	}
}

// chart draws one value of the points. The total is the value of all of them.
func (s span) chart(id, title string, points []pointView, value func(pointView) int64, format func(int64) string, total int64) ui.Chart {
	c := ui.Chart{ID: id, Title: title, Of: s.unit(), Format: format}
	c.Total = c.Text(total)
	c.Note = title + " " + s.words() + ": " + c.Total + " in all."
	for _, p := range points {
		c.Bars = append(c.Bars, ui.Bar{Name: s.name(p), Value: value(p)})
	}
	c.Labels = func(i int) string { return s.label(points[i]) }
	return c
}

func clickChart(s span, points []pointView) ui.Chart {
	total := int64(0)
	for _, p := range points {
		total += p.Clicks
	}
	return s.chart("clicks", "Clicks", points, func(p pointView) int64 { return p.Clicks }, nil, total)
}

func conversionChart(s span, points []pointView) ui.Chart {
	total := int64(0)
	for _, p := range points {
		total += p.Conversions
	}
	return s.chart("conversions", "Conversions", points, func(p pointView) int64 { return p.Conversions }, nil, total)
}

// earningCharts are one per currency.
func (v *visit) earningCharts(s span, points []pointView) ([]ui.Chart, error) {
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
		value := func(p pointView) int64 {
			for _, m := range p.Earned {
				if m.Currency == t.Currency {
					return m.Amount
				}
			}
			return 0
		}
		format := func(n int64) string { return ui.ShortMoney(n, t.Currency) }
		charts = append(charts, s.chart("earnings-"+string(t.Currency), title, points, value, format, t.Amount))
	}
	return charts, nil
}
