package pgtest

import (
	"strings"
	"sync/atomic"
	"time"
)

// Harm is what a Fault does.
type Harm int

// The harms.
const (
	LoseRequest Harm = iota // the connection is lost before the server sees the request
	LoseBoth                // the connection is lost once the server has the request, maybe before it is done
	LoseAnswer              // the connection is lost once the server is done, with its answer
	Refuse                  // the statement fails with State
	Delay                   // the request arrives after Wait
)

// Fault strikes one request, once. A request is what a client sends before it
// waits: one statement, or several with one Sync.
type Fault struct {
	On    string // strikes requests that execute a statement with this in it, in any case; empty: all requests
	After int    // how many of these are spared first
	Harm  Harm
	State string // Refuse: the SQLSTATE
	Wait  time.Duration
}

// fault is one that waits for its request.
type fault struct {
	Fault
	struck *atomic.Bool
}

// Inject adds a fault. Of several, each strikes a request of its own, in their
// order. The function it returns tells whether this one has struck.
func (p *Proxy) Inject(f Fault) func() bool {
	armed := &fault{f, &atomic.Bool{}}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, armed)
	return armed.struck.Load
}

// strike returns the fault that strikes a request, if any.
func (p *Proxy) strike(r *request) *fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, f := range p.faults {
		if !r.executes(f.On) || f.Harm == Refuse && len(r.executed) == 0 {
			continue
		}
		if f.After > 0 {
			f.After--
			continue
		}
		p.faults = append(p.faults[:i:i], p.faults[i+1:]...)
		f.struck.Store(true)
		return f
	}
	return nil
}

// raise returns a statement that fails with a SQLSTATE. One that would end the
// transaction does so.
func raise(state, instead string) string {
	text := `DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '` + state + `'; END $$`
	if isCommit(instead) {
		return "ROLLBACK; " + text
	}
	return text
}

func isCommit(text string) bool {
	return strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), "COMMIT")
}
