package reference

import (
	"regexp"
	"strings"
	"time"
)

// code belongs to one partner and one program for ever (semantics 6.1, 6.2).
type code struct {
	partner, program string
	intervals        []interval
}

// interval is [from, to); to nil is open.
type interval struct {
	from time.Time
	to   *time.Time
}

var codeText = regexp.MustCompile(`^[A-Z0-9-]{3,40}$`)

// normalCode trims and upper-cases ASCII letters only.
func normalCode(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, strings.TrimSpace(text))
}

func (c *code) activeAt(t time.Time) bool {
	for _, i := range c.intervals {
		if !t.Before(i.from) && (i.to == nil || t.Before(*i.to)) {
			return true
		}
	}
	return false
}

// retiredBy says that the code's last interval ended at or before t.
func (c *code) retiredBy(t time.Time) bool {
	last := c.intervals[len(c.intervals)-1]
	return last.to != nil && !t.Before(*last.to)
}

// addCode checks in the order of the scenario format.
func (w *world) addCode(at time.Time, a AddCode) string {
	prog := or(a.Program, w.defaultProgram)
	if w.partners[a.Partner] == nil || w.programs[prog] == nil {
		return "not_found"
	}
	if !w.approvedAt(a.Partner, prog, at) {
		return "partner_not_approved"
	}
	if !w.programs[prog].activeAt(at) {
		return "program_not_active"
	}
	text := normalCode(a.Code)
	if !codeText.MatchString(text) {
		return "code_invalid"
	}
	byPartner := a.By == "partner"
	if old := w.codes[text]; old != nil {
		if byPartner || old.partner != a.Partner || old.program != prog || !old.retiredBy(at) {
			return "code_taken"
		}
		old.intervals = append(old.intervals, interval{from: at})
		return ""
	}
	if byPartner && w.atCodeLimit(a.Partner, prog, at) {
		return "code_limit"
	}
	w.codes[text] = &code{partner: a.Partner, program: prog, intervals: []interval{{from: at}}}
	return ""
}

// atCodeLimit counts the active codes, the generated one included (semantics 6.3).
func (w *world) atCodeLimit(partner, prog string, at time.Time) bool {
	count := 1
	for _, c := range w.codes {
		if c.partner == partner && c.program == prog && c.activeAt(at) {
			count++
		}
	}
	return !w.programs[prog].partnerCodes.at(at) || count >= 5
}

func (w *world) retireCode(at time.Time, text string) string {
	c := w.codes[normalCode(text)]
	if c == nil {
		return "not_found"
	}
	last := &c.intervals[len(c.intervals)-1]
	if last.to == nil {
		last.to = &at
	}
	return ""
}
