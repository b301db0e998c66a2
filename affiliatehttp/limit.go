package affiliatehttp

import (
	"cmp"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit is how often something may happen: so often a minute for long, and so
// often at once. A negative PerMinute is no limit.
type Limit struct {
	PerMinute int
	Burst     int // default: PerMinute
}

// limiter counts by key, for as many keys as recent remembers. A key that is
// forgotten begins anew.
type limiter[K comparable] struct {
	limit Limit
	mu    sync.Mutex
	keys  *recent[K, *rate.Limiter]
}

// maxKeys is how many keys a limiter knows at least.
const maxKeys = 1 << 14

func newLimiter[K comparable](limit Limit) *limiter[K] {
	limit.Burst = cmp.Or(limit.Burst, limit.PerMinute)
	return &limiter[K]{limit: limit, keys: newRecent[K, *rate.Limiter](maxKeys)}
}

// allow reports whether it may happen now, and else how long to wait.
func (l *limiter[K]) allow(key K, now time.Time) (ok bool, wait time.Duration) {
	if l.limit.PerMinute < 0 {
		return true, 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	of, known := l.keys.get(key)
	if !known {
		l.keys.put(key, nil) // most come once, and need no more than that
		return true, 0
	}
	if of == nil {
		of = rate.NewLimiter(rate.Every(time.Minute/time.Duration(max(l.limit.PerMinute, 1))), max(l.limit.Burst, 1))
		of.AllowN(now, 1) // that one
		l.keys.put(key, of)
	}
	if of.AllowN(now, 1) {
		return true, 0
	}
	return false, time.Minute / time.Duration(max(l.limit.PerMinute, 1))
}

// clickSource is whose clicks are counted together for VelocityLimit.
type clickSource struct {
	organization, link string
	network            netip.Prefix
}

// recent is a map that forgets what was not asked for lately: between size and
// twice as many entries are kept, in two generations. It is safe for concurrent
// use.
type recent[K comparable, V any] struct {
	size int

	mu         sync.Mutex
	young, old map[K]V
}

func newRecent[K comparable, V any](size int) *recent[K, V] {
	return &recent[K, V]{size: size, young: map[K]V{}, old: map[K]V{}}
}

func (m *recent[K, V]) get(key K) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if value, ok = m.young[key]; ok {
		return value, true
	}
	if value, ok = m.old[key]; ok {
		m.keep(key, value)
	}
	return value, ok
}

func (m *recent[K, V]) put(key K, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(key, value)
}

func (m *recent[K, V]) keep(key K, value V) {
	if len(m.young) >= m.size {
		m.old, m.young = m.young, m.old // whose room is used again
		clear(m.young)
	}
	m.young[key] = value
}

// tooMany is the answer to somebody who asks too often.
func tooMany(wait time.Duration) *failure {
	f := fail(http.StatusTooManyRequests, CodeTooManyRequests, "too many requests from this network; try again later")
	f.retry = strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
	return f
}
