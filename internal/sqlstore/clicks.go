package sqlstore

import (
	"slices"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/quickjson"
	"github.com/goaffiliate/affiliate/internal/storekit"
)

// clicks returns the inserts of clicks. Where the dialect has one for any number
// of them, many are one statement, whose text does not depend on how many they
// are: a text that was not prepared yet costs the server more than the rows.
//
// They are not cloned as other rows are: nothing of them is changed but the time.
func (s *Store) clicks(org string, clicks []attribution.Click) []Write {
	if s.writes.clicks == "" || len(clicks) < 2 {
		clicks = slices.Clone(clicks)
		for i := range clicks {
			clicks[i].At = storekit.Time(clicks[i].At)
		}
		return s.tables.clicks.insert(s.dialect, org, clicks)
	}
	list := quickjson.List(make([]byte, 0, 512*len(clicks)), clicks, appendClick)
	return []Write{{SQL: s.writes.clicks, Args: []any{org, string(list)}, Rows: int64(len(clicks))}}
}

func appendClick(b []byte, c attribution.Click) []byte {
	o := quickjson.Begin(b)
	o.String("id", c.ID)
	o.Time("at", storekit.Time(c.At))
	o.String("partner", c.Partner)
	o.String("program", c.Program)
	o.String("link", c.Link)
	o.String("visitor", c.Visitor)
	o.String("campaign", c.CampaignID)
	o.String("flag", c.Flag)
	if len(c.Sub) > 0 { // else NULL
		o.Value("sub", func(b []byte) []byte { return appendTexts(b, c.Sub) })
	}
	if len(c.Metadata) > 0 {
		o.Value("metadata", func(b []byte) []byte { return appendTexts(b, c.Metadata) })
	}
	return o.End()
}

// appendTexts appends a map as encoding/json does.
func appendTexts(b []byte, texts map[string]string) []byte {
	names := make([]string, 0, 8)
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	o := quickjson.Begin(b)
	for _, name := range names {
		o.Key(name, func(b []byte) []byte { return quickjson.String(b, texts[name]) })
	}
	return o.End()
}
