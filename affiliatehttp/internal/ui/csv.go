package ui

import (
	"bytes"
	"encoding/csv"
	"strings"
)

// Cell makes a text safe as a cell of a spreadsheet: one that would be run as a
// formula is prefixed with an apostrophe. Numbers made by Plain need none.
func Cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return "'" + text
	}
	return text
}

// CSV returns rows as a table for spreadsheets.
func CSV(rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	err := csv.NewWriter(&out).WriteAll(rows)
	return out.Bytes(), err
}
