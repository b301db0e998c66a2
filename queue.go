package affiliate

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/goaffiliate/affiliate/storage"
)

// queue lets callers in one process that write the same anchors go one after the
// other. Without it all of them read, one commits, and the others have read in
// vain.
//
// It only saves work. The condition of each commit keeps the data right, so other
// processes need not know of the queue, and a caller that has waited for maxTurn
// goes ahead without its turn. It holds memory only for anchors that somebody is
// using or waiting for.
type queue struct {
	mu    sync.Mutex
	lines map[storage.Ref]*line
}

// line is where callers wait for their turn at one anchor.
type line struct {
	turn    chan struct{} // holds one while a caller has its turn
	callers int           // that have their turn or wait for it
}

// maxTurn is how long a caller waits for others in all. The one whose turn it is
// may itself wait, for a lock that the host holds in a transaction, and the host may
// be who waits here. Going ahead makes that an ordinary race.
const maxTurn = 2 * time.Second

// enter waits for the turn at all anchors and returns how to end it. The error is
// that of ctx. A nil queue has no lines: transactions of the host that are joined
// hold locks in the database from one operation to the next, so they must not wait
// for anybody here.
func (q *queue) enter(ctx context.Context, refs []storage.Ref) (leave func(), err error) {
	if q == nil || len(refs) == 0 {
		return func() {}, ctx.Err()
	}
	refs = slices.Clone(refs)
	slices.SortFunc(refs, compareRefs) // all in the same order, so that no two wait for each other
	refs = slices.Compact(refs)
	var patience <-chan time.Time // as long as nobody has to wait, none is needed
	held := make([]storage.Ref, 0, len(refs))
	leave = func() {
		for _, ref := range held {
			q.end(ref, true)
		}
	}
	for _, ref := range refs {
		l := q.join(ref)
		select {
		case l.turn <- struct{}{}:
			held = append(held, ref)
			continue
		default:
		}
		if patience == nil {
			timer := time.NewTimer(maxTurn)
			defer timer.Stop()
			patience = timer.C
		}
		select {
		case l.turn <- struct{}{}:
			held = append(held, ref)
		case <-patience:
			q.end(ref, false)
			return leave, nil
		case <-ctx.Done():
			q.end(ref, false)
			leave()
			return nil, ctx.Err()
		}
	}
	return leave, nil
}

// join returns the line at an anchor and counts the caller in.
func (q *queue) join(ref storage.Ref) *line {
	q.mu.Lock()
	defer q.mu.Unlock()
	l, ok := q.lines[ref]
	if !ok {
		l = &line{turn: make(chan struct{}, 1)}
		q.lines[ref] = l
	}
	l.callers++
	return l
}

// end counts a caller out, and hands on its turn if it has it.
func (q *queue) end(ref storage.Ref, hasTurn bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lines[ref]
	if hasTurn {
		<-l.turn
	}
	if l.callers--; l.callers == 0 {
		delete(q.lines, ref)
	}
}

func newQueue() *queue { return &queue{lines: map[storage.Ref]*line{}} }
