package stripeadapter

import (
	"context"
	"errors"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// finals are the errors that the same event ends in whenever it is applied, until
// somebody changes what it meets.
func finals() []error {
	return []error{
		ErrMalformed, affiliate.ErrInvalidInput, affiliate.ErrConflict, affiliate.ErrOverRefund, affiliate.ErrOverflow,
		affiliate.ErrNotFound, affiliate.ErrExists, affiliate.ErrInvalidTransition, affiliate.ErrNotApproved,
		affiliate.ErrProgramNotActive, affiliate.ErrInvalidTerms,
	}
}

// isFinal reports an error that the same object will always end in. What somebody
// else was asked for may be answered the next time, whatever the error is made of.
func isFinal(err error) bool {
	var asked *askError
	if errors.As(err, &asked) {
		return false
	}
	for _, final := range finals() {
		if errors.Is(err, final) {
			return true
		}
	}
	return false
}

// askError is what a Lookup, or Config.Account, answered with.
type askError struct{ err error }

func (e *askError) Error() string { return e.err.Error() }
func (e *askError) Unwrap() error { return e.err }

// reasonOf names a final error.
func reasonOf(err error) string {
	if errors.Is(err, ErrMalformed) {
		return "malformed"
	}
	return affiliate.ErrorCode(err)
}

// take applies an event, or else sets it aside: only what may end otherwise the
// next time is an error, and what is no event at all.
func (a *Adapter) take(ctx context.Context, event payload.Event) (Result, error) {
	result, err := a.apply(ctx, event)
	if err != nil {
		if !isFinal(err) || event.Check() != nil {
			return result, err
		}
		if result, err = a.refuse(ctx, event, result, err); err != nil {
			return result, err
		}
	}
	if a.cfg.OnResult != nil {
		a.cfg.OnResult(ctx, result)
	}
	return result, nil
}

// refuse sets an event aside for a reason.
func (a *Adapter) refuse(ctx context.Context, event payload.Event, result Result, why error) (Result, error) {
	eng, err := a.engineOf(ctx, event.Account)
	if err != nil {
		return result, err
	}
	entry := SetAsideEvent{
		Event: event.ID, Type: event.Type, Object: idOf(event.Object), Created: event.Created, At: eng.Now(),
		Reason: reasonOf(why), Detail: why.Error(),
	}
	if err := eng.Atomically(ctx, func(b *affiliate.Tx) error { return putAside(b, entry) }); err != nil {
		return result, err
	}
	a.cfg.Logger.WarnContext(ctx, "stripeadapter: event set aside",
		"event", entry.Event, "type", entry.Type, "object", entry.Object, "account", event.Account, "reason", entry.Reason)
	return Result{Event: event.ID, Type: event.Type, Account: event.Account, Outcome: SetAside, Reason: entry.Reason, Err: why}, nil
}

// review takes the event off the list of those that are set aside, for it was applied;
// unless the host recorded the payment otherwise, which somebody should look at.
func (t *applier) review() error {
	e := t.n.event
	if e.ID == replayedEvent {
		return nil
	}
	if t.differs == "" {
		_, err := readmit(t.b, asideKey(e.ID))
		return err
	}
	t.result.Reason = HostDiffers
	return putAside(t.b, SetAsideEvent{
		Event: e.ID, Type: e.Type, Object: t.n.payment.ID(), Created: e.Created, At: t.now, Reason: HostDiffers, Detail: t.differs,
	})
}

// replayedEvent is the id of what a Backfill makes of an object.
const replayedEvent = "backfill"
