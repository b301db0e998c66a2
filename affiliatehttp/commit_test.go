package affiliatehttp_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/storage"
)

// sideBySide is a slow store that takes some commits at a time.
type sideBySide struct {
	*slow
	commits int
}

func (s sideBySide) Commits() int { return s.commits }

// While a commit runs the clicks that come meanwhile wait for each other; many of
// them do not wait where the store takes several commits at a time.
func TestManyClicksAreStoredSideBySide(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ commits, few, many int64 }{{-1, 1, 1}, {1, 1, 1}, {2, 1, 2}, {3, 1, 3}} {
		t.Run(fmt.Sprint(test.commits), func(t *testing.T) {
			t.Parallel()
			f, s := newSlow(t)
			eng, err := affiliate.New(sideBySide{s, int(test.commits)}, affiliate.Config{Now: f.now})
			require.NoError(t, err)
			require.Equal(t, max(1, int(test.commits)), eng.Commits())
			h, err := affiliatehttp.New(eng, affiliatehttp.Config{
				ClickTimeout: time.Minute, VelocityLimit: affiliatehttp.Limit{PerMinute: -1},
			})
			require.NoError(t, err)
			f.routes = h.Routes()
			s.leave = make(chan struct{})
			var wg sync.WaitGroup
			visit := func(n int) {
				for range n {
					wg.Go(func() {
						if w := f.visit("/r/alex"); !strings.Contains(w.Header().Get("Location"), "cref=") {
							t.Error(w.Code, w.Header())
						}
					})
				}
			}
			underWay := func(n int64) {
				t.Helper()
				require.Eventually(t, func() bool { return s.calls.Load() == n }, time.Minute, time.Millisecond)
				time.Sleep(20 * time.Millisecond) // in which there could be more
				require.Equal(t, n, s.calls.Load())
			}
			visit(1)
			underWay(1)
			visit(60)
			underWay(test.few)
			visit(300)
			underWay(test.many)
			close(s.leave)
			wg.Wait()
			require.Len(t, f.clicks(t), 361)
		})
	}
}

// A store says so of itself only: what wraps one, without a word about it, is
// taken for one that commits one by one.
func TestCommitsOfAStoreThatDoesNotSay(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, says := storage.Store(f.store).(storage.Concurrent)
	require.False(t, says)
	require.Equal(t, 1, f.eng.Commits())
}
