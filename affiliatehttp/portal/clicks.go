package portal

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/storage"
)

// clickList is the partner's clicks by day and link, latest first.
func (v *visit) clickList() ([]clickView, []storage.ClickCount, error) {
	counts, err := v.eng.ClickCounts(v.ctx, v.me.ID)
	if err != nil {
		return nil, nil, err
	}
	counts = slices.DeleteFunc(counts, func(c storage.ClickCount) bool { return !v.shown(c.Program) })
	slices.SortFunc(counts, func(a, b storage.ClickCount) int {
		return cmp.Or(b.Day.Compare(a.Day), cmp.Compare(a.Link, b.Link), cmp.Compare(a.Program, b.Program))
	})
	list := make([]clickView, len(counts))
	for i, c := range counts {
		list[i] = clickView{
			Day: c.Day.Format(time.DateOnly), Link: c.Link, Program: v.ref("program", c.Program), Title: v.title(c.Program), Clicks: c.Clicks,
		}
	}
	return list, counts, nil
}

func (c clickView) id() string { return c.Day + "~" + c.Link + "~" + c.Program }

// clicksBody is the page of clicks.
type clicksBody struct {
	Range  ui.Tabs
	Chart  ui.Chart
	ByLink []clickView // sums of the time that the chart shows
	Days   ui.List[clickView]
	Next   string
}

func (v *visit) clicksPage() error {
	list, counts, err := v.clickList()
	if err != nil {
		return err
	}
	span, err := v.span()
	if err != nil {
		return err
	}
	points := pointsOf(span)
	addClicks(span, points, counts)
	body := clicksBody{Range: v.ranges(span), Chart: clickChart(span, points)}
	body.ByLink = byLink(list, span.From)
	if body.Days, err = ui.PageOf(v.r, list, clickView.id); err != nil {
		return err
	}
	body.Next = v.kit.Next(v.r, body.Days.NextAfter)
	return v.show(http.StatusOK, "clicks", "Clicks", body)
}

// byLink adds up the days since a time, most clicks first.
func byLink(list []clickView, since time.Time) []clickView {
	sums := map[string]*clickView{}
	for _, c := range list {
		if c.Day < since.Format(time.DateOnly) {
			continue
		}
		key := c.Link + "~" + c.Program
		if sums[key] == nil {
			sums[key] = &clickView{Link: c.Link, Program: c.Program, Title: c.Title}
		}
		sums[key].Clicks += c.Clicks
	}
	var out []clickView
	for _, c := range sums {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b clickView) int {
		return cmp.Or(cmp.Compare(b.Clicks, a.Clicks), cmp.Compare(a.Link, b.Link), cmp.Compare(a.Program, b.Program))
	})
	return out
}

func (v *visit) clicksAnswer() (any, error) {
	list, _, err := v.clickList()
	if err != nil {
		return nil, err
	}
	return ui.PageOf(v.r, list, clickView.id)
}
