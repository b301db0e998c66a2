package affiliate

import (
	"context"
	"time"

	"github.com/goaffiliate/affiliate/storage"
)

// endingNotice is how long before its end a program is announced to end.
const endingNotice = 7 * 24 * time.Hour

// NotifyEnding writes one program.ending_soon event for each participating
// partner and one for the owner, seven days before a program ends or at once if
// the end was set nearer; never for a program that was ended at once. Moving the
// end re-arms it (semantics 2.4). Call it on a schedule; it says nothing twice.
// It returns how many programs were announced.
func (e *Engine) NotifyEnding(ctx context.Context) (announced int, err error) {
	setup, err := e.Configuration(ctx)
	if err != nil {
		return 0, wrap("notify ending", err)
	}
	for _, p := range setup.Programs() {
		var did bool
		err := e.do(ctx, func(u *unit) (err error) {
			did, err = u.announceEnding(p.ID)
			return err
		})
		if err != nil {
			return announced, wrap("notify ending", err)
		}
		if did {
			announced++
		}
	}
	return announced, nil
}

func (u *unit) announceEnding(id string) (bool, error) {
	if err := u.load(); err != nil {
		return false, err
	}
	p, ok := u.setup.Program(id)
	if !ok {
		return false, nil
	}
	s, ok := p.At(u.now)
	if !ok || s.EndsAt.IsZero() || !u.now.Before(s.EndsAt) || u.now.Before(s.EndsAt.Add(-endingNotice)) {
		return false, nil
	}
	ref := storage.Ref{Kind: storage.NoticeAnchor, Key: "ending:" + id + ":" + s.EndsAt.Format(time.RFC3339Nano) + ":" + p.EndSetAt(u.now).Format(time.RFC3339Nano)}
	if err := u.load(ref); err != nil || u.anchors[ref].Version > 0 {
		return false, err
	}
	if _, err := u.gate(ref); err != nil {
		return false, err
	}
	recipients := []string{""} // the owner
	for _, who := range u.setup.Partners() {
		if u.setup.Barred(who.ID, id, u.now) == "" {
			recipients = append(recipients, who.ID)
		}
	}
	for _, partner := range recipients {
		err := u.event(EventProgramEndingSoon, ProgramEndingSoon{Program: id, Partner: partner, EndsAt: s.EndsAt})
		if err != nil {
			return false, err
		}
	}
	return true, nil
}
