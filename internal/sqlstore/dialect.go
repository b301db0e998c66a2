package sqlstore

import (
	"database/sql"
	"strings"
	"time"
)

// Dialect is what differs between databases in the SQL of this package.
type Dialect struct {
	Name string // prefix of errors

	// Placeholder writes the n-th parameter, from 1; nil leaves a question mark.
	Placeholder func(n int) string

	// List and Pairs are the tables of the texts (first), or pairs of texts
	// (first, second), in one parameter that holds a JSON array of them.
	List, Pairs string

	// Time is the parameter for a time, and where one is scanned.
	Time func(*time.Time) any

	// Snapshot are the options of a transaction that reads one state throughout.
	Snapshot *sql.TxOptions
}

// sql finishes a statement that is written with question marks.
func (d Dialect) sql(text string) string {
	text = strings.NewReplacer("$list", d.List, "$pairs", d.Pairs).Replace(text)
	if d.Placeholder == nil {
		return text
	}
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(text, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString(d.Placeholder(n))
		text = after
	}
}
