package portal

import (
	"fmt"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/program"
)

// conditions says how credit is given and when money becomes payable.
func conditions(s program.Settings, holdback int) []string {
	var lines []string
	if s.WindowDays > 0 {
		lines = append(lines, fmt.Sprintf("A click counts for %s.", words.Count(int64(s.WindowDays), "day")))
	}
	switch s.Model {
	case attribution.FirstClick:
		lines = append(lines, "When a customer came through several links, the first click gets the credit.")
	case attribution.Linear:
		lines = append(lines, "When a customer came through several links, all clicks share the credit equally.")
	case attribution.Position:
		lines = append(lines, "When a customer came through several links, the first and the last click get 40% each and those between share the rest.")
	default:
		lines = append(lines, "When a customer came through several links, the last click gets the credit.")
	}
	if s.Binding == attribution.Sticky {
		lines = append(lines, "A customer you brought stays yours. Later payments count for you, too.")
	}
	if holdback > 0 {
		lines = append(lines, fmt.Sprintf("Commissions become payable %s after the sale. A refund takes its part back.", words.Count(int64(holdback), "day")))
	} else {
		lines = append(lines, "Commissions are payable at once. A refund takes its part back.")
	}
	return lines
}
