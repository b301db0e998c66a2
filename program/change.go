package program

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/promo"
)

// ChangeKind is what a change does.
type ChangeKind string

// The kinds of configuration changes.
const (
	SetOrganization ChangeKind = "set_organization"
	CreateProgram   ChangeKind = "create_program"
	EditProgram     ChangeKind = "edit_program"
	CreatePartner   ChangeKind = "create_partner"
	EditPartner     ChangeKind = "edit_partner"
	Approve         ChangeKind = "approve"
	Revoke          ChangeKind = "revoke"
	Suspend         ChangeKind = "suspend"   // as a whole, or on the program that the change names
	Reinstate       ChangeKind = "reinstate" // ends the suspension of the same extent
	Adopt           ChangeKind = "adopt"     // without a partner: all that are approved then
	Override        ChangeKind = "override"
	ClearOverride   ChangeKind = "clear_override"
	AddCode         ChangeKind = "add_code"
	RetireCode      ChangeKind = "retire_code"
	AddLink         ChangeKind = "add_link"
)

// Change is one fact of the configuration. It is in force from its own time on,
// whenever it arrives (semantics 2.6).
type Change struct {
	Seq  int64      `json:"-"`  // order of arrival, from 1; breaks ties in time
	At   time.Time  `json:"at"` // the zero time: since for ever
	Kind ChangeKind `json:"kind"`

	// Stamp is new with every write: it tells changes apart that had the same Seq
	// because one of them was rolled back. It says nothing.
	Stamp string `json:"stamp,omitempty"`

	Program string `json:"program,omitempty"`
	Partner string `json:"partner,omitempty"`
	Key     string `json:"key,omitempty"` // of the code (normalized) or link

	Organization *Organization   `json:"organization,omitempty"`
	Settings     *SettingsChange `json:"settings,omitempty"` // create_program, edit_program
	Profile      *Profile        `json:"profile,omitempty"`  // create_partner, edit_partner
	Terms        *TermsChange    `json:"terms,omitempty"`    // override
	ByPartner    bool            `json:"byPartner,omitempty"`
	Generated    bool            `json:"generated,omitempty"`
	Backfill     bool            `json:"backfill,omitempty"` // approve: granted to all existing partners
	Reward       *promo.Reward   `json:"reward,omitempty"`
	URL          string          `json:"url,omitempty"` // a link's own destination
}

// Organization is one tenant.
type Organization struct {
	ID             string `json:"id"`
	Name           string `json:"name,omitempty"`
	DefaultProgram string `json:"defaultProgram,omitempty"` // default: the first program
	EmailKey       string `json:"emailKey,omitempty"`       // secret of the keyed hash that e-mails are compared by
}

// SettingsChange is what an edit says of a program: a nil field keeps its value,
// and so does what Reward leaves out. Currency and TimeZone are set once, at
// creation.
//
// Its JSON is what the body of a PATCH says: a field may be absent (it keeps its
// value), null (it is removed) or have a value. So is that of Profile and
// TermsChange.
type SettingsChange struct {
	Name            *string         `json:"name,omitempty"`
	Title           *string         `json:"title,omitempty"` // shown to partners; default: the name
	Currency        *money.Currency `json:"currency,omitempty"`
	TimeZone        *string         `json:"timeZone,omitempty"`
	DestinationURL  *string         `json:"destinationUrl,omitempty"`
	DeepLinkDomains *[]string       `json:"deepLinkDomains,omitempty"`

	Model        *attribution.Model       `json:"attributionModel,omitempty"`
	WindowDays   *int                     `json:"attributionWindowDays,omitempty"`
	Methods      *[]attribution.Method    `json:"methods,omitempty"`
	Binding      *attribution.BindingMode `json:"binding,omitempty"`
	StartsAt     *time.Time               `json:"startsAt,omitempty"`
	EndsAt       *time.Time               `json:"endsAt,omitempty"`
	PartnerCodes *bool                    `json:"partnerCodes,omitempty"`
	Reward       *promo.RewardChange      `json:"reward,omitempty"`

	Rules        []commission.Rule `json:"rules,omitempty"` // nil keeps, empty is refused
	HoldbackDays *int              `json:"holdbackDays,omitempty"`

	// Remove names fields, as in JSON, that have no value from then on: "name",
	// "title", "deepLinkDomains", "startsAt" (it runs already), "endsAt" (it has no
	// end) or "reward". The others always have one.
	Remove []string `json:"-"`
}

// TermsChange is what an override says; a nil field keeps the value in force
// for the partnership at the override's time.
type TermsChange struct {
	Rules        []commission.Rule `json:"rules,omitempty"`
	HoldbackDays *int              `json:"holdbackDays,omitempty"`
	Remove       []string          `json:"-"` // refused: terms always have both
}

// Profile is what is known of a partner. In an edit, nil fields keep their
// value, and so does what Payout leaves out.
type Profile struct {
	Name     *string                  `json:"name,omitempty"`
	Email    *string                  `json:"email,omitempty"`
	EmailKey *string                  `json:"emailKey,omitempty"` // normalized and hashed
	Rank     *int                     `json:"rank,omitempty"`     // the owner's order; ties: the order of creation
	Match    *[]attribution.Condition `json:"match,omitempty"`
	Payout   *payout.ScheduleChange   `json:"payout,omitempty"`

	// Remove names fields, as in JSON, that have no value from then on: "name",
	// "email" or "match". The others always have one; for a minimum see
	// payout.ScheduleChange.
	Remove []string `json:"-"`
}

// digest identifies the content of the change, its time included.
func (c Change) digest() [32]byte {
	c.Stamp = ""
	data, err := json.Marshal(c)
	if err != nil { // no field of a Change can fail to marshal
		return [32]byte{}
	}
	return sha256.Sum256(data)
}

// normalize writes what means the same in the same way: tiers that are retroactive
// by default and by word. It leaves alone what the caller holds.
func (c *Change) normalize() {
	if c.Settings != nil {
		settings := *c.Settings
		settings.Rules = normalRules(settings.Rules)
		c.Settings = &settings
	}
	if c.Terms != nil {
		terms := *c.Terms
		terms.Rules = normalRules(terms.Rules)
		c.Terms = &terms
	}
}

func normalRules(rules []commission.Rule) []commission.Rule {
	rules = slices.Clone(rules)
	for i, r := range rules {
		if r.Tiers != nil && r.Tiers.IsRetroactive() {
			tiers := *r.Tiers
			tiers.Retroactive = nil
			rules[i].Tiers = &tiers
		}
	}
	return rules
}

// code returns the change of a code as the book of codes takes it.
func (c Change) code() promo.Change {
	change := promo.Change{Code: c.Key, At: c.At, Retired: c.Kind == RetireCode}
	if !change.Retired {
		change.Partner, change.Program, change.Reward = c.Partner, c.Program, c.Reward
		change.Generated, change.ByPartner = c.Generated, c.ByPartner
	}
	return change
}

// merge lays a terms change over terms.
func (c TermsChange) merge(terms commission.Terms) commission.Terms {
	if c.Rules != nil {
		terms.Rules = c.Rules
	}
	if c.HoldbackDays != nil {
		terms.HoldbackDays = *c.HoldbackDays
	}
	return terms
}
