package affiliate

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/storage"
)

var (
	refA = customerRef("a")
	refB = customerRef("b")
)

func TestQueueServesOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		var inside, served int
		for i := range 64 {
			go func() {
				refs := []storage.Ref{refA, refB}
				if i%2 == 0 {
					refs = []storage.Ref{refB, refA, refA}
				}
				leave, err := q.enter(t.Context(), refs)
				if err != nil {
					t.Error(err)
					return
				}
				inside++
				if inside != 1 {
					t.Error("two at once")
				}
				time.Sleep(time.Millisecond)
				inside--
				served++
				leave()
			}()
		}
		synctest.Wait()
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, 64, served)
		require.Empty(t, q.lines, "nobody is left")
	})
}

func TestQueueLetsOthersPass(t *testing.T) {
	q := newQueue()
	leaveA, err := q.enter(t.Context(), []storage.Ref{refA})
	require.NoError(t, err)
	leaveB, err := q.enter(t.Context(), []storage.Ref{refB})
	require.NoError(t, err)
	leaveA()
	leaveB()
	require.Empty(t, q.lines)
}

func TestQueueEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		leave, err := q.enter(t.Context(), []storage.Ref{refB})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, err := q.enter(ctx, []storage.Ref{refA, refB})
			done <- err
		}()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		require.Len(t, q.lines, 1, "its turn at the other is handed on")
		leave()
		require.Empty(t, q.lines)
	})
}

// Who has the turn may wait for who waits here, which must not be for ever.
func TestQueueKeepsNobodyForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		leave, err := q.enter(t.Context(), []storage.Ref{refB})
		require.NoError(t, err)
		start := time.Now()
		goAhead, err := q.enter(t.Context(), []storage.Ref{refA, refB})
		require.NoError(t, err)
		require.Equal(t, maxTurn, time.Since(start))
		require.Len(t, q.lines, 2)
		goAhead()
		leave()
		require.Empty(t, q.lines)
	})
}

// What is joined to a transaction of the host holds locks of the database from one
// operation to the next.
func TestJoinedEnginesWaitForNobody(t *testing.T) {
	eng, err := New(unused{}, Config{})
	require.NoError(t, err)
	leave, err := eng.queue.enter(t.Context(), []storage.Ref{refA})
	require.NoError(t, err)
	defer leave()
	joined, err := eng.Within(unused{}).queue.enter(t.Context(), []storage.Ref{refA})
	require.NoError(t, err)
	joined()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = eng.Within(unused{}).queue.enter(ctx, nil)
	require.ErrorIs(t, err, context.Canceled)
}

// unused is a store that nobody calls.
type unused struct{ storage.Store }
