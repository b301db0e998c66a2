package program

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/edit"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/promo"
)

// Errors of configuration changes.
var (
	ErrNotFound    = errors.New("not found")
	ErrExists      = errors.New("exists already")
	ErrNotActive   = errors.New("the program is not active")
	ErrNotApproved = errors.New("the partner is not approved on the program")
	ErrLinkLimit   = errors.New("the partner has as many links on the program as partners may have")
	ErrInvalid     = errors.New("invalid input")
)

// MaxLinks is how many links a partner may have on a program to add one more. Owners
// are not bound by it.
const MaxLinks = 100

const maxWindowDays = 3650

// ValidID reports whether text can name a program, a partner or anything else: 1 to
// 255 bytes of valid UTF-8 without control characters and without characters that
// cannot be seen, such as a zero-width space or a mark of direction.
func ValidID(id string) bool {
	var list problem.List
	list.ID("id", id, true)
	return len(list) == 0
}

// ValidLinkKey reports whether key is 1–64 characters of A–Z, a–z, 0–9, _ and -.
func ValidLinkKey(key string) bool {
	if key == "" || len(key) > 64 {
		return false
	}
	return !strings.ContainsFunc(key, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		return !letter && (r < '0' || r > '9') && r != '_' && r != '-'
	})
}

// ValidURL reports whether a text can be a destination: an absolute http or
// https address with a host and without user information.
func ValidURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// Check reports why the change may not be made: ErrNotFound, ErrExists,
// ErrNotActive, ErrNotApproved, ErrLinkLimit, ErrInvalid, commission.ErrInvalidTerms,
// payout.ErrInvalidSchedule, promo.ErrInvalid, promo.ErrTaken, promo.ErrLimit
// or promo.ErrInvalidReward.
func (s *Configuration) Check(c Change) error {
	if c.At.Year() < 1 || c.At.Year() > 9999 {
		return invalid("at", "is out of range")
	}
	switch c.Kind {
	case SetOrganization:
		return nil
	case CreateProgram:
		return s.checkCreateProgram(c)
	case EditProgram:
		if s.programs.Of(c.Program) == nil {
			return notFound("program", c.Program)
		}
		return c.Settings.check(s.programs.Of(c.Program).with(c), false)
	case CreatePartner:
		if s.partners.Of(c.Partner) != nil {
			return exists("partner", c.Partner)
		}
		_, err := (&Partner{}).with(c)
		return errors.Join(checkID(c.Partner), c.Profile.check(err))
	case EditPartner:
		if err := s.checkPartner(c.Partner); err != nil {
			return err
		}
		_, err := s.partners.Of(c.Partner).with(c)
		return c.Profile.check(err)
	case Suspend, Reinstate:
		if c.Program == "" {
			return s.checkPartner(c.Partner)
		}
		return s.checkApproved(c)
	case Adopt:
		if c.Partner == "" {
			return s.checkProgram(c.Program)
		}
		return s.checkApproved(c)
	case Revoke:
		return s.checkApproved(c)
	case Approve:
		return errors.Join(s.checkPartner(c.Partner), s.checkProgram(c.Program))
	case Override, ClearOverride:
		return s.checkOverride(c)
	case AddCode:
		return s.checkAddCode(c)
	case RetireCode:
		if errors.Is(s.codes.Check(c.code()), promo.ErrUnknown) {
			return notFound("code", c.Key)
		}
		return nil
	case AddLink:
		return s.checkAddLink(c)
	}
	return invalid("kind", "unknown change %q", c.Kind)
}

func notFound(what, id string) error {
	return problem.About(ErrNotFound, fmt.Sprintf("%s %q not found", what, id))
}

func exists(what, id string) error {
	return problem.About(ErrExists, fmt.Sprintf("%s %q exists already", what, id))
}

func invalid(field, format string, args ...any) error {
	var list problem.List
	list.Add(field, format, args...)
	return list.Err(ErrInvalid)
}

func checkID(id string) error {
	var list problem.List
	list.ID("id", id, true)
	return list.Err(ErrInvalid)
}

func (s *Configuration) checkPartner(id string) error {
	if s.partners.Of(id) == nil {
		return notFound("partner", id)
	}
	return nil
}

func (s *Configuration) checkProgram(id string) error {
	if s.programs.Of(id) == nil {
		return notFound("program", id)
	}
	return nil
}

func (s *Configuration) checkCreateProgram(c Change) error {
	if s.programs.Of(c.Program) != nil {
		return exists("program", c.Program)
	}
	return errors.Join(checkID(c.Program), c.Settings.check((&Program{}).with(c), true))
}

// checkApproved reports ErrNotFound without a partnership that is approved at the
// time of the change.
func (s *Configuration) checkApproved(c Change) error {
	if err := errors.Join(s.checkPartner(c.Partner), s.checkProgram(c.Program)); err != nil {
		return err
	}
	if !s.Approved(c.Partner, c.Program, c.At) {
		return notFound("partnership", c.Partner+"/"+c.Program)
	}
	return nil
}

func (s *Configuration) checkOverride(c Change) error {
	p := s.partnerships.Of([2]string{c.Partner, c.Program})
	if p == nil || p.RevokedAt(c.At) {
		return notFound("partnership", c.Partner+"/"+c.Program)
	}
	if c.Kind == ClearOverride {
		if in, _ := s.Terms(c.Partner, c.Program, c.At); in.Source != commission.FromAmendment {
			return notFound("override", c.Partner+"/"+c.Program)
		}
		return nil
	}
	var list problem.List
	c.Terms.check(&list)
	return list.Err(commission.ErrInvalidTerms)
}

// checkAddCode looks in the order that SCENARIOS fixes: not found, not
// approved, not active, invalid, taken, limit.
func (s *Configuration) checkAddCode(c Change) error {
	if err := errors.Join(s.checkPartner(c.Partner), s.checkProgram(c.Program)); err != nil {
		return err
	}
	of := s.programs.Of(c.Program)
	if !s.Approved(c.Partner, c.Program, c.At) && !sinceEver(c.At) {
		return ErrNotApproved
	}
	if of.LifecycleAt(c.At) != Active && !c.Generated && !sinceEver(c.At) {
		return ErrNotActive
	}
	if err := s.codes.Check(c.code()); err != nil {
		return withinReward(err)
	}
	settings, _ := of.At(c.At)
	if c.ByPartner && !settings.PartnerCodes {
		return promo.ErrLimit
	}
	return nil
}

// withinReward names the fields of a reward by where they are in a change.
func withinReward(err error) error {
	if !errors.Is(err, promo.ErrInvalidReward) {
		return err
	}
	var list problem.List
	list.Within("reward.", err)
	return list.Err(promo.ErrInvalidReward)
}

// sinceEver reports whether t is a date for what exists since for ever, when no
// schedule can be asked.
func sinceEver(t time.Time) bool { return t.Year() <= 1 }

func (s *Configuration) checkAddLink(c Change) error {
	if err := errors.Join(s.checkPartner(c.Partner), s.checkProgram(c.Program)); err != nil {
		return err
	}
	switch {
	case !s.Approved(c.Partner, c.Program, c.At):
		return ErrNotApproved
	case !ValidLinkKey(c.Key):
		return invalid("key", "must have 1 to 64 characters of A-Z, a-z, 0-9, _ and -")
	case c.URL != "" && !ValidURL(c.URL):
		return invalid("url", "must be an absolute http or https address without user information")
	}
	if _, taken := s.links.Get(c.Key); taken {
		return exists("link", c.Key)
	}
	if s.programs.Of(c.Program).LifecycleAt(c.At) != Active && !c.Generated {
		return ErrNotActive
	}
	if c.ByPartner && s.linksOn(c.Partner, c.Program) >= MaxLinks {
		return ErrLinkLimit
	}
	return nil
}

func (s *Configuration) linksOn(partner, program string) int {
	n := 0
	for _, key := range s.linksOf.Of(partner) {
		if s.links.Of(key).Program == program {
			n++
		}
	}
	return n
}

func (c *TermsChange) check(list *problem.List) {
	edit.Check(list, "", termsFields(*c), c.Remove, func(string) bool { return false })
	probe := commission.Terms{Rules: c.Rules}
	if c.Rules == nil {
		probe.Rules = []commission.Rule{{ID: "kept", Trigger: commission.Every, Type: commission.Percent, Value: "0"}}
	}
	set(&probe.HoldbackDays, c.HoldbackDays)
	probe.Check(list, "")
}

// check reports every problem of the settings, and of the rewards that the
// program has with them. A new program must have rules and a destination.
func (c *SettingsChange) check(after *Program, fresh bool) error {
	var list problem.List
	edit.Check(&list, "", settingsFields(*c), c.Remove, optionalSetting)
	prose(&list, "name", c.Name)
	prose(&list, "title", c.Title)
	terms := TermsChange{Rules: c.Rules, HoldbackDays: c.HoldbackDays}
	if fresh && c.Rules == nil {
		terms.Rules = []commission.Rule{}
	}
	terms.check(&list)
	if c.Currency != nil && !c.Currency.Valid() {
		list.Add("currency", "unknown currency %q", *c.Currency)
	}
	if !fresh && (c.Currency != nil || c.TimeZone != nil) {
		list.Add("currency", "currency and time zone of a program are set once")
	}
	if c.TimeZone != nil {
		if _, err := time.LoadLocation(*c.TimeZone); err != nil || *c.TimeZone == "Local" {
			list.Add("timeZone", "unknown time zone %q", *c.TimeZone)
		}
	}
	for i, t := range []*time.Time{c.StartsAt, c.EndsAt} {
		name := []string{"startsAt", "endsAt"}[i]
		switch {
		case t == nil:
		case t.IsZero():
			list.Add(name, "must not be the zero time; remove it instead")
		case t.Year() < 1 || t.Year() > 9999:
			list.Add(name, "is out of range")
		}
	}
	if c.Model != nil && !c.Model.Valid() {
		list.Add("attributionModel", "unknown model %q", *c.Model)
	}
	if c.WindowDays != nil && (*c.WindowDays < 0 || *c.WindowDays > maxWindowDays) {
		list.Add("attributionWindowDays", "must be 0 to %d", maxWindowDays)
	}
	if c.Binding != nil && !c.Binding.Valid() {
		list.Add("binding", "unknown mode %q", *c.Binding)
	}
	switch {
	case c.DestinationURL == nil && !fresh:
	case c.DestinationURL == nil || *c.DestinationURL == "":
		list.Add("destinationUrl", "is required: links lead there")
	case !ValidURL(*c.DestinationURL):
		list.Add("destinationUrl", "must be an absolute http or https address without user information")
	}
	if c.DeepLinkDomains != nil {
		for i, host := range *c.DeepLinkDomains {
			if u, err := url.Parse("https://" + host); err != nil || host == "" || u.Host != host || u.Port() != "" {
				list.Add(fmt.Sprintf("deepLinkDomains[%d]", i), "must be a host name alone, not %q", host)
			}
		}
	}
	c.checkMethods(&list)
	c.checkReward(after, &list)
	return list.Err(commission.ErrInvalidTerms)
}

// checkReward looks at every reward that the change takes part in: an edit that
// says a part of one may meet others that are dated before and after it.
func (c *SettingsChange) checkReward(after *Program, list *problem.List) {
	if c.Reward != nil {
		c.Reward.Check(list, "reward.")
	} else if !c.removes("reward") {
		return
	}
	for _, r := range after.revisions {
		if r.settings.Reward == nil {
			continue
		}
		if err := r.settings.Reward.Validate(); err != nil {
			list.Within("reward.", err)
			return
		}
	}
}

func (c *SettingsChange) checkMethods(list *problem.List) {
	if c.Methods == nil {
		return
	}
	if len(*c.Methods) == 0 {
		list.Add("methods", "must not be empty")
	}
	for i, m := range *c.Methods {
		switch {
		case !m.Orderable():
			list.Add(fmt.Sprintf("methods[%d]", i), "unknown method %q", m)
		case slices.Contains((*c.Methods)[:i], m):
			list.Add(fmt.Sprintf("methods[%d]", i), "%q is there twice", m)
		}
	}
}

func prose(list *problem.List, field string, value *string) {
	if value != nil {
		list.Prose(field, *value)
	}
}

// check reports every problem of the profile, and why the changes of the partner
// leave no valid payout schedule, if they do not.
func (f *Profile) check(schedule error) error {
	if f == nil {
		return nil
	}
	var list, removed problem.List
	prose(&list, "name", f.Name)
	prose(&list, "email", f.Email)
	if f.Match != nil {
		for i, m := range *f.Match {
			at := fmt.Sprintf("match[%d].", i)
			if !attribution.ValidField(m.Field) {
				list.Add(at+"field", "must be campaignId or sub1 to sub30, not %q", m.Field)
			}
			if !m.Op.Valid() {
				list.Add(at+"op", "unknown operator %q", m.Op)
			}
			list.Text(at+"value", m.Value)
		}
	}
	edit.Check(&removed, "", profileFields(*f), f.Remove, optionalProfile)
	if f.Payout != nil {
		f.Payout.Check(&removed, "payout.")
	}
	return errors.Join(removed.Err(commission.ErrInvalidTerms), list.Err(ErrInvalid), schedule)
}
