package storage

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Canonical writes all rows as sorted lines of JSON, one row each. Two stores
// that went through the same commits give the same bytes.
func (r Rows) Canonical() ([]byte, error) {
	var lines [][]byte
	for _, table := range []func() ([][]byte, error){
		func() ([][]byte, error) { return encode("anchor", r.Anchors) },
		func() ([][]byte, error) { return encode("click", r.Clicks) },
		func() ([][]byte, error) { return encode("identify", r.Identifies) },
		func() ([][]byte, error) { return encode("conversion", r.Conversions) },
		func() ([][]byte, error) { return encode("fact", r.Facts) },
		func() ([][]byte, error) { return encode("setup", r.Setup) },
		func() ([][]byte, error) { return encode("entry", r.Entries) },
		func() ([][]byte, error) { return encode("note", r.Notes) },
		func() ([][]byte, error) { return encode("commission", r.Commissions) },
		func() ([][]byte, error) { return encode("line", r.Lines) },
		func() ([][]byte, error) { return encode("payout", r.Payouts) },
		func() ([][]byte, error) { return encode("adjustment", r.Adjustments) },
		func() ([][]byte, error) { return encode("clicks", r.Counts) },
		func() ([][]byte, error) { return encode("event", r.Events) },
	} {
		rows, err := table()
		if err != nil {
			return nil, err
		}
		lines = append(lines, rows...)
	}
	slices.SortFunc(lines, bytes.Compare)
	return bytes.Join(lines, []byte("\n")), nil
}

func encode[T any](table string, rows []T) ([][]byte, error) {
	lines := make([][]byte, 0, len(rows))
	for _, row := range rows {
		data, err := json.Marshal(row)
		if err != nil {
			return nil, err
		}
		lines = append(lines, append([]byte(table+" "), data...))
	}
	return lines, nil
}
