package console

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/goaffiliate/affiliate/money"
)

// values are the texts of a form by field.
type values map[string]string

// values reads fields of a posted form.
func (v *visit) values(names []string) values {
	in := values{}
	for _, name := range names {
		in[name] = v.input(name)
	}
	return in
}

// number reads a whole number. An empty field says nothing.
func (in values) number(name string, w wrong) *int {
	if in[name] == "" {
		return nil
	}
	n, err := strconv.Atoi(in[name])
	if err != nil || n < 0 {
		w[name] = "A whole number, please."
		return nil
	}
	return &n
}

// lines are the lines of a field that are not empty.
func (in values) lines(name string) []string {
	var list []string
	for _, line := range strings.Split(in[name], "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// Local times, as browsers send them.
const localTime = "2006-01-02T15:04"

// localText writes a time for a field; the zero time is empty.
func localText(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(localTime)
}

// when reads a local time. An empty field is the zero time.
func (in values) when(name string, zone *time.Location, w wrong) time.Time {
	if in[name] == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(localTime, in[name], zone)
	if err != nil {
		w[name] = "A date and a time, like 2026-03-31T18:00."
	}
	return t
}

// minor reads an amount in major units, like 12.50.
func minor(text string, c money.Currency) (int64, error) {
	d, err := decimal.NewFromString(strings.TrimSpace(text))
	if err != nil {
		return 0, err
	}
	a, err := money.FromDecimal(d, c)
	return a.Minor, err
}

func joined(list []string) string { return strings.Join(list, ", ") }
