package affiliate

import (
	"maps"
	"time"
	"unicode/utf8"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/internal/sorted"
	"github.com/goaffiliate/affiliate/money"
)

const (
	maxMetadata = 50
	maxValue    = 16 << 10        // bytes of a metadata value
	clockSkew   = 5 * time.Minute // how far in the future a fact's time may be
)

// checks collects what is wrong with an input.
type checks struct {
	problem.List
	now time.Time
}

// invalid is the error of one field.
func invalid(field, message string) error {
	var list problem.List
	list.Add(field, "%s", message)
	return list.Err(ErrInvalidInput)
}

func (c *checks) err() error { return c.Err(ErrInvalidInput) }

func (c *checks) id(field, value string, required bool) { c.ID(field, value, required) }

func (c *checks) text(field, value string) { c.Text(field, value) }

func (c *checks) time(t time.Time) { c.timeOf("at", t) }

func (c *checks) timeOf(field string, t time.Time) {
	switch {
	case t.IsZero():
	case t.After(c.now.Add(clockSkew)):
		c.Add(field, "is more than %d minutes in the future", int(clockSkew.Minutes()))
	case t.Year() < 1 || t.Year() > 9999:
		c.Add(field, "is out of range")
	}
}

func (c *checks) amount(field string, minor int64) {
	if minor < 0 {
		c.Add(field, "must not be negative")
	}
}

func (c *checks) currency(field string, currency money.Currency) {
	if currency != "" && !currency.Valid() {
		c.Add(field, "unknown currency %q", string(currency))
	}
}

func (c *checks) sub(field string, sub map[string]string) {
	var few [8]string
	for _, key := range sorted.Keys(few[:0], sub) {
		if !attribution.ValidSub(key) {
			c.Add(field, "unknown key %q: must be sub1 to sub30", key)
			continue
		}
		c.text(field+"."+key, sub[key])
	}
}

func (c *checks) metadata(field string, data map[string]string) {
	if len(data) > maxMetadata {
		c.Add(field, "must not have more than %d keys", maxMetadata)
	}
	var few [8]string
	for _, key := range sorted.Keys(few[:0], data) {
		c.text(field, key)
		if !utf8.ValidString(data[key]) || len(data[key]) > maxValue {
			c.Add(field, "value of %q is not valid UTF-8 of at most %d bytes", key, maxValue)
		}
	}
}

// withoutEmpty drops empty values: empty and absent are the same.
func withoutEmpty(sub map[string]string) map[string]string {
	kept := maps.Clone(sub)
	maps.DeleteFunc(kept, func(_, v string) bool { return v == "" })
	if len(kept) == 0 {
		return nil
	}
	return kept
}
