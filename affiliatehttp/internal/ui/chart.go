package ui

import "strconv"

// Chart is a bar chart with the same numbers as a table below it. The drawing is
// stretched to the width of the page, so text stands around it and not in it.
type Chart struct {
	ID     string // of the element, unique on the page
	Title  string
	Total  string
	Note   string                    // one sentence that says what the chart shows
	Of     string                    // heading of the table's first column
	Bars   []Bar                     // in order of time
	Format func(int64) string        // default: the number
	Labels func(i int) (text string) // below the bars; default: the names of first, middle and last
}

// Bar is one value; values below zero are drawn as zero.
type Bar struct {
	Name  string
	Value int64
}

// Size of the drawing in its own units.
const (
	chartWidth  = 1000
	chartHeight = 160
)

// Shape is a bar in the units of the drawing, with the slot around it that shows
// the bar's text.
type Shape struct {
	X, Y, W, H   int
	SlotX, SlotW int
	Text         string
}

// Text writes a value.
func (c Chart) Text(v int64) string {
	if c.Format != nil {
		return c.Format(v)
	}
	return Group(strconv.FormatInt(max(v, 0), 10))
}

// Top is the value of the upper end of the axis: 1, 2 or 5 and zeros.
func (c Chart) Top() int64 {
	highest := int64(1)
	for _, b := range c.Bars {
		highest = max(highest, b.Value)
	}
	for unit := int64(1); unit <= 1e17; unit *= 10 {
		for _, top := range []int64{unit, 2 * unit, 5 * unit} {
			if top >= highest {
				return top
			}
		}
	}
	return highest
}

// Axis are the labels of the axis, from the top down.
func (c Chart) Axis() []string {
	top := c.Top()
	if top%2 != 0 { // there is no middle
		return []string{brief(c.Text(top)), brief(c.Text(0))}
	}
	return []string{brief(c.Text(top)), brief(c.Text(top / 2)), brief(c.Text(0))}
}

// Shapes places the bars.
func (c Chart) Shapes() []Shape {
	top := c.Top()
	shapes := make([]Shape, len(c.Bars))
	for i, b := range c.Bars {
		left, right := i*chartWidth/len(c.Bars), (i+1)*chartWidth/len(c.Bars)
		gap := max((right-left)/6, 1)
		s := Shape{X: left + gap, W: right - left - 2*gap, SlotX: left, SlotW: right - left, Text: b.Name + ": " + c.Text(b.Value)}
		if b.Value > 0 {
			s.H = max(scaled(b.Value, top), 2)
		}
		s.Y = chartHeight - s.H
		shapes[i] = s
	}
	return shapes
}

// scaled is value of top in units of the drawing. Large numbers lose digits that
// no drawing shows.
func scaled(value, top int64) int {
	for top > 1<<50 {
		value, top = value>>1, top>>1
	}
	return int(value * (chartHeight - 8) / top)
}

// Ends are the labels below the bars.
func (c Chart) Ends() []string {
	switch n := len(c.Bars); {
	case n == 0:
		return nil
	case n < 3:
		return []string{c.label(0), c.label(n - 1)}
	default:
		return []string{c.label(0), c.label(n / 2), c.label(n - 1)}
	}
}

func (c Chart) label(i int) string {
	if c.Labels != nil {
		return c.Labels(i)
	}
	return c.Bars[i].Name
}

// Empty reports whether there is nothing to draw.
func (c Chart) Empty() bool {
	for _, b := range c.Bars {
		if b.Value > 0 {
			return false
		}
	}
	return true
}
