package sqlstore

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Dialect is what differs between databases in the SQL of this package.
type Dialect struct {
	Name string // prefix of errors

	// Placeholder writes the n-th parameter, from 1; nil leaves a question mark.
	Placeholder func(n int) string

	// From, before a table, and Listed, after a column of it, ask for the rows
	// whose column is one of the texts in one parameter, which holds a JSON array
	// of them, by an index of the column. Any, after a column, asks the same alone.
	From, Listed, Any string

	// Pairs is the table of the pairs of texts (first, second) in such a parameter.
	Pairs string

	// Each selects columns of some tables for each of Pairs, by an index, however
	// small the tables are when the statement is first planned.
	Each func(columns, from, where string) string

	// Insert begins an insert.
	Insert string

	// Blob is the type of bytes, Else the conflict clause for all keys but the one
	// of the clause before it.
	Blob, Else string

	// Hold selects the anchors of Pairs and an organization, and locks them or
	// fails at once; empty where nobody waits for a row.
	Hold string

	// Clicks inserts any number of clicks: the parameters are the organization and an
	// array for each column. Empty where a statement with a parameter for each field is
	// faster, or there are no arrays.
	Clicks string

	// Time is the parameter for a time, and where one is scanned.
	Time func(*time.Time) any

	// Typed wraps what a driver returned in an error of package storage, if it is
	// one of those.
	Typed func(error) error

	names Names
}

// Names say where the tables are. The zero value leaves them as they are in the
// texts: in the default schema, beginning with aff_.
type Names struct {
	Schema string // empty: the connection's
	Prefix string // in place of aff_
}

// plainName are names that need no quotes in any database, but for being a keyword.
var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,30}$`)

// In returns the dialect for tables with other names.
func (d Dialect) In(names Names) (Dialect, error) {
	if names.Schema != "" && !plainName.MatchString(names.Schema) {
		return d, fmt.Errorf("%s: schema %q must match %s", d.Name, names.Schema, plainName)
	}
	if names.Prefix != "" && !plainName.MatchString(names.Prefix) {
		return d, fmt.Errorf("%s: table prefix %q must match %s", d.Name, names.Prefix, plainName)
	}
	d.names = names
	return d, nil
}

// sql finishes a statement that is written with question marks.
func (d Dialect) sql(text string) string {
	text = strings.NewReplacer("$from ", d.From, "$insert", d.Insert, "$listed", d.Listed, "$any", d.Any, "$pairs", d.Pairs, "$blob", d.Blob, "$else", d.Else, "aff_", d.names.qualified()).Replace(text)
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

// index is where a migration names a new index, which goes where its table is.
var index = regexp.MustCompile(`(CREATE (?:UNIQUE )?INDEX )aff_`)

// ddl returns a migration with the names of the tables.
func (d Dialect) ddl(text string) string {
	const unqualified = "\x00"
	text = index.ReplaceAllString(text, "${1}"+unqualified)
	text = strings.ReplaceAll(text, "aff_", d.names.qualified())
	return strings.ReplaceAll(text, unqualified, d.names.prefix())
}

func (n Names) prefix() string {
	if n.Prefix == "" {
		return "aff_"
	}
	return n.Prefix
}

func (n Names) qualified() string {
	if n.Schema == "" {
		return n.prefix()
	}
	return `"` + n.Schema + `".` + n.prefix()
}
