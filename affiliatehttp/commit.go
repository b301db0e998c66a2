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
// to come leads, which is to read the configuration and to write the clicks of all that
// wait, and the next leader is one that came meanwhile. So a commit holds as many
// clicks as arrive during the one before it, and each request goes on only when
// its own click is stored. A second one leads beside it if the store is good at that,
// but only with many clicks: commits of half as many cost nearly as much.
type committer struct {
	commits int       // that may be under way at a time
	spare   sync.Pool // of jobs that are done

	mu      sync.Mutex
	waiting []*job
	leaders int
}

// mayLead reports whether one more of those that wait should lead.
func (c *committer) mayLead(waiting int) bool {
	return c.leaders == 0 && waiting > 0 || c.leaders < c.commits && waiting >= manyClicks
}

// manyClicks is how many have to wait for a further leader.
const manyClicks = 64

// maxBatch is how many clicks one commit stores.
const maxBatch = 512

// job is one click that waits.
type job struct {
	click affiliate.Click
	where func(*program.Configuration) (string, error) // looks at the configuration; an error: no click

	turn     chan bool // to lead (true), or it is done
	patience *time.Timer
	leads    bool
	result   outcome
}

// outcome is what became of a job.
type outcome struct {
	place string // where told
	click string // id
	err   error
}

var errAbandoned = errors.New("affiliatehttp: the click's fate is not known")

// record stores a click, unless the configuration says otherwise, and waits for it no
// longer than some time.
func (c *committer) record(ctx context.Context, t *tenant, click affiliate.Click, where func(*program.Configuration) (string, error), patience time.Duration) outcome {
	j := c.job()
	j.click, j.where, j.result = click, where, outcome{err: errAbandoned}
	c.mu.Lock()
	leads := c.mayLead(len(c.waiting) + 1)
	if j.leads = leads; leads {
		c.leaders++
	} else {
		c.waiting = append(c.waiting, j)
	}
	c.mu.Unlock()
	if !leads {
		j.patience.Reset(patience)
		select {
		case leads = <-j.turn:
			j.patience.Stop()
		case <-j.patience.C:
			if leads = c.leave(j); !leads {
				return outcome{err: errAbandoned} // the leader may have it still
			}
			<-j.turn
		}
	}
	if leads {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		c.lead(ctx, t, j)
	}
	result := j.result
	*j = job{turn: j.turn, patience: j.patience}
	c.spare.Put(j)
	return result
}

// job returns a job to fill in.
func (c *committer) job() *job {
	if j, ok := c.spare.Get().(*job); ok {
		return j
	}
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &job{turn: make(chan bool, 1), patience: timer}
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
	c.mu.Unlock()
	defer func() { // also when a store panics
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.leaders--; c.mayLead(len(c.waiting)) {
			c.leaders++
			next := c.take(1)[0]
			next.leads = true
			next.turn <- true
		}
		for _, j := range batch[1:] {
			j.turn <- false
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

// store stores the clicks of jobs that the configuration has a place for: together or, if
// one of them cannot be stored, each on its own.
func (t *tenant) store(ctx context.Context, batch []*job) {
	err := t.storeAll(ctx, batch)
	if len(batch) > 1 && unfit(err) {
		for i := range batch {
			t.store(ctx, batch[i:i+1])
		}
		return
	}
	for _, j := range batch {
		if errors.Is(j.result.err, errAbandoned) {
			j.result.err = err
		}
	}
}

// storeAll looks at the configuration and stores the clicks, in one read and one write.
func (t *tenant) storeAll(ctx context.Context, batch []*job) error {
	return t.eng.Atomically(ctx, func(b *affiliate.Tx) error {
		setup, err := b.Configuration()
		if err != nil {
			return err
		}
		t.known.Store(&knownSetup{setup, t.eng.Now()})
		jobs := make([]*job, 0, len(batch))
		clicks := make([]affiliate.Click, 0, len(batch))
		for _, j := range batch {
			if j.result.place, j.result.err = j.where(setup); j.result.err == nil {
				j.result.err = errAbandoned // so far, also if the store panics
				jobs, clicks = append(jobs, j), append(clicks, j.click)
			}
		}
		results, err := b.RecordClicks(clicks)
		for i, r := range results {
			jobs[i].result.click = r.ClickID
		}
		return err
	})
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
