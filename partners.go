package affiliate

import (
	"context"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// CreatePartner creates a partner. The profile's EmailKey is filled in from its
// Email. It returns ErrExists, ErrInvalidInput and ErrInvalidSchedule.
func (e *Engine) CreatePartner(ctx context.Context, id string, profile program.Profile, effectiveAt time.Time) (changed bool, err error) {
	return e.changePartner(ctx, "create partner", program.CreatePartner, id, profile, effectiveAt)
}

// EditPartner changes the parts of the profile that are given, those of the
// payout schedule one by one, and takes away what Remove names. Match conditions
// and payout settings are in force from effectiveAt on: a payout run takes the
// settings at its own time (semantics 2.6, 2.7). It returns ErrNotFound,
// ErrInvalidInput, ErrInvalidSchedule, and ErrInvalidTerms for removing what must
// have a value.
func (e *Engine) EditPartner(ctx context.Context, id string, profile program.Profile, effectiveAt time.Time) (changed bool, err error) {
	return e.changePartner(ctx, "edit partner", program.EditPartner, id, profile, effectiveAt)
}

func (e *Engine) changePartner(ctx context.Context, operation string, kind program.ChangeKind, id string, profile program.Profile, effectiveAt time.Time) (changed bool, err error) {
	if err := e.ensureOrganization(ctx); err != nil {
		return false, wrap(operation, err)
	}
	return e.configure(ctx, operation, func(s *program.Configuration, now time.Time) ([]program.Change, error) {
		p := profile
		if p.Email != nil {
			key := emailKey(s, *p.Email)
			p.EmailKey = &key
		} else if slices.Contains(p.Remove, "email") {
			p.EmailKey = new(string)
		}
		return []program.Change{{Kind: kind, At: at(effectiveAt, now), Partner: id, Profile: &p}}, nil
	})
}

// Code is a promo code to add.
type Code struct {
	Code      string // 3 to 40 characters of A-Z, 0-9 and -, in any case
	Partner   string // id of the partner whose it is, for ever
	Program   string // default: the default program
	ByPartner bool   // subject to the limit; otherwise the owner adds it

	EffectiveAt time.Time // from when on it resolves; default: now
}

// AddCode adds a code, or re-activates a retired one of the same partner and
// program for its owner. It returns ErrNotFound, ErrNotApproved,
// ErrProgramNotActive, ErrCodeInvalid, ErrCodeTaken and ErrCodeLimit, checked
// in this order.
func (e *Engine) AddCode(ctx context.Context, in Code) (changed bool, err error) {
	return e.configure(ctx, "add code", func(s *program.Configuration, now time.Time) ([]program.Change, error) {
		c := program.Change{
			Kind: program.AddCode, At: at(in.EffectiveAt, now), Partner: in.Partner, Program: in.Program, Key: in.Code, ByPartner: in.ByPartner,
		}
		if of := s.Default(c.At); c.Program == "" && of != nil {
			c.Program = of.ID
		}
		if normal, err := promo.Normalize(in.Code); err == nil {
			c.Key = normal
		}
		c.Reward = rewardAt(s, c.Program, c.At)
		return []program.Change{c}, nil
	})
}

// RetireCode ends the validity of a code. It stays with its partner for ever. It
// returns ErrNotFound.
func (e *Engine) RetireCode(ctx context.Context, code string, effectiveAt time.Time) (changed bool, err error) {
	if normal, err := promo.Normalize(code); err == nil {
		code = normal
	}
	return e.simple(ctx, "retire code", program.Change{Kind: program.RetireCode, Key: code}, effectiveAt)
}

// Link is a link to add.
type Link struct {
	Key     string // 1–64 characters of A–Z, a–z, 0–9, _ and -; the referral code
	Partner string // id of the partner who is credited
	Program string // id of the program that it sells
	URL     string // own destination; empty: the program's

	ByPartner bool // subject to the limit of program.MaxLinks; otherwise the owner adds it

	EffectiveAt time.Time // from when on it leads there; default: now
}

// AddLink adds a link for a partner on a program. It returns ErrNotFound,
// ErrNotApproved, ErrProgramNotActive, ErrExists, ErrLinkLimit and ErrInvalidInput.
func (e *Engine) AddLink(ctx context.Context, in Link) (changed bool, err error) {
	return e.simple(ctx, "add link", program.Change{
		Kind: program.AddLink, Partner: in.Partner, Program: in.Program, Key: in.Key, URL: in.URL, ByPartner: in.ByPartner,
	}, in.EffectiveAt)
}
