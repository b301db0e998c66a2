package affiliate

import (
	"context"
	"errors"
	"time"

	"github.com/goaffiliate/affiliate/storage"
)

// turnTime is how long whoever delivers events has for one batch. Then, or when it is
// done, it is somebody else's turn.
const turnTime = time.Minute

// maxDelivery is how many events are delivered at once.
const maxDelivery = 500

// turnDoc is the document of the outbox: who delivers, and until when.
type turnDoc struct {
	Who   string    `json:"who,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

func outboxRef() storage.Ref { return storage.Ref{Kind: storage.OutboxAnchor} }

// Deliver hands the oldest events of the outbox to fn, at most limit (0 or more than
// 500: 500), and deletes them once fn has returned nil. It returns how many they
// were. Call it on a schedule, and again at once while it returns as many as it may;
// a host that has no use for events passes nil, which deletes them.
//
// Each event is delivered at least once: again if fn fails, takes longer than a
// minute, or the process ends before the events are deleted. Its ID tells. The order
// is that of IDs, which is nearly that of time; an event whose transaction commits
// late comes late, but it comes. One caller delivers at a time; for the others, in
// any process, nothing is there.
func (e *Engine) Deliver(ctx context.Context, limit int, fn func(ctx context.Context, events []Event) error) (delivered int, err error) {
	if limit <= 0 || limit > maxDelivery {
		limit = maxDelivery
	}
	who := e.cfg.NewID()
	mine, err := e.takeTurn(ctx, who)
	if err != nil || !mine {
		return 0, wrap("deliver", err)
	}
	rows, err := e.store.Events(ctx, e.org, "", limit)
	if err == nil && len(rows) > 0 && fn != nil {
		err = fn(ctx, eventsOf(rows))
	}
	if err != nil {
		rows = nil
	}
	passed := e.passTurn(context.WithoutCancel(ctx), who, rows)
	if err := errors.Join(err, passed); err != nil {
		return 0, wrap("deliver", err)
	}
	return len(rows), nil
}

func eventsOf(rows []storage.Event) []Event {
	list := make([]Event, len(rows))
	for i, r := range rows {
		list[i] = Event{ID: r.ID, Type: EventType(r.Type), At: r.At, Data: r.Data}
	}
	return list
}

// takeTurn makes it the caller's turn to deliver, unless it is somebody else's.
func (e *Engine) takeTurn(ctx context.Context, who string) (mine bool, err error) {
	err = e.do(ctx, func(u *unit) error {
		var turn turnDoc
		if err := u.read(outboxRef(), &turn); err != nil {
			return err
		}
		if mine = turn.Who == "" || !u.now.Before(turn.Until); !mine {
			return nil
		}
		return u.put(outboxRef(), turnDoc{who, u.now.Add(turnTime)})
	}, outboxRef())
	return mine, err
}

// errTurnLost: fn took so long that others may have delivered the events, too.
var errTurnLost = errors.New("took too long: the events may be delivered again")

// passTurn deletes what was delivered and lets others deliver.
func (e *Engine) passTurn(ctx context.Context, who string, delivered []storage.Event) error {
	return e.do(ctx, func(u *unit) error {
		var turn turnDoc
		if err := u.read(outboxRef(), &turn); err != nil {
			return err
		}
		if turn.Who != who {
			if len(delivered) > 0 {
				return errTurnLost
			}
			return nil
		}
		for _, row := range delivered {
			u.change.Taken = append(u.change.Taken, row.ID)
		}
		return u.put(outboxRef(), turnDoc{})
	}, outboxRef())
}
