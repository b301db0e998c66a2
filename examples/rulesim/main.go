package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/storage/memory"
)

func main() {
	flag.Bool("demo", false, "print the table, as always")
	flag.Parse()
	if err := compare(context.Background(), offers(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "rulesim:", err)
		os.Exit(1)
	}
}

// compare runs offers, prints what they pay, and checks the totals.
func compare(ctx context.Context, list []offer, w io.Writer) error {
	var columns []*column
	var wrong error
	for _, o := range list {
		c, err := whatIf(ctx, o)
		if err != nil {
			return err
		}
		if c.paid != o.total {
			wrong = errors.Join(wrong, fmt.Errorf("%s pays %s, by hand it is %s", o.name, dollars(c.paid), dollars(o.total)))
		}
		columns = append(columns, c)
	}
	return errors.Join(printTable(w, columns), wrong)
}

// column is what one offer pays, in cents.
type column struct {
	offer
	months  map[string]int64 // "2026-01"; all of 2025 is "2025"
	paid    int64            // in total
	revenue int64
}

// whatIf runs the story under an offer, through a real Engine.
func whatIf(ctx context.Context, o offer) (*column, error) {
	story := tell(o)
	scenario, err := story.Build()
	if err != nil {
		return nil, err
	}
	result, err := affiliatetest.Run(ctx, memory.New(), scenario)
	if err != nil {
		return nil, err
	}
	if !result.OK() {
		return nil, fmt.Errorf("%s: %v", o.name, result.Differences)
	}
	c := &column{offer: o, months: map[string]int64{}, revenue: story.revenue}
	for _, paid := range result.Outcome.Commissions {
		c.months[row(result, paid.Conversion)] += paid.Amount
	}
	for _, cents := range c.months {
		c.paid += cents
	}
	return c, nil
}

// row is the row of the table that a conversion belongs to.
func row(result affiliatetest.Result, conversion string) string {
	at := result.Explanations[conversion].Conversion.At
	if at.Year() < 2026 {
		return "2025"
	}
	return at.Format("2006-01")
}

// rows are the rows of the table, in order.
func rows() []string {
	list := []string{"2025"}
	for month := 1; month <= 12; month++ {
		list = append(list, fmt.Sprintf("2026-%02d", month))
	}
	return list
}

func printTable(w io.Writer, columns []*column) error {
	var text strings.Builder
	line := func(label string, cell func(*column) string) {
		fmt.Fprintf(&text, "%-10s", label)
		for _, c := range columns {
			fmt.Fprintf(&text, "%*s", max(len(c.name), len("9999.99"))+3, cell(c))
		}
		text.WriteByte('\n')
	}
	text.WriteString("What each offer pays for the same sales, by month of the sale, after refunds.\n\n")
	line("", func(c *column) string { return c.name })
	for _, r := range rows() {
		line(r, func(c *column) string { return dollars(c.months[r]) })
	}
	line("total", func(c *column) string { return dollars(c.paid) })
	line("of revenue", func(c *column) string { return percent(c.paid, c.revenue) })
	_, err := io.WriteString(w, text.String())
	return err
}

func dollars(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// percent is part of whole with one place, rounded half up.
func percent(part, whole int64) string {
	tenths := (part*2000 + whole) / (whole * 2)
	return fmt.Sprintf("%d.%d %%", tenths/10, tenths%10)
}
