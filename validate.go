package affiliate

import (
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/internal/sorted"
	"github.com/goaffiliate/affiliate/money"
)

const (
	maxID       = 255
	maxText     = 2048
	maxMetadata = 50
	maxValue    = 16 << 10        // bytes of a metadata value
	clockSkew   = 5 * time.Minute // how far in the future a fact's time may be
)

// checks collects what is wrong with an input.
type checks struct {
	problem.List
	now time.Time
}

func (c *checks) err() error { return c.Err(ErrInvalidInput) }

// id checks text that names something: valid UTF-8, no control characters.
func (c *checks) id(field, value string, required bool) {
	switch {
	case value == "" && required:
		c.Add(field, "is required")
	case len(value) > maxID:
		c.Add(field, "must not be longer than %d bytes", maxID)
	default:
		c.text(field, value)
	}
}

func (c *checks) text(field, value string) { c.part(field, "", value) }

// part is text, of a part of a field.
func (c *checks) part(field, part, value string) {
	switch {
	case !utf8.ValidString(value):
		c.Add(field+part, "is not valid UTF-8")
	case len(value) > maxText:
		c.Add(field+part, "must not be longer than %d bytes", maxText)
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		c.Add(field+part, "must not contain control characters")
	}
}

func (c *checks) time(t time.Time) {
	switch {
	case t.IsZero():
	case t.After(c.now.Add(clockSkew)):
		c.Add("at", "is more than %d minutes in the future", int(clockSkew.Minutes()))
	case t.Year() < 1 || t.Year() > 9999:
		c.Add("at", "is out of range")
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
		c.part(field+".", key, sub[key])
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
