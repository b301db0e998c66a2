package affiliatehttp

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
)

// committer stores the clicks of concurrent requests together: the first request
// to come leads, which is to read the set-up and to write the clicks of all that
// wait, and the next leader is one that came meanwhile. So a commit holds as many
// clicks as arrive during the one before it, and each request goes on only when
// its own click is stored.
type committer struct {
	mu      sync.Mutex
	waiting []*job
	leaders int
	flying  int // clicks that leaders write right now
}

// maxLeaders is how many commits run at a time: while one is written, the next is
// prepared. It begins when it is as large as the one before and worth a commit of
// its own, or when that one is done.
const (
	maxLeaders = 2
	minAhead   = 32
)

// maxBatch is how many clicks one commit stores.
const maxBatch = 512

// job is one click that waits.
type job struct {
	click affiliate.Click
	where func(*program.Setup) (string, error) // looks at the set-up; an error: no click

	turn   chan bool // to lead (true), or it is done
	leads  bool
	result outcome
}

// outcome is what became of a job.
type outcome struct {
	place string // where told
	click string // id
	err   error
}

var errAbandoned = errors.New("affiliatehttp: the click's fate is not known")

// record stores a click, unless the set-up says otherwise, and waits for it no
// longer than some time.
func (c *committer) record(ctx context.Context, t *tenant, click affiliate.Click, where func(*program.Setup) (string, error), patience time.Duration) outcome {
	j := &job{click: click, where: where, turn: make(chan bool, 1), result: outcome{err: errAbandoned}}
	c.mu.Lock()
	leads := c.mayLead()
	if leads {
		j.leads = true
		c.leaders++
	} else {
		c.waiting = append(c.waiting, j)
	}
	c.mu.Unlock()
	if !leads {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case leads = <-j.turn:
		case <-timer.C:
			if leads = c.leave(j); !leads {
				return outcome{err: errAbandoned}
			}
		}
	}
	if leads {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		c.lead(ctx, t, j)
	}
	return j.result
}

// mayLead reports whether one more may lead.
func (c *committer) mayLead() bool {
	return c.leaders == 0 || c.leaders < maxLeaders && len(c.waiting)+1 >= max(c.flying, minAhead)
}

// leave takes a job out that has waited too long, unless it has to lead by now.
func (c *committer) leave(j *job) (leads bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !j.leads {
		c.waiting = slices.DeleteFunc(c.waiting, func(other *job) bool { return other == j })
	}
	return j.leads
}

// lead stores what waits with the leader's own click, tells the others, and hands
// over.
func (c *committer) lead(ctx context.Context, t *tenant, leader *job) {
	c.mu.Lock()
	batch := append([]*job{leader}, c.take(maxBatch-1)...)
	c.flying += len(batch)
	c.mu.Unlock()
	defer func() { // also when a store panics
		c.mu.Lock()
		defer c.mu.Unlock()
		c.leaders--
		c.flying -= len(batch)
		for _, j := range batch[1:] {
			j.turn <- false
		}
		if len(c.waiting) > 0 && c.mayLead() {
			next := c.take(1)[0]
			next.leads = true
			c.leaders++
			next.turn <- true
		}
	}()
	t.store(ctx, batch)
}

// take takes the first jobs out that wait.
func (c *committer) take(n int) []*job {
	n = min(len(c.waiting), n)
	taken := slices.Clone(c.waiting[:n])
	c.waiting = slices.Delete(c.waiting, 0, n)
	return taken
}

// store reads the set-up once and stores the clicks of jobs that it has a place
// for.
func (t *tenant) store(ctx context.Context, batch []*job) {
	setup, err := t.setup(ctx)
	var jobs []*job
	var clicks []affiliate.Click
	for _, j := range batch {
		j.result = outcome{err: err}
		if err != nil {
			continue
		}
		if j.result.place, j.result.err = j.where(setup); j.result.err == nil {
			jobs, clicks = append(jobs, j), append(clicks, j.click)
		}
	}
	for i, r := range recordAll(ctx, t.eng, clicks) {
		jobs[i].result.click, jobs[i].result.err = r.id, r.err
	}
}

// recorded is what became of one click.
type recorded struct {
	id  string
	err error
}

// recordAll stores clicks together or, if one of them cannot be stored, each on
// its own.
func recordAll(ctx context.Context, eng *affiliate.Engine, clicks []affiliate.Click) []recorded {
	list := make([]recorded, len(clicks))
	results, err := eng.RecordClicks(ctx, clicks)
	for i := range list {
		switch {
		case err == nil:
			list[i] = recorded{results[i].ClickID, nil}
		case !unfit(err) || len(list) == 1:
			list[i] = recorded{"", err}
		default:
			result, err := eng.RecordClick(ctx, clicks[i])
			list[i] = recorded{result.ClickID, err}
		}
	}
	return list
}

// unfit reports whether an error is the click's own fault.
func unfit(err error) bool {
	return errors.Is(err, affiliate.ErrInvalidInput) || errors.Is(err, affiliate.ErrNotFound) || errors.Is(err, affiliate.ErrConflict)
}
