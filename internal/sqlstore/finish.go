package sqlstore

import "sync"

// Finisher finishes statements, each text once. It is safe for concurrent use.
type Finisher struct {
	dialect Dialect
	mu      sync.RWMutex
	done    map[string]string
}

// NewFinisher returns a finisher for a dialect.
func NewFinisher(d Dialect) *Finisher { return &Finisher{dialect: d, done: map[string]string{}} }

// SQL returns the statement of a text with question marks.
func (f *Finisher) SQL(text string) string {
	f.mu.RLock()
	done, ok := f.done[text]
	f.mu.RUnlock()
	if ok {
		return done
	}
	done = f.dialect.sql(text)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.done) < maxPrepared {
		f.done[text] = done
	}
	return done
}
