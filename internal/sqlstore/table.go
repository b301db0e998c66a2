package sqlstore

import (
	"fmt"
	"strings"
)

// table describes how rows of one kind are kept: the columns after the
// organization, and the fields of a row in the same order.
type table[T any] struct {
	name    string
	columns string // separated by commas
	fields  func(Dialect, *T) []any

	inserts []string // of 1, 2, 4 … maxRows rows
}

// maxRows is how many rows one statement inserts.
const maxRows = 64

// describe finishes a description. The conflict clause says what an insert does
// about a row with the same key.
func describe[T any](name, columns, conflict string, fields func(Dialect, *T) []any) table[T] {
	t := table[T]{name: name, columns: columns, fields: fields}
	row := "(?" + strings.Repeat(", ?", strings.Count(columns, ",")+1) + ")"
	for n := 1; n <= maxRows; n *= 2 {
		t.inserts = append(t.inserts, fmt.Sprintf("$insert INTO %s (org, %s) VALUES %s ON CONFLICT %s",
			name, columns, strings.Repeat(row+", ", n-1)+row, conflict))
	}
	return t
}

// insert returns the statements that write rows. Their lengths are powers of
// two, so that few distinct statements are prepared.
func (t table[T]) insert(d Dialect, org string, rows []T) []Write {
	var writes []Write
	for len(rows) > 0 {
		n, i := 1, 0
		for 2*n <= min(len(rows), maxRows) {
			n, i = 2*n, i+1
		}
		w := Write{SQL: t.inserts[i], Rows: int64(n)}
		for r := range n {
			if w.Args == nil {
				w.Args = make([]any, 0, n*(strings.Count(t.columns, ",")+2))
			}
			w.Args = append(w.Args, org)
			for _, field := range t.fields(d, &rows[r]) {
				w.Args = append(w.Args, value(field))
			}
		}
		writes, rows = append(writes, w), rows[n:]
	}
	return writes
}

// value returns what a field holds where that is plain: a driver finds it out by
// reflection.
func value(field any) any {
	switch field := field.(type) {
	case *string:
		return *field
	case *int64:
		return *field
	case micros:
		return field.t.UnixMicro()
	case jsonField:
		if texts, ok := field.v.(*map[string]string); ok {
			return textsOrNull(*texts)
		}
	}
	return field
}

// selects returns a query of the whole rows of an organization.
func (t table[T]) selects(tail string) string {
	return "SELECT " + t.columns + " FROM " + t.name + " WHERE org = ?" + tail
}

// listed returns a query, by a list and an organization, of the whole rows that
// have one of the listed texts in a column. A text that is listed twice finds
// its rows twice.
func (t table[T]) listed(column string) string {
	return "SELECT " + t.columns + " FROM $from " + t.name + " WHERE " + column + "$listed AND org = ?"
}

// named is listed for a column in which most rows may have nothing: its index
// leaves them out.
func (t table[T]) named(column string) string { return t.listed(column) + " AND " + column + " <> ''" }

// update is the conflict clause that writes over the row with a key.
func update(key string, columns ...string) string {
	for i, c := range columns {
		columns[i] = c + " = excluded." + c
	}
	return "(org, " + key + ") DO UPDATE SET " + strings.Join(columns, ", ")
}
