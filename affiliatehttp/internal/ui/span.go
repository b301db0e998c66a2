package ui

import (
	"slices"
	"strconv"
	"time"
)

// Span is the time that charts show, in days of UTC: 30 days by day, 13 weeks by
// week or 12 months by month.
type Span struct {
	Days  int
	From  time.Time
	edges []time.Time // beginnings of the points, and the end of the last
}

// NewSpan returns the span of a number of days up to now: "30" or "", "90" and
// "365" are ok.
func NewSpan(days string, now time.Time) (s Span, ok bool) {
	s.edges = []time.Time{Day(now).AddDate(0, 0, 1)}
	switch days {
	case "30", "":
		s.Days = 30
		s.back(30, func(t time.Time) time.Time { return t.AddDate(0, 0, -1) })
	case "90":
		s.Days = 90
		s.back(13, func(t time.Time) time.Time { return t.AddDate(0, 0, -7) })
	case "365":
		s.Days = 365
		s.back(12, func(t time.Time) time.Time {
			y, m, _ := t.AddDate(0, 0, -1).Date()
			return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
		})
	default:
		return s, false
	}
	s.From = s.edges[0]
	return s, true
}

// Day is the day of a time in UTC.
func Day(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// back adds n points before the first.
func (s *Span) back(n int, step func(time.Time) time.Time) {
	for range n {
		s.edges = slices.Insert(s.edges, 0, step(s.edges[0]))
	}
}

// Len is how many points the span has.
func (s Span) Len() int { return len(s.edges) - 1 }

// Point returns the first and the last day of a point.
func (s Span) Point(i int) (from, to time.Time) { return s.edges[i], s.edges[i+1].AddDate(0, 0, -1) }

// At is the point that holds a time, or −1.
func (s Span) At(t time.Time) int {
	for i := range s.Len() {
		if !t.Before(s.edges[i]) && t.Before(s.edges[i+1]) {
			return i
		}
	}
	return -1
}

// Tabs are the spans to choose from.
func (s Span) Tabs(link func(days string) string) Tabs {
	tabs := Tabs{Label: "Time"}
	for _, c := range []struct {
		name string
		days int
	}{{"30 days", 30}, {"3 months", 90}, {"12 months", 365}} {
		tabs.Items = append(tabs.Items, Tab{Name: c.name, Link: link(strconv.Itoa(c.days)), Current: s.Days == c.days})
	}
	return tabs
}

// Chart draws one value of the points. The total is the value of all of them.
func (s Span) Chart(id, title string, value func(i int) int64, format func(int64) string, total int64) Chart {
	c := Chart{ID: id, Title: title, Of: s.unit(), Format: format, Labels: s.label}
	c.Total = c.Text(total)
	c.Note = title + " " + s.words() + ": " + c.Total + " in all."
	for i := range s.Len() {
		c.Bars = append(c.Bars, Bar{Name: s.name(i), Value: value(i)})
	}
	return c
}

// name is what a point is called in full, label what stands below a chart.
func (s Span) name(i int) string {
	from, to := s.Point(i)
	switch s.Days {
	case 365:
		return from.Format("January 2006")
	case 90:
		return from.Format("2 Jan") + " – " + to.Format("2 Jan 2006")
	default:
		return from.Format("Mon 2 Jan 2006")
	}
}

func (s Span) label(i int) string {
	from, _ := s.Point(i)
	if s.Days == 365 {
		return from.Format("Jan 2006")
	}
	return from.Format("2 Jan")
}

func (s Span) words() string {
	switch s.Days {
	case 365:
		return "in the last 12 months, by month"
	case 90:
		return "in the last 13 weeks, by week"
	default:
		return "in the last 30 days, by day"
	}
}

func (s Span) unit() string {
	switch s.Days {
	case 365:
		return "Month"
	case 90:
		return "Week"
	default:
		return "Day"
	}
}
