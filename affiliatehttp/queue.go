package affiliatehttp

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/goaffiliate/affiliate"
)

// queue holds clicks that are not stored yet. Those that Flush is about to store
// stay in it until they are.
type queue struct {
	limit int
	wake  chan struct{} // holds one while something may be in the queue

	mu     sync.Mutex
	clicks []queued
	flush  sync.Mutex // held by the one who flushes
}

type queued struct {
	of    *tenant
	click affiliate.Click
}

// push reports whether there was room.
func (q *queue) push(t *tenant, click affiliate.Click) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.clicks) >= q.limit {
		return false
	}
	q.clicks = append(q.clicks, queued{t, click})
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return true
}

// next returns the first clicks, of one organization.
func (q *queue) next() (t *tenant, clicks []affiliate.Click) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range q.clicks[:min(len(q.clicks), maxBatch)] {
		if t != nil && c.of != t {
			break
		}
		t, clicks = c.of, append(clicks, c.click)
	}
	return t, clicks
}

func (q *queue) drop(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.clicks = slices.Delete(q.clicks, 0, n)
}

// find returns a click that waits.
func (q *queue) find(id string) (affiliate.Click, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range q.clicks {
		if c.click.ID == id {
			return c.click, true
		}
	}
	return affiliate.Click{}, false
}

// QueuedClicks returns how many clicks wait to be stored, at most Config.Queue.
func (h *Handler) QueuedClicks() int {
	h.queue.mu.Lock()
	defer h.queue.mu.Unlock()
	return len(h.queue.clicks)
}

// Flush stores the clicks that wait. With an error they, or the rest of them,
// still wait: try again later. Call it on a schedule and before the host ends, or
// let Run do so.
func (h *Handler) Flush(ctx context.Context) error {
	h.queue.flush.Lock()
	defer h.queue.flush.Unlock()
	for {
		t, clicks := h.queue.next()
		if len(clicks) == 0 {
			return nil
		}
		for _, r := range recordAll(ctx, t.eng, clicks) {
			switch {
			case r.err == nil:
			case unfit(r.err):
				h.lose(ctx, r.err)
			default: // of those after it nothing was lost: the same clicks are no others
				return r.err
			}
		}
		h.queue.drop(len(clicks))
	}
}

// Run stores clicks as they come until ctx ends, and then those that wait. It
// belongs into a goroutine of the host. It returns the error of the last Flush;
// while the store fails it tries again each second.
func (h *Handler) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
			defer cancel()
			return h.Flush(last)
		case <-h.queue.wake:
		}
		err := h.Flush(ctx)
		if err == nil || errors.Is(err, context.Canceled) {
			continue
		}
		h.cfg.Logger.ErrorContext(ctx, "affiliatehttp: clicks wait", "clicks", h.QueuedClicks(), "error", err)
		wait(ctx, time.Second)
		select {
		case h.queue.wake <- struct{}{}:
		default:
		}
	}
}

// lastFlush bounds the Flush with which Run ends.
const lastFlush = 10 * time.Second

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
