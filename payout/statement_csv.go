package payout

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// CSV returns the statement as a table for spreadsheets, with a header and "\n" line ends. Amounts are in major units with
// the currency's digits ("-6.67"), times are RFC 3339 in UTC. Rows, by kind: "opening_balance"; one per line; "posted";
// "payout", negative; "closing_balance". Opening, posted and payout add up to closing. The bytes depend on the statement
// alone.
//
// Text that a spreadsheet would run as a formula is prefixed with an apostrophe; amounts are left as numbers.
func (s Statement) CSV() ([]byte, error) {
	rows := [][]string{
		{"position", "entry", "kind", "conversion", "program", "rule", "adjustment", "reason", "at", "matures_at", "amount", "currency"},
		s.total("opening_balance", s.Opening),
	}
	for _, line := range s.Lines {
		rows = append(rows, []string{
			strconv.FormatInt(line.Position, 10), text(line.EntryID), text(line.Kind), text(line.Conversion),
			text(line.Program), text(line.Rule), text(line.Adjustment), text(line.Reason), stamp(line.At), stamp(line.MaturesAt), s.major(line.Amount), s.code(),
		})
	}
	paid := s.total("payout", -s.Amount)
	paid[1], paid[8], paid[9] = text(s.Payout), stamp(s.IssuedAt), stamp(s.Cutoff)
	rows = append(rows, s.total("posted", s.Posted), paid, s.total("closing_balance", s.Closing))

	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// total returns a row that is no ledger line.
func (s Statement) total(kind string, amount int64) []string {
	return []string{"", "", kind, "", "", "", "", "", "", "", s.major(amount), s.code()}
}

func (s Statement) major(amount int64) string {
	number, _, _ := strings.Cut(money.Amount{Minor: amount, Currency: s.Currency}.String(), " ")
	return number
}

func (s Statement) code() string { return text(strings.ToUpper(string(s.Currency))) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// text defuses a cell that a spreadsheet would take for a formula.
func text(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
