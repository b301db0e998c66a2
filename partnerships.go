package affiliate

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// ApprovePartnership makes a partner a participant of a program, with a snapshot
// of the program's terms, a generated code and a default link. Approving who is
// approved changes nothing. After a revocation it opens the partnership again, with
// a fresh snapshot and the code and links of before. It returns ErrNotFound.
func (e *Engine) ApprovePartnership(ctx context.Context, partner, programID string, effectiveAt time.Time) (changed bool, err error) {
	return e.configure(ctx, "approve partnership", func(s *program.Configuration, now time.Time) ([]program.Change, error) {
		when := at(effectiveAt, now)
		approval := program.Change{Kind: program.Approve, At: when, Partner: partner, Program: programID}
		if _, ok := s.Partnership(partner, programID); ok {
			return []program.Change{approval}, nil // earlier than was known, or again after a revocation
		}
		who, ok := s.Partner(partner)
		if !ok {
			return nil, notFound("partner", partner)
		}
		return e.approval(s, approval, who, map[string]bool{}), nil
	})
}

// approval is a first approval with the code and the link that come with it. Taken
// are codes that are about to be.
func (e *Engine) approval(s *program.Configuration, c program.Change, who *program.Partner, taken map[string]bool) []program.Change {
	code, link := e.fresh(s, cmp.Or(who.Name, who.ID), taken)
	taken[code] = true
	of := program.Change{At: c.At, Partner: c.Partner, Program: c.Program, Generated: true}
	addCode, addLink := of, of
	addCode.Kind, addCode.Key, addCode.Reward = program.AddCode, code, rewardAt(s, c.Program, c.At)
	addLink.Kind, addLink.Key = program.AddLink, link
	return []program.Change{c, addCode, addLink}
}

// grantBatch is how many partners one commit approves.
const grantBatch = 500

// GrantProgram approves all existing partners on a program who are not approved there
// by now, each with the program's terms of now, a code and a link. Partners whose
// partnership was revoked are left out: approve them one by one. It returns how many
// were approved, also where it stops halfway; called again it goes on. It returns
// ErrNotFound.
func (e *Engine) GrantProgram(ctx context.Context, programID string) (approved int, err error) {
	for after := ""; ; {
		var batch int
		var last string
		_, err := e.configure(ctx, "grant program", func(s *program.Configuration, now time.Time) ([]program.Change, error) {
			if _, ok := s.Program(programID); !ok {
				return nil, notFound("program", programID)
			}
			var changes []program.Change
			changes, batch, last = e.grants(s, programID, now, after)
			return changes, nil
		})
		if err != nil || batch == 0 {
			return approved, err
		}
		approved, after = approved+batch, last
	}
}

// grants are the approvals of the next partners, at most grantBatch, after one.
func (e *Engine) grants(s *program.Configuration, programID string, now time.Time, after string) (changes []program.Change, n int, last string) {
	taken := map[string]bool{}
	last = after
	skip := after != ""
	for _, who := range s.Partners() {
		if skip {
			skip = who.ID != after
			continue
		}
		if n == grantBatch {
			break
		}
		last = who.ID
		if _, known := s.Partnership(who.ID, programID); known {
			continue
		}
		c := program.Change{Kind: program.Approve, At: now, Partner: who.ID, Program: programID, Backfill: true}
		changes = append(changes, e.approval(s, c, who, taken)...)
		n++
	}
	return changes, n, last
}

// rewardAt is the customer reward that a code is provisioned with.
func rewardAt(s *program.Configuration, programID string, t time.Time) *promo.Reward {
	if of, ok := s.Program(programID); ok {
		if settings, ok := of.At(t); ok {
			return settings.Reward
		}
	}
	return nil
}

// fresh draws a code and a link key that are not taken.
func (e *Engine) fresh(s *program.Configuration, name string, taken map[string]bool) (code, link string) {
	for length := 4; ; length++ {
		suffix := strings.ToUpper(newSecret()[:length])
		code = promo.Generate(name, suffix)
		link = strings.ToLower(code)
		_, codeTaken := s.Code(code)
		_, linkTaken := s.Link(link)
		if !codeTaken && !linkTaken && !taken[code] {
			return code, link
		}
	}
}

// RevokePartnership closes a partnership and ends its override: from then on the
// partner earns nothing new on the program. What was earned stays and is paid out,
// and links keep redirecting (semantics 2.5). It returns ErrNotFound without a
// partnership that is approved at the time.
func (e *Engine) RevokePartnership(ctx context.Context, partner, programID string, effectiveAt time.Time) (changed bool, err error) {
	return e.simple(ctx, "revoke partnership", program.Change{Kind: program.Revoke, Partner: partner, Program: programID}, effectiveAt)
}

// AdoptTerms gives partnerships of a program the program's terms in force at
// effectiveAt as their new snapshot, in place of the earlier snapshot and of an
// override (semantics 2.6). Without partners it does so for all that are approved at
// that time, and changes nothing if none is. It returns ErrNotFound, also for a
// named partner who is not approved at that time.
func (e *Engine) AdoptTerms(ctx context.Context, programID string, partners []string, effectiveAt time.Time) (changed bool, err error) {
	return e.configure(ctx, "adopt terms", func(s *program.Configuration, now time.Time) ([]program.Change, error) {
		adoption := program.Change{Kind: program.Adopt, At: at(effectiveAt, now), Program: programID}
		if len(partners) > 0 {
			changes := make([]program.Change, 0, len(partners))
			for _, adoption.Partner = range partners {
				changes = append(changes, adoption)
			}
			return changes, nil
		}
		if _, known := s.Program(programID); known && !s.AnyApproved(programID, adoption.At) {
			return nil, nil
		}
		return []program.Change{adoption}, nil
	})
}

// SuspendPartner stops a partner from earning on new conversions, on every
// program; what was earned stays and is paid out. It returns ErrNotFound.
func (e *Engine) SuspendPartner(ctx context.Context, partner string, effectiveAt time.Time) (changed bool, err error) {
	return e.simple(ctx, "suspend partner", program.Change{Kind: program.Suspend, Partner: partner}, effectiveAt)
}

// ReinstatePartner ends a suspension of SuspendPartner. It returns ErrNotFound.
func (e *Engine) ReinstatePartner(ctx context.Context, partner string, effectiveAt time.Time) (changed bool, err error) {
	return e.simple(ctx, "reinstate partner", program.Change{Kind: program.Reinstate, Partner: partner}, effectiveAt)
}

// SuspendPartnership stops a partner from earning on new conversions on one program.
// It returns ErrNotFound without a partnership that is approved at the time.
func (e *Engine) SuspendPartnership(ctx context.Context, partner, programID string, effectiveAt time.Time) (changed bool, err error) {
	return e.simple(ctx, "suspend partnership", program.Change{Kind: program.Suspend, Partner: partner, Program: programID}, effectiveAt)
}

// ReinstatePartnership ends a suspension of SuspendPartnership. It returns
// ErrNotFound without a partnership that is approved at the time.
func (e *Engine) ReinstatePartnership(ctx context.Context, partner, programID string, effectiveAt time.Time) (changed bool, err error) {
	return e.simple(ctx, "reinstate partnership", program.Change{Kind: program.Reinstate, Partner: partner, Program: programID}, effectiveAt)
}

// OverrideTerms gives one partnership terms of its own. It returns ErrNotFound
// without a partnership, and ErrInvalidTerms.
func (e *Engine) OverrideTerms(ctx context.Context, partner, programID string, terms program.TermsChange, effectiveAt time.Time) (changed bool, err error) {
	return e.simple(ctx, "override terms", program.Change{
		Kind: program.Override, Partner: partner, Program: programID, Terms: &terms,
	}, effectiveAt)
}

// ClearOverride ends an override; the partnership follows the program's live
// terms from then on. It returns ErrNotFound without an override in force.
func (e *Engine) ClearOverride(ctx context.Context, partner, programID string, effectiveAt time.Time) (changed bool, err error) {
	return e.simple(ctx, "clear override", program.Change{Kind: program.ClearOverride, Partner: partner, Program: programID}, effectiveAt)
}

func (e *Engine) simple(ctx context.Context, operation string, c program.Change, effectiveAt time.Time) (changed bool, err error) {
	return e.configure(ctx, operation, func(_ *program.Configuration, now time.Time) ([]program.Change, error) {
		c.At = at(effectiveAt, now)
		return []program.Change{c}, nil
	})
}
