package calendar_test

import (
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/internal/calendar"
)

func ExampleAddMonths() {
	anchor := time.Date(2025, time.January, 31, 12, 0, 0, 0, time.UTC)
	for months := 1; months <= 3; months++ {
		fmt.Println(calendar.AddMonths(anchor, months, time.UTC).Format(time.DateOnly))
	}
	// Output:
	// 2025-02-28
	// 2025-03-31
	// 2025-04-30
}

func ExampleBounds() {
	sunday := time.Date(2025, time.May, 18, 12, 0, 0, 0, time.UTC)
	start, end, _ := calendar.Bounds(calendar.Week, sunday, time.UTC)
	fmt.Println(start.Format(time.DateOnly), end.Format(time.DateOnly))
	// Output: 2025-05-12 2025-05-19
}
