package affiliatehttp_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/storage"
)

func queued(limit int) func(*affiliatehttp.Config) {
	return func(c *affiliatehttp.Config) { c.Queue = limit }
}

func TestQueuedClicksAreStoredLater(t *testing.T) {
	t.Parallel()
	f := newFixture(t, queued(3))
	var ids []string
	for range 3 {
		_, id, _ := strings.Cut(f.visit("/r/alex").Header().Get("Location"), "cref=")
		ids = append(ids, strings.TrimSuffix(id, "#top"))
	}
	require.Empty(t, f.clicks(t))
	require.Equal(t, 3, f.handler.QueuedClicks())
	f.visit("/r/alex")
	require.Len(t, f.clicks(t), 1, "one that finds the queue full is stored at once")

	f.store.down.Store(true)
	require.Error(t, f.handler.Flush(t.Context()))
	require.Equal(t, 3, f.handler.QueuedClicks(), "they wait on")
	f.store.down.Store(false)
	require.NoError(t, f.handler.Flush(t.Context()))
	require.Zero(t, f.handler.QueuedClicks())
	clicks := f.clicks(t)
	require.Len(t, clicks, 4)
	for _, id := range ids {
		_, err := f.eng.Click(t.Context(), id)
		require.NoError(t, err)
	}
	require.Zero(t, f.handler.LostClicks())
}

// A sale may come before its click is stored; the click then decides it again.
func TestASaleBeforeItsClick(t *testing.T) {
	t.Parallel()
	f := newFixture(t, queued(10))
	had := cookie(f.visit("/r/alex"))
	visit := f.handler.Visit(asked("/", had))
	p := newPage(f.handler)
	p.open(t, asked("/?cref="+visit.Click, ""))
	require.Equal(t, []string{visit.Click, "alex"}, []string{p.told.Click, p.told.Referral}, "it is known already")
	other := f.handler.Visit(asked("/", cookie(f.visit("/r/alex"))))
	f.post(t, "/v1/identify", `{"externalCustomerId":"by_visitor","visitorId":"`+other.Visitor+`"}`)
	f.wait(time.Minute)
	_, a := f.post(t, "/v1/conversions", `{"externalConversionId":"i1","externalCustomerId":"by_visitor","amountCents":1000}`)
	require.False(t, a.Attributed)
	_, a = f.post(t, "/v1/conversions", `{"externalConversionId":"i2","clickId":"`+visit.Click+`","amountCents":1000}`)
	require.False(t, a.Attributed)
	require.NoError(t, f.handler.Flush(t.Context()))
	_, err := f.eng.Settle(t.Context(), 0)
	require.NoError(t, err)
	for _, id := range []string{"i1", "i2"} {
		result, err := f.eng.Conversion(t.Context(), id)
		require.NoError(t, err)
		require.True(t, result.Attributed, id)
		require.Equal(t, "alex", result.Credits[0].Partner)
		require.Equal(t, int64(200), result.Commissions[0].Amount)
	}
	require.NoError(t, f.handler.Flush(t.Context()))
	require.Len(t, f.clicks(t), 2)
}

// A visitor who comes again while the click waits is the same click.
func TestTheSameClickInTheQueue(t *testing.T) {
	t.Parallel()
	f := newFixture(t, queued(10))
	w := f.visit("/r/alex")
	again := f.visit("/r/alex", "Cookie", cookie(w))
	require.Equal(t, w.Header().Get("Location"), again.Header().Get("Location"))
	require.Equal(t, 1, f.handler.QueuedClicks())
	f.do(http.MethodHead, "/r/alex", "")
	f.visit("/r/alex", "User-Agent", "Twitterbot/1.0")
	f.visit("/r/alex", "Sec-Purpose", "prefetch")
	require.Equal(t, 1, f.handler.QueuedClicks())
}

// One click that cannot be stored costs those that are stored with it nothing.
func TestABadClickAmongOthers(t *testing.T) {
	t.Parallel()
	var visitors atomic.Int64
	f, s := newSlow(t, func(c *affiliatehttp.Config) {
		c.ClickTimeout = time.Minute
		c.NewVisitorID = func() string { // the host's own, which is too long at times
			n := visitors.Add(1)
			return strings.Repeat("x", int(n%2)*300) + fmt.Sprint("visitor-", n)
		}
	})
	s.leave = make(chan struct{}, 1000)
	var wg sync.WaitGroup
	var stored atomic.Int64
	for range 40 {
		wg.Go(func() {
			w := f.visit("/r/alex")
			if w.Code != http.StatusFound {
				t.Error(w.Code)
			}
			if strings.Contains(w.Header().Get("Location"), "cref=") {
				stored.Add(1)
			}
		})
	}
	require.Eventually(t, func() bool { return visitors.Load() == 40 }, 5*time.Second, time.Millisecond)
	for range cap(s.leave) {
		s.leave <- struct{}{}
	}
	wg.Wait()
	require.Equal(t, int64(20), stored.Load())
	require.Len(t, f.clicks(t), 20)
	require.Equal(t, int64(20), f.handler.LostClicks())
}

func TestRunStoresClicksAsTheyCome(t *testing.T) {
	t.Parallel()
	f := newFixture(t, queued(100))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.handler.Run(ctx) }()
	f.visit("/r/alex")
	require.Eventually(t, func() bool { return len(f.clicks(t)) == 1 }, 5*time.Second, time.Millisecond)
	stop()
	require.NoError(t, <-done)
	f.visit("/r/alex")
	ended, stop := context.WithCancel(t.Context())
	stop()
	require.NoError(t, f.handler.Run(ended))
	require.Len(t, f.clicks(t), 2, "the last ones are stored at the end")
}

func TestTheQueueOutlivesTheStore(t *testing.T) {
	t.Parallel()
	f := newFixture(t, queued(2))
	require.Equal(t, http.StatusFound, f.visit("/r/alex").Code)
	f.store.down.Store(true)
	f.wait(time.Minute)
	require.Contains(t, f.visit("/r/blair").Header().Get("Location"), "cref=")
	require.Equal(t, home, f.visit("/r/blair").Header().Get("Location"))
	require.Equal(t, int64(1), f.handler.LostClicks(), "beyond the bound")
	require.Equal(t, http.StatusServiceUnavailable, f.visit("/r/unknown").Code)
	f.store.down.Store(false)
	require.NoError(t, f.handler.Flush(t.Context()))
	require.Len(t, f.clicks(t), 2)
}

// slow is a store whose commits wait for leave.
type slow struct {
	*flaky
	calls  atomic.Int64
	leave  chan struct{}
	broken atomic.Bool
}

func (s *slow) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	s.calls.Add(1)
	if s.broken.Load() {
		panic("broken store")
	}
	if s.leave != nil {
		<-s.leave
	}
	return s.flaky.Commit(ctx, org, changes)
}

// newSlow returns the fixture over a store that is slow from now on.
func newSlow(t *testing.T, change ...func(*affiliatehttp.Config)) (*fixture, *slow) {
	t.Helper()
	f := newFixture(t, change...)
	s := &slow{flaky: f.store}
	var err error
	f.eng, err = affiliate.New(s, affiliate.Config{Now: f.now})
	require.NoError(t, err)
	cfg := affiliatehttp.Config{Authenticate: authenticate, VelocityLimit: affiliatehttp.Limit{PerMinute: -1}}
	for _, c := range change {
		c(&cfg)
	}
	f.handler, err = affiliatehttp.New(f.eng, cfg)
	require.NoError(t, err)
	f.routes = f.handler.Routes()
	return f, s
}

// Requests that come while a commit runs share the next one.
func TestClicksAreStoredTogether(t *testing.T) {
	t.Parallel()
	const visitors = 200
	f, s := newSlow(t, func(c *affiliatehttp.Config) { c.ClickTimeout = time.Minute })
	s.leave = make(chan struct{})
	var wg sync.WaitGroup
	var stored atomic.Int64
	for i := range visitors {
		wg.Go(func() {
			link := []string{"alex", "blair", "nobody"}[i%3]
			w := f.visit("/r/"+link, "X-Request", fmt.Sprint(i))
			switch {
			case link == "nobody":
				if w.Code != http.StatusNotFound {
					t.Error(w.Code)
				}
			case w.Code != http.StatusFound || !strings.Contains(w.Header().Get("Location"), "cref="):
				t.Error(w.Code, w.Header())
			default:
				stored.Add(1)
			}
		})
	}
	go func() {
		for {
			select {
			case s.leave <- struct{}{}:
				time.Sleep(5 * time.Millisecond)
			case <-t.Context().Done():
				return
			}
		}
	}()
	wg.Wait()
	require.Len(t, f.clicks(t), int(stored.Load()))
	require.Less(t, s.calls.Load(), int64(visitors/4))
	counted := int64(0)
	for _, partner := range []string{"alex", "blair"} {
		counts, err := f.eng.ClickCounts(t.Context(), partner)
		require.NoError(t, err)
		for _, c := range counts {
			counted += c.Clicks
		}
	}
	require.Equal(t, stored.Load(), counted)
}

// A store that hangs costs the visitors of that time their clicks, and nobody
// after them.
func TestAStoreThatHangs(t *testing.T) {
	t.Parallel()
	f, s := newSlow(t, func(c *affiliatehttp.Config) { c.ClickTimeout = 150 * time.Millisecond })
	require.Contains(t, f.visit("/r/alex").Header().Get("Location"), "cref=")
	s.leave = make(chan struct{})
	first := make(chan struct{})
	go func() { defer close(first); f.visit("/r/alex") }()
	require.Eventually(t, func() bool { return s.calls.Load() == 2 }, 5*time.Second, time.Millisecond)
	for range 3 {
		require.Equal(t, home, f.visit("/r/alex").Header().Get("Location"))
	}
	require.Equal(t, int64(3), f.handler.LostClicks())
	close(s.leave)
	<-first
	require.Contains(t, f.visit("/r/alex").Header().Get("Location"), "cref=")
}

func TestAStoreThatPanics(t *testing.T) {
	t.Parallel()
	f, s := newSlow(t)
	f.visit("/r/alex")
	s.broken.Store(true)
	require.Panics(t, func() { f.visit("/r/alex") })
	s.broken.Store(false)
	require.Contains(t, f.visit("/r/alex").Header().Get("Location"), "cref=", "whoever leads next is not held up")
}

// Those who wait for a leader whose store panics go on, and are counted as lost.
func TestAStoreThatPanicsWhileOthersWait(t *testing.T) {
	t.Parallel()
	f, s := newSlow(t, func(c *affiliatehttp.Config) { c.ClickTimeout = time.Minute })
	f.visit("/r/alex")
	s.leave = make(chan struct{})
	var wg sync.WaitGroup
	var panics atomic.Int64
	visit := func() {
		defer func() {
			if recover() != nil {
				panics.Add(1)
			}
		}()
		if w := f.visit("/r/alex"); w.Header().Get("Location") != home {
			t.Error(w.Header())
		}
	}
	wg.Go(func() { f.visit("/r/blair") }) // holds the others up
	require.Eventually(t, func() bool { return s.calls.Load() == 2 }, 5*time.Second, time.Millisecond)
	for range 8 {
		wg.Go(visit)
	}
	time.Sleep(50 * time.Millisecond) // in which they get in line
	s.broken.Store(true)
	close(s.leave)
	wg.Wait()
	require.Positive(t, panics.Load())
	require.Equal(t, 8-panics.Load(), f.handler.LostClicks())
}
