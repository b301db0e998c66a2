package program

import (
	"cmp"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/promo"
)

// Defaults of a program (semantics 2.7).
const (
	DefaultWindowDays   = 60
	DefaultHoldbackDays = 30
)

// Lifecycle is the state of a program at a time (semantics 2.1).
type Lifecycle string

// The states.
const (
	Scheduled Lifecycle = "scheduled"
	Active    Lifecycle = "active"
	Ended     Lifecycle = "ended"
)

// Settings are what a program says from one edit to the next.
type Settings struct {
	Name            string                  `json:"name"`
	Title           string                  `json:"title"`
	DestinationURL  string                  `json:"destinationUrl"`
	DeepLinkDomains []string                `json:"deepLinkDomains"`
	Model           attribution.Model       `json:"attributionModel"`
	WindowDays      int                     `json:"attributionWindowDays"`
	Methods         []attribution.Method    `json:"methods"`
	Binding         attribution.BindingMode `json:"binding"`
	StartsAt        time.Time               `json:"startsAt,omitzero"`
	EndsAt          time.Time               `json:"endsAt,omitzero"`
	PartnerCodes    bool                    `json:"partnerCodes"`
	Reward          *promo.Reward           `json:"reward,omitempty"`
	Terms           commission.Terms        `json:"terms"`
}

// Lifecycle returns the state at t by this schedule.
func (s Settings) Lifecycle(t time.Time) Lifecycle {
	switch {
	case !s.StartsAt.IsZero() && t.Before(s.StartsAt):
		return Scheduled
	case !s.EndsAt.IsZero() && !t.Before(s.EndsAt):
		return Ended
	}
	return Active
}

// PublicTitle is what partners call the program: its title, else its name. Both
// may be empty.
func (s Settings) PublicTitle() string { return cmp.Or(s.Title, s.Name) }

// InWindow reports whether a click at clicked is inside the attribution window
// of a conversion at t, bound included (semantics 3.2).
func (s Settings) InWindow(clicked, t time.Time) bool {
	return attribution.InWindow(clicked, t, time.Duration(s.WindowDays)*24*time.Hour)
}

// Program is one offer of an organization.
type Program struct {
	ID       string
	Currency money.Currency
	Location *time.Location
	Created  time.Time

	changes   []Change // by (At, Seq), the creation first
	revisions []revision
	adoptions []Change // of all partnerships that are approved then, by (At, Seq)
}

type revision struct {
	at       time.Time
	settings Settings
}

// At returns the settings in force at t. Before the program was created it is
// not ok.
func (p *Program) At(t time.Time) (Settings, bool) {
	for i := len(p.revisions) - 1; i >= 0; i-- {
		if !p.revisions[i].at.After(t) {
			return p.revisions[i].settings, true
		}
	}
	return Settings{}, false
}

// Latest returns the settings of the last change by time.
func (p *Program) Latest() Settings { return p.revisions[len(p.revisions)-1].settings }

// LongestWindow returns the longest attribution window, in days, that the program
// ever had.
func (p *Program) LongestWindow() int {
	days := 0
	for _, r := range p.revisions {
		days = max(days, r.settings.WindowDays)
	}
	return days
}

// EndSetAt returns since when the program's end is what it is at t: moving it
// away and back sets it anew.
func (p *Program) EndSetAt(t time.Time) time.Time {
	var since, end time.Time
	for _, r := range p.revisions {
		if r.at.After(t) {
			break
		}
		if !r.settings.EndsAt.Equal(end) {
			since, end = r.at, r.settings.EndsAt
		}
	}
	return since
}

// LifecycleAt returns the state at t, judged by the schedule in force at t. A
// program that did not exist yet is scheduled.
func (p *Program) LifecycleAt(t time.Time) Lifecycle {
	s, ok := p.At(t)
	if !ok {
		return Scheduled
	}
	return s.Lifecycle(t)
}

// with returns the program after one more change.
func (p *Program) with(c Change) *Program {
	next := &Program{ID: p.ID, Currency: p.Currency, Location: p.Location, Created: p.Created}
	next.changes = insertChange(p.changes, c)
	var s Settings
	for _, change := range next.changes {
		if change.Kind == Adopt {
			next.adoptions = append(next.adoptions, change)
			continue
		}
		s = change.Settings.apply(s)
		next.revisions = append(next.revisions, revision{change.At, s})
	}
	return next
}

// insertChange keeps the creation first and the rest in order of (At, Seq).
func insertChange(list []Change, c Change) []Change {
	out := append(slices.Clone(list), c)
	slices.SortStableFunc(out, func(a, b Change) int {
		if creates(a.Kind) != creates(b.Kind) {
			if creates(a.Kind) {
				return -1
			}
			return 1
		}
		return compareChanges(a, b)
	})
	return out
}

// compareChanges orders changes by (At, Seq).
func compareChanges(a, b Change) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq))
}

func before(a, b Change) bool { return compareChanges(a, b) < 0 }

func creates(k ChangeKind) bool { return k == CreateProgram || k == CreatePartner }

// defaultSettings are those of a program that says nothing.
func defaultSettings() Settings {
	return Settings{
		Model:      attribution.LastClick,
		WindowDays: DefaultWindowDays,
		Methods:    []attribution.Method{attribution.Promo, attribution.Clicks, attribution.Match},
		Binding:    attribution.Sticky,
		Terms:      commission.Terms{HoldbackDays: DefaultHoldbackDays},
	}
}

func set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}

// apply lays the change over settings.
func (c *SettingsChange) apply(s Settings) Settings {
	if s.Methods == nil {
		s = defaultSettings()
	}
	if c == nil {
		return s
	}
	s = c.remove(s)
	set(&s.Name, c.Name)
	set(&s.Title, c.Title)
	set(&s.DestinationURL, c.DestinationURL)
	set(&s.DeepLinkDomains, c.DeepLinkDomains)
	set(&s.Model, c.Model)
	set(&s.WindowDays, c.WindowDays)
	set(&s.Methods, c.Methods)
	set(&s.Binding, c.Binding)
	set(&s.StartsAt, c.StartsAt)
	set(&s.EndsAt, c.EndsAt)
	set(&s.PartnerCodes, c.PartnerCodes)
	if c.Reward != nil {
		s.Reward = c.Reward.Apply(s.Reward)
	}
	s.Terms = TermsChange{Rules: c.Rules, HoldbackDays: c.HoldbackDays}.merge(s.Terms)
	return s
}

// optionalSetting reports whether a program may be without a setting.
func optionalSetting(name string) bool {
	switch name {
	case "name", "title", "deepLinkDomains", "startsAt", "endsAt", "reward":
		return true
	}
	return false
}

// remove takes away what the change removes.
func (c *SettingsChange) remove(s Settings) Settings {
	for _, name := range c.Remove {
		switch name {
		case "name":
			s.Name = ""
		case "title":
			s.Title = ""
		case "deepLinkDomains":
			s.DeepLinkDomains = nil
		case "startsAt":
			s.StartsAt = time.Time{}
		case "endsAt":
			s.EndsAt = time.Time{}
		case "reward":
			s.Reward = nil
		}
	}
	return s
}
