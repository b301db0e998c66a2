package sqlstore

import (
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/quickjson"
	"github.com/goaffiliate/affiliate/internal/storekit"
)

// clicks returns the inserts of clicks. Where the dialect has one for any number
// of them, many are one statement, whose text does not depend on how many they
// are: a text that was not prepared yet costs the server more than the rows.
//
// They are not cloned as other rows are: nothing of them is changed but the time,
// on its way out.
func (s *Store) clicks(org string, clicks []attribution.Click) []Write {
	if s.writes.clicks == "" || len(clicks) < 2 {
		return s.tables.clicks.insert(s.dialect, org, clicks)
	}
	return []Write{{SQL: s.writes.clicks, Args: clickArrays(org, clicks), Rows: int64(len(clicks))}}
}

// clickArrays returns the parameters of Dialect.Clicks.
func clickArrays(org string, clicks []attribution.Click) []any {
	var columns [11]array
	for i := range columns {
		columns[i] = make(array, 0, 40*len(clicks))
	}
	b := make([]byte, 0, 256)
	for i := range clicks {
		c := &clicks[i]
		b = storekit.Time(c.At).AppendFormat(b[:0], time.RFC3339Nano)
		columns[0].add(b)
		for n, text := range [...]string{c.ID, c.Partner, c.Program, c.Link, c.Visitor, c.CampaignID, c.Flag, c.Suspect} {
			b = append(b[:0], text...)
			columns[1+n].add(b)
		}
		for n, texts := range [...]map[string]string{c.Sub, c.Metadata} {
			if len(texts) == 0 {
				columns[9+n].null()
				continue
			}
			b = quickjson.Map(b[:0], texts, quickjson.String)
			columns[9+n].add(b)
		}
	}
	args := []any{org}
	for _, column := range columns {
		args = append(args, column.text())
	}
	return args
}

// array is an array that is being written as PostgreSQL writes and reads it, which
// all drivers can send.
type array []byte

func (a *array) next() {
	if len(*a) == 0 {
		*a = append(*a, '{')
	} else {
		*a = append(*a, ',')
	}
}

// add appends a text.
func (a *array) add(text []byte) {
	a.next()
	*a = append(*a, '"')
	for _, c := range text {
		if c == '"' || c == '\\' {
			*a = append(*a, '\\')
		}
		*a = append(*a, c)
	}
	*a = append(*a, '"')
}

func (a *array) null() {
	a.next()
	*a = append(*a, "NULL"...)
}

// text ends the array and returns it.
func (a array) text() string { return string(append(a, '}')) }
