package affiliate

import (
	"context"
	"time"

	"github.com/goaffiliate/affiliate/program"
)

// CreateProgram creates a program, in force from at on (zero: now; Always: since
// for ever). Rules are required, all other settings have defaults (semantics
// 2.7). It returns ErrExists and ErrInvalidTerms with every invalid field.
func (e *Engine) CreateProgram(ctx context.Context, id string, settings program.SettingsChange, effectiveAt time.Time) (changed bool, err error) {
	return e.configure(ctx, "create program", func(_ *program.Configuration, now time.Time) ([]program.Change, error) {
		return []program.Change{{Kind: program.CreateProgram, At: at(effectiveAt, now), Program: id, Settings: normalSettings(settings)}}, nil
	})
}

// EditProgram changes the settings that are given, from at on. Terms reach
// later approvals only: partnerships keep their snapshots (semantics 2.6). It
// returns ErrNotFound and ErrInvalidTerms.
func (e *Engine) EditProgram(ctx context.Context, id string, settings program.SettingsChange, effectiveAt time.Time) (changed bool, err error) {
	return e.configure(ctx, "edit program", func(_ *program.Configuration, now time.Time) ([]program.Change, error) {
		return []program.Change{{Kind: program.EditProgram, At: at(effectiveAt, now), Program: id, Settings: normalSettings(settings)}}, nil
	})
}

// EndProgram ends a program now: links keep redirecting, nothing repeats any
// more (semantics 2.3). It returns ErrNotFound.
func (e *Engine) EndProgram(ctx context.Context, id string) (changed bool, err error) {
	return e.configure(ctx, "end program", func(_ *program.Configuration, now time.Time) ([]program.Change, error) {
		end := program.SettingsChange{EndsAt: &now}
		return []program.Change{{Kind: program.EditProgram, At: now, Program: id, Settings: &end}}, nil
	})
}

func normalSettings(s program.SettingsChange) *program.SettingsChange {
	for _, t := range []**time.Time{&s.StartsAt, &s.EndsAt} {
		if *t != nil {
			utc := normal(**t)
			*t = &utc
		}
	}
	return &s
}

// SetDefaultProgram names the program that decides for conversions that name
// none. Without it that is the first program. It returns ErrNotFound.
func (e *Engine) SetDefaultProgram(ctx context.Context, id string, effectiveAt time.Time) (changed bool, err error) {
	if err := e.ensureOrganization(ctx); err != nil {
		return false, wrap("set default program", err)
	}
	return e.configure(ctx, "set default program", func(s *program.Configuration, now time.Time) ([]program.Change, error) {
		if _, ok := s.Program(id); !ok {
			return nil, notFound("program", id)
		}
		org := s.Organization
		org.DefaultProgram = id
		return []program.Change{{Kind: program.SetOrganization, At: at(effectiveAt, now), Organization: &org}}, nil
	})
}
