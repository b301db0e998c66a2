package reference

import (
	"slices"
	"sort"
	"time"
)

// timeline is an effective-dated value: each version holds from its own time on, whenever it arrived (semantics 2.6).
type timeline[T any] struct {
	versions []version[T]
}

type version[T any] struct {
	at    time.Time
	value T
}

func (l *timeline[T]) set(at time.Time, value T) {
	l.versions = append(l.versions, version[T]{at, value})
	sort.SliceStable(l.versions, func(i, j int) bool { return l.versions[i].at.Before(l.versions[j].at) })
}

func (l *timeline[T]) at(t time.Time) T {
	var value T
	for _, v := range l.versions {
		if !v.at.After(t) {
			value = v.value
		}
	}
	return value
}

// program is a program with its dated configuration.
type program struct {
	id, currency string
	loc          *time.Location
	rules        timeline[[]Rule]
	holdback     timeline[int]
	model        timeline[string]
	window       timeline[int]
	methods      timeline[[]string]
	binding      timeline[string]
	starts, ends timeline[*time.Time]
	partnerCodes timeline[bool]
	adoptions    []standing // by all that are approved then
}

// newProgram applies the defaults of semantics 2.7.
func newProgram(p Program) *program {
	out := &program{id: p.ID, currency: or(p.Currency, "usd"), loc: zone(p.TimeZone)}
	window, holdback := 60, 0
	if p.WindowDays != nil {
		window = *p.WindowDays
	}
	if p.HoldbackDays != nil {
		holdback = *p.HoldbackDays
	}
	methods := p.Methods
	if methods == nil {
		methods = []string{"promo", "click", "match"}
	}
	out.rules.set(forever, p.Rules)
	out.holdback.set(forever, holdback)
	out.model.set(forever, or(p.Model, "last_click"))
	out.window.set(forever, window)
	out.methods.set(forever, methods)
	out.binding.set(forever, or(p.Binding, "sticky"))
	out.starts.set(forever, p.StartsAt)
	out.ends.set(forever, p.EndsAt)
	out.partnerCodes.set(forever, p.PartnerCodes)
	return out
}

func (p *program) edit(at time.Time, e *EditProgram) {
	setIf(&p.rules, at, e.Rules)
	setIf(&p.holdback, at, e.HoldbackDays)
	setIf(&p.model, at, e.Model)
	setIf(&p.window, at, e.WindowDays)
	setIf(&p.methods, at, e.Methods)
	setIf(&p.binding, at, e.Binding)
	setIf(&p.partnerCodes, at, e.PartnerCodes)
	if e.StartsAt != nil || slices.Contains(e.nulls, "startsAt") {
		p.starts.set(at, e.StartsAt)
	}
	if e.EndsAt != nil || slices.Contains(e.nulls, "endsAt") {
		p.ends.set(at, e.EndsAt)
	}
}

func setIf[T any](l *timeline[T], at time.Time, value *T) {
	if value != nil {
		l.set(at, *value)
	}
}

// activeAt judges t by the schedule in force at t (semantics 2.1, 2.7).
func (p *program) activeAt(t time.Time) bool {
	start := p.starts.at(t)
	return (start == nil || !t.Before(*start)) && !p.endedAt(t)
}

func (p *program) endedAt(t time.Time) bool {
	end := p.ends.at(t)
	return end != nil && !t.Before(*end)
}

// terms are the rules and the holdback days.
type terms struct {
	rules    []Rule
	holdback int
}

func (p *program) termsAt(t time.Time) terms { return terms{p.rules.at(t), p.holdback.at(t)} }

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
